// SPDX-License-Identifier: MIT
// What the simulated processor says of itself: one fixed model, so that a driver decides the same
// on every host.
#ifndef KS_MACHINE_CPUID_H
#define KS_MACHINE_CPUID_H

#include <stdint.h>

struct ks_cpuid {
    uint32_t eax, ebx, ecx, edx;
};

#define KS_CPUID_TSC_MHZ 2000u

// A leaf past the last gives what the highest basic leaf does, as Intel's processors do.
struct ks_cpuid ks_cpuid_read(uint32_t leaf, uint32_t subleaf);

#endif
