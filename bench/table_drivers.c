// SPDX-License-Identifier: MIT
// Real drivers: a run of a pair, calls across an import, loading and unloading many.
#include "measure.h"
#include "table.h"

#include <stdio.h>

enum { CALLS = 50000000, DRIVERS = 1000 };

// Runs two modes of bench_drivers by turns, after a round that does not count; medians of
// nanoseconds.
static bool measure_modes(const struct bench *bench, const char *mode, const char *yardstick_mode,
                          unsigned count, double *out_value, double *out_yardstick)
{
    static struct series values, yardsticks;
    char program[1024], folder[1024], number[16];
    const char *run[] = {program, mode, folder, number, NULL};
    const char *run_yardstick[] = {program, yardstick_mode, folder, number, NULL};

    values.count = 0;
    yardsticks.count = 0;
    snprintf(program, sizeof(program), "%s/bench_drivers", bench->programs);
    snprintf(folder, sizeof(folder), "%s/drivers", bench->programs);
    snprintf(number, sizeof(number), "%u", count);
    for (unsigned i = 0; i <= bench->runs; i++) {
        struct bench_sample a, b;

        if (!bench_run_sample(run, &a) || !bench_run_sample(run_yardstick, &b)) {
            return false;
        }
        if (i != 0) {
            values.values[values.count++] = a.nanoseconds;
            yardsticks.values[yardsticks.count++] = b.nanoseconds;
        }
    }
    *out_value = bench_median(values.values, values.count);
    *out_yardstick = bench_median(yardsticks.values, yardsticks.count);
    return true;
}

static bool measure_run(const struct bench *bench)
{
    char pair[1024], define[1100];
    const char *run[] = {bench->kldr, "run", "--define", define, pair, NULL};

    snprintf(pair, sizeof(pair), "%s/real-pair.kldr.yaml", bench->scenario_folder);
    snprintf(define, sizeof(define), "DRIVERS=%s/drivers", bench->programs);
    return bench_measure_start(bench, "start to exit, of a real pair", run, 5);
}

static bool measure_calls(const struct bench *bench)
{
    char value[64], yardstick[64];
    double here, in_c;

    if (!measure_modes(bench, "calls", "host", CALLS, &here, &in_c)) {
        return false;
    }
    snprintf(value, sizeof(value), "%.0f M/s", CALLS / here * 1e3);
    snprintf(yardstick, sizeof(yardstick), "pointer in C %.0f M/s", CALLS / in_c * 1e3);
    bench_print_row("calls across an import", value, yardstick, here / in_c, AIM_NONE, 0);
    return true;
}

static bool measure_loads(const struct bench *bench)
{
    char what[64], value[64], yardstick[64];
    double runs, binds;

    if (!measure_modes(bench, "load", "bind", DRIVERS, &runs, &binds)) {
        return false;
    }
    snprintf(what, sizeof(what), "load and unload %d drivers", DRIVERS);
    bench_print_row(what, bench_milliseconds(runs, "", value),
                    bench_milliseconds(binds, "no code run", yardstick), runs / binds, AIM_NONE, 0);
    return true;
}

bool bench_measure_drivers(const struct bench *bench)
{
    char path[1024];
    FILE *file;

    snprintf(path, sizeof(path), "%s/drivers/mini.sys", bench->programs);
    file = fopen(path, "rb");
    if (file == NULL) {
        bench_print_not_measured("real drivers", "", "");
        return true;
    }
    fclose(file);
    return measure_run(bench) && measure_calls(bench) && measure_loads(bench);
}
