// SPDX-License-Identifier: MIT
#include "loader_fixture.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOTH  "F DllInitialize DllUnload"
#define UPPER "\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\"
#define MIXED "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\"

static const enum kldr_profile kernels[] = {KLDR_PROFILE_NT52, KLDR_PROFILE_NT62, KLDR_PROFILE_24H2,
                                            KLDR_PROFILE_REACTOS};

static int set_up(void **state)
{
    *state = fixture_open(KLDR_PROFILE_24H2);
    return 0;
}

static int tear_down(void **state)
{
    fixture_check(*state);
    fixture_destroy(*state);
    return 0;
}

static void run(struct fixture *fixture, const char *commands)
{
    assert_int_equal(fixture_run(fixture, commands), KLDR_STATUS_SUCCESS);
}

// ---- N1 to N3, N12, N14: when ----

static void only_an_import_that_loads_an_image_initializes_it(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", BOTH, "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "a.sys:F b.sys:F");
    run(fixture, "load a.sys; load_image c.sys");
    assert_string_equal(fixture_events(fixture, "call"),
                        "call.begin b.sys!DllInitialize =" UPPER "b");
    assert_true(fixture_module(fixture, "b.sys").initialized);
    assert_false(fixture_module(fixture, "a.sys").initialized);
}

static void without_dllinitialize_the_load_goes_on_and_counts(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F");
    fixture_image(fixture, "b.sys", "F DllUnload _DllInitialize@4 dllinitialize", "");
    fixture_image(fixture, "c.sys", "F DllUnload DllInitialize=b.F", "");
    run(fixture, "load a.sys; unload a.sys");
    assert_string_equal(fixture_events(fixture, "call"),
                        "call.begin b.sys!DllUnload; call.begin c.sys!DllUnload");
    assert_string_equal(fixture_modules(fixture), "");
}

static void a_resident_dll_is_not_initialized_again_but_a_reloaded_one_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kernels); i++) {
        struct fixture *fixture = fixture_open(kernels[i]);
        fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F");
        fixture_image(fixture, "b.sys", "F DllInitialize", "");
        fixture_image(fixture, "c.sys", BOTH, "");
        run(fixture, "load a.sys; unload a.sys; load a.sys; unload a.sys");
        assert_string_equal(fixture_events(fixture, "call"),
                            kernels[i] == KLDR_PROFILE_REACTOS
                                ? "call.begin b.sys!DllInitialize =" MIXED "b; "
                                  "call.begin c.sys!DllInitialize =" MIXED "c; "
                                  "call.begin c.sys!DllUnload; "
                                  "call.begin c.sys!DllInitialize =" MIXED "c; "
                                  "call.begin c.sys!DllUnload"
                                : "call.begin b.sys!DllInitialize =" UPPER "b; "
                                  "call.begin c.sys!DllInitialize =" UPPER "c; "
                                  "call.begin c.sys!DllUnload; "
                                  "call.begin c.sys!DllInitialize =" UPPER "c; "
                                  "call.begin c.sys!DllUnload");
        fixture_destroy(fixture);
    }
}

// ---- N4, N5: the argument ----

static void the_argument_is_the_key_of_the_name_up_to_its_first_dot(void **state)
{
    static const struct {
        const char *name, *key;
    } rows[] = {{"b.sys", "b"},
                {"my.lib.sys", "my"},
                {"nodot", "nodot"},
                {".sys", ""},
                {"Mixed.SYS", "Mixed"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
        char expected[256];
        struct kldr_build_import import = {.module = rows[i].name};
        fixture_built(fixture, "a.sys",
                      (struct kldr_build_description){.imports = &import, .import_count = 1});
        fixture_image(fixture, rows[i].name, BOTH, "");
        run(fixture, "load a.sys");
        snprintf(expected, sizeof expected, "call.begin %s!DllInitialize =" UPPER "%s",
                 rows[i].name, rows[i].key);
        assert_string_equal(fixture_events(fixture, "call"), expected);
        fixture_destroy(fixture);
    }
}

static const void *kept;
static bool dead;

static kldr_status keep_argument(void *user, const struct kldr_routine_call *call)
{
    (void)user;
    kept = call->registry_path;
    dead = false;
    return KLDR_STATUS_SUCCESS;
}

static void watch_release(void *user, void *block)
{
    (void)user;
    dead = dead || (block != NULL && block == kept);
    free(block);
}

static void *plain_allocate(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void *plain_reallocate(void *user, void *block, size_t size)
{
    (void)user;
    return realloc(block, size);
}

static void expect_dead(void *user, const struct kldr_event *event)
{
    unsigned *seen = user;
    if (event->kind == KLDR_EVENT_IMPORT_BOUND) {
        assert_true(dead);
        ++*seen;
    }
}

static void the_argument_is_dead_when_the_call_returns(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    unsigned seen = 0;
    (void)state;
    fixture->host.call_routine = keep_argument;
    fixture->host.allocator =
        (struct kldr_allocator){NULL, plain_allocate, plain_reallocate, watch_release};
    fixture_start(fixture);
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture->observe = expect_dead;
    fixture->observer = &seen;
    run(fixture, "load a.sys");
    assert_int_equal(seen, 1);
    fixture_destroy(fixture);
}

// ---- N7, C2: what is success ----

static void what_counts_as_success_is_the_policys_word(void **state)
{
    static const struct {
        kldr_status returned, exact, nonerror; // the load's
    } rows[] = {
        {KLDR_STATUS_SUCCESS, KLDR_STATUS_SUCCESS, KLDR_STATUS_SUCCESS},
        {KLDR_STATUS_PENDING, KLDR_STATUS_DRIVER_UNABLE_TO_LOAD, KLDR_STATUS_SUCCESS},
        {0x40000000, KLDR_STATUS_DRIVER_UNABLE_TO_LOAD, KLDR_STATUS_SUCCESS},
        {0x7fffffff, KLDR_STATUS_DRIVER_UNABLE_TO_LOAD, KLDR_STATUS_SUCCESS},
        {0x80000005, 0x80000005, 0x80000005}, // warnings are failures
        {KLDR_STATUS_UNSUCCESSFUL, KLDR_STATUS_UNSUCCESSFUL, KLDR_STATUS_UNSUCCESSFUL},
        {0xffffffff, 0xffffffff, 0xffffffff},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (unsigned exact = 0; exact < 2; exact++) {
            struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
            fixture_knob(fixture, "init_success", exact ? "exact" : "nonerror");
            fixture_start(fixture);
            fixture_image(fixture, "a.sys", "", "b.sys:F");
            fixture_image(fixture, "b.sys", BOTH, "");
            fixture_returns(fixture, "b.sys!DllInitialize", rows[i].returned);
            kldr_status expected = exact ? rows[i].exact : rows[i].nonerror;
            assert_int_equal(fixture_run(fixture, "load a.sys"), expected);
            assert_string_equal(fixture_modules(fixture),
                                expected == KLDR_STATUS_SUCCESS ? "a.sys 1; b.sys 1" : "");
            fixture_destroy(fixture);
        }
    }
}

// ---- N8, A18, A30: failure ----

static void a_dll_that_fails_goes_unasked_and_its_imports_with_it(void **state)
{
    static const struct {
        enum kldr_profile profile;
        const char *order;
        kldr_status status;
    } rows[] = {
        {KLDR_PROFILE_NT52,
         "ref.drop b.sys 0 dllinitialize-failed by a.sys; image.unmapped b.sys ring; "
         "ref.drop c.sys 0 import by b.sys; image.unmapped c.sys ring; image.unmapped a.sys",
         KLDR_STATUS_DRIVER_UNABLE_TO_LOAD},
        {KLDR_PROFILE_24H2,
         "ref.drop b.sys 0 dllinitialize-failed by a.sys; ref.drop c.sys 0 import by b.sys; "
         "image.unmapped c.sys ring; image.unmapped b.sys ring; image.unmapped a.sys",
         KLDR_STATUS_UNSUCCESSFUL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = fixture_open(rows[i].profile);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
        fixture_image(fixture, "c.sys", BOTH, "");
        fixture_returns(fixture, "b.sys!DllInitialize", KLDR_STATUS_UNSUCCESSFUL);
        assert_int_equal(fixture_run(fixture, "load a.sys"), rows[i].status);
        assert_string_equal(fixture_events(fixture, "ref.drop image.unmapped"), rows[i].order);
        assert_string_equal(fixture_events(fixture, "call"),
                            "call.begin c.sys!DllInitialize =" UPPER "c; "
                            "call.begin b.sys!DllInitialize =" UPPER "b; "
                            "call.begin c.sys!DllUnload");
        assert_string_equal(fixture_modules(fixture), "");
        assert_int_equal(fixture->error.origin, KLDR_ORIGIN_DRIVER);
        assert_int_equal(fixture->error.stage, KLDR_STAGE_INITIALIZE);
        assert_string_equal(fixture->error.module, "b.sys");
        assert_string_equal(fixture->error.importer, "a.sys");
        fixture_destroy(fixture);
    }
}

static void a_status_that_is_never_laundered_looks_like_a_missing_file(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_NT52);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_returns(fixture, "b.sys!DllInitialize", KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "import.missing"), "");
    fixture_destroy(fixture);
}

// ---- N10, A30: routines that load ----

static void a_dllinitialize_may_load_what_imports_its_own_image(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "d.sys", "", "b.sys:F c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "b.sys:F");
    fixture_does(fixture, "b.sys!DllInitialize", "load d.sys", 0);
    run(fixture, "load a.sys");
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 3; d.sys 1; c.sys 1");
    fixture_check(fixture);
    run(fixture, "unload d.sys; unload a.sys");
    assert_string_equal(fixture_modules(fixture), "");
}

static void the_driver_being_loaded_is_already_loaded_to_its_dlls(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "X", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "d.sys", "", "a.sys:X");
    fixture_does(fixture, "b.sys!DllInitialize", "load a.sys; load d.sys", 0);
    run(fixture, "load a.sys");
    assert_string_equal(fixture_events(fixture, "image.already-loaded ref.skip"),
                        "image.already-loaded a.sys 0xC000010E; "
                        "ref.skip a.sys 1 cycle by d.sys");
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1; d.sys 1");
}

static void after_a_failed_dllinitialize_the_dll_goes_whatever_its_count(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "d.sys", "", "b.sys:F");
    fixture_does(fixture, "b.sys!DllInitialize", "load d.sys", KLDR_STATUS_UNSUCCESSFUL);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_UNSUCCESSFUL);
    assert_string_equal(fixture_modules(fixture), "d.sys 1");
    assert_string_equal(fixture_imports(fixture, "d.sys"), "gone");
    assert_string_equal(fixture_cell(fixture, "d.sys", "b.sys", "F"), "gone");
    run(fixture, "unload d.sys"); // what it held is gone: nothing to drop
    assert_string_equal(fixture_modules(fixture), "");
    fixture_destroy(fixture);
}

static void a_dllinitialize_may_fail_a_load_of_its_own_and_succeed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kernels); i++) {
        struct fixture *fixture = fixture_open(kernels[i]);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "");
        fixture_image(fixture, "d.sys", "", "b.sys:F c.sys:Gone");
        fixture_image(fixture, "c.sys", BOTH, "");
        fixture_does(fixture, "b.sys!DllInitialize", "load d.sys; load gone.sys", 0);
        run(fixture, "load a.sys");
        assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1");
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

static void under_the_documented_contract_a_failing_inactive_dll_goes_too(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_DOCUMENTED);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", "F DllInitialize", "");
    fixture_image(fixture, "d.sys", "", "b.sys:F");
    fixture_does(fixture, "b.sys!DllInitialize", "load d.sys; unload d.sys",
                 KLDR_STATUS_UNSUCCESSFUL);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_UNSUCCESSFUL);
    assert_string_equal(fixture_modules(fixture), "");
    fixture_destroy(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_an_import_that_loads_an_image_initializes_it),
        TEST(without_dllinitialize_the_load_goes_on_and_counts),
        TEST(a_resident_dll_is_not_initialized_again_but_a_reloaded_one_is),
        TEST(the_argument_is_the_key_of_the_name_up_to_its_first_dot),
        TEST(the_argument_is_dead_when_the_call_returns),
        TEST(what_counts_as_success_is_the_policys_word),
        TEST(a_dll_that_fails_goes_unasked_and_its_imports_with_it),
        TEST(a_status_that_is_never_laundered_looks_like_a_missing_file),
        TEST(a_dllinitialize_may_load_what_imports_its_own_image),
        TEST(the_driver_being_loaded_is_already_loaded_to_its_dlls),
        TEST(after_a_failed_dllinitialize_the_dll_goes_whatever_its_count),
        TEST(a_dllinitialize_may_fail_a_load_of_its_own_and_succeed),
        TEST(under_the_documented_contract_a_failing_inactive_dll_goes_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
