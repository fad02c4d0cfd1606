// SPDX-License-Identifier: MIT
// `kldr run --accept`: runs the items of each file, writes what was found into the file, and
// reports the state after it.
#ifndef KS_CLI_RUN_ACCEPT_H
#define KS_CLI_RUN_ACCEPT_H

#include "cli/run_jobs.h"
#include "cli/run_output.h"

// The items of one file follow each other. Returns an exit code that joins that of the output.
int ks_run_accept(const struct ks_run_context *context, const struct ks_run_selection *selection,
                  struct ks_run_output *output);

#endif
