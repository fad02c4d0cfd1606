// SPDX-License-Identifier: MIT
// The yardstick of linking: bench_dlopen FOLDER opens FOLDER/m0000.so and all it needs with
// RTLD_NOW.
#include "measure.h"

#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct bench_sample sample = {0};
    char path[1024];
    double begin;

    if (argc != 2) {
        return 2;
    }
    snprintf(path, sizeof(path), "%s/m0000.so", argv[1]);
    begin = bench_now();
    if (dlopen(path, RTLD_NOW | RTLD_LOCAL) == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    sample.nanoseconds = bench_now() - begin;
    sample.peak_memory = bench_peak_memory();
    bench_print_sample(&sample);
    return 0;
}
