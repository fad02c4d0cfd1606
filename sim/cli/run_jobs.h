// SPDX-License-Identifier: MIT
// Runs the items of a selection on one or several threads and hands over the results in the order
// of the items.
#ifndef KS_CLI_RUN_JOBS_H
#define KS_CLI_RUN_JOBS_H

#include "cli/run_select.h"
#include "worker/worker.h"

#define KS_RUN_KERNELS 3

// What all runs share.
struct ks_run_context {
    const struct ks_run_settings *settings;
    const struct kldr_kernel *kernels[KS_RUN_KERNELS];
    size_t kernel_count;
    bool record;     // keep the events
    bool want_edits; // for --accept
    bool sweeps;     // for --fault-sweep
    uint64_t fail_operation;
};

// Makes the kernel images that the items need. Returns an exit code: 0, or another after a message.
int ks_run_context_init(struct ks_run_context *context, const struct ks_run_settings *settings,
                        const struct ks_run_selection *selection);
void ks_run_context_fini(struct ks_run_context *context);

// The options that an item is run with.
struct ks_run_options ks_run_options_for(const struct ks_run_context *context,
                                         const struct ks_run_item *item);

// How much work the items are, in items that need no process of their own.
size_t ks_run_weight(const struct ks_run_context *context,
                     const struct ks_run_selection *selection);

// What one thread runs items with, one after the other.
struct ks_run_hand {
    struct ks_runner *runner;
    struct ks_worker *worker;
    struct ks_result made; // a result that no run made
};

// False when memory is out; ks_run_hand_fini is called in any case.
bool ks_run_hand_init(struct ks_run_hand *hand);
void ks_run_hand_fini(struct ks_run_hand *hand);

// Runs one item, in a process of its own when code of drivers is run. The result lives until the
// hand's next item.
const struct ks_result *ks_run_item(const struct ks_run_context *context, struct ks_run_hand *hand,
                                    const struct ks_run_item *item);

struct ks_run_listener {
    // The result of an item, in order; NULL for items without scenario. False ends the run.
    bool (*deliver)(void *user, const struct ks_run_item *item, const struct ks_result *result);
    // Called now and then while results are awaited, with the item that is. NULL: not wanted.
    void (*wait)(void *user, size_t index, const struct ks_run_item *item);
    void *user;
};

// Runs all items. False when memory was out before anything ran.
bool ks_run_jobs(const struct ks_run_context *context, const struct ks_run_selection *selection,
                 const struct ks_run_listener *listener);

#endif
