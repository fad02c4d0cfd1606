// SPDX-License-Identifier: MIT
// Clocks, memory and child processes for the benchmarks. POSIX only.
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a measuring program prints: one line of three numbers.
struct bench_sample {
    double nanoseconds;
    double peak_memory; // bytes resident at most; 0 when the system does not tell
    double size;        // what the program says of its input, for instance bytes of images
};

double bench_now(void); // nanoseconds of a steady clock

// The most memory that was resident in this process, in bytes; 0 when the system does not tell.
double bench_peak_memory(void);

void bench_print_sample(const struct bench_sample *sample);

// Runs a program (NULL-terminated arguments) and reads its sample. On failure says why and returns
// false.
bool bench_run_sample(const char *const *arguments, struct bench_sample *out_sample);

// Runs a program with its output thrown away and measures from start to exit. It must exit with 0.
bool bench_run_timed(const char *const *arguments, double *out_nanoseconds);

// Sorts the values.
double bench_median(double *values, size_t count);

#endif
