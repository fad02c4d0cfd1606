// SPDX-License-Identifier: MIT
// `kldr run --fault-sweep`: each scenario is run once as it is, then once for each place where an
// operation can fail, with that operation failing. No expectation is judged: what a faulted run
// does is compared with the run without fault.
#ifndef KS_CLI_FAULT_SWEEP_H
#define KS_CLI_FAULT_SWEEP_H

#include "cli/run_jobs.h"
#include "output/text_buffer.h"

// What became of one fault.
struct ks_sweep_verdict {
    const struct ks_fault_site *site;
    struct ks_text_buffer text; // what went wrong, in lines
    struct ks_text_buffer json; // the same, elements of an array
    int code;                   // KS_EXIT_OK: nothing did
    bool known;                 // from the state file
    bool out_of_memory;
};

// One item: what all its runs share.
struct ks_swept {
    const struct ks_run_context *context;
    const struct ks_run_item *item;
    const struct ks_result *baseline;
    struct ks_sweep_verdict *verdicts;
    size_t count, misbehaviours;
    struct ks_sweep_state *state; // NULL: none is kept
    uint64_t key;                 // of the item in it
};

struct ks_sweep_totals {
    uint64_t operations, faults, misbehaviours;
    unsigned skipped;
};

// Sweeps all items and writes the report to standard output. Returns the exit code.
int ks_fault_sweep_run(const struct ks_run_context *context,
                       const struct ks_run_selection *selection);

// Says in text and json of the verdict what a faulted run did wrong that the run without fault did
// not: a stop, no end, a broken invariant, findings about what is left behind, modules that stay
// though every step ended as without the fault. Returns the exit code that this comes to;
// KS_EXIT_OK, and nothing is written, when it did nothing wrong.
int ks_fault_sweep_judge(const struct ks_result *baseline, const struct ks_result *faulted,
                         struct ks_sweep_verdict *verdict);

#endif
