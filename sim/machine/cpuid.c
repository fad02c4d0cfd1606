// SPDX-License-Identifier: MIT
// An Intel processor with what 64-bit Windows asks of one, and SSE4.2; no AVX, no virtualization,
// no hypervisor above it. Real code may still use more than that where the host's CPU has it.

#include "machine/cpuid.h"

#define LAST_BASIC         0x16u
#define EXTENDED           0x80000000u
#define LAST_EXTENDED      0x80000008u
#define HYPERVISOR         0x40000000u
#define HYPERVISOR_LEAVES  0x10000u
#define HYPERVISOR_PRESENT 0x80000000u // of leaf 1, ECX

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

static const struct ks_cpuid_leaf *find_planned(const struct ks_cpuid_plan *plan, uint32_t leaf,
                                                uint32_t subleaf)
{
    for (size_t i = 0; plan != NULL && i < plan->leaf_count; i++) {
        const struct ks_cpuid_leaf *one = &plan->leaves[i];
        if (one->leaf == leaf && (one->any_subleaf || one->subleaf == subleaf)) {
            return one;
        }
    }
    return NULL;
}

static struct ks_cpuid find(uint32_t leaf, uint32_t subleaf)
{
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        if (leaves[i].leaf == leaf && leaves[i].subleaf == subleaf) {
            return leaves[i].value;
        }
    }
    return (struct ks_cpuid){0};
}

// The highest leaf of a range, which its first leaf tells.
static uint32_t last_of(const struct ks_cpuid_plan *plan, uint32_t first, uint32_t otherwise)
{
    const struct ks_cpuid_leaf *planned = find_planned(plan, first, 0);
    return planned != NULL ? planned->value.eax : otherwise;
}

static bool has_hypervisor(const struct ks_cpuid_plan *plan)
{
    return plan != NULL && plan->hypervisor != NULL;
}

// The highest of a hypervisor's leaves that is given.
static uint32_t last_of_hypervisor(const struct ks_cpuid_plan *plan)
{
    uint32_t last = HYPERVISOR;
    for (size_t i = 0; i < plan->leaf_count; i++) {
        uint32_t leaf = plan->leaves[i].leaf;
        if (leaf > last && leaf - HYPERVISOR < HYPERVISOR_LEAVES) {
            last = leaf;
        }
    }
    return last;
}

static struct ks_cpuid signature_of(const struct ks_cpuid_plan *plan)
{
    uint32_t part[KS_CPUID_SIGNATURE / 4] = {0};
    for (size_t i = 0; i < KS_CPUID_SIGNATURE && plan->hypervisor[i] != '\0'; i++) {
        part[i / 4] |= (uint32_t)(uint8_t)plan->hypervisor[i] << (8 * (i % 4));
    }
    return (struct ks_cpuid){last_of_hypervisor(plan), part[0], part[1], part[2]};
}

static bool is_there(const struct ks_cpuid_plan *plan, uint32_t leaf)
{
    if (leaf >= EXTENDED) {
        return leaf <= last_of(plan, EXTENDED, LAST_EXTENDED);
    }
    if (leaf - HYPERVISOR < HYPERVISOR_LEAVES) {
        return has_hypervisor(plan);
    }
    return leaf <= last_of(plan, 0, LAST_BASIC);
}

static bool has_subleaves(uint32_t leaf)
{
    return leaf == 4 || leaf == 7;
}

struct ks_cpuid ks_cpuid_read(const struct ks_cpuid_plan *plan, uint32_t leaf, uint32_t subleaf)
{
    const struct ks_cpuid_leaf *planned = find_planned(plan, leaf, subleaf);
    if (planned == NULL && !is_there(plan, leaf)) {
        leaf = last_of(plan, 0, LAST_BASIC);
        planned = find_planned(plan, leaf, subleaf);
    }
    if (planned != NULL) {
        return planned->value;
    }
    if (leaf == HYPERVISOR && has_hypervisor(plan)) {
        return signature_of(plan);
    }
    struct ks_cpuid value = find(leaf, has_subleaves(leaf) ? subleaf : 0);
    if (leaf == 1 && has_hypervisor(plan)) {
        value.ecx |= HYPERVISOR_PRESENT;
    }
    return value;
}
