// SPDX-License-Identifier: MIT
#ifndef KS_KERNEL_MM_PROBE_H
#define KS_KERNEL_MM_PROBE_H

#include <stdint.h>

struct kldr_world;

// MmUserProbeAddress, MmHighestUserAddress, MmSystemRangeStart: what is user code's memory.
uint64_t ks_mm_address_variable(struct kldr_world *world, const char *name);

#endif
