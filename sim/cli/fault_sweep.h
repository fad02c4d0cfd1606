// SPDX-License-Identifier: MIT
// `kldr run --fault-sweep`: each scenario is run once as it is, then once for each place where an
// operation can fail, with that operation failing. No expectation is judged: what a faulted run
// does is compared with the run without fault.
#ifndef KS_CLI_FAULT_SWEEP_H
#define KS_CLI_FAULT_SWEEP_H

#include "cli/run_jobs.h"

struct ks_text_buffer;

// Sweeps all items and writes the report to standard output. Returns the exit code.
int ks_fault_sweep_run(const struct ks_run_context *context,
                       const struct ks_run_selection *selection);

// Says in lines of out what a faulted run did wrong that the run without fault did not: a stop, no
// end, a broken invariant, findings about what is left behind, modules that stay though every step
// ended as without the fault. False, and nothing is written, when it did nothing wrong.
bool ks_fault_sweep_judge(const struct ks_fault_site *site, const struct ks_result *baseline,
                          const struct ks_result *faulted, struct ks_text_buffer *out);

#endif
