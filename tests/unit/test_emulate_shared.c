// SPDX-License-Identifier: MIT
// Instructions that read the page which the kernel shares. Each is compared with itself: executed
// by the host's CPU as it stands, on ordinary memory of the same content.
#include "emulated.h"
#include "engine/emulate_execute.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS    400
#define SOME_TIME UINT64_C(134116992000000000) // 2026

static struct emulated test;

static int set_up(void **state)
{
    (void)state;
    emulated_init(&test);
    ks_computer_set_time(&test.computer, 0, SOME_TIME);
    test.trap = (struct ks_cpu_trap){KS_TRAP_PAGE_FAULT, KS_SHARED_DATA_ADDRESS, false};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    emulated_fini(&test);
    return 0;
}

#define GENERAL(name) test.registers.general[KS_##name]

static enum ks_emulated read_at(uint64_t offset, const uint8_t *bytes, size_t size)
{
    test.trap = (struct ks_cpu_trap){KS_TRAP_PAGE_FAULT, KS_SHARED_DATA_ADDRESS + offset, false};
    return emulated_run(&test, bytes, size);
}

#define READ_AT(offset, ...)                                                                       \
    read_at((offset), (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

// ---- single ones ----

static void the_address_may_be_in_the_instruction(void **state)
{
    (void)state;
    GENERAL(RAX) = UINT64_MAX;
    // mov eax, [FFFFF7800000026Ch], as compilers write it
    assert_int_equal(READ_AT(0x26C, 0xA1, 0x6C, 0x02, 0, 0, 0x80, 0xF7, 0xFF, 0xFF),
                     KS_EMULATED_DONE);
    assert_int_equal(GENERAL(RAX), 10);
    assert_int_equal(test.registers.rip, EMULATED_CODE + 9);
    assert_int_equal(READ_AT(0x014, 0x48, 0xA1, 0x14, 0, 0, 0, 0x80, 0xF7, 0xFF, 0xFF),
                     KS_EMULATED_DONE);
    assert_int_equal(GENERAL(RAX), SOME_TIME);
    GENERAL(RAX) = UINT64_MAX;
    assert_int_equal(READ_AT(0x26C, 0xA0, 0x6C, 0x02, 0, 0, 0x80, 0xF7, 0xFF, 0xFF),
                     KS_EMULATED_DONE);
    assert_int_equal(GENERAL(RAX), 0xFFFFFFFFFFFFFF0A);
    assert_int_equal(test.looks, 3);
}

static void the_register_of_the_address_may_be_the_target(void **state)
{
    (void)state;
    GENERAL(RAX) = KS_SHARED_DATA_ADDRESS;
    assert_int_equal(READ_AT(0x260, 0x8B, 0x80, 0x60, 0x02, 0, 0), KS_EMULATED_DONE);
    assert_int_equal(GENERAL(RAX), 19041); // mov eax, [rax+260h]
    GENERAL(RCX) = KS_SHARED_DATA_ADDRESS;
    // movzx ecx, word [rcx+260h]
    assert_int_equal(READ_AT(0x260, 0x0F, 0xB7, 0x89, 0x60, 0x02, 0, 0), KS_EMULATED_DONE);
    assert_int_equal(GENERAL(RCX), 19041);
    GENERAL(RBX) = KS_SHARED_DATA_ADDRESS;
    assert_int_equal(READ_AT(0, 0x48, 0x03, 0x1B), KS_EMULATED_DONE); // add rbx, [rbx]
    assert_int_equal(GENERAL(RBX), KS_SHARED_DATA_ADDRESS + (UINT64_C(0x0FA00000) << 32));
    test.registers.gs_base = KS_SHARED_DATA_ADDRESS;
    GENERAL(RDX) = 0x26C;
    assert_int_equal(READ_AT(0x26C, 0x65, 0x67, 0x8B, 0x12), KS_EMULATED_DONE);
    assert_int_equal(GENERAL(RDX), 10); // mov edx, gs:[edx]
}

static void vectors_and_floats_are_loaded(void **state)
{
    (void)state;
    uint8_t *xmm9 = test.registers.floats + KS_FLOAT_XMM + 16 * 9;
    GENERAL(RAX) = KS_SHARED_DATA_ADDRESS;
    // movups xmm9, [rax+30h]
    assert_int_equal(READ_AT(0x30, 0x44, 0x0F, 0x10, 0x48, 0x30), KS_EMULATED_DONE);
    assert_memory_equal(xmm9, "C\0:\0\\\0W\0i\0n\0d\0o\0", 16);
    // cvtsi2sd xmm9, dword [rax+26Ch]; the CPU's exceptions stay as they were
    assert_int_equal(READ_AT(0x26C, 0xF2, 0x44, 0x0F, 0x2A, 0x88, 0x6C, 0x02, 0, 0),
                     KS_EMULATED_DONE);
    assert_memory_equal(xmm9, "\0\0\0\0\0\0\x24\x40", 8);
    assert_int_equal(READ_AT(0x26C, 0xDB, 0x80, 0x6C, 0x02, 0, 0), KS_EMULATED_DONE); // fild
    assert_int_equal(test.registers.floats[4], 0x80); // one register of eight is in use
    assert_memory_equal(test.registers.floats + 32, "\0\0\0\0\0\0\0\xA0\x02\x40", 10);
    assert_int_equal(test.registers.floats[KS_FLOAT_MXCSR], 0x80);
}

static void what_cannot_be_executed_elsewhere_is_lacking(void **state)
{
    (void)state;
    GENERAL(RAX) = KS_SHARED_DATA_ADDRESS;
    assert_int_equal(READ_AT(0, 0xFF, 0x30), KS_EMULATED_LACKING); // push qword [rax]
    assert_string_equal(test.name, "push");
    assert_int_equal(READ_AT(0, 0xFF, 0x10), KS_EMULATED_LACKING);       // call [rax]
    assert_int_equal(READ_AT(0, 0x48, 0x8B, 0x20), KS_EMULATED_LACKING); // mov rsp, [rax]
    assert_int_equal(READ_AT(0, 0x40, 0x8A, 0x20), KS_EMULATED_LACKING); // mov spl, [rax]
    assert_int_equal(READ_AT(0, 0x0F, 0xA3, 0x08), KS_EMULATED_LACKING); // bt [rax], ecx
    assert_int_equal(READ_AT(0, 0x0F, 0xAE, 0x10), KS_EMULATED_LACKING); // ldmxcsr [rax]
    assert_int_equal(READ_AT(0, 0xD9, 0x28), KS_EMULATED_LACKING);       // fldcw [rax]
    assert_int_equal(READ_AT(0, 0x8E, 0x18), KS_EMULATED_LACKING);       // mov ds, [rax]
    assert_int_equal(READ_AT(0, 0xF7, 0x30), KS_EMULATED_LACKING);       // div dword [rax]
    // vmovups ymm0, [rax]
    assert_int_equal(READ_AT(0, 0xC5, 0xFC, 0x10, 0x00), KS_EMULATED_LACKING);
}

static void writes_and_reads_over_the_end_are_faults(void **state)
{
    (void)state;
    GENERAL(RAX) = KS_SHARED_DATA_ADDRESS;
    struct ks_registers before = test.registers;
    before.rip = EMULATED_CODE;
    assert_int_equal(READ_AT(0, 0x89, 0x08), KS_EMULATED_NOT_MINE);          // mov [rax], ecx
    assert_int_equal(READ_AT(0, 0x01, 0x08), KS_EMULATED_NOT_MINE);          // add [rax], ecx
    assert_int_equal(READ_AT(0, 0xF0, 0xFF, 0x00), KS_EMULATED_NOT_MINE);    // lock inc
    assert_int_equal(READ_AT(0, 0x0F, 0xBA, 0x28, 1), KS_EMULATED_NOT_MINE); // bts
    assert_memory_equal(&test.registers, &before, sizeof before);
    GENERAL(RAX) += 0xFFE;
    assert_int_equal(READ_AT(0xFFE, 0x8B, 0x08), KS_EMULATED_NOT_MINE);
    assert_int_equal(READ_AT(0xFFE, 0x66, 0x8B, 0x08), KS_EMULATED_DONE);
}

static void strings_are_copied_loaded_and_compared(void **state)
{
    (void)state;
    GENERAL(RSI) = KS_SHARED_DATA_ADDRESS + 0x30;
    GENERAL(RDI) = EMULATED_MEMORY;
    GENERAL(RCX) = 11;
    assert_int_equal(READ_AT(0x30, 0xF3, 0x66, 0xA5), KS_EMULATED_DONE); // rep movsw
    assert_memory_equal(test.memory, "C\0:\0\\\0W\0i\0n\0d\0o\0w\0s\0\0\0", 22);
    assert_int_equal(GENERAL(RSI), KS_SHARED_DATA_ADDRESS + 0x30 + 22);
    GENERAL(RSI) = KS_SHARED_DATA_ADDRESS + 0x30;
    GENERAL(RDI) = EMULATED_MEMORY;
    GENERAL(RCX) = 100;
    test.memory[8] = 'I';
    assert_int_equal(READ_AT(0x30, 0xF3, 0xA6), KS_EMULATED_DONE); // repe cmpsb: i and I
    assert_int_equal(GENERAL(RCX), 91);
    assert_int_equal(test.registers.rflags & 0x8D5, 0);
    GENERAL(RAX) = 0;
    GENERAL(RDI) = KS_SHARED_DATA_ADDRESS + 0x30;
    GENERAL(RCX) = 100;
    assert_int_equal(READ_AT(0x30, 0xF2, 0x66, 0xAF), KS_EMULATED_DONE); // repne scasw
    assert_int_equal(GENERAL(RCX), 89);
    assert_int_equal(test.registers.rflags & 0x8D5, KS_FLAG_ZERO | KS_FLAG_PARITY);
    GENERAL(RSI) = KS_SHARED_DATA_ADDRESS + 0x260;
    assert_int_equal(READ_AT(0x260, 0x48, 0xAD), KS_EMULATED_DONE); // lodsq
    assert_int_equal(GENERAL(RAX), 19041 + (UINT64_C(1) << 32));
    GENERAL(RDI) = KS_SHARED_DATA_ADDRESS;
    assert_int_equal(READ_AT(0, 0xA4), KS_EMULATED_TRAP); // movsb to it
    assert_true(test.trap.write);
    assert_int_equal(test.trap.address, KS_SHARED_DATA_ADDRESS);
}

// ---- comparison ----

static uint64_t seed = 1;

static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * UINT64_C(0x2545F4914F6CDD1D);
}

static uint64_t draw_below(uint64_t end)
{
    return (draw() >> 20) % end;
}

// One with an operand in memory that it reads. digit: of an opcode with no register of its own.
struct form {
    uint8_t prefix, opcode[3], opcode_size;
    int8_t digit;
    uint8_t immediate_size; // 4 is 2 with an operand of 16 bits
    bool has_width;         // REX.W and 66 change the operand's size
};

#define NO_DIGIT (-1)

static const struct form forms[] = {
    {0, {0x8A}, 1, NO_DIGIT, 0, false},                // mov
    {0, {0x8B}, 1, NO_DIGIT, 0, true},                 //
    {0, {0x0F, 0xB6}, 2, NO_DIGIT, 0, true},           // movzx
    {0, {0x0F, 0xB7}, 2, NO_DIGIT, 0, true},           //
    {0, {0x0F, 0xBE}, 2, NO_DIGIT, 0, true},           // movsx
    {0, {0x0F, 0xBF}, 2, NO_DIGIT, 0, true},           //
    {0, {0x63}, 1, NO_DIGIT, 0, true},                 // movsxd
    {0, {0x02}, 1, NO_DIGIT, 0, false},                // add
    {0, {0x03}, 1, NO_DIGIT, 0, true},                 //
    {0, {0x0B}, 1, NO_DIGIT, 0, true},                 // or
    {0, {0x13}, 1, NO_DIGIT, 0, true},                 // adc
    {0, {0x1B}, 1, NO_DIGIT, 0, true},                 // sbb
    {0, {0x22}, 1, NO_DIGIT, 0, false},                // and
    {0, {0x23}, 1, NO_DIGIT, 0, true},                 //
    {0, {0x2B}, 1, NO_DIGIT, 0, true},                 // sub
    {0, {0x33}, 1, NO_DIGIT, 0, true},                 // xor
    {0, {0x3A}, 1, NO_DIGIT, 0, false},                // cmp
    {0, {0x3B}, 1, NO_DIGIT, 0, true},                 //
    {0, {0x38}, 1, NO_DIGIT, 0, false},                // cmp, the other way round
    {0, {0x39}, 1, NO_DIGIT, 0, true},                 //
    {0, {0x80}, 1, 7, 1, false},                       // cmp with a number
    {0, {0x81}, 1, 7, 4, true},                        //
    {0, {0x83}, 1, 7, 1, true},                        //
    {0, {0x84}, 1, NO_DIGIT, 0, false},                // test
    {0, {0x85}, 1, NO_DIGIT, 0, true},                 //
    {0, {0xF6}, 1, 0, 1, false},                       //
    {0, {0xF7}, 1, 0, 4, true},                        //
    {0, {0x0F, 0xAF}, 2, NO_DIGIT, 0, true},           // imul
    {0, {0x69}, 1, NO_DIGIT, 4, true},                 //
    {0, {0x6B}, 1, NO_DIGIT, 1, true},                 //
    {0, {0xF7}, 1, 4, 0, true},                        // mul
    {0, {0xF7}, 1, 5, 0, true},                        // imul
    {0, {0x0F, 0xBA}, 2, 4, 1, true},                  // bt
    {0, {0x0F, 0x42}, 2, NO_DIGIT, 0, true},           // cmovb
    {0, {0x0F, 0x45}, 2, NO_DIGIT, 0, true},           // cmovne
    {0, {0x0F, 0x4F}, 2, NO_DIGIT, 0, true},           // cmovg
    {0x66, {0x0F, 0x38, 0x30}, 3, NO_DIGIT, 0, false}, // pmovzxbw
    {0xF3, {0x0F, 0xB8}, 2, NO_DIGIT, 0, true},        // popcnt
    {0, {0x0F, 0x10}, 2, NO_DIGIT, 0, false},          // movups
    {0xF3, {0x0F, 0x6F}, 2, NO_DIGIT, 0, false},       // movdqu
    {0x66, {0x0F, 0x6E}, 2, NO_DIGIT, 0, false},       // movd
    {0xF3, {0x0F, 0x7E}, 2, NO_DIGIT, 0, false},       // movq
    {0xF3, {0x0F, 0x10}, 2, NO_DIGIT, 0, false},       // movss
    {0xF2, {0x0F, 0x58}, 2, NO_DIGIT, 0, false},       // addsd
    {0x66, {0x0F, 0x2E}, 2, NO_DIGIT, 0, false},       // ucomisd
    {0x66, {0x0F, 0xC4}, 2, NO_DIGIT, 1, false},       // pinsrw
};

// None of the base's and of the index's is one that an instruction changes.
static const uint8_t bases[] = {3, 5, 6, 7, 8, 9, 10, 11}, indexes[] = {12, 13, 14, 15};
static const uint8_t targets[] = {0, 1, 2};

struct drawn {
    uint8_t bytes[20], size, base, index, scale;
    int32_t displacement;
};

static void put(struct drawn *drawn, uint8_t byte)
{
    drawn->bytes[drawn->size++] = byte;
}

static void put_numbers(struct drawn *drawn, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        put(drawn, (uint8_t)draw());
    }
}

static void draw_address(struct drawn *drawn)
{
    drawn->base = bases[draw_below(sizeof bases)];
    drawn->index = draw_below(2) == 0 ? indexes[draw_below(sizeof indexes)] : 4;
    drawn->scale = (uint8_t)draw_below(4);
    drawn->displacement = draw_below(2) == 0 ? (int8_t)draw() : (int32_t)draw();
}

static void put_address(struct drawn *drawn, uint8_t reg)
{
    bool is_short = drawn->displacement == (int8_t)drawn->displacement, has_sib = drawn->index != 4;
    put(drawn, (uint8_t)((is_short ? 0x40 : 0x80) | reg << 3 | (has_sib ? 4 : drawn->base & 7)));
    if (has_sib) {
        put(drawn, (uint8_t)(drawn->scale << 6 | (drawn->index & 7) << 3 | (drawn->base & 7)));
    }
    for (unsigned i = 0; i < (is_short ? 1u : 4u); i++) {
        put(drawn, (uint8_t)((uint32_t)drawn->displacement >> (8 * i)));
    }
}

static void draw_instruction(const struct form *form, struct drawn *drawn)
{
    bool is_wide = form->has_width && draw_below(2) == 0;
    bool is_word = form->has_width && !is_wide && draw_below(2) == 0;
    *drawn = (struct drawn){.size = 0};
    draw_address(drawn);
    if (is_word) {
        put(drawn, 0x66);
    }
    if (form->prefix != 0) {
        put(drawn, form->prefix);
    }
    uint8_t rex = (uint8_t)(0x40 | (is_wide ? 8 : 0) | (drawn->index >= 8 ? 2 : 0) |
                            (drawn->base >= 8 ? 1 : 0));
    if (rex != 0x40 || draw_below(2) == 0) {
        put(drawn, rex);
    }
    for (unsigned i = 0; i < form->opcode_size; i++) {
        put(drawn, form->opcode[i]);
    }
    put_address(drawn, form->digit >= 0 ? (uint8_t)form->digit : targets[draw_below(3)]);
    put_numbers(drawn, form->immediate_size == 4 && is_word ? 2 : form->immediate_size);
}

static void draw_registers(const struct drawn *drawn, uint64_t address)
{
    for (unsigned i = 0; i < KS_REGISTER_COUNT; i++) {
        test.registers.general[i] = draw_below(4) == 0 ? (uint64_t)(int8_t)draw() : draw();
    }
    test.registers.rflags = (draw() & 0x8D5) | KS_FLAG_INTERRUPT | 2;
    for (unsigned i = 0; i < 256; i++) {
        test.registers.floats[KS_FLOAT_XMM + i] = (uint8_t)draw();
    }
    uint64_t rest = (uint64_t)(int64_t)drawn->displacement;
    if (drawn->index != 4) {
        rest += test.registers.general[drawn->index] << drawn->scale;
    }
    test.registers.general[drawn->base] = address - rest;
}

static void compare_one(const struct form *form)
{
    static uint8_t content[KS_SHARED_DATA_SIZE];
    struct drawn drawn;
    struct ks_emulate_arena arena;
    uint64_t offset = draw_below(KS_SHARED_DATA_SIZE - 16);
    uint64_t distance = (uint64_t)(uintptr_t)content - KS_SHARED_DATA_ADDRESS;
    assert_true(ks_emulate_arena_get(&arena));
    memcpy(content, test.computer.shared, sizeof content);
    draw_instruction(form, &drawn);
    draw_registers(&drawn, KS_SHARED_DATA_ADDRESS + offset);
    struct ks_registers expected = test.registers;
    expected.general[drawn.base] += distance;
    ks_emulate_execute(&arena, &expected, drawn.bytes, drawn.size);
    expected.general[drawn.base] -= distance;
    expected.rip = EMULATED_CODE + drawn.size;
    assert_int_equal(read_at(offset, drawn.bytes, drawn.size), KS_EMULATED_DONE);
    assert_memory_equal(test.registers.general, expected.general, sizeof expected.general);
    assert_int_equal(test.registers.rip, expected.rip);
    assert_int_equal(test.registers.rflags, expected.rflags);
    assert_memory_equal(test.registers.floats, expected.floats, sizeof expected.floats);
}

static void every_form_does_what_the_cpu_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof test.computer.shared; i++) {
        test.computer.shared[i] = (uint8_t)draw();
    }
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        for (unsigned round = 0; round < ROUNDS; round++) {
            compare_one(&forms[i]);
        }
    }
}

// cmpsb and its kin are not executed but computed: the flags of cmp are the measure.
static void flags_of_compared_strings_are_those_of_cmp(void **state)
{
    static const struct {
        uint8_t cmp[3], string[2], cmp_size, string_size, size;
    } widths[] = {
        {{0x38, 0xD0}, {0xAE}, 2, 1, 1},
        {{0x66, 0x39, 0xD0}, {0x66, 0xAF}, 3, 2, 2},
        {{0x39, 0xD0}, {0xAF}, 2, 1, 4},
        {{0x48, 0x39, 0xD0}, {0x48, 0xAF}, 3, 2, 8},
    };
    struct ks_emulate_arena arena;
    (void)state;
    assert_true(ks_emulate_arena_get(&arena));
    for (unsigned i = 0; i < ROUNDS * 4; i++) {
        struct ks_registers expected = test.registers;
        uint64_t right = draw_below(4) == 0 ? (uint64_t)(int8_t)draw() : draw();
        expected.general[KS_RAX] = draw_below(4) == 0 ? right ^ (1u << (i % 8)) : draw();
        expected.general[KS_RDX] = right;
        GENERAL(RAX) = expected.general[KS_RAX];
        GENERAL(RDI) = KS_SHARED_DATA_ADDRESS;
        memcpy(test.computer.shared, &right, sizeof right);
        ks_emulate_execute(&arena, &expected, widths[i % 4].cmp, widths[i % 4].cmp_size);
        assert_int_equal(read_at(0, widths[i % 4].string, widths[i % 4].string_size),
                         KS_EMULATED_DONE);
        assert_int_equal(test.registers.rflags, expected.rflags);
        assert_int_equal(GENERAL(RDI), KS_SHARED_DATA_ADDRESS + widths[i % 4].size);
    }
}

#define EACH(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_address_may_be_in_the_instruction),
        EACH(the_register_of_the_address_may_be_the_target),
        EACH(vectors_and_floats_are_loaded),
        EACH(what_cannot_be_executed_elsewhere_is_lacking),
        EACH(writes_and_reads_over_the_end_are_faults),
        EACH(strings_are_copied_loaded_and_compared),
        EACH(every_form_does_what_the_cpu_does),
        EACH(flags_of_compared_strings_are_those_of_cmp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
