// SPDX-License-Identifier: MIT
// The unwinder over hand-made functions: every operation, prologues and epilogues, functions in
// parts, machine frames, and data that make no sense.
#include "test.h"

#include "engine/unwind.h"

#include <string.h>

#define IMAGE UINT64_C(0x10000)
#define STACK UINT64_C(0x20000)
#define TABLE 0x100u // RVAs: function table, unwind data, code
#define DATA  0x200u
#define CODE  0x400u
#define SIZE  0x1000u

static uint8_t image[SIZE], stack[SIZE];

static bool read(void *user, uint64_t address, void *to, size_t size)
{
    (void)user;
    const uint8_t *from = NULL;
    if (address >= IMAGE && address - IMAGE <= SIZE && size <= SIZE - (address - IMAGE)) {
        from = image + (address - IMAGE);
    } else if (address >= STACK && address - STACK <= SIZE && size <= SIZE - (address - STACK)) {
        from = stack + (address - STACK);
    }
    if (from != NULL) {
        memcpy(to, from, size);
    }
    return from != NULL;
}

static const struct ks_unwind_memory memory = {NULL, read};

static void put32(uint32_t rva, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        image[rva + i] = (uint8_t)(value >> (8 * i));
    }
}

static void put_stack(uint64_t address, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        stack[address - STACK + i] = (uint8_t)(value >> (8 * i));
    }
}

static void put_function(unsigned index, uint32_t begin, uint32_t end, uint32_t data)
{
    put32(TABLE + 12 * index, begin);
    put32(TABLE + 12 * index + 4, end);
    put32(TABLE + 12 * index + 8, data);
}

static int clear(void **state)
{
    (void)state;
    memset(image, 0x90, sizeof image);
    for (unsigned i = 0; i < SIZE / 8; i++) {
        put_stack(STACK + 8 * (uint64_t)i, 0x1000 + i);
    }
    return 0;
}

static struct ks_unwind_image table(uint32_t count)
{
    return (struct ks_unwind_image){IMAGE, IMAGE + TABLE, count};
}

static struct ks_registers at(uint32_t offset)
{
    struct ks_registers registers = {.rip = IMAGE + CODE + offset};
    for (unsigned i = 0; i < KS_REGISTER_COUNT; i++) {
        registers.general[i] = 0xAA00 + i;
    }
    registers.general[KS_RSP] = STACK + 0x100;
    return registers;
}

// One function of 0x100 bytes with these data, control at an offset in it. False: refused.
static bool step(const uint8_t *data, size_t size, uint32_t offset, struct ks_registers *registers,
                 struct ks_unwind_frame *frame)
{
    struct ks_unwind_image all = table(1);
    struct ks_unwind_function function;
    memcpy(image + DATA, data, size);
    put_function(0, CODE, CODE + 0x100, DATA);
    *registers = at(offset);
    assert_true(ks_unwind_find(&memory, &all, registers->rip, &function));
    assert_int_equal(function.entry, IMAGE + TABLE);
    return ks_unwind_step(&memory, &all, &function, KS_UNWIND_EXCEPTION | KS_UNWIND_TERMINATION,
                          registers, frame);
}

static uint64_t word(uint64_t address)
{
    uint64_t value = 0;
    memcpy(&value, stack + (address - STACK), 8);
    return value;
}

// push rbx at 1, push rdi at 2, sub rsp 0x20 at 6; xmm6 and rsi saved in it.
static const uint8_t full[] = {1, 6, 7, 0, 6, 0x68, 1, 0, 6, 0x64, 2, 0, 6, 0x32, 2, 0x70, 1, 0x30};

static void the_body_of_a_function_gives_back_what_the_prologue_saved(void **state)
{
    struct ks_registers registers;
    struct ks_unwind_frame frame;
    (void)state;
    assert_true(step(full, sizeof full, 0x20, &registers, &frame));
    assert_int_equal(frame.establisher, STACK + 0x100);
    assert_int_equal(frame.handler, 0);
    assert_int_equal(registers.general[KS_RSI], word(STACK + 0x110));
    assert_int_equal(registers.general[KS_RDI], word(STACK + 0x120));
    assert_int_equal(registers.general[KS_RBX], word(STACK + 0x128));
    assert_int_equal(registers.rip, word(STACK + 0x130));
    assert_int_equal(registers.general[KS_RSP], STACK + 0x138);
    assert_memory_equal(registers.floats + KS_FLOAT_XMM + 96, stack + 0x110, 16);
    assert_int_equal(registers.general[KS_RBP], 0xAA00 + KS_RBP);
}

static void a_prologue_gives_back_what_it_has_saved_so_far(void **state)
{
    struct ks_registers registers;
    struct ks_unwind_frame frame;
    (void)state;
    assert_true(step(full, sizeof full, 0, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x100));
    assert_true(step(full, sizeof full, 2, &registers, &frame));
    assert_int_equal(registers.general[KS_RDI], word(STACK + 0x100));
    assert_int_equal(registers.general[KS_RBX], word(STACK + 0x108));
    assert_int_equal(registers.rip, word(STACK + 0x110));
}

static void large_frames_and_far_offsets_are_read(void **state)
{
    // sub rsp 0x400 in two ways; r12 at 0x300, xmm15 at 0x310.
    static const uint8_t near[] = {1,    9,    7,    0, 9, 0xC5, 0x00, 0x03, 0, 0, 9,
                                   0xF9, 0x10, 0x03, 0, 0, 9,    0x01, 0x80, 0, 0, 0};
    static const uint8_t far[] = {1, 9, 3, 0, 9, 0x11, 0x00, 0x04, 0, 0, 0, 0};
    struct ks_registers registers;
    struct ks_unwind_frame frame;
    uint8_t data[sizeof near];
    (void)state;
    memcpy(data, near, sizeof near);
    data[2] = 8;
    assert_true(step(data, sizeof data, 0x20, &registers, &frame));
    assert_int_equal(registers.general[KS_R12], word(STACK + 0x400));
    assert_memory_equal(registers.floats + KS_FLOAT_XMM + 240, stack + 0x410, 16);
    assert_int_equal(registers.rip, word(STACK + 0x500));
    assert_true(step(far, sizeof far, 0x20, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x500));
}

static void a_frame_register_finds_the_frame(void **state)
{
    // push rbp at 1, sub rsp 0x30 at 5, lea rbp, [rsp+0x20] at 10
    static const uint8_t data[] = {1, 10, 3, 0x25, 10, 0x03, 5, 0x52, 1, 0x50, 0, 0};
    struct ks_unwind_image all = table(1);
    struct ks_unwind_function function = {CODE, CODE + 0x100, DATA, IMAGE + TABLE};
    struct ks_registers registers = at(0x20);
    struct ks_unwind_frame frame;
    (void)state;
    memcpy(image + DATA, data, sizeof data);
    registers.general[KS_RSP] = STACK + 0x40; // it has allocated more since
    registers.general[KS_RBP] = STACK + 0x220;
    assert_true(ks_unwind_step(&memory, &all, &function, 0, &registers, &frame));
    assert_int_equal(frame.establisher, STACK + 0x200);
    assert_int_equal(registers.general[KS_RBP], word(STACK + 0x230));
    assert_int_equal(registers.rip, word(STACK + 0x238));
    registers = at(6); // the register has no value yet
    assert_true(ks_unwind_step(&memory, &all, &function, 0, &registers, &frame));
    assert_int_equal(frame.establisher, STACK + 0x100);
    assert_int_equal(registers.rip, word(STACK + 0x138));
}

static void an_epilogue_is_run_to_its_end(void **state)
{
    static const uint8_t add[] = {0x48, 0x83, 0xC4, 0x20, 0x5F, 0x5B, 0xC3};
    static const uint8_t jump[] = {0x5F, 0x5B, 0xFF, 0x25, 0, 0, 0, 0};
    struct ks_registers registers;
    struct ks_unwind_frame frame;
    (void)state;
    memcpy(image + CODE + 0x80, add, sizeof add);
    memcpy(image + CODE + 0xA0, jump, sizeof jump);
    assert_true(step(full, sizeof full, 0x80, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x130));
    assert_true(step(full, sizeof full, 0x84, &registers, &frame));
    assert_int_equal(registers.general[KS_RDI], word(STACK + 0x100));
    assert_int_equal(registers.rip, word(STACK + 0x110));
    assert_true(step(full, sizeof full, 0x86, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x100));
    assert_true(step(full, sizeof full, 0xA1, &registers, &frame));
    assert_int_equal(registers.general[KS_RBX], word(STACK + 0x100));
    assert_int_equal(registers.rip, word(STACK + 0x108));
    image[CODE + 0x86] = 0x90; // what looks like one and is not
    assert_true(step(full, sizeof full, 0x84, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x130));
}

static void version_2_says_where_the_epilogues_are(void **state)
{
    // Of 7 bytes; one ends the function, one begins 0x80 before its end.
    static const uint8_t data[] = {2, 1, 3, 0, 7, 0x16, 0x80, 0x06, 1, 0x30, 0, 0};
    struct ks_registers registers;
    struct ks_unwind_frame frame;
    (void)state;
    image[CODE + 0x83] = 0xC3;
    image[CODE + 0xFF] = 0xC3;
    image[CODE + 0x60] = 0xC3;
    assert_true(step(data, sizeof data, 0x83, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x100));
    assert_true(step(data, sizeof data, 0xFF, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x100));
    assert_true(step(data, sizeof data, 0x60, &registers, &frame)); // not one of them
    assert_int_equal(registers.rip, word(STACK + 0x108));
}

static void a_handler_is_told_outside_of_prologues(void **state)
{
    static const uint8_t data[] = {1 | 3 << 3, 1, 1, 0, 1, 0x30, 0, 0, 0x40, 5, 0, 0, 42};
    struct ks_registers registers;
    struct ks_unwind_frame frame;
    (void)state;
    assert_true(step(data, sizeof data, 0x20, &registers, &frame));
    assert_int_equal(frame.handler, IMAGE + 0x540);
    assert_int_equal(frame.handler_data, IMAGE + DATA + 12);
    assert_true(step(data, sizeof data, 0, &registers, &frame));
    assert_int_equal(frame.handler, 0);
}

static void a_part_goes_on_in_the_frame_of_the_first(void **state)
{
    struct ks_unwind_image all = table(2);
    struct ks_unwind_function function;
    struct ks_registers registers = at(0x240);
    struct ks_unwind_frame frame;
    uint8_t part[] = {1 | 4 << 3, 0, 0, 0};
    (void)state;
    memcpy(image + DATA, full, sizeof full);
    memcpy(image + DATA + 0x40, part, sizeof part);
    put_function(0, CODE, CODE + 0x100, DATA);
    put_function(1, CODE + 0x200, CODE + 0x280, DATA + 0x40);
    memcpy(image + DATA + 0x44, image + TABLE, 12);
    assert_true(ks_unwind_find(&memory, &all, registers.rip, &function));
    assert_true(ks_unwind_step(&memory, &all, &function, 0, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x130));
    // jmp back into the first part: no epilogue
    image[CODE + 0x250] = 0xE9;
    put32(CODE + 0x251, (uint32_t)(0x20 - 0x255));
    registers = at(0x250);
    assert_true(ks_unwind_step(&memory, &all, &function, 0, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x130));
    put32(CODE + 0x251, 0x200); // and one to somewhere else: it is
    registers = at(0x250);
    assert_true(ks_unwind_step(&memory, &all, &function, 0, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x100));
}

static void a_machine_frame_gives_stack_and_address(void **state)
{
    static const uint8_t plain[] = {1, 0, 1, 0, 0, 0x0A, 0, 0};
    static const uint8_t error[] = {1, 0, 1, 0, 0, 0x1A, 0, 0};
    struct ks_registers registers;
    struct ks_unwind_frame frame;
    (void)state;
    assert_true(step(plain, sizeof plain, 0, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x100));
    assert_int_equal(registers.general[KS_RSP], word(STACK + 0x118));
    assert_true(step(error, sizeof error, 0, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x108));
    assert_int_equal(registers.general[KS_RSP], word(STACK + 0x120));
}

static void a_leaf_has_only_its_return_address(void **state)
{
    struct ks_unwind_image all = table(0);
    struct ks_unwind_function function;
    struct ks_registers registers = at(0);
    struct ks_unwind_frame frame;
    (void)state;
    assert_false(ks_unwind_find(&memory, &all, registers.rip, &function));
    assert_true(ks_unwind_step(&memory, &all, NULL, 0, &registers, &frame));
    assert_int_equal(registers.rip, word(STACK + 0x100));
    registers.general[KS_RSP] = STACK + SIZE - 4;
    assert_false(ks_unwind_step(&memory, &all, NULL, 0, &registers, &frame));
}

static void an_entry_may_refer_to_another(void **state)
{
    struct ks_unwind_image all = table(2);
    struct ks_unwind_function function;
    (void)state;
    put_function(0, CODE, CODE + 0x100, DATA);
    put_function(1, CODE + 0x200, CODE + 0x280, (TABLE + 0) | 1);
    assert_true(ks_unwind_find(&memory, &all, IMAGE + CODE + 0x210, &function));
    assert_int_equal(function.data, DATA);
    put_function(1, CODE + 0x200, CODE + 0x280, (TABLE + 12) | 1); // to itself
    assert_false(ks_unwind_find(&memory, &all, IMAGE + CODE + 0x210, &function));
    assert_false(ks_unwind_find(&memory, &all, IMAGE + CODE + 0x180, &function));
}

static void data_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        uint8_t bytes[12];
        const char *why;
    } cases[] = {
        {{3, 0, 0, 0}, "a version that there is not"},
        {{1, 0, 1, 0, 0, 0x01}, "an operand behind the last code"},
        {{1, 0, 1, 0, 0, 0x0C}, "an operation that there is not"},
        {{1, 0, 2, 0, 0, 0x21}, "a size in no known form"},
        {{1, 0, 3, 0, 0, 0x11, 0xFF, 0xFF, 0xFF, 0x7F}, "a frame out of memory"},
        {{1 | 4 << 3, 0, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0}, "a chain without end"},
    };
    struct ks_registers registers, before = at(0x20);
    struct ks_unwind_frame frame;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put32(DATA + 12, DATA); // the chain leads to itself
        if (step(cases[i].bytes, sizeof cases[i].bytes, 0x20, &registers, &frame)) {
            fail_msg("accepted: %s", cases[i].why);
        }
        assert_memory_equal(&registers, &before, sizeof before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_body_of_a_function_gives_back_what_the_prologue_saved, clear),
        cmocka_unit_test_setup(a_prologue_gives_back_what_it_has_saved_so_far, clear),
        cmocka_unit_test_setup(large_frames_and_far_offsets_are_read, clear),
        cmocka_unit_test_setup(a_frame_register_finds_the_frame, clear),
        cmocka_unit_test_setup(an_epilogue_is_run_to_its_end, clear),
        cmocka_unit_test_setup(version_2_says_where_the_epilogues_are, clear),
        cmocka_unit_test_setup(a_handler_is_told_outside_of_prologues, clear),
        cmocka_unit_test_setup(a_part_goes_on_in_the_frame_of_the_first, clear),
        cmocka_unit_test_setup(a_machine_frame_gives_stack_and_address, clear),
        cmocka_unit_test_setup(a_leaf_has_only_its_return_address, clear),
        cmocka_unit_test_setup(an_entry_may_refer_to_another, clear),
        cmocka_unit_test_setup(data_that_make_no_sense_are_refused, clear),
    };
    return cmocka_run_group_tests_name("unwind", tests, NULL, NULL);
}
