// SPDX-License-Identifier: MIT
// A scenario given as text, for tests of what looks at runs.
#ifndef RUN_CASE_H
#define RUN_CASE_H

#include "scenario/parse.h"
#include "scenario/run.h"

struct run_case {
    struct ks_parse_result parsed;
    const struct ks_scenario *scenario; // the first of the text
    struct ks_runner *runner;
    struct kldr_kernel *kernel;
    const struct kldr_kernel *kernels[1];
};

// Fails the test when the text is not a valid scenario.
void run_case_init(struct run_case *test, const char *text);
void run_case_fini(struct run_case *test);

// Options for a run of it.
struct ks_run_options run_case_options(const struct run_case *test, enum kldr_profile profile);

#endif
