// SPDX-License-Identifier: MIT
// The options of `kldr run`, as its user sees them.
#ifndef KS_CLI_RUN_OPTIONS_H
#define KS_CLI_RUN_OPTIONS_H

#include "cli/options.h"

enum ks_run_option {
    KS_RUN_ACCEPT = 1,
    KS_RUN_CHECKS,
    KS_RUN_COLOR,
    KS_RUN_CPU,
    KS_RUN_DEFINE,
    KS_RUN_DIR,
    KS_RUN_FAIL_FAST,
    KS_RUN_FAULT_SWEEP,
    KS_RUN_SWEEP_ALL,
    KS_RUN_SWEEP_STATE,
    KS_RUN_FILTER,
    KS_RUN_FORMAT,
    KS_RUN_JOBS,
    KS_RUN_LIST,
    KS_RUN_OUTPUT,
    KS_RUN_POLICY,
    KS_RUN_PROFILE,
    KS_RUN_QUIET,
    KS_RUN_SEED,
    KS_RUN_SHUFFLE,
    KS_RUN_STRICT,
    KS_RUN_TIMEOUT,
    KS_RUN_TRACE,
    KS_RUN_VERBOSE,
};

extern const struct ks_command ks_run_command;

#endif
