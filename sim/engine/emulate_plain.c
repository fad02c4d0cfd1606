// SPDX-License-Identifier: MIT
// What needs no decoder: a part of every build.
#include "engine/emulate.h"

void ks_emulate_cpuid(const struct ks_cpuid_plan *plan, struct ks_registers *registers)
{
    uint64_t *general = registers->general;
    struct ks_cpuid value =
        ks_cpuid_read(plan, (uint32_t)general[KS_RAX], (uint32_t)general[KS_RCX]);
    general[KS_RAX] = value.eax;
    general[KS_RBX] = value.ebx;
    general[KS_RCX] = value.ecx;
    general[KS_RDX] = value.edx;
}

bool ks_emulate_concerns(const struct ks_cpu_trap *trap)
{
    return trap->vector == KS_TRAP_PROTECTION ||
           (trap->vector == KS_TRAP_PAGE_FAULT &&
            trap->address - KS_SHARED_DATA_ADDRESS < KS_SHARED_DATA_SIZE);
}
