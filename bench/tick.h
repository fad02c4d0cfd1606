// SPDX-License-Identifier: MIT
// What the drivers' PortTick does, in C of the host.
#ifndef BENCH_TICK_H
#define BENCH_TICK_H

#include <stdint.h>

uint32_t bench_tick(uint32_t value);

#endif
