// SPDX-License-Identifier: MIT
#ifndef KS_CLI_RUN_SETTINGS_CHECK_H
#define KS_CLI_RUN_SETTINGS_CHECK_H

#include "cli/run_settings.h"

// KS_SETTINGS_OK, or an exit code after a message.
int ks_run_settings_check(const struct ks_run_settings *settings);

#endif
