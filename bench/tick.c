// SPDX-License-Identifier: MIT
// A function that no compiler can see into from where it is called; see bench_drivers.c.
#include "tick.h"

uint32_t bench_tick(uint32_t value)
{
    return value + 1;
}
