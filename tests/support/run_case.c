// SPDX-License-Identifier: MIT
#include "run_case.h"

#include "test.h"

#include <string.h>

void run_case_init(struct run_case *test, const char *text)
{
    memset(test, 0, sizeof *test);
    kldr_status status = ks_scenario_parse("case.kldr.yaml", text, strlen(text), &test->parsed);
    if (status != KLDR_STATUS_SUCCESS && test->parsed.diagnostics.count > 0) {
        fail_msg("%s", test->parsed.diagnostics.items[0].message);
    }
    assert_int_equal(status, KLDR_STATUS_SUCCESS);
    test->scenario = &test->parsed.file->scenarios[0];
    test->runner = ks_runner_create();
    assert_non_null(test->runner);
    assert_int_equal(kldr_kernel_create(KLDR_MACHINE_X64, NULL, &test->kernel, NULL),
                     KLDR_STATUS_SUCCESS);
    test->kernels[0] = test->kernel;
}

void run_case_fini(struct run_case *test)
{
    kldr_kernel_destroy(test->kernel);
    ks_runner_destroy(test->runner);
    ks_scenario_file_destroy(test->parsed.file);
    ks_parse_result_fini(&test->parsed);
}

struct ks_run_options run_case_options(const struct run_case *test, enum kldr_profile profile)
{
    return (struct ks_run_options){.profile = profile,
                                   .kernels = test->kernels,
                                   .kernel_count = 1,
                                   .cpu = KLDR_CPU_NONE,
                                   .record = true};
}
