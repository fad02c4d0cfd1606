// SPDX-License-Identifier: MIT
// Between the files of the emulator only: a decoded instruction and what each family of them does.
#ifndef KS_ENGINE_EMULATE_PARTS_H
#define KS_ENGINE_EMULATE_PARTS_H

#include "engine/emulate.h"

#define ZYDIS_DISABLE_ENCODER
#define ZYDIS_DISABLE_FORMATTER
#include <Zydis/Zydis.h>

#define KS_EMULATE_BYTES 15 // no instruction is longer

struct ks_instruction {
    struct ks_machine *machine;
    struct ks_registers *registers;
    struct ks_cpu_trap *trap;
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    uint8_t bytes[KS_EMULATE_BYTES];
};

// ---- emulate.c ----

uint64_t ks_emulate_get(const struct ks_instruction *instruction, ZydisRegister name);
// A number of 32 bits clears the upper half of its register, as the CPU does.
void ks_emulate_set(struct ks_instruction *instruction, ZydisRegister name, uint64_t value);
uint64_t ks_emulate_address(const struct ks_instruction *instruction,
                            const ZydisDecodedOperand *operand);
enum ks_emulated ks_emulate_trap(struct ks_instruction *instruction, unsigned vector);
enum ks_emulated ks_emulate_page_fault(struct ks_instruction *instruction, uint64_t address,
                                       bool write);
// Numbers in memory, the shared page included. False: the trap is filled.
bool ks_emulate_load(struct ks_instruction *instruction, uint64_t address, unsigned size,
                     uint64_t *out_value);
bool ks_emulate_store(struct ks_instruction *instruction, uint64_t address, unsigned size,
                      uint64_t value);

// ---- the families; each answers KS_EMULATED_NOT_MINE for what it does not know ----

enum ks_emulated ks_emulate_system(struct ks_instruction *instruction);
enum ks_emulated ks_emulate_ports(struct ks_instruction *instruction);
enum ks_emulated ks_emulate_shared(struct ks_instruction *instruction);
enum ks_emulated ks_emulate_strings(struct ks_instruction *instruction);

#endif
