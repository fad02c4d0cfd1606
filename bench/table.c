// SPDX-License-Identifier: MIT
// Rows of the table; see table.h.
#include "table.h"

#include "measure.h"

#include <stdio.h>

void bench_print_head(const struct bench *bench)
{
    printf("Medians of %u alternating runs, warm cache.\n\n", bench->runs);
    printf("%-34s %14s   %-26s %9s   %-10s\n", "what", "kldr", "yardstick", "ratio", "aim");
}

void bench_print_row(const char *what, const char *value, const char *yardstick, double ratio,
                     enum aim aim, double limit)
{
    char aim_text[32] = "";
    const char *verdict = "";

    if (aim != AIM_NONE) {
        bool met = aim == AIM_AT_MOST ? ratio <= limit : ratio >= limit;

        snprintf(aim_text, sizeof(aim_text), "%s %g", aim == AIM_AT_MOST ? "<=" : ">=", limit);
        verdict = met ? "met" : "MISSED";
    }
    printf("%-34s %14s   %-26s %9.2f   %-7s %s\n", what, value, yardstick, ratio, aim_text,
           verdict);
    fflush(stdout);
}

void bench_print_not_measured(const char *what, const char *value, const char *yardstick)
{
    printf("%-34s %14s   %-26s not measured here\n", what, value, yardstick);
}

const char *bench_milliseconds(double nanoseconds, const char *label, char text[64])
{
    snprintf(text, 64, "%s%s%.3f ms", label, *label != '\0' ? " " : "", nanoseconds / 1e6);
    return text;
}

const char *bench_megabytes(double bytes, const char *label, char text[64])
{
    snprintf(text, 64, "%s%s%.2f MB", label, *label != '\0' ? " " : "", bytes / 1e6);
    return text;
}

bool bench_measure_start(const struct bench *bench, const char *what, const char *const *run,
                         double limit)
{
    static struct series kldr, hello;
    char program[1024], value[64], yardstick[64];
    const char *greet[] = {program, NULL};
    unsigned rounds = bench->runs * START_ROUNDS;
    double a, b;

    kldr.count = 0;
    hello.count = 0;
    if (rounds > MAX_RUNS) {
        rounds = MAX_RUNS;
    }
    snprintf(program, sizeof(program), "%s/hello", bench->programs);
    for (unsigned i = 0; i <= rounds; i++) {
        if (!bench_run_timed(run, &a) || !bench_run_timed(greet, &b)) {
            return false;
        }
        if (i != 0) {
            kldr.values[kldr.count++] = a;
            hello.values[hello.count++] = b;
        }
    }
    a = bench_median(kldr.values, kldr.count);
    b = bench_median(hello.values, hello.count);
    bench_print_row(what, bench_milliseconds(a, "", value),
                    bench_milliseconds(b, "hello", yardstick), a / b, AIM_AT_MOST, limit);
    return true;
}
