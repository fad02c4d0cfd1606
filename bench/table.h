// SPDX-License-Identifier: MIT
// The table of bench_table: its rows, what is measured again and again, and what all parts know.
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { MAX_RUNS = 1001, MAX_SIZES = 8, START_ROUNDS = 9 };

struct bench {
    const char *kldr, *programs, *input, *scenario_folder;
    unsigned runs, scenarios;
    unsigned sizes[MAX_SIZES];
    double per_module[MAX_SIZES]; // nanoseconds, by size
    unsigned size_count;
};

// One thing that is measured again and again.
struct series {
    double values[MAX_RUNS];
    size_t count;
};

enum aim { AIM_NONE, AIM_AT_MOST, AIM_AT_LEAST };

void bench_print_head(const struct bench *bench);
void bench_print_row(const char *what, const char *value, const char *yardstick, double ratio,
                     enum aim aim, double limit);
void bench_print_not_measured(const char *what, const char *value, const char *yardstick);

// A number with its unit and, before it, a label that may be empty.
const char *bench_milliseconds(double nanoseconds, const char *label, char text[64]);
const char *bench_megabytes(double bytes, const char *label, char text[64]);

// Runs a program and, by turns, the hello program, and prints a row about the two medians.
bool bench_measure_start(const struct bench *bench, const char *what, const char *const *run,
                         double limit);

// Real drivers: start, calls, loads. Rows that say so where there are none.
bool bench_measure_drivers(const struct bench *bench);

#endif
