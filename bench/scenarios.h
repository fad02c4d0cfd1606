// SPDX-License-Identifier: MIT
// Scenario files for the benchmarks: alike in shape, no two with the same text.
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

#include <stdbool.h>

// Writes 00000.kldr.yaml and so on into a folder that exists. Each is the example of the format's
// first section with names and values of its own: three declared images, four steps, expectations
// on each.
bool bench_scenarios_write(const char *folder, unsigned count);

#endif
