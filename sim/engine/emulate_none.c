// SPDX-License-Identifier: MIT
// In the place of the files that use Zydis. It defines every function of theirs that others call: a
// program that has it among its own objects takes none of those files from the library.
#include "engine/emulate.h"
#include "engine/emulate_find.h"

#include <stddef.h>

static void (*leave_with)(void);

static void leave(void)
{
    if (leave_with != NULL) {
        leave_with();
    }
}

bool ks_emulate_is_linked(void)
{
    return false;
}

void ks_emulate_leave_with(void (*function)(void))
{
    leave_with = function;
}

bool ks_emulate_available(void)
{
    return leave_with != NULL;
}

enum ks_emulated ks_emulate(struct ks_machine *machine, struct ks_registers *registers,
                            struct ks_cpu_trap *trap, char *out_name)
{
    (void)machine;
    (void)registers;
    (void)out_name;
    if (ks_emulate_concerns(trap)) {
        leave();
    }
    return KS_EMULATED_NOT_MINE;
}

bool ks_emulate_find_cpuid(const struct kldr_allocator *allocator, const struct ks_code *code,
                           const struct ks_code_places *begins, struct ks_code_places *places)
{
    (void)allocator;
    (void)code;
    (void)begins;
    (void)places;
    leave();
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
