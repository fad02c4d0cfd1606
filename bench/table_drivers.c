// SPDX-License-Identifier: MIT
// Real drivers: a run of a pair, calls across an import, loading and unloading many,
// requests.
#include "measure.h"
#include "table.h"

#include <stdio.h>

enum { CALLS = 50000000, DRIVERS = 1000, REQUESTS = 200000 };

// Runs two modes of a program by turns, after a round that does not count; medians of
// nanoseconds.
static bool measure_modes(const struct bench *bench, const char *name, const char *mode,
                          const char *yardstick_mode, unsigned count, double *out_value,
                          double *out_yardstick)
{
    static struct series values, yardsticks;
    char program[1024], folder[1024], number[16];
    const char *run[] = {program, mode, folder, number, NULL};
    const char *run_yardstick[] = {program, yardstick_mode, folder, number, NULL};

    values.count = 0;
    yardsticks.count = 0;
    snprintf(program, sizeof(program), "%s/%s", bench->programs, name);
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

    if (!measure_modes(bench, "bench_drivers", "calls", "host", CALLS, &here, &in_c)) {
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

    if (!measure_modes(bench, "bench_drivers", "load", "bind", DRIVERS, &runs, &binds)) {
        return false;
    }
    snprintf(what, sizeof(what), "load and unload %d drivers", DRIVERS);
    bench_print_row(what, bench_milliseconds(runs, "", value),
                    bench_milliseconds(binds, "no code run", yardstick), runs / binds, AIM_NONE, 0);
    return true;
}

// Aim: 100,000 requests in a second.
static bool measure_requests(const struct bench *bench)
{
    char value[64];
    double native, host;

    if (!measure_modes(bench, "bench_irps", "native", "host", REQUESTS, &native, &host)) {
        return false;
    }
    snprintf(value, sizeof(value), "%.0f k/s", REQUESTS / native * 1e6);
    bench_print_row("IRPs through two drivers", value, "100 k/s", REQUESTS / native * 1e4,
                    AIM_AT_LEAST, 1);
    snprintf(value, sizeof(value), "%.0f k/s", REQUESTS / host * 1e6);
    bench_print_row("  in the host engine", value, "100 k/s", REQUESTS / host * 1e4, AIM_NONE, 0);
    return true;
}

// A run with a thousand writes and reads, and one that only comes and goes, by turns.
static bool measure_many(const struct bench *bench)
{
    static struct series many, alone;
    char many_file[1024], alone_file[1024], define[1100], value[64], yardstick[64];
    const char *run_many[] = {bench->kldr, "run", "--define", define, many_file, NULL};
    const char *run_alone[] = {bench->kldr, "run", "--define", define, alone_file, NULL};
    double a, b;

    snprintf(many_file, sizeof(many_file),
             "%s/../examples/10-port-miniport/many-requests.kldr.yaml", bench->scenario_folder);
    snprintf(alone_file, sizeof(alone_file), "%s/port-alone.kldr.yaml", bench->scenario_folder);
    snprintf(define, sizeof(define), "DRIVERS=%s/drivers", bench->programs);
    for (unsigned i = 0; i <= bench->runs; i++) {
        if (!bench_run_timed(run_many, &a) || !bench_run_timed(run_alone, &b)) {
            return false;
        }
        if (i != 0) {
            many.values[many.count++] = a;
            alone.values[alone.count++] = b;
        }
    }
    a = bench_median(many.values, many.count);
    b = bench_median(alone.values, alone.count);
    bench_print_row("1,000 writes and reads, whole run", bench_milliseconds(a, "", value),
                    bench_milliseconds(b, "without", yardstick), a / b, AIM_AT_MOST, 2);
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
    return measure_run(bench) && measure_calls(bench) && measure_loads(bench) &&
           measure_requests(bench) && measure_many(bench);
}
