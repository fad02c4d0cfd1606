// SPDX-License-Identifier: MIT
// Which imports hold a count, and which do not.
#include "loader_fixture.h"
#include "test.h"

#include <string.h>

#define BOTH "F DllInitialize DllUnload"

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

static struct fixture *open_with(enum kldr_profile profile, const char *knob, const char *value)
{
    struct fixture *fixture = fixture_create(profile, KLDR_MACHINE_X64);
    if (knob != NULL)
        fixture_knob(fixture, knob, value);
    fixture_start(fixture);
    return fixture;
}

static void run(struct fixture *fixture, const char *commands)
{
    assert_int_equal(fixture_run(fixture, commands), KLDR_STATUS_SUCCESS);
}

// ---- R5 ----

static void what_is_never_counted_is_the_policys_word(void **state)
{
    static const struct {
        const char *value, *modules, *imports;
    } rows[] = {
        {"exact", "a.sys 1; halo.sys 2; b.sys 2", "halo.sys b.sys"},
        {"prefix", "a.sys 1; halo.sys 1; b.sys 2", "b.sys"},
        {"none", "a.sys 1; halo.sys 2; b.sys 2", "ntoskrnl.exe hal.dll halo.sys b.sys"},
        {"sentinel", "a.sys 1; halo.sys 2; b.sys 2", "halo.sys b.sys"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = open_with(KLDR_PROFILE_24H2, "never_counted", rows[i].value);
        fixture_image(fixture, "a.sys", "", "ntoskrnl.exe:KeOne HAL.dll:HalOne halo.sys:F b.sys:F");
        fixture_image(fixture, "c.sys", "", "halo.sys:F b.sys:F");
        fixture_image(fixture, "halo.sys", BOTH, "");
        fixture_image(fixture, "b.sys", BOTH, "");
        run(fixture, "load a.sys");
        assert_string_equal(fixture_imports(fixture, "a.sys"), rows[i].imports);
        run(fixture, "load c.sys; unload c.sys; load c.sys");
        assert_non_null(strstr(fixture_modules(fixture), rows[i].modules));
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

static void an_uncounted_import_says_why(void **state)
{
    struct fixture *fixture = open_with(KLDR_PROFILE_NT52, NULL, NULL);
    (void)state;
    fixture_image(fixture, "a.sys", "", "ntoskrnl.exe:KeOne halo.sys:F");
    fixture_image(fixture, "halo.sys", BOTH, "");
    run(fixture, "load a.sys; unload a.sys");
    assert_string_equal(fixture_events(fixture, "ref.skip"),
                        "ref.skip ntoskrnl.exe 1 kernel by a.sys; "
                        "ref.skip halo.sys 1 never-counted by a.sys");
    assert_string_equal(fixture_modules(fixture), "halo.sys 1"); // for ever
    assert_true(fixture_module(fixture, "halo.sys").never_counted);
    fixture_destroy(fixture);
}

static void a_kernel_that_counts_everything_never_lets_the_sentinel_go_down(void **state)
{
    struct fixture *fixture = open_with(KLDR_PROFILE_NT62, NULL, NULL);
    (void)state;
    fixture_image(fixture, "a.sys", "", "ntoskrnl.exe:KeOne");
    run(fixture, "load a.sys; unload a.sys; load a.sys");
    assert_int_equal(fixture_module(fixture, "ntoskrnl.exe").load_count, 3);
    assert_string_equal(fixture_events(fixture, "ref."),
                        "ref.add a.sys 1 loaded by I/O manager; "
                        "ref.add ntoskrnl.exe 2 import by a.sys; "
                        "ref.drop a.sys 0 unload by I/O manager; "
                        "ref.skip ntoskrnl.exe 2 boot-sentinel by a.sys; "
                        "ref.add a.sys 1 loaded by I/O manager; "
                        "ref.add ntoskrnl.exe 3 import by a.sys");
    fixture_destroy(fixture);
}

// ---- C1: counting: both ----

static void a_module_that_lacks_a_routine_is_inactive_once_imported(void **state)
{
    static const char *const exports[] = {"F", "F DllInitialize", "F DllUnload"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(exports); i++) {
        struct fixture *fixture = open_with(KLDR_PROFILE_DOCUMENTED, NULL, NULL);
        fixture_image(fixture, "a.sys", "", "b.sys:F b.sys:F");
        fixture_image(fixture, "b.sys", exports[i], "");
        run(fixture, "load a.sys");
        assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys inactive");
        assert_string_equal(fixture_imports(fixture, "a.sys"), "");
        run(fixture, "unload a.sys; load a.sys; unload a.sys");
        assert_string_equal(fixture_modules(fixture), "b.sys inactive");
        assert_null(strstr(fixture_events(fixture, "call"), "DllUnload"));
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

static void a_hybrid_without_both_routines_stays_once_it_was_imported(void **state)
{
    struct fixture *fixture = open_with(KLDR_PROFILE_DOCUMENTED, NULL, NULL);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", "F DllUnload", "");
    run(fixture, "load b.sys; unload b.sys");
    assert_string_equal(fixture_modules(fixture), ""); // never imported: goes with its driver
    run(fixture, "load b.sys; load a.sys; unload b.sys; unload a.sys");
    assert_string_equal(fixture_modules(fixture), "b.sys inactive");
    fixture_destroy(fixture);
}

static void references_that_would_not_count_do_not_make_inactive(void **state)
{
    struct fixture *fixture = open_with(KLDR_PROFILE_DOCUMENTED, NULL, NULL);
    (void)state;
    fixture_image(fixture, "a.sys", "F", "b.sys:F a.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "a.sys:F c.sys:G");
    fixture_image(fixture, "c.sys", "G=a.F DllInitialize DllUnload", "");
    run(fixture, "load a.sys");
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1; c.sys 1");
    fixture_check(fixture);
    fixture_destroy(fixture);
}

static void a_failed_load_leaves_an_inactive_module_behind(void **state)
{
    struct fixture *fixture = open_with(KLDR_PROFILE_DOCUMENTED, NULL, NULL);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:Gone d.sys:F");
    fixture_image(fixture, "b.sys", "F", "");
    fixture_image(fixture, "c.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_string_equal(fixture_modules(fixture), "b.sys inactive");
    fixture_destroy(fixture);
}

// ---- R19 ----

static kldr_status lose_list_of_second(void *user, enum kldr_fault fault)
{
    struct fixture *fixture = user;
    return fault == KLDR_FAULT_IMPORT_LIST && fixture->opened == 1
               ? KLDR_STATUS_INSUFFICIENT_RESOURCES
               : KLDR_STATUS_SUCCESS;
}

static void a_lost_import_list_fails_the_load_or_leaves_counts_that_nobody_drops(void **state)
{
    static const struct {
        const char *value, *modules;
        kldr_status status;
    } rows[] = {
        {"fail", "", KLDR_STATUS_INSUFFICIENT_RESOURCES},
        {"carry-on", "b.sys 2", KLDR_STATUS_SUCCESS},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
        fixture_knob(fixture, "lost_import_list", rows[i].value);
        fixture->host.inject_fault = lose_list_of_second;
        fixture_start(fixture);
        fixture_image(fixture, "a.sys", "", "b.sys:F b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "c.sys");
        fixture_image(fixture, "c.sys", BOTH, "");
        assert_int_equal(fixture_run(fixture, "load a.sys"), rows[i].status);
        fixture_check(fixture);
        fixture_run(fixture, "unload a.sys");
        assert_int_equal(strncmp(fixture_modules(fixture), rows[i].modules, 7), 0);
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_never_counted_is_the_policys_word),
        TEST(an_uncounted_import_says_why),
        TEST(a_kernel_that_counts_everything_never_lets_the_sentinel_go_down),
        TEST(a_module_that_lacks_a_routine_is_inactive_once_imported),
        TEST(a_hybrid_without_both_routines_stays_once_it_was_imported),
        TEST(references_that_would_not_count_do_not_make_inactive),
        TEST(a_failed_load_leaves_an_inactive_module_behind),
        TEST(a_lost_import_list_fails_the_load_or_leaves_counts_that_nobody_drops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
