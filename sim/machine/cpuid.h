// SPDX-License-Identifier: MIT
// What the simulated processor says of itself: one fixed model, so that a driver decides the same
// on every host, and what a scenario has it say instead.
#ifndef KS_MACHINE_CPUID_H
#define KS_MACHINE_CPUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ks_cpuid {
    uint32_t eax, ebx, ecx, edx;
};

struct ks_cpuid_leaf {
    uint32_t leaf, subleaf;
    bool any_subleaf;
    struct ks_cpuid value;
};

#define KS_CPUID_SIGNATURE 12u // characters of a vendor's or hypervisor's name

// What differs from the fixed model. All borrowed.
struct ks_cpuid_plan {
    const char *hypervisor; // 1 to KS_CPUID_SIGNATURE characters; NULL: the processor itself
    const struct ks_cpuid_leaf *leaves;
    size_t leaf_count;
};

#define KS_CPUID_TSC_MHZ 2000u

// plan may be NULL. A leaf past the last of its range (basic, hypervisor, extended) gives what the
// highest basic leaf does, as Intel's processors do.
struct ks_cpuid ks_cpuid_read(const struct ks_cpuid_plan *plan, uint32_t leaf, uint32_t subleaf);

#endif
