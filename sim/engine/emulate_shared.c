// SPDX-License-Identifier: MIT
// Reads of the shared page by any instruction: the instruction is executed, on the driver's
// registers, with a copy of its operand in place of the one in memory. So its result and its flags
// are the CPU's own.

#include "engine/emulate_execute.h"
#include "engine/emulate_parts.h"

#include <string.h>

#define OPERAND_LARGEST 64u // bytes

// Room for the instruction with a displacement of four bytes.
#define REWRITTEN_SIZE 24u

#define OPCODE_MOFFS_BYTE 0xA0u // mov al, [64-bit address]
#define OPCODE_MOFFS      0xA1u // mov eax, [64-bit address]
#define OPCODE_MOV_BYTE   0x8Au // mov r8, r/m8
#define OPCODE_MOV        0x8Bu
#define MODRM_RELATIVE    5u    // with mod 0: an address relative to the next instruction
#define REX_KEPT          0x4Cu // without the bits of the address's registers

// ---- which instructions ----

static const ZydisDecodedOperand *memory_operand(const struct ks_instruction *instruction)
{
    for (unsigned i = 0; i < instruction->decoded.operand_count_visible; i++) {
        const ZydisDecodedOperand *operand = &instruction->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
            return operand;
        }
    }
    return NULL;
}

static bool is_written(const ZydisDecodedOperand *operand)
{
    return (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
}

// The stack pointer is kldr's own while the instruction is executed; segment registers and control
// words are not for drivers to load from there.
static bool is_plain_register(const ZydisDecodedOperand *operand)
{
    ZydisRegister name = operand->reg.value;
    switch (ZydisRegisterGetClass(name)) {
    case ZYDIS_REGCLASS_GPR8:
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
    case ZYDIS_REGCLASS_GPR64:
        return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name) !=
               ZYDIS_REGISTER_RSP;
    case ZYDIS_REGCLASS_XMM:
    case ZYDIS_REGCLASS_MMX:
    case ZYDIS_REGCLASS_X87:
    case ZYDIS_REGCLASS_FLAGS:
        return true;
    default:
        return name == ZYDIS_REGISTER_X87STATUS || name == ZYDIS_REGISTER_X87TAG ||
               !is_written(operand);
    }
}

// Not those that also push, jump, or use a bit number as an index into memory.
static bool is_executable(const struct ks_instruction *instruction)
{
    unsigned in_memory = 0;
    for (unsigned i = 0; i < instruction->decoded.operand_count; i++) {
        const ZydisDecodedOperand *operand = &instruction->operands[i];
        in_memory += operand->type == ZYDIS_OPERAND_TYPE_MEMORY;
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER && !is_plain_register(operand)) {
            return false;
        }
    }
    switch (instruction->decoded.mnemonic) {
    case ZYDIS_MNEMONIC_LDMXCSR:
    case ZYDIS_MNEMONIC_FLDCW:
    case ZYDIS_MNEMONIC_FLDENV:
    case ZYDIS_MNEMONIC_FRSTOR:
    case ZYDIS_MNEMONIC_FXRSTOR:
    case ZYDIS_MNEMONIC_FXRSTOR64:
    case ZYDIS_MNEMONIC_DIV: // may fault
    case ZYDIS_MNEMONIC_IDIV:
        return false;
    case ZYDIS_MNEMONIC_BT:
        return instruction->operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    default:
        return in_memory == 1 && instruction->decoded.encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY;
    }
}

// ---- rewriting ----

static bool is_dropped(uint8_t prefix)
{
    switch (prefix) {
    case 0x26: // segments
    case 0x2E:
    case 0x36:
    case 0x3E:
    case 0x64:
    case 0x65:
    case 0x67: // size of the address
        return true;
    default:
        return false;
    }
}

// Prefixes and opcode up to what tells the address. Returns their length.
static unsigned copy_front(const struct ks_instruction *instruction, unsigned end, uint8_t *out)
{
    const ZydisDecodedInstruction *decoded = &instruction->decoded;
    unsigned length = 0;
    for (unsigned i = 0; i < end; i++) {
        uint8_t byte = instruction->bytes[i];
        bool is_rex =
            (decoded->attributes & ZYDIS_ATTRIB_HAS_REX) != 0 && i == decoded->raw.rex.offset;
        if (is_rex) {
            out[length++] = byte & REX_KEPT;
        } else if (i >= decoded->raw.prefix_count || !is_dropped(byte)) {
            out[length++] = byte;
        }
    }
    return length;
}

// The instruction as it would stand at code, its operand at operand. Returns its length.
static unsigned rewrite(const struct ks_instruction *instruction, uint64_t code, uint64_t operand,
                        uint8_t out[REWRITTEN_SIZE])
{
    const ZydisDecodedInstruction *decoded = &instruction->decoded;
    bool has_modrm = (decoded->attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0;
    unsigned length, tail = 0, tail_at = 0;
    uint8_t modrm = MODRM_RELATIVE;
    if (has_modrm) {
        length = copy_front(instruction, decoded->raw.modrm.offset, out);
        modrm |= (uint8_t)(decoded->raw.modrm.reg << 3);
        if (decoded->raw.imm[0].size != 0) {
            tail_at = decoded->raw.imm[0].offset;
            tail = decoded->length - tail_at;
        }
    } else { // mov of the accumulator from an address in the instruction
        length = copy_front(instruction, decoded->raw.disp.offset, out);
        out[length - 1] = out[length - 1] == OPCODE_MOFFS_BYTE ? OPCODE_MOV_BYTE : OPCODE_MOV;
    }
    out[length++] = modrm;
    uint64_t distance = operand - (code + length + 4 + tail);
    for (unsigned i = 0; i < 4; i++) {
        out[length++] = (uint8_t)(distance >> (8 * i));
    }
    memcpy(out + length, instruction->bytes + tail_at, tail);
    return length + tail;
}

static bool can_rewrite(const struct ks_instruction *instruction)
{
    const ZydisDecodedInstruction *decoded = &instruction->decoded;
    return (decoded->attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0 ||
           (decoded->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT &&
            (decoded->opcode == OPCODE_MOFFS_BYTE || decoded->opcode == OPCODE_MOFFS));
}

// ---- doing it ----

static void execute(struct ks_instruction *instruction, const struct ks_emulate_arena *arena,
                    const uint8_t *value, unsigned size)
{
    uint8_t bytes[REWRITTEN_SIZE];
    unsigned length = rewrite(instruction, (uint64_t)(uintptr_t)arena->code,
                              (uint64_t)(uintptr_t)arena->operand, bytes);
    memcpy(arena->operand, value, size);
    ks_emulate_execute(arena, instruction->registers, bytes, length);
    instruction->registers->rip += instruction->decoded.length;
}

enum ks_emulated ks_emulate_shared(struct ks_instruction *instruction)
{
    struct ks_machine *machine = instruction->machine;
    const ZydisDecodedOperand *operand = memory_operand(instruction);
    struct ks_emulate_arena arena;
    if (operand == NULL || is_written(operand)) {
        return KS_EMULATED_NOT_MINE;
    }
    unsigned size = operand->size / 8u;
    uint64_t offset = ks_emulate_address(instruction, operand) - KS_SHARED_DATA_ADDRESS;
    if (!is_executable(instruction) || !can_rewrite(instruction) || size > OPERAND_LARGEST ||
        !ks_emulate_arena_get(&arena)) {
        return KS_EMULATED_LACKING;
    }
    if (offset > KS_SHARED_DATA_SIZE - size) {
        return KS_EMULATED_NOT_MINE; // reaches over the page's end
    }
    machine->look_at_clock(machine->user);
    execute(instruction, &arena, machine->computer->shared + offset, size);
    return KS_EMULATED_DONE;
}
