// SPDX-License-Identifier: MIT
// Registers, memory and decoding for the files emulate_*.c. A part of builds with Zydis; the
// others, and programs that are linked without it, have emulate_none.c in its place.
#include "engine/emulate.h"

#include "engine/emulate_parts.h"

#include <stdio.h>
#include <string.h>

#define PAGE_SIZE UINT64_C(0x1000)

bool ks_emulate_is_linked(void)
{
    return true;
}

void ks_emulate_leave_with(void (*leave)(void))
{
    (void)leave; // nobody else is needed
}

bool ks_emulate_available(void)
{
    return true;
}

// ---- registers and memory ----

static ZyanI8 number_of(ZydisRegister name)
{
    return ZydisRegisterGetId(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name));
}

static bool is_high_byte(ZydisRegister name)
{
    return name >= ZYDIS_REGISTER_AH && name <= ZYDIS_REGISTER_BH;
}

static unsigned width_of(ZydisRegister name)
{
    return ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, name);
}

static uint64_t mask_of(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

uint64_t ks_emulate_get(const struct ks_instruction *instruction, ZydisRegister name)
{
    uint64_t value = instruction->registers->general[number_of(name) & 15];
    return (is_high_byte(name) ? value >> 8 : value) & mask_of(width_of(name));
}

void ks_emulate_set(struct ks_instruction *instruction, ZydisRegister name, uint64_t value)
{
    uint64_t *whole = &instruction->registers->general[number_of(name) & 15];
    unsigned bits = width_of(name);
    if (bits >= 32) {
        *whole = value & mask_of(bits);
    } else if (is_high_byte(name)) {
        *whole = (*whole & ~UINT64_C(0xFF00)) | (value & 0xFF) << 8;
    } else {
        *whole = (*whole & ~mask_of(bits)) | (value & mask_of(bits));
    }
}

uint64_t ks_emulate_address(const struct ks_instruction *instruction,
                            const ZydisDecodedOperand *operand)
{
    uint64_t address = (uint64_t)operand->mem.disp.value;
    if (operand->mem.base == ZYDIS_REGISTER_RIP) {
        address += instruction->registers->rip + instruction->decoded.length;
    } else if (operand->mem.base != ZYDIS_REGISTER_NONE) {
        address += ks_emulate_get(instruction, operand->mem.base);
    }
    if (operand->mem.index != ZYDIS_REGISTER_NONE) {
        address += ks_emulate_get(instruction, operand->mem.index) * operand->mem.scale;
    }
    address &= mask_of(instruction->decoded.address_width);
    return operand->mem.segment == ZYDIS_REGISTER_GS ? address + instruction->registers->gs_base
                                                     : address;
}

enum ks_emulated ks_emulate_trap(struct ks_instruction *instruction, unsigned vector)
{
    *instruction->trap = (struct ks_cpu_trap){.vector = vector};
    return KS_EMULATED_TRAP;
}

enum ks_emulated ks_emulate_page_fault(struct ks_instruction *instruction, uint64_t address,
                                       bool write)
{
    *instruction->trap = (struct ks_cpu_trap){KS_TRAP_PAGE_FAULT, address, write};
    return KS_EMULATED_TRAP;
}

bool ks_emulate_load(struct ks_instruction *instruction, uint64_t address, unsigned size,
                     uint64_t *out_value)
{
    const struct ks_machine *machine = instruction->machine;
    uint64_t offset = address - KS_SHARED_DATA_ADDRESS;
    uint8_t bytes[8] = {0};
    if (offset <= KS_SHARED_DATA_SIZE - size) {
        memcpy(bytes, machine->computer->shared + offset, size);
    } else if (!machine->read(machine->user, address, bytes, size)) {
        ks_emulate_page_fault(instruction, address, false);
        return false;
    }
    *out_value = 0;
    for (unsigned i = 0; i < size; i++) {
        *out_value |= (uint64_t)bytes[i] << (8 * i);
    }
    return true;
}

bool ks_emulate_store(struct ks_instruction *instruction, uint64_t address, unsigned size,
                      uint64_t value)
{
    const struct ks_machine *machine = instruction->machine;
    uint8_t bytes[8];
    for (unsigned i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    if (!machine->write(machine->user, address, bytes, size)) {
        ks_emulate_page_fault(instruction, address, true);
        return false;
    }
    return true;
}

// ---- decoding ----

// The next page may not be there.
static size_t fetch(const struct ks_instruction *instruction, uint8_t *bytes)
{
    const struct ks_machine *machine = instruction->machine;
    uint64_t rip = instruction->registers->rip;
    size_t here = (size_t)(PAGE_SIZE - rip % PAGE_SIZE);
    size_t size = here < KS_EMULATE_BYTES ? here : KS_EMULATE_BYTES;
    if (!machine->read(machine->user, rip, bytes, size)) {
        return 0;
    }
    if (size < KS_EMULATE_BYTES &&
        machine->read(machine->user, rip + size, bytes + size, KS_EMULATE_BYTES - size)) {
        size = KS_EMULATE_BYTES;
    }
    return size;
}

static bool decode(struct ks_instruction *instruction)
{
    ZydisDecoder decoder;
    size_t size = fetch(instruction, instruction->bytes);
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return size > 0 &&
           ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, instruction->bytes, size,
                                               &instruction->decoded, instruction->operands));
}

// "lgdt"; with a register of the system "mov cr3".
static void write_name(const struct ks_instruction *instruction, char *out_name)
{
    const char *sep = "", *which = "";
    for (unsigned i = 0; i < instruction->decoded.operand_count_visible; i++) {
        const ZydisDecodedOperand *operand = &instruction->operands[i];
        ZydisRegisterClass kind = operand->type == ZYDIS_OPERAND_TYPE_REGISTER
                                      ? ZydisRegisterGetClass(operand->reg.value)
                                      : ZYDIS_REGCLASS_INVALID;
        if (kind == ZYDIS_REGCLASS_CONTROL || kind == ZYDIS_REGCLASS_DEBUG) {
            sep = " ";
            which = ZydisRegisterGetString(operand->reg.value);
        }
    }
    snprintf(out_name, KS_EMULATE_NAME_SIZE, "%s%s%s",
             ZydisMnemonicGetString(instruction->decoded.mnemonic), sep, which);
}

static enum ks_emulated dispatch(struct ks_instruction *instruction)
{
    enum ks_emulated result;
    if (instruction->trap->vector == KS_TRAP_PAGE_FAULT) {
        result = ks_emulate_strings(instruction);
        return result != KS_EMULATED_NOT_MINE ? result : ks_emulate_shared(instruction);
    }
    result = ks_emulate_ports(instruction);
    return result != KS_EMULATED_NOT_MINE ? result : ks_emulate_system(instruction);
}

enum ks_emulated ks_emulate(struct ks_machine *machine, struct ks_registers *registers,
                            struct ks_cpu_trap *trap, char *out_name)
{
    struct ks_instruction instruction = {.machine = machine, .registers = registers, .trap = trap};
    if (!ks_emulate_concerns(trap) || !decode(&instruction)) {
        return KS_EMULATED_NOT_MINE;
    }
    enum ks_emulated result = dispatch(&instruction);
    if (result == KS_EMULATED_LACKING) {
        write_name(&instruction, out_name);
    }
    return result;
}
