// SPDX-License-Identifier: MIT
// bench_scenarios FOLDER COUNT: reads, parses, runs and judges COUNT scenario files through the
// library, one after the other, and reports them as JSON to nobody. The sample's size is the number
// that passed.
#include "measure.h"

#include "output/report.h"
#include "scenario/parse.h"
#include "scenario/run.h"

#include <kldr/world.h>

#include <stdio.h>
#include <stdlib.h>

struct bench {
    struct kldr_kernel *kernel;
    struct ks_runner *runner;
    struct ks_report *report;
    unsigned passed;
};

static bool swallow(void *user, const char *bytes, size_t size)
{
    (void)bytes;
    *(double *)user += (double)size;
    return true;
}

static bool run_scenario(struct bench *bench, const struct ks_scenario *scenario)
{
    const struct kldr_kernel *kernels[1] = {bench->kernel};
    struct ks_run_options options = {
        .profile = KLDR_PROFILE_DOCUMENTED,
        .kernels = kernels,
        .kernel_count = 1,
    };
    const struct ks_result *result = ks_runner_run(bench->runner, scenario, &options);

    if (result == NULL) {
        return false;
    }
    bench->passed += result->outcome == KS_PASSED && result->expectations > 0;
    ks_report_result(bench->report, result);
    return true;
}

static bool run_text(struct bench *bench, const char *path, const char *text, size_t size)
{
    struct ks_parse_result parsed = {0};
    bool run = ks_scenario_parse(path, text, size, &parsed) == KLDR_STATUS_SUCCESS &&
               run_scenario(bench, &parsed.file->scenarios[0]);

    ks_scenario_file_destroy(parsed.file);
    ks_parse_result_fini(&parsed);
    return run;
}

static bool run_file(struct bench *bench, const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(text, 1, sizeof(text), file) : 0;

    if (file != NULL) {
        fclose(file);
    }
    if (size == 0 || !run_text(bench, path, text, size)) {
        fprintf(stderr, "bench_scenarios: %s could not be run\n", path);
        return false;
    }
    return true;
}

static bool run_all(struct bench *bench, const char *folder, unsigned count)
{
    double written = 0;
    struct ks_sink sink = {swallow, &written};
    struct ks_report_options options = {.version = "bench"};
    struct ks_totals totals = {0};

    bench->report = ks_report_begin(KS_FORMAT_JSON, &sink, &options, count);
    bench->runner = ks_runner_create();
    if (bench->report == NULL || bench->runner == NULL ||
        kldr_kernel_create(KLDR_MACHINE_X64, NULL, &bench->kernel, NULL) != KLDR_STATUS_SUCCESS) {
        fprintf(stderr, "bench_scenarios: out of memory\n");
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        char path[1024];

        snprintf(path, sizeof(path), "%s/%05u.kldr.yaml", folder, i);
        if (!run_file(bench, path)) {
            return false;
        }
    }
    totals.passed = bench->passed;
    return ks_report_end(bench->report, &totals) && written > 0;
}

int main(int argc, char **argv)
{
    struct bench_sample sample = {0};
    struct bench bench = {0};
    unsigned count;
    double begin;

    if (argc != 3) {
        return 2;
    }
    count = (unsigned)strtoul(argv[2], NULL, 10);
    begin = bench_now();
    if (!run_all(&bench, argv[1], count)) {
        return 1;
    }
    sample.nanoseconds = bench_now() - begin;
    sample.peak_memory = bench_peak_memory();
    sample.size = bench.passed;
    bench_print_sample(&sample);
    ks_runner_destroy(bench.runner);
    kldr_kernel_destroy(bench.kernel);
    return bench.passed == count ? 0 : 1;
}
