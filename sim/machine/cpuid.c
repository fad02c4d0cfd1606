// SPDX-License-Identifier: MIT
// An Intel processor with what 64-bit Windows asks of one, and SSE4.2; no AVX, no virtualization,
// no hypervisor above it. Real code may still use more than that where the host's CPU has it.

#include "machine/cpuid.h"

#include <stddef.h>

#define LAST_BASIC    0x16u
#define LAST_EXTENDED 0x80000008u

// Family 6, model 5Eh, stepping 3; SSE3, PCLMULQDQ, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; FPU,
// VME, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE, MCA, CMOV, PAT, PSE36, CLFSH, MMX,
// FXSR, SSE, SSE2, SS.
#define SIGNATURE    0x000506E3u
#define CACHE_LINE   0x00010800u
#define FEATURES_ECX 0x00982203u
#define FEATURES_EDX 0x0F8BFBFFu

static const struct {
    uint32_t leaf, subleaf;
    struct ks_cpuid value;
} leaves[] = {
    {0x00, 0, {LAST_BASIC, 0x756E6547, 0x6C65746E, 0x49656E69}}, // GenuineIntel
    {0x01, 0, {SIGNATURE, CACHE_LINE, FEATURES_ECX, FEATURES_EDX}},
    {0x02, 0, {0x76036301, 0x00F0B5FF, 0, 0x00C30000}},
    {0x04, 0, {0x00000121, 0x01C0003F, 0x0000003F, 0}}, // L1 data: 32 KiB
    {0x04, 1, {0x00000122, 0x01C0003F, 0x0000003F, 0}}, // L1 instructions: 32 KiB
    {0x04, 2, {0x00000143, 0x00C0003F, 0x000003FF, 0}}, // L2: 256 KiB
    {0x07, 0, {0, 0x00000201, 0, 0}},                   // FSGSBASE, ERMS
    {0x15, 0, {3, KS_CPUID_TSC_MHZ / 8, 24000000, 0}},  // 24 MHz times 250 / 3
    {0x16, 0, {KS_CPUID_TSC_MHZ, KS_CPUID_TSC_MHZ, 100, 0}},
    {0x80000000, 0, {LAST_EXTENDED, 0, 0, 0}},
    {0x80000001, 0, {0, 0, 0x00000001, 0x28100800}}, // LAHF; SYSCALL, NX, RDTSCP, LM
    // "kldr simulated Intel(R) CPU @ 2.00GHz"
    {0x80000002, 0, {0x72646C6B, 0x6D697320, 0x74616C75, 0x49206465}},
    {0x80000003, 0, {0x6C65746E, 0x20295228, 0x20555043, 0x2E322040}},
    {0x80000004, 0, {0x48473030, 0x0000007A, 0, 0}},
    {0x80000006, 0, {0, 0, 0x01006040, 0}},
    {0x80000007, 0, {0, 0, 0, 0x00000100}}, // the TSC never changes its pace
    {0x80000008, 0, {0x00003027, 0, 0, 0}}, // 39 bits physical, 48 linear
};

static struct ks_cpuid find(uint32_t leaf, uint32_t subleaf)
{
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        if (leaves[i].leaf == leaf && leaves[i].subleaf == subleaf) {
            return leaves[i].value;
        }
    }
    return (struct ks_cpuid){0};
}

struct ks_cpuid ks_cpuid_read(uint32_t leaf, uint32_t subleaf)
{
    if (leaf > LAST_EXTENDED || (leaf > LAST_BASIC && leaf < 0x80000000u)) {
        leaf = LAST_BASIC;
    }
    return find(leaf, leaf == 4 || leaf == 7 ? subleaf : 0);
}
