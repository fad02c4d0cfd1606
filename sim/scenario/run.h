// SPDX-License-Identifier: MIT
// Runs one scenario of a parsed file under one profile in a fresh world, and judges it.
#ifndef KS_SCENARIO_RUN_H
#define KS_SCENARIO_RUN_H

#include "scenario/result.h"

struct ks_variable {
    const char *name, *value; // --define NAME=VALUE
};

struct ks_runner;
struct ks_step_outcome;

// Somebody who looks at a run instead of judging it: no expectation is compared then. Both
// functions are optional.
struct ks_run_watcher {
    // After each outermost step, while the world stands. number counts the steps as they are
    // written, from 1.
    void (*step_done)(void *user, struct ks_runner *runner, const struct ks_step *step,
                      unsigned number, const struct ks_step_outcome *outcome);
    // After the last step that was run, while the world stands.
    void (*run_done)(void *user, struct ks_runner *runner);
    void *user;
};

struct ks_host_file;
struct ks_symbols_wish;

// Who runs a scenario in a process that gives up its rights before code of drivers runs.
struct ks_run_keeper {
    // In place of reading the `file` of an image.
    kldr_status (*read_image)(void *user, const struct ks_scenario *scenario,
                              const struct ks_image *image, struct ks_host_file *out_file,
                              struct kldr_error *error);
    // In place of looking into the folders of --dir; NULL: there are none.
    bool (*find_file)(void *user, const char *path, struct ks_host_file *out_file);
    // In place of looking beside images and into the folders of --dir for a PDB.
    bool (*find_symbols)(void *user, const struct ks_symbols_wish *wish,
                         struct ks_host_file *out_file);
    // The world stands and its disk is filled; no routine was called yet.
    void (*ready)(void *user, struct ks_runner *runner);
    void *user;
};

// What a worker (worker/worker.h) answers at the end of a run: why a module is there or not.
struct ks_run_question {
    const char *module; // NULL: nothing is asked
    bool json;
};

struct ks_run_options {
    enum kldr_profile profile;
    const struct ks_policy_override *policy; // --policy, after the scenario's own
    size_t policy_count;
    const struct kldr_kernel *const
        *kernels; // shared kernel images by machine, at least the one needed
    size_t kernel_count;
    const struct ks_variable *variables;
    size_t variable_count;
    const char *const *directories; // --dir: where real images are also looked for
    size_t directory_count;
    enum kldr_cpu cpu;
    bool strict;               // findings fail a scenario that does not give them
    bool record;               // keep the events in the result
    bool want_edits;           // --accept: work out replacements
    struct kldr_checks checks; // --checks, after the scenario's own
    uint64_t seed;
    uint32_t seconds;                     // --timeout; 0: the scenario's limit
    const struct ks_run_watcher *watcher; // NULL: expectations are judged
    size_t steps;                         // how many of the steps are run; 0: all
    bool sweeps;             // operations that can fail are counted, and no expectation is judged
    uint64_t fail_operation; // with sweeps: the one that fails; 0: none
    bool every_operation;    // with sweeps: also where the call stack had one before
    struct ks_run_question question;    // for workers, instead of a watcher
    const struct ks_run_keeper *keeper; // NULL: files of the host are read when they are needed
};

// A runner holds buffers between runs: one per thread. NULL when memory is out.
struct ks_runner *ks_runner_create(void);
void ks_runner_destroy(struct ks_runner *runner);

// Runs and judges. The result (and everything it points to) is valid until the runner's next run or
// its destruction; ks_result_clone makes one that lives by itself.
const struct ks_result *ks_runner_run(struct ks_runner *runner, const struct ks_scenario *scenario,
                                      const struct ks_run_options *options);

struct ks_result *ks_result_clone(const struct ks_result *result);
void ks_result_free(struct ks_result *result);

#endif
