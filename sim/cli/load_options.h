// SPDX-License-Identifier: MIT
// The options of `kldr load`, as its user sees them.
#ifndef KS_CLI_LOAD_OPTIONS_H
#define KS_CLI_LOAD_OPTIONS_H

#include "cli/one_scenario.h"

enum ks_load_option {
    KS_LOAD_FORMAT = KS_ONE_OWN,
    KS_LOAD_CPU,
    KS_LOAD_TIMEOUT,
    KS_LOAD_COLOR,
    KS_LOAD_GDB,
};

extern const struct ks_command ks_load_command;

#endif
