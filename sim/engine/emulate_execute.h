// SPDX-License-Identifier: MIT
// Executes one instruction on the registers of a driver, but the stack pointer, in a place of
// kldr's own. One thread at a time.
#ifndef KS_ENGINE_EMULATE_EXECUTE_H
#define KS_ENGINE_EMULATE_EXECUTE_H

#include "engine/registers.h"

#include <stdbool.h>

// Two pages side by side. An operand lies at the beginning of the second one, so that whatever
// alignment its instruction wants is there.
struct ks_emulate_arena {
    uint8_t *code, *operand;
};

// False: the host gives no memory that can be executed.
bool ks_emulate_arena_get(struct ks_emulate_arena *out_arena);

// The bytes are those of one instruction that neither jumps, nor uses the stack, nor faults. All
// registers are the driver's but rsp and rip; exceptions of floating point are masked.
void ks_emulate_execute(const struct ks_emulate_arena *arena, struct ks_registers *registers,
                        const uint8_t *bytes, unsigned length);

#endif
