// SPDX-License-Identifier: MIT
// The operations of a run that can fail, counted through the whole run, so that each can be made to
// fail in a run of its own: the loader's, and what driver code asks for.
#ifndef KS_WORLD_FAULT_SWEEP_H
#define KS_WORLD_FAULT_SWEEP_H

#include <kldr/host.h>
#include <kldr/loader.h>

// More places than this are not told apart: the run is then too large for a sweep.
#define KS_FAULT_SITES_MOST 4096u

// Where a fallible operation is. One of the loader's is a site of its own; those of driver code are
// one site when kind, step and place are the same, and number is the first of them.
struct ks_fault_site {
    uint64_t number; // from 1, in the order of the run
    enum kldr_fault kind;
    uint32_t step;               // outermost step, from 1; 0: outside of steps
    char module[KLDR_NAME_SIZE]; // whose code asked; "": the loader
    uint32_t offset;             // in module
};

// Kept by whoever runs the world, which it outlives. Zeroed, with fail set, it is ready.
struct ks_fault_sweep {
    uint64_t fail;       // the operation that fails; 0: none, and sites are kept
    uint64_t operations; // seen so far
    struct ks_fault_site *sites;
    size_t site_count, site_capacity;
    bool incomplete; // there are more sites than are kept
};

void ks_fault_sweep_fini(struct ks_fault_sweep *sweep);

// Counts an operation; site has all but its number. True when it is the one to fail.
bool ks_fault_sweep_fails(struct ks_fault_sweep *sweep, const struct ks_fault_site *site);

// "allocation", "map", "read", "import_list", "pool": as the scenario key `fail` has them.
const char *ks_fault_kind_name(enum kldr_fault kind);

#endif
