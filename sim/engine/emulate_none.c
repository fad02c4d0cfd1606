// SPDX-License-Identifier: MIT
// In the place of the files that use Zydis. It defines every function of theirs that others call: a
// program that has it among its own objects takes none of those files from the library.
#include "engine/emulate.h"
#include "engine/emulate_find.h"

bool ks_emulate_available(void)
{
    return false;
}

enum ks_emulated ks_emulate(struct ks_machine *machine, struct ks_registers *registers,
                            struct ks_cpu_trap *trap, char *out_name)
{
    (void)machine;
    (void)registers;
    (void)trap;
    (void)out_name;
    return KS_EMULATED_NOT_MINE;
}

bool ks_emulate_find_cpuid(const struct kldr_allocator *allocator, const struct ks_code *code,
                           const struct ks_code_places *begins, struct ks_code_places *places)
{
    (void)allocator;
    (void)code;
    (void)begins;
    (void)places;
    return true;
}

bool ks_code_places_add(const struct kldr_allocator *allocator, struct ks_code_places *places,
                        uint32_t rva)
{
    (void)allocator;
    (void)places;
    (void)rva;
    return true; // nothing asks where they are
}
