// SPDX-License-Identifier: MIT
// The processor's own instructions: IRQL, registers of the system, interrupts, caches, counters.

#include "engine/emulate_parts.h"

#define IRQL_LAST      15u
#define LOWER_HALF     UINT64_C(0xFFFFFFFF)
#define VECTOR_OPERAND 1u // byte of an int instruction that has its number

static enum ks_emulated done(struct ks_instruction *instruction)
{
    instruction->registers->rip += instruction->decoded.length;
    return KS_EMULATED_DONE;
}

static enum ks_emulated answer(struct ks_instruction *instruction, enum ks_msr_answer answered)
{
    switch (answered) {
    case KS_MSR_DONE:
        return done(instruction);
    case KS_MSR_PROTECTION:
        return ks_emulate_trap(instruction, KS_TRAP_PROTECTION);
    default:
        return KS_EMULATED_LACKING;
    }
}

// ---- control and debug registers ----

static enum ks_emulated read_control(struct ks_instruction *instruction, unsigned index)
{
    struct ks_machine *machine = instruction->machine;
    uint64_t value = 0;
    enum ks_msr_answer answered = KS_MSR_DONE;
    if (index == 8) {
        value = machine->irql(machine->user);
    } else {
        answered = ks_msr_read_control(&machine->computer->msr, index, &value);
    }
    if (answered == KS_MSR_DONE) {
        ks_emulate_set(instruction, instruction->operands[0].reg.value, value);
    }
    return answer(instruction, answered);
}

// Lowering the IRQL may let other code of the driver run: the instruction is done before.
static enum ks_emulated write_irql(struct ks_instruction *instruction, uint64_t value)
{
    struct ks_machine *machine = instruction->machine;
    if (value > IRQL_LAST) {
        return ks_emulate_trap(instruction, KS_TRAP_PROTECTION);
    }
    enum ks_emulated result = done(instruction);
    machine->set_irql(machine->user, (uint8_t)value);
    return result;
}

static enum ks_emulated write_control(struct ks_instruction *instruction, unsigned index)
{
    uint64_t value = ks_emulate_get(instruction, instruction->operands[1].reg.value);
    if (index == 8) {
        return write_irql(instruction, value);
    }
    return answer(instruction,
                  ks_msr_write_control(&instruction->machine->computer->msr, index, value));
}

static enum ks_emulated emulate_mov(struct ks_instruction *instruction)
{
    struct ks_msr *msr = &instruction->machine->computer->msr;
    ZydisRegister to = instruction->operands[0].reg.value;
    ZydisRegister from = instruction->operands[1].reg.value;
    if (instruction->operands[0].type != ZYDIS_OPERAND_TYPE_REGISTER ||
        instruction->operands[1].type != ZYDIS_OPERAND_TYPE_REGISTER) {
        return KS_EMULATED_NOT_MINE;
    }
    if (ZydisRegisterGetClass(from) == ZYDIS_REGCLASS_CONTROL) {
        return read_control(instruction, (unsigned)ZydisRegisterGetId(from));
    }
    if (ZydisRegisterGetClass(to) == ZYDIS_REGCLASS_CONTROL) {
        return write_control(instruction, (unsigned)ZydisRegisterGetId(to));
    }
    if (ZydisRegisterGetClass(from) == ZYDIS_REGCLASS_DEBUG) {
        unsigned index = (unsigned)ZydisRegisterGetId(from);
        ks_emulate_set(instruction, to, ks_msr_read_debug(msr, index));
        return done(instruction);
    }
    if (ZydisRegisterGetClass(to) == ZYDIS_REGCLASS_DEBUG) {
        unsigned index = (unsigned)ZydisRegisterGetId(to);
        return answer(instruction,
                      ks_msr_write_debug(msr, index, ks_emulate_get(instruction, from)));
    }
    return KS_EMULATED_NOT_MINE;
}

// ---- model-specific registers, counters, CPUID ----

static void set_pair(struct ks_instruction *instruction, uint64_t value)
{
    instruction->registers->general[KS_RAX] = value & LOWER_HALF;
    instruction->registers->general[KS_RDX] = value >> 32;
}

static uint64_t read_tsc(const struct ks_instruction *instruction)
{
    struct ks_machine *machine = instruction->machine;
    machine->look_at_clock(machine->user);
    return ks_computer_tsc(machine->computer);
}

static enum ks_emulated emulate_rdmsr(struct ks_instruction *instruction)
{
    const struct ks_registers *registers = instruction->registers;
    uint32_t index = (uint32_t)registers->general[KS_RCX];
    enum ks_msr_answer answered = KS_MSR_DONE;
    uint64_t value = registers->gs_base;
    if (index == KS_MSR_TSC) {
        value = read_tsc(instruction);
    } else if (index != KS_MSR_GS_BASE) {
        answered = ks_msr_read(&instruction->machine->computer->msr, index, &value);
    }
    if (answered == KS_MSR_DONE) {
        set_pair(instruction, value);
    }
    return answer(instruction, answered);
}

static enum ks_emulated emulate_wrmsr(struct ks_instruction *instruction)
{
    const struct ks_registers *registers = instruction->registers;
    uint32_t index = (uint32_t)registers->general[KS_RCX];
    uint64_t value = (registers->general[KS_RAX] & LOWER_HALF) | registers->general[KS_RDX] << 32;
    if (index == KS_MSR_TSC) {
        return KS_EMULATED_LACKING;
    }
    if (index == KS_MSR_GS_BASE) {
        return value == registers->gs_base ? done(instruction) : KS_EMULATED_LACKING;
    }
    return answer(instruction, ks_msr_write(&instruction->machine->computer->msr, index, value));
}

static enum ks_emulated emulate_rdtsc(struct ks_instruction *instruction, bool with_processor)
{
    set_pair(instruction, read_tsc(instruction));
    if (with_processor) {
        instruction->registers->general[KS_RCX] = instruction->machine->computer->msr.tsc_aux;
    }
    return done(instruction);
}

static enum ks_emulated emulate_cpuid(struct ks_instruction *instruction)
{
    ks_emulate_cpuid(&instruction->machine->computer->cpuid, instruction->registers);
    return done(instruction);
}

// ---- interrupts ----

static enum ks_emulated set_interrupts(struct ks_instruction *instruction, bool off)
{
    instruction->machine->computer->interrupts_off = off;
    return done(instruction);
}

static enum ks_emulated emulate_hlt(struct ks_instruction *instruction)
{
    struct ks_machine *machine = instruction->machine;
    if (machine->computer->interrupts_off) {
        return KS_EMULATED_LACKING; // a processor that waits for ever
    }
    enum ks_emulated result = done(instruction);
    if (!machine->halt(machine->user)) {
        instruction->registers->rip -= instruction->decoded.length;
        return KS_EMULATED_LACKING;
    }
    return result;
}

static enum ks_emulated emulate_int(struct ks_instruction *instruction)
{
    unsigned vector = instruction->bytes[instruction->decoded.length - VECTOR_OPERAND];
    switch (vector) {
    case KS_TRAP_FAST_FAIL:
    case KS_TRAP_ASSERTION:
    case KS_TRAP_DEBUG:
        return ks_emulate_trap(instruction, vector);
    default:
        return KS_EMULATED_NOT_MINE;
    }
}

// ---- the rest ----

static enum ks_emulated emulate_counted(struct ks_instruction *instruction)
{
    switch (instruction->decoded.mnemonic) {
    case ZYDIS_MNEMONIC_RDMSR:
        return emulate_rdmsr(instruction);
    case ZYDIS_MNEMONIC_WRMSR:
        return emulate_wrmsr(instruction);
    case ZYDIS_MNEMONIC_RDTSC:
        return emulate_rdtsc(instruction, false);
    case ZYDIS_MNEMONIC_RDTSCP:
        return emulate_rdtsc(instruction, true);
    case ZYDIS_MNEMONIC_CPUID:
        return emulate_cpuid(instruction);
    default:
        return KS_EMULATED_NOT_MINE;
    }
}

// What kldr lacks, and what the simulated processor does not have: virtualization.
static enum ks_emulated refuse(struct ks_instruction *instruction)
{
    switch (instruction->decoded.mnemonic) {
    case ZYDIS_MNEMONIC_LGDT:
    case ZYDIS_MNEMONIC_LIDT:
    case ZYDIS_MNEMONIC_LLDT:
    case ZYDIS_MNEMONIC_LTR:
    case ZYDIS_MNEMONIC_LMSW:
    case ZYDIS_MNEMONIC_SWAPGS:
    case ZYDIS_MNEMONIC_SYSRET:
    case ZYDIS_MNEMONIC_SYSEXIT:
    case ZYDIS_MNEMONIC_XSETBV:
    case ZYDIS_MNEMONIC_RDPMC:
        return KS_EMULATED_LACKING;
    default:
        break;
    }
    switch (instruction->decoded.meta.isa_set) {
    case ZYDIS_ISA_SET_VTX:
    case ZYDIS_ISA_SET_SVM:
    case ZYDIS_ISA_SET_INVPCID:
        return ks_emulate_trap(instruction, KS_TRAP_OPCODE);
    default:
        return KS_EMULATED_NOT_MINE;
    }
}

enum ks_emulated ks_emulate_system(struct ks_instruction *instruction)
{
    switch (instruction->decoded.mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
        return emulate_mov(instruction);
    case ZYDIS_MNEMONIC_CLI:
        return set_interrupts(instruction, true);
    case ZYDIS_MNEMONIC_STI:
        return set_interrupts(instruction, false);
    case ZYDIS_MNEMONIC_HLT:
        return emulate_hlt(instruction);
    case ZYDIS_MNEMONIC_INT:
        return emulate_int(instruction);
    case ZYDIS_MNEMONIC_INVLPG: // nothing is cached
    case ZYDIS_MNEMONIC_WBINVD:
    case ZYDIS_MNEMONIC_INVD:
    case ZYDIS_MNEMONIC_CLTS:
        return done(instruction);
    default: {
        enum ks_emulated result = emulate_counted(instruction);
        return result != KS_EMULATED_NOT_MINE ? result : refuse(instruction);
    }
    }
}
