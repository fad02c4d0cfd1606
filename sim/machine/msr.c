// SPDX-License-Identifier: MIT
#include "machine/msr.h"

#include <string.h>

#define BIOS_SIGN_ID   0x8Bu
#define KERNEL_GS_BASE 0xC0000102u
#define TSC_AUX        0xC0000103u

#define CR0 UINT64_C(0x80050033) // PG, AM, WP, NE, ET, MP, PE
#define CR3 UINT64_C(0x1AD000)
#define CR4 UINT64_C(0x106F8) // FSGSBASE, OSXMMEXCPT, OSFXSR, PGE, MCE, PAE, PSE, DE

#define CR4_RESERVED    UINT64_C(0xFFFFFFFFFE880000)
#define CR4_PGE         UINT64_C(0x80)
#define DR6_FIXED       UINT64_C(0xFFFF0FF0)
#define DR7_FIXED       UINT64_C(0x400)
#define DR7_ENABLED     UINT64_C(0x20FF)
#define UPPER_HALF      UINT64_C(0xFFFFFFFF00000000)
#define CANONICAL_SHIFT 47

// Constant ones. An index that is nowhere here does not exist: general protection.
static const struct {
    uint32_t index;
    uint64_t value;
} constants[] = {
    {0x17, 0},                                // IA32_PLATFORM_ID
    {0x1B, UINT64_C(0xFEE00900)},             // IA32_APIC_BASE: enabled, bootstrap processor
    {0x3A, 1},                                // IA32_FEATURE_CONTROL: locked, VMX off
    {0xCE, 0x1400},                           // MSR_PLATFORM_INFO: 20 times 100 MHz
    {0xFE, 0x508},                            // IA32_MTRRCAP
    {0x179, 0},                               // IA32_MCG_CAP
    {0x17A, 0},                               // IA32_MCG_STATUS
    {0x198, UINT64_C(0x140000001400)},        // IA32_PERF_STATUS
    {0x199, 0x1400},                          // IA32_PERF_CTL
    {0x1A0, 0x850089},                        // IA32_MISC_ENABLE
    {0x1D9, 0},                               // IA32_DEBUGCTL
    {0x277, UINT64_C(0x7010600070106)},       // IA32_PAT, as Windows sets it
    {0x2FF, 0xC06},                           // IA32_MTRR_DEF_TYPE
    {0xC0000080, 0xD01},                      // IA32_EFER: NXE, LMA, LME, SCE
    {0xC0000081, UINT64_C(0x23001000000000)}, // IA32_STAR
    {0xC0000084, 0x4700},                     // IA32_FMASK
    {0xC0000100, 0},                          // IA32_FS_BASE
};

// Every processor has these; what they hold would be made up.
static const struct {
    uint32_t first, last;
} lacking[] = {
    {0x79, 0x79},             // IA32_BIOS_UPDT_TRIG
    {0xC1, 0xC8},             // performance counters
    {0xE7, 0xE8},             // IA32_MPERF, IA32_APERF
    {0x174, 0x176},           // IA32_SYSENTER_*
    {0x186, 0x18D},           // IA32_PERFEVTSEL*
    {0x19A, 0x19C},           // thermal
    {0x200, 0x213},           // MTRRs
    {0x250, 0x26F},           // fixed MTRRs
    {0x38D, 0x390},           // fixed counters
    {0x400, 0x47F},           // machine check banks
    {0x600, 0x600},           // IA32_DS_AREA
    {0xC0000082, 0xC0000083}, // IA32_LSTAR, IA32_CSTAR
};

void ks_msr_init(struct ks_msr *msr, const struct kldr_allocator *allocator)
{
    *msr = (struct ks_msr){.allocator = allocator, .microcode = UINT64_C(0xF0) << 32, .cr4 = CR4};
    msr->dr[6] = DR6_FIXED;
    msr->dr[7] = DR7_FIXED;
}

void ks_msr_fini(struct ks_msr *msr)
{
    msr->allocator->release(msr->allocator->user, msr->given);
    msr->given = NULL;
    msr->given_count = 0;
}

bool ks_msr_give(struct ks_msr *msr, const struct ks_msr_value *values, size_t count)
{
    struct ks_msr_value *copy = NULL;
    if (count > 0) {
        copy = msr->allocator->allocate(msr->allocator->user, count * sizeof *copy);
        if (copy == NULL) {
            return false;
        }
        memcpy(copy, values, count * sizeof *copy);
    }
    ks_msr_fini(msr);
    msr->given = copy;
    msr->given_count = count;
    return true;
}

static struct ks_msr_value *find_given(const struct ks_msr *msr, uint32_t index)
{
    for (size_t i = 0; i < msr->given_count; i++) {
        if (msr->given[i].index == index) {
            return &msr->given[i];
        }
    }
    return NULL;
}

static bool is_lacking(uint32_t index)
{
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
        if (index >= lacking[i].first && index <= lacking[i].last) {
            return true;
        }
    }
    return false;
}

static const uint64_t *find_constant(uint32_t index)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (constants[i].index == index) {
            return &constants[i].value;
        }
    }
    return NULL;
}

enum ks_msr_answer ks_msr_read(const struct ks_msr *msr, uint32_t index, uint64_t *out_value)
{
    const struct ks_msr_value *given = find_given(msr, index);
    const uint64_t *constant = given != NULL ? &given->value : find_constant(index);
    switch (given != NULL ? 0 : index) {
    case BIOS_SIGN_ID:
        *out_value = msr->microcode;
        return KS_MSR_DONE;
    case KERNEL_GS_BASE:
        *out_value = msr->kernel_gs_base;
        return KS_MSR_DONE;
    case TSC_AUX:
        *out_value = msr->tsc_aux;
        return KS_MSR_DONE;
    default:
        break;
    }
    if (constant != NULL) {
        *out_value = *constant;
        return KS_MSR_DONE;
    }
    return is_lacking(index) ? KS_MSR_LACKING : KS_MSR_PROTECTION;
}

static bool is_canonical(uint64_t address)
{
    uint64_t top = address >> CANONICAL_SHIFT;
    return top == 0 || top == UINT64_C(0x1FFFF);
}

enum ks_msr_answer ks_msr_write(struct ks_msr *msr, uint32_t index, uint64_t value)
{
    struct ks_msr_value *given = find_given(msr, index);
    const uint64_t *constant = find_constant(index);
    if (given != NULL) {
        given->value = value;
        return KS_MSR_DONE;
    }
    switch (index) {
    case BIOS_SIGN_ID: // written as 0 before CPUID puts the revision there
        return value == 0 || value == msr->microcode ? KS_MSR_DONE : KS_MSR_PROTECTION;
    case KERNEL_GS_BASE:
        if (!is_canonical(value)) {
            return KS_MSR_PROTECTION;
        }
        msr->kernel_gs_base = value;
        return KS_MSR_DONE;
    case TSC_AUX:
        if ((value & UPPER_HALF) != 0) {
            return KS_MSR_PROTECTION;
        }
        msr->tsc_aux = value;
        return KS_MSR_DONE;
    default:
        break;
    }
    if (constant != NULL) {
        return value == *constant ? KS_MSR_DONE : KS_MSR_LACKING;
    }
    return is_lacking(index) ? KS_MSR_LACKING : KS_MSR_PROTECTION;
}

// ---- control and debug registers ----

enum ks_msr_answer ks_msr_read_control(const struct ks_msr *msr, unsigned index,
                                       uint64_t *out_value)
{
    switch (index) {
    case 0:
        *out_value = CR0;
        return KS_MSR_DONE;
    case 2:
        *out_value = msr->cr2;
        return KS_MSR_DONE;
    case 3:
        *out_value = CR3;
        return KS_MSR_DONE;
    case 4:
        *out_value = msr->cr4;
        return KS_MSR_DONE;
    default:
        return KS_MSR_PROTECTION;
    }
}

// Code writes CR3 back to empty the caches of translations, and clears CR4.PGE for a moment; there
// are none here. Anything else would change how the processor works.
enum ks_msr_answer ks_msr_write_control(struct ks_msr *msr, unsigned index, uint64_t value)
{
    switch (index) {
    case 0:
        if ((value & UPPER_HALF) != 0) {
            return KS_MSR_PROTECTION;
        }
        return value == CR0 ? KS_MSR_DONE : KS_MSR_LACKING;
    case 2:
        msr->cr2 = value;
        return KS_MSR_DONE;
    case 3:
        return value == CR3 ? KS_MSR_DONE : KS_MSR_LACKING;
    case 4:
        if ((value & CR4_RESERVED) != 0) {
            return KS_MSR_PROTECTION;
        }
        if (((value ^ CR4) & ~CR4_PGE) != 0) {
            return KS_MSR_LACKING;
        }
        msr->cr4 = value;
        return KS_MSR_DONE;
    default:
        return KS_MSR_PROTECTION;
    }
}

// DR4 and DR5 are other names of DR6 and DR7.
static unsigned debug_index(unsigned index)
{
    return index == 4 || index == 5 ? index + 2 : index & 7;
}

uint64_t ks_msr_read_debug(const struct ks_msr *msr, unsigned index)
{
    return msr->dr[debug_index(index)];
}

enum ks_msr_answer ks_msr_write_debug(struct ks_msr *msr, unsigned index, uint64_t value)
{
    unsigned at = debug_index(index);
    if (at >= 6 && (value & UPPER_HALF) != 0) {
        return KS_MSR_PROTECTION;
    }
    if (at == 7 && (value & DR7_ENABLED) != 0) {
        return KS_MSR_LACKING;
    }
    msr->dr[at] = at == 6 ? value | DR6_FIXED : at == 7 ? value | DR7_FIXED : value;
    return KS_MSR_DONE;
}
