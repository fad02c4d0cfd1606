// SPDX-License-Identifier: MIT
// --fault-sweep[=FROM[-TO]]. Both return KS_SETTINGS_OK, or an exit code after a message.
#ifndef KS_CLI_RUN_SETTINGS_SWEEP_H
#define KS_CLI_RUN_SETTINGS_SWEEP_H

#include "cli/run_settings.h"

// value NULL: all operations.
int ks_run_set_sweep(struct ks_run_settings *settings, const char *value);

// A sweep has a report of its own and judges no expectation: options that are about those are
// refused with one, and its own without.
int ks_run_check_sweep(const struct ks_run_settings *settings);

#endif
