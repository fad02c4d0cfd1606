// SPDX-License-Identifier: MIT
// Worlds that run code: how many there may be, what they leave of the process, what a result is.
// The code is machine code given to the image builder, so no toolchain is needed.
#define _XOPEN_SOURCE 700

#include "engine/guest.h"
#include "test.h"

#include <kldr/kldr.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static struct kldr_world *make_world(enum kldr_machine machine, kldr_status wanted)
{
    struct kldr_world_options options = {.machine = machine, .cpu = KLDR_CPU_NATIVE};
    struct kldr_world *world = NULL;
    struct kldr_error error;
    kldr_policy_init(&options.policy, KLDR_PROFILE_NT52);
    assert_int_equal(kldr_world_create(&options, &world, &error), wanted);
    return world;
}

static void code_for_another_machine_is_refused(void **state)
{
    (void)state;
    make_world(KLDR_MACHINE_ARM64, KLDR_ERROR_CPU_UNAVAILABLE);
    make_world(KLDR_MACHINE_X86, KLDR_ERROR_CPU_UNAVAILABLE);
}

#if KS_NATIVE
// Puts an image on the disk that exports Run with this code.
static void add_code(struct kldr_world *world, const uint8_t *bytes, uint32_t size)
{
    static const struct kldr_build_export exports[] = {{.name = "Run"}};
    struct kldr_build_code code[] = {{.routine = "Run", .bytes = bytes, .size = size}};
    const struct kldr_build_description description = {
        .name = "code.sys", .exports = exports, .export_count = 1, .code = code, .code_count = 1};
    struct kldr_built_image built;
    assert_int_equal(kldr_image_build(kldr_allocator_default(), &description, &built, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_world_add_image(world, "code.sys", built.bytes, built.size),
                     KLDR_STATUS_SUCCESS);
    kldr_built_image_free(kldr_allocator_default(), &built);
    assert_int_equal(kldr_world_load_image(world, "code.sys", NULL), KLDR_STATUS_SUCCESS);
}

static void one_world_at_a_time_runs_code(void **state)
{
    (void)state;
    struct kldr_world *first = make_world(KLDR_MACHINE_X64, KLDR_STATUS_SUCCESS);
    make_world(KLDR_MACHINE_X64, KLDR_ERROR_BUSY);
    kldr_world_destroy(first);
    kldr_world_destroy(make_world(KLDR_MACHINE_X64, KLDR_STATUS_SUCCESS));
}

static void a_routine_gets_its_arguments_and_gives_its_result(void **state)
{
    // lea rax, [rcx+rdx]; add rax, [rsp+0x28]; ret
    static const uint8_t code[] = {0x48, 0x8d, 0x04, 0x11, 0x48, 0x03, 0x44, 0x24, 0x28, 0xc3};
    const uint64_t arguments[] = {1, 20, 0, 0, 300};
    uint64_t result = 0;
    (void)state;
    struct kldr_world *world = make_world(KLDR_MACHINE_X64, KLDR_STATUS_SUCCESS);
    add_code(world, code, sizeof code);
    assert_int_equal(kldr_world_call(world, "code.sys", "Run", arguments, 5, &result, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(result, 321);
    kldr_world_destroy(world);
}

static void on_signal(int number)
{
    (void)number;
}

static void a_fault_stops_the_system_and_leaves_the_process_alone(void **state)
{
    static const uint8_t code[] = {0x31, 0xc0, 0x8b, 0x00, 0xc3}; // xor eax, eax; mov eax, [rax]
    struct sigaction mine = {.sa_handler = on_signal}, found;
    struct kldr_bugcheck bugcheck;
    (void)state;
    assert_int_equal(sigaction(SIGSEGV, &mine, &found), 0);
    struct sigaction before = found;
    struct kldr_world *world = make_world(KLDR_MACHINE_X64, KLDR_STATUS_SUCCESS);
    add_code(world, code, sizeof code);
    assert_int_equal(kldr_world_call(world, "code.sys", "Run", NULL, 0, NULL, NULL),
                     KLDR_ERROR_STOPPED);
    assert_true(kldr_world_bugcheck(world, &bugcheck));
    assert_int_equal(bugcheck.code, 0x7E);
    assert_int_equal(bugcheck.parameters[0], 0xC0000005);
    assert_string_equal(bugcheck.module, "code.sys");
    // The address that people see, not the host's.
    assert_int_equal(bugcheck.parameters[1] >> 32, 0xfffff800);
    assert_int_equal(bugcheck.parameters[1] & 0xfff, bugcheck.offset & 0xfff);
    assert_int_equal(sigaction(SIGSEGV, &before, &found), 0);
    assert_true(found.sa_handler == on_signal);
    kldr_world_destroy(world);
}

static void code_that_does_not_end_is_ended(void **state)
{
    static const uint8_t code[] = {0xeb, 0xfe};
    struct kldr_world_options options = {.machine = KLDR_MACHINE_X64, .cpu = KLDR_CPU_NATIVE};
    struct kldr_world *world = NULL;
    (void)state;
    kldr_policy_init(&options.policy, KLDR_PROFILE_NT52);
    options.limits.seconds = 1;
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    add_code(world, code, sizeof code);
    assert_int_equal(kldr_world_call(world, "code.sys", "Run", NULL, 0, NULL, NULL),
                     KLDR_ERROR_LIMIT);
    assert_false(kldr_world_bugcheck(world, NULL));
    kldr_world_destroy(world);
}

static void a_call_restores_what_code_spoils(void **state)
{
    // std; mov rbx, rbp, rdi, rsi, r12 to r15 = 0; ret
    static const uint8_t code[] = {0xfd, 0x31, 0xdb, 0x31, 0xed, 0x31, 0xff, 0x31,
                                   0xf6, 0x45, 0x31, 0xe4, 0x45, 0x31, 0xed, 0x45,
                                   0x31, 0xf6, 0x45, 0x31, 0xff, 0xc3};
    char from[32] = "copied from here", to[32] = "";
    (void)state;
    struct kldr_world *world = make_world(KLDR_MACHINE_X64, KLDR_STATUS_SUCCESS);
    add_code(world, code, sizeof code);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kldr_world_call(world, "code.sys", "Run", NULL, 0, NULL, NULL),
                         KLDR_STATUS_SUCCESS);
        memcpy(to, from, sizeof to);
        assert_string_equal(to, from);
    }
    kldr_world_destroy(world);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_for_another_machine_is_refused),
#if KS_NATIVE
        cmocka_unit_test(one_world_at_a_time_runs_code),
        cmocka_unit_test(a_routine_gets_its_arguments_and_gives_its_result),
        cmocka_unit_test(a_fault_stops_the_system_and_leaves_the_process_alone),
        cmocka_unit_test(code_that_does_not_end_is_ended),
        cmocka_unit_test(a_call_restores_what_code_spoils),
#endif
    };
    return cmocka_run_group_tests_name("native", tests, NULL, NULL);
}
