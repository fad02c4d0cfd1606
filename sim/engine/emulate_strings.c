// SPDX-License-Identifier: MIT
// IN, OUT, INS, OUTS and the other string instructions, one element after the other.

#include "engine/emulate_parts.h"

// Of a repeated instruction at once; the rest is done when it traps again, so that the time limit
// can end a repetition that has no end.
#define ELEMENTS_AT_ONCE 4096u

static unsigned size_of(const struct ks_instruction *instruction, unsigned operand)
{
    return instruction->operands[operand].size / 8u;
}

static uint16_t port_of(const struct ks_instruction *instruction, unsigned operand)
{
    const ZydisDecodedOperand *port = &instruction->operands[operand];
    return port->type == ZYDIS_OPERAND_TYPE_IMMEDIATE
               ? (uint8_t)port->imm.value.u
               : (uint16_t)instruction->registers->general[KS_RDX];
}

static enum ks_emulated emulate_in(struct ks_instruction *instruction)
{
    struct ks_ports *ports = &instruction->machine->computer->ports;
    uint32_t value = ks_ports_in(ports, port_of(instruction, 1), size_of(instruction, 0));
    ks_emulate_set(instruction, instruction->operands[0].reg.value, value);
    instruction->registers->rip += instruction->decoded.length;
    return KS_EMULATED_DONE;
}

static enum ks_emulated emulate_out(struct ks_instruction *instruction)
{
    struct ks_ports *ports = &instruction->machine->computer->ports;
    uint64_t value = ks_emulate_get(instruction, instruction->operands[1].reg.value);
    if (!ks_ports_out(ports, port_of(instruction, 0), size_of(instruction, 1), (uint32_t)value)) {
        return KS_EMULATED_LIMIT;
    }
    instruction->registers->rip += instruction->decoded.length;
    return KS_EMULATED_DONE;
}

// ---- string instructions ----

// One execution of a string instruction: where its parts lie and which way it goes.
struct string {
    struct ks_instruction *instruction;
    unsigned size;
    uint64_t mask, gs_base; // of addresses; added to the source
    int64_t step;
};

static bool is_repeated(const struct ks_instruction *instruction)
{
    return (instruction->decoded.attributes &
            (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)) != 0;
}

static uint64_t source_of(const struct string *string)
{
    return (string->instruction->registers->general[KS_RSI] & string->mask) + string->gs_base;
}

static uint64_t target_of(const struct string *string)
{
    return string->instruction->registers->general[KS_RDI] & string->mask;
}

static void advance(const struct string *string, enum ks_register index)
{
    uint64_t *place = &string->instruction->registers->general[index];
    *place = (*place + (uint64_t)string->step) & string->mask;
}

// Flags of a comparison, left minus right.
static void compare(const struct string *string, uint64_t left, uint64_t right)
{
    uint64_t *flags = &string->instruction->registers->rflags;
    unsigned bits = 8 * string->size;
    uint64_t sign = UINT64_C(1) << (bits - 1), result = (left - right) & (sign | (sign - 1));
    unsigned ones = 0;
    for (unsigned i = 0; i < 8; i++) {
        ones += (unsigned)(result >> i) & 1;
    }
    *flags &= ~(KS_FLAG_CARRY | KS_FLAG_PARITY | KS_FLAG_ADJUST | KS_FLAG_ZERO | KS_FLAG_SIGN |
                KS_FLAG_OVERFLOW);
    *flags |= (left < right ? KS_FLAG_CARRY : 0) | (ones % 2 == 0 ? KS_FLAG_PARITY : 0) |
              (((left ^ right ^ result) & 0x10) != 0 ? KS_FLAG_ADJUST : 0) |
              (result == 0 ? KS_FLAG_ZERO : 0) | ((result & sign) != 0 ? KS_FLAG_SIGN : 0) |
              (((left ^ right) & (left ^ result) & sign) != 0 ? KS_FLAG_OVERFLOW : 0);
}

static enum ks_emulated copy_element(const struct string *string)
{
    uint64_t value = 0;
    if (!ks_emulate_load(string->instruction, source_of(string), string->size, &value) ||
        !ks_emulate_store(string->instruction, target_of(string), string->size, value)) {
        return KS_EMULATED_TRAP;
    }
    advance(string, KS_RSI);
    advance(string, KS_RDI);
    return KS_EMULATED_DONE;
}

static enum ks_emulated load_element(const struct string *string)
{
    uint64_t value = 0;
    if (!ks_emulate_load(string->instruction, source_of(string), string->size, &value)) {
        return KS_EMULATED_TRAP;
    }
    ks_emulate_set(string->instruction, string->instruction->operands[0].reg.value, value);
    advance(string, KS_RSI);
    return KS_EMULATED_DONE;
}

static enum ks_emulated compare_elements(const struct string *string)
{
    uint64_t left = 0, right = 0;
    if (!ks_emulate_load(string->instruction, source_of(string), string->size, &left) ||
        !ks_emulate_load(string->instruction, target_of(string), string->size, &right)) {
        return KS_EMULATED_TRAP;
    }
    compare(string, left, right);
    advance(string, KS_RSI);
    advance(string, KS_RDI);
    return KS_EMULATED_DONE;
}

static enum ks_emulated scan_element(const struct string *string)
{
    uint64_t right = 0;
    if (!ks_emulate_load(string->instruction, target_of(string), string->size, &right)) {
        return KS_EMULATED_TRAP;
    }
    ZydisRegister name = string->instruction->operands[0].reg.value;
    compare(string, ks_emulate_get(string->instruction, name), right);
    advance(string, KS_RDI);
    return KS_EMULATED_DONE;
}

static enum ks_emulated in_element(const struct string *string)
{
    struct ks_instruction *instruction = string->instruction;
    uint32_t value = ks_ports_in(&instruction->machine->computer->ports,
                                 (uint16_t)instruction->registers->general[KS_RDX], string->size);
    if (!ks_emulate_store(instruction, target_of(string), string->size, value)) {
        return KS_EMULATED_TRAP;
    }
    advance(string, KS_RDI);
    return KS_EMULATED_DONE;
}

static enum ks_emulated out_element(const struct string *string)
{
    struct ks_instruction *instruction = string->instruction;
    uint64_t value = 0;
    if (!ks_emulate_load(instruction, source_of(string), string->size, &value)) {
        return KS_EMULATED_TRAP;
    }
    if (!ks_ports_out(&instruction->machine->computer->ports,
                      (uint16_t)instruction->registers->general[KS_RDX], string->size,
                      (uint32_t)value)) {
        return KS_EMULATED_LIMIT;
    }
    advance(string, KS_RSI);
    return KS_EMULATED_DONE;
}

// Whether REPE or REPNE ends after this comparison.
static bool is_decided(const struct ks_instruction *instruction)
{
    bool equal = (instruction->registers->rflags & KS_FLAG_ZERO) != 0;
    return (equal && (instruction->decoded.attributes & ZYDIS_ATTRIB_HAS_REPNE) != 0) ||
           (!equal && (instruction->decoded.attributes & ZYDIS_ATTRIB_HAS_REPE) != 0);
}

static enum ks_emulated run(struct ks_instruction *instruction, unsigned size,
                            enum ks_emulated (*element)(const struct string *string))
{
    struct ks_registers *registers = instruction->registers;
    bool is_narrow = instruction->decoded.address_width == 32, repeated = is_repeated(instruction);
    const struct string string = {
        .instruction = instruction,
        .size = size,
        .mask = is_narrow ? UINT32_MAX : UINT64_MAX,
        .gs_base = (instruction->decoded.attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS) != 0
                       ? registers->gs_base
                       : 0,
        .step = (registers->rflags & KS_FLAG_DIRECTION) != 0 ? -(int64_t)size : (int64_t)size,
    };
    for (unsigned i = 0; !repeated || (registers->general[KS_RCX] & string.mask) != 0; i++) {
        if (i == ELEMENTS_AT_ONCE) {
            return KS_EMULATED_DONE; // rip still here
        }
        enum ks_emulated result = element(&string);
        if (result != KS_EMULATED_DONE) {
            return result;
        }
        if (!repeated) {
            break;
        }
        registers->general[KS_RCX] = (registers->general[KS_RCX] - 1) & string.mask;
        if (is_decided(instruction)) {
            break;
        }
    }
    registers->rip += instruction->decoded.length;
    return KS_EMULATED_DONE;
}

enum ks_emulated ks_emulate_ports(struct ks_instruction *instruction)
{
    switch (instruction->decoded.mnemonic) {
    case ZYDIS_MNEMONIC_IN:
        return emulate_in(instruction);
    case ZYDIS_MNEMONIC_OUT:
        return emulate_out(instruction);
    case ZYDIS_MNEMONIC_INSB:
        return run(instruction, 1, in_element);
    case ZYDIS_MNEMONIC_INSW:
        return run(instruction, 2, in_element);
    case ZYDIS_MNEMONIC_INSD:
        return run(instruction, 4, in_element);
    case ZYDIS_MNEMONIC_OUTSB:
        return run(instruction, 1, out_element);
    case ZYDIS_MNEMONIC_OUTSW:
        return run(instruction, 2, out_element);
    case ZYDIS_MNEMONIC_OUTSD:
        return run(instruction, 4, out_element);
    default:
        return KS_EMULATED_NOT_MINE;
    }
}

static unsigned element_size(const struct ks_instruction *instruction)
{
    return instruction->operands[0].size / 8u;
}

enum ks_emulated ks_emulate_strings(struct ks_instruction *instruction)
{
    if (instruction->decoded.meta.category != ZYDIS_CATEGORY_STRINGOP) {
        return KS_EMULATED_NOT_MINE;
    }
    instruction->machine->look_at_clock(instruction->machine->user);
    switch (instruction->decoded.mnemonic) {
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
        return run(instruction, element_size(instruction), copy_element);
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
        return run(instruction, element_size(instruction), load_element);
    case ZYDIS_MNEMONIC_CMPSB:
    case ZYDIS_MNEMONIC_CMPSW:
    case ZYDIS_MNEMONIC_CMPSD:
    case ZYDIS_MNEMONIC_CMPSQ:
        return run(instruction, element_size(instruction), compare_elements);
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_SCASD:
    case ZYDIS_MNEMONIC_SCASQ:
        return run(instruction, element_size(instruction), scan_element);
    default:
        return KS_EMULATED_NOT_MINE;
    }
}
