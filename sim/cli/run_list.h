// SPDX-License-Identifier: MIT
// `kldr run --list`.
#ifndef KS_CLI_RUN_LIST_H
#define KS_CLI_RUN_LIST_H

#include "cli/run_select.h"

// Prints what would run. Returns an exit code: 2 when a file cannot be used.
int ks_run_list(const struct ks_run_settings *settings, const struct ks_run_selection *selection);

#endif
