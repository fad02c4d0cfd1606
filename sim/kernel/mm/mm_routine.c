// SPDX-License-Identifier: MIT
// Mm: MmGetSystemRoutineAddress for real code (M1). A name that Windows has and kldr lacks has an
// address all the same: what it lacks is never told as an answer of Windows.

#include "kernel/functions.h"

#define LONGEST 256u

uint64_t ks_mm_get_system_routine_address(const struct ks_kernel_call *call)
{
    uint64_t string = call->arguments[0];
    uint64_t length = ks_guest_u16(string) / 2, buffer = ks_guest_number(string + 8, 8);
    char name[LONGEST];
    if (length >= sizeof name) {
        return 0;
    }
    for (uint64_t i = 0; i < length; i++) {
        uint16_t unit = ks_guest_u16(buffer + 2 * i);
        name[i] = unit < 0x80 ? (char)unit : '?';
    }
    name[length] = '\0';
    return kldr_world_lookup(call->world, name, NULL);
}
