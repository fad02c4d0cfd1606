// SPDX-License-Identifier: MIT
// Each privileged instruction, from its bytes.
#include "emulated.h"
#include "test.h"

#include <string.h>

static struct emulated test;

static int set_up(void **state)
{
    (void)state;
    emulated_init(&test);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    emulated_fini(&test);
    return 0;
}

#define GENERAL(name) test.registers.general[KS_##name]

// The instruction is done, and was length bytes.
#define DONE(length, ...)                                                                          \
    do {                                                                                           \
        assert_int_equal(EMULATED_RUN(&test, __VA_ARGS__), KS_EMULATED_DONE);                      \
        assert_int_equal(test.registers.rip - EMULATED_CODE, (length));                            \
    } while (0)

// It traps with vector, and nothing moves.
#define TRAPS(number, ...)                                                                         \
    do {                                                                                           \
        assert_int_equal(EMULATED_RUN(&test, __VA_ARGS__), KS_EMULATED_TRAP);                      \
        assert_int_equal(test.trap.vector, (number));                                              \
        assert_int_equal(test.registers.rip, EMULATED_CODE);                                       \
        test.trap.vector = KS_TRAP_PROTECTION;                                                     \
    } while (0)

#define LACKS(text, ...)                                                                           \
    do {                                                                                           \
        assert_int_equal(EMULATED_RUN(&test, __VA_ARGS__), KS_EMULATED_LACKING);                   \
        assert_string_equal(test.name, (text));                                                    \
        assert_int_equal(test.registers.rip, EMULATED_CODE);                                       \
    } while (0)

static void cr8_is_the_irql(void **state)
{
    (void)state;
    test.irql = 2;
    GENERAL(RAX) = GENERAL(R9) = UINT64_MAX;
    DONE(4, 0x44, 0x0F, 0x20, 0xC0); // mov rax, cr8
    assert_int_equal(GENERAL(RAX), 2);
    DONE(4, 0x45, 0x0F, 0x20, 0xC1); // mov r9, cr8
    assert_int_equal(GENERAL(R9), 2);
    GENERAL(RBX) = 15;
    DONE(4, 0x44, 0x0F, 0x22, 0xC3); // mov cr8, rbx
    assert_int_equal(test.irql, 15);
    GENERAL(RBX) = 16;
    TRAPS(KS_TRAP_PROTECTION, 0x44, 0x0F, 0x22, 0xC3);
    assert_int_equal(test.irql, 15);
}

static void other_control_and_debug_registers(void **state)
{
    (void)state;
    DONE(3, 0x0F, 0x20, 0xD8); // mov rax, cr3
    assert_int_equal(GENERAL(RAX), 0x1AD000);
    DONE(3, 0x0F, 0x22, 0xD8); // mov cr3, rax
    GENERAL(RAX) = 1;
    LACKS("mov cr3", 0x0F, 0x22, 0xD8);
    GENERAL(RAX) = UINT64_C(1) << 63;
    TRAPS(KS_TRAP_PROTECTION, 0x0F, 0x22, 0xC0); // mov cr0, rax
    DONE(3, 0x0F, 0x21, 0xFA);                   // mov rdx, dr7
    assert_int_equal(GENERAL(RDX), 0x400);
    DONE(3, 0x0F, 0x23, 0xFA); // mov dr7, rdx
    GENERAL(RDX) = 0x401;
    LACKS("mov dr7", 0x0F, 0x23, 0xFA);
}

static void feed(uint16_t port, unsigned width, uint32_t value)
{
    assert_int_equal(ks_ports_feed(&test.computer.ports, port, width, &value, 1), 0);
}

static void assert_written(size_t index, uint16_t port, unsigned width, uint32_t value)
{
    const struct ks_port_write *write = &test.computer.ports.writes[index];
    assert_true(index < test.computer.ports.write_count);
    assert_int_equal(write->port, port);
    assert_int_equal(write->width, width);
    assert_int_equal(write->value, value);
}

static void ports_by_number_and_by_dx(void **state)
{
    (void)state;
    feed(0x70, 1, 0xDD);
    feed(0x3F8, 2, 0xCCDD);
    feed(0x3F8, 4, 0xAABBCCDD);
    GENERAL(RAX) = UINT64_MAX;
    GENERAL(RDX) = UINT64_C(0xFFFF03F8);
    DONE(2, 0xE4, 0x70); // in al, 70h
    assert_int_equal(GENERAL(RAX), UINT64_C(0xFFFFFFFFFFFFFFDD));
    DONE(2, 0x66, 0xED); // in ax, dx
    assert_int_equal(GENERAL(RAX), UINT64_C(0xFFFFFFFFFFFFCCDD));
    DONE(1, 0xED); // in eax, dx
    assert_int_equal(GENERAL(RAX), UINT64_C(0xAABBCCDD));
    DONE(2, 0x48, 0xED); // REX.W changes nothing
    DONE(2, 0xE5, 0x71);
    assert_int_equal(GENERAL(RAX), UINT64_C(0xFFFFFFFF));
    GENERAL(RAX) = 0x11223344;
    DONE(2, 0xE6, 0x70); // out 70h, al
    DONE(1, 0xEE);       // out dx, al
    DONE(2, 0x66, 0xEF); // out dx, ax
    DONE(1, 0xEF);       // out dx, eax
    assert_written(0, 0x70, 1, 0x44);
    assert_written(1, 0x3F8, 1, 0x44);
    assert_written(2, 0x3F8, 2, 0x3344);
    assert_written(3, 0x3F8, 4, 0x11223344);
}

static void strings_of_ports(void **state)
{
    static const uint32_t values[] = {0x41, 0x42, 0x43};
    (void)state;
    assert_int_equal(ks_ports_feed(&test.computer.ports, 0x1F0, 1, values, 3), 0);
    feed(0x1F0, 2, 0x4443);
    GENERAL(RDX) = 0x1F0;
    GENERAL(RDI) = EMULATED_MEMORY + 16;
    GENERAL(RCX) = 5;
    DONE(2, 0xF3, 0x6C); // rep insb
    assert_memory_equal(test.memory + 15, "\0ABCCC\0", 7);
    assert_int_equal(GENERAL(RDI), EMULATED_MEMORY + 21);
    assert_int_equal(GENERAL(RCX), 0);
    DONE(2, 0xF3, 0x6C); // none
    assert_int_equal(GENERAL(RDI), EMULATED_MEMORY + 21);
    test.registers.rflags |= KS_FLAG_DIRECTION;
    DONE(2, 0x66, 0x6D); // insw, downwards
    assert_int_equal(GENERAL(RDI), EMULATED_MEMORY + 19);
    test.registers.rflags &= ~KS_FLAG_DIRECTION;
    GENERAL(RSI) = EMULATED_MEMORY + 16;
    GENERAL(RCX) = 2;
    DONE(2, 0xF3, 0x6F); // rep outsd
    assert_int_equal(GENERAL(RSI), EMULATED_MEMORY + 24);
    assert_written(0, 0x1F0, 4, 0x43434241);
    assert_written(1, 0x1F0, 4, 0x00444343);
    test.registers.gs_base = EMULATED_MEMORY;
    GENERAL(RSI) = 17;
    DONE(2, 0x65, 0x6E); // outsb gs:[rsi]
    assert_written(2, 0x1F0, 1, 'B');
}

static void a_string_that_leaves_memory_faults_where_it_is(void **state)
{
    (void)state;
    GENERAL(RDI) = EMULATED_MEMORY + EMULATED_PAGES - 3;
    GENERAL(RCX) = 10;
    TRAPS(KS_TRAP_PAGE_FAULT, 0xF3, 0x6C);
    assert_int_equal(GENERAL(RCX), 7);
    assert_int_equal(GENERAL(RDI), EMULATED_MEMORY + EMULATED_PAGES);
    GENERAL(RSI) = 8;
    assert_int_equal(EMULATED_RUN(&test, 0x6F), KS_EMULATED_TRAP);
    assert_int_equal(test.trap.address, 8);
    assert_false(test.trap.write);
}

static void a_long_string_is_done_in_parts(void **state)
{
    (void)state;
    GENERAL(RSI) = EMULATED_MEMORY;
    GENERAL(RCX) = 5000;
    assert_int_equal(EMULATED_RUN(&test, 0xF3, 0x6E), KS_EMULATED_DONE);
    assert_int_equal(test.registers.rip, EMULATED_CODE);
    assert_int_equal(GENERAL(RCX), 5000 - 4096);
    DONE(2, 0xF3, 0x6E);
    assert_int_equal(GENERAL(RSI), EMULATED_MEMORY + 5000);
    GENERAL(RCX) = UINT64_C(0xFFFFFFFF00000002); // 32-bit addresses count in ecx
    GENERAL(RSI) = 0;
    TRAPS(KS_TRAP_PAGE_FAULT, 0x67, 0xF3, 0x6E);
    GENERAL(RCX) = UINT64_C(0xFFFFFFFF00000000);
    DONE(3, 0x67, 0xF3, 0x6E);
}

static void writes_to_ports_have_a_limit(void **state)
{
    (void)state;
    while (ks_ports_out(&test.computer.ports, 1, 1, 1)) {
    }
    GENERAL(RSI) = EMULATED_MEMORY;
    assert_int_equal(EMULATED_RUN(&test, 0xEE), KS_EMULATED_LIMIT);
    assert_int_equal(EMULATED_RUN(&test, 0x6E), KS_EMULATED_LIMIT);
    assert_int_equal(test.registers.rip, EMULATED_CODE);
}

static void model_specific_registers(void **state)
{
    (void)state;
    test.registers.gs_base = UINT64_C(0x7E8412345000);
    GENERAL(RCX) = UINT64_C(0xFFFFFFFF0000001B);
    DONE(2, 0x0F, 0x32); // rdmsr
    assert_int_equal(GENERAL(RAX), 0xFEE00900);
    assert_int_equal(GENERAL(RDX), 0);
    GENERAL(RCX) = 0xC0000101;
    DONE(2, 0x0F, 0x32);
    assert_int_equal(GENERAL(RAX), 0x12345000);
    assert_int_equal(GENERAL(RDX), 0x7E84);
    DONE(2, 0x0F, 0x30); // wrmsr: what is there
    GENERAL(RAX) = 0;
    LACKS("wrmsr", 0x0F, 0x30);
    GENERAL(RCX) = 0x4321;
    TRAPS(KS_TRAP_PROTECTION, 0x0F, 0x32);
    TRAPS(KS_TRAP_PROTECTION, 0x0F, 0x30);
    GENERAL(RCX) = 0xC0000082;
    LACKS("rdmsr", 0x0F, 0x32);
    GENERAL(RCX) = 0x10;
    LACKS("wrmsr", 0x0F, 0x30);
    DONE(2, 0x0F, 0x32);
    assert_int_equal(GENERAL(RAX), 200); // the counter's first reading
    assert_int_equal(test.looks, 1);
}

static void counters_and_cpuid(void **state)
{
    (void)state;
    test.computer.msr.tsc_aux = 3;
    DONE(2, 0x0F, 0x31); // rdtsc
    assert_int_equal(GENERAL(RAX), 200);
    DONE(3, 0x0F, 0x01, 0xF9); // rdtscp
    assert_int_equal(GENERAL(RAX), 400);
    assert_int_equal(GENERAL(RCX), 3);
    GENERAL(RAX) = GENERAL(RBX) = UINT64_MAX << 32;
    DONE(2, 0x0F, 0xA2); // cpuid
    assert_int_equal(GENERAL(RBX), 0x756E6547);
    GENERAL(RAX) = 7;
    GENERAL(RCX) = 1;
    DONE(2, 0x0F, 0xA2);
    assert_int_equal(GENERAL(RBX), 0);
    LACKS("rdpmc", 0x0F, 0x33);
}

static void interrupts_and_caches(void **state)
{
    (void)state;
    DONE(1, 0xFA); // cli
    assert_true(test.computer.interrupts_off);
    LACKS("hlt", 0xF4); // for ever
    DONE(1, 0xFB);      // sti
    assert_false(test.computer.interrupts_off);
    LACKS("hlt", 0xF4);
    test.can_halt = true;
    DONE(1, 0xF4);
    assert_int_equal(test.halts, 2);
    DONE(3, 0x0F, 0x01, 0x38); // invlpg [rax]
    DONE(2, 0x0F, 0x09);       // wbinvd
    DONE(2, 0x0F, 0x08);       // invd
    DONE(2, 0x0F, 0x06);       // clts
}

static void interrupts_by_instruction(void **state)
{
    (void)state;
    TRAPS(KS_TRAP_FAST_FAIL, 0xCD, 0x29);
    TRAPS(KS_TRAP_ASSERTION, 0xCD, 0x2C);
    TRAPS(KS_TRAP_DEBUG, 0xCD, 0x2D);
    assert_int_equal(EMULATED_RUN(&test, 0xCD, 0x80), KS_EMULATED_NOT_MINE);
}

static void what_the_processor_or_kldr_does_not_have(void **state)
{
    (void)state;
    LACKS("lgdt", 0x0F, 0x01, 0x10);
    LACKS("lidt", 0x0F, 0x01, 0x18);
    LACKS("ltr", 0x0F, 0x00, 0xD8);
    LACKS("swapgs", 0x0F, 0x01, 0xF8);
    LACKS("xsetbv", 0x0F, 0x01, 0xD1);
    TRAPS(KS_TRAP_OPCODE, 0x0F, 0x01, 0xC1);             // vmcall
    TRAPS(KS_TRAP_OPCODE, 0x0F, 0x78, 0xC0);             // vmread
    TRAPS(KS_TRAP_OPCODE, 0x66, 0x0F, 0x38, 0x82, 0x00); // invpcid
}

static void what_is_not_its_own_is_left_alone(void **state)
{
    struct ks_registers before;
    (void)state;
    GENERAL(RAX) = UINT64_C(0x8000000000000000);
    before = test.registers;
    before.rip = EMULATED_CODE;
    assert_int_equal(EMULATED_RUN(&test, 0x8B, 0x00), KS_EMULATED_NOT_MINE); // not canonical
    assert_int_equal(EMULATED_RUN(&test, 0x48, 0xCF), KS_EMULATED_NOT_MINE); // iretq
    assert_int_equal(EMULATED_RUN(&test, 0x06), KS_EMULATED_NOT_MINE);       // nothing
    test.trap = (struct ks_cpu_trap){KS_TRAP_PAGE_FAULT, 0, false};
    assert_int_equal(EMULATED_RUN(&test, 0x8B, 0x00), KS_EMULATED_NOT_MINE);
    test.trap.vector = KS_TRAP_OPCODE;
    assert_int_equal(EMULATED_RUN(&test, 0x0F, 0x0B), KS_EMULATED_NOT_MINE);
    assert_memory_equal(&test.registers, &before, sizeof before);
}

static void an_instruction_at_the_end_of_memory_is_read_no_further(void **state)
{
    (void)state;
    test.memory[EMULATED_PAGES - 1] = 0xFA; // cli
    test.registers.rip = EMULATED_MEMORY + EMULATED_PAGES - 1;
    assert_int_equal(ks_emulate(&test.machine, &test.registers, &test.trap, test.name),
                     KS_EMULATED_DONE);
    assert_int_equal(test.registers.rip, EMULATED_MEMORY + EMULATED_PAGES);
    test.memory[EMULATED_PAGES - 1] = 0x0F; // half an instruction
    test.registers.rip = EMULATED_MEMORY + EMULATED_PAGES - 1;
    assert_int_equal(ks_emulate(&test.machine, &test.registers, &test.trap, test.name),
                     KS_EMULATED_NOT_MINE);
    test.registers.rip = 0x1000; // nothing
    assert_int_equal(ks_emulate(&test.machine, &test.registers, &test.trap, test.name),
                     KS_EMULATED_NOT_MINE);
}

static void without_the_decoder_nothing_is_emulated(void **state)
{
    (void)state;
    assert_int_equal(EMULATED_RUN(&test, 0xFA), KS_EMULATED_NOT_MINE);
    assert_false(test.computer.interrupts_off);
}

#define EACH(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest lacking[] = {EACH(without_the_decoder_nothing_is_emulated)};
    const struct CMUnitTest tests[] = {
        EACH(cr8_is_the_irql),
        EACH(other_control_and_debug_registers),
        EACH(ports_by_number_and_by_dx),
        EACH(strings_of_ports),
        EACH(a_string_that_leaves_memory_faults_where_it_is),
        EACH(a_long_string_is_done_in_parts),
        EACH(writes_to_ports_have_a_limit),
        EACH(model_specific_registers),
        EACH(counters_and_cpuid),
        EACH(interrupts_and_caches),
        EACH(interrupts_by_instruction),
        EACH(what_the_processor_or_kldr_does_not_have),
        EACH(what_is_not_its_own_is_left_alone),
        EACH(an_instruction_at_the_end_of_memory_is_read_no_further),
    };
    return ks_emulate_available() ? cmocka_run_group_tests(tests, NULL, NULL)
                                  : cmocka_run_group_tests(lacking, NULL, NULL);
}
