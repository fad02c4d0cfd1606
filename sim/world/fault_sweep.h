// SPDX-License-Identifier: MIT
// The operations of a run that can fail, counted through the whole run, so that each can be made to
// fail in a run of its own: the loader's, and kernel functions that driver code calls.
#ifndef KS_WORLD_FAULT_SWEEP_H
#define KS_WORLD_FAULT_SWEEP_H

#include "engine/native_caller.h"
#include "kernel/ke/ke_fallible.h"

// More places than this are not told apart: the run is then too large for a sweep.
#define KS_FAULT_SITES_MOST 4096u

// Where a fallible operation is. One of the loader's is a site of its own; those of driver code are
// one site when operation and call stack are the same, and number is the first of them.
struct ks_fault_site {
    uint64_t number;             // from 1, in the order of the run
    uint32_t operation;          // ks_fallible_at
    uint32_t step;               // outermost step, from 1; 0: outside of steps
    uint32_t in_step;            // how many of its kind there were in the step, this one included
    char module[KLDR_NAME_SIZE]; // whose code asked; "": the loader
    uint32_t offset;             // in module
    uint64_t stack;              // ks_native_chain
    struct ks_native_source source;
};

// Kept by whoever runs the world, which it outlives. Zeroed, with fail and all set, it is ready.
struct ks_fault_sweep {
    uint64_t fail;       // the operation that fails; 0: none, and sites are kept
    bool all;            // each operation of driver code is a site of its own
    uint64_t operations; // seen so far
    uint32_t step, in_step[KS_FALLIBLE_MOST];
    struct ks_fault_site *sites;
    size_t site_count, site_capacity;
    bool incomplete; // there are more sites than are kept
};

void ks_fault_sweep_fini(struct ks_fault_sweep *sweep);

// Counts an operation; site has operation and step. True when it is the one to fail.
bool ks_fault_sweep_fails(struct ks_fault_sweep *sweep, struct ks_fault_site *site);

// Keeps the operation that was counted last, whose site is now complete but for its source, unless
// there is one like it. The place in the list for who fills in the source, NULL: it was not kept.
struct ks_fault_site *ks_fault_sweep_keep(struct ks_fault_sweep *sweep,
                                          const struct ks_fault_site *site);

#endif
