// SPDX-License-Identifier: MIT
#include "loader_fixture.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define BOTH    "F DllInitialize DllUnload"
#define KEY     "=\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\"
#define DRIVERS FIXTURE_DRIVERS

enum { MOST_ENTRIES = 8 };

static uint32_t ids[MOST_ENTRIES];

// Boots "a.sys b.sys+ c.sys": + marks a dependent.
static kldr_status boot(struct fixture *fixture, const char *list)
{
    struct kldr_boot_entry entries[MOST_ENTRIES] = {{NULL, false}};
    char *paths[MOST_ENTRIES] = {NULL};
    size_t count = 0;
    while (*list != '\0') {
        char name[64];
        size_t length = strcspn(list, " +");
        assert_true(count < MOST_ENTRIES && length < sizeof name);
        memcpy(name, list, length);
        name[length] = '\0';
        paths[count] = fixture_full_path(name);
        entries[count] = (struct kldr_boot_entry){paths[count], list[length] == '+'};
        count++;
        list += length + (list[length] == '+');
        list += *list == ' ';
    }
    memset(ids, 0xff, sizeof ids);
    kldr_status status = kldr_loader_boot(fixture->loader, entries, count, ids, &fixture->error);
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    return status;
}

static void a_boot_list_keeps_its_order_and_dependents_are_initialized(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F ntoskrnl.exe:KeOne");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    assert_int_equal(boot(fixture, "c.sys+ b.sys+ a.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "c.sys 1; b.sys 1; a.sys 1");
    assert_string_equal(fixture_imports(fixture, "a.sys"), "b.sys");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "F"), "b.sys!F");
    assert_string_equal(fixture_events(fixture, "call image.open image.notify"),
                        "call.begin c.sys!DllInitialize " KEY "c; "
                        "call.begin b.sys!DllInitialize " KEY "b");
    assert_int_equal(ids[2], kldr_loader_find(fixture->loader, "a.sys"));
    assert_true(fixture_module(fixture, "b.sys").dependent);
    assert_false(fixture_module(fixture, "a.sys").dependent);
    fixture_destroy(fixture);
}

static void what_a_dllinitialize_returns_at_boot_is_ignored(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_NT52);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_returns(fixture, "b.sys!DllInitialize", KLDR_STATUS_UNSUCCESSFUL);
    assert_int_equal(boot(fixture, "b.sys+ a.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "b.sys 1; a.sys 1");
    fixture_destroy(fixture);
}

static void references_are_found_as_the_policy_says(void **state)
{
    static const struct {
        const char *value, *modules, *imports;
    } rows[] = {
        {"iat", "a.sys 1; b.sys 1", "b.sys"},
        {"iat-self", "a.sys 2; b.sys 1", "b.sys a.sys"},
        {"descriptors", "a.sys 1; b.sys 2", "b.sys b.sys"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
        fixture_knob(fixture, "boot_imports", rows[i].value);
        fixture_start(fixture);
        fixture_image(fixture, "a.sys", "X", "b.sys:F b.sys:F hal.dll:HalOne a.sys:X");
        fixture_image(fixture, "b.sys", BOTH, "");
        assert_int_equal(boot(fixture, "a.sys b.sys+"), KLDR_STATUS_SUCCESS);
        assert_string_equal(fixture_modules(fixture), rows[i].modules);
        assert_string_equal(fixture_imports(fixture, "a.sys"), rows[i].imports);
        fixture_destroy(fixture);
    }
}

static void build_with(struct fixture *fixture, unsigned broken)
{
    struct kldr_build_function function = {.name = "F"};
    struct kldr_build_import import = {"b.sys", &function, 1, false};
    fixture_built(
        fixture, "a.sys",
        (struct kldr_build_description){.imports = &import, .import_count = 1, .broken = broken});
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "d.sys", "", "b.sys:F");
}

static void an_image_without_iat_directory_protects_nothing(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    build_with(fixture, KLDR_BROKEN_NO_IAT_DIRECTORY);
    assert_int_equal(boot(fixture, "b.sys+ a.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "b.sys 0; a.sys 1");
    assert_int_equal(fixture_run(fixture, "load d.sys; unload d.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "a.sys 1");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "F"), "gone");
    fixture_destroy(fixture);
}

static void a_cell_that_points_nowhere_makes_all_of_them_sentinels(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    build_with(fixture, KLDR_BROKEN_FOREIGN_IAT_POINTER);
    assert_int_equal(boot(fixture, "b.sys+ a.sys"), KLDR_STATUS_SUCCESS);
    assert_true(fixture_module(fixture, "b.sys").boot_sentinel);
    assert_true(fixture_module(fixture, "a.sys").boot_sentinel);
    assert_string_equal(fixture_modules(fixture), "b.sys 1; a.sys 1");
    assert_int_equal(fixture_run(fixture, "load d.sys; unload d.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_loader_unload(fixture->loader, ids[1], KLDR_LOAD_DRIVER),
                     KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "b.sys 1; a.sys 1");
    assert_null(strstr(fixture_events(fixture, "call"), "DllUnload"));
    fixture_destroy(fixture);
}

static void under_the_documented_contract_boot_references_may_be_inactive(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_DOCUMENTED);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", "F", "");
    assert_int_equal(boot(fixture, "b.sys+ c.sys+ a.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "b.sys 1; c.sys inactive; a.sys 1");
    fixture_destroy(fixture);
}

static void a_list_that_does_not_resolve_among_itself_is_refused_whole(void **state)
{
    static const char *const imports[] = {"b.sys:F gone.sys:F", "b.sys:F,Gone", "b.sys:#9",
                                          "c.sys:F"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(imports); i++) {
        struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
        fixture_image(fixture, "a.sys", "", imports[i]);
        fixture_image(fixture, "b.sys", BOTH, "");
        fixture_image(fixture, "c.sys", BOTH, ""); // there, but not in the list
        assert_false(KLDR_NT_SUCCESS(boot(fixture, "b.sys+ a.sys")));
        assert_string_equal(fixture_modules(fixture), "");
        assert_int_equal(ids[0] | ids[1], 0);
        assert_int_equal(fixture->called, 0);
        assert_int_equal(fixture->live_mappings, 0);
        assert_true(strlen(fixture->error.detail) > 0);
        assert_int_equal(boot(fixture, "b.sys+ c.sys"), KLDR_STATUS_SUCCESS);
        fixture_destroy(fixture);
    }
}

static void a_boot_file_that_cannot_be_read_is_refused(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_bytes(fixture, "junk.sys", "junk", 4);
    assert_int_equal(boot(fixture, "b.sys+ gone.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(boot(fixture, "b.sys+ junk.sys"), KLDR_STATUS_INVALID_IMAGE_NOT_MZ);
    assert_string_equal(fixture_modules(fixture), "");
    fixture_destroy(fixture);
}

static void booting_comes_first_and_needs_names(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "a.sys", "", "");
    assert_int_equal(boot(fixture, "\\F\\ a.sys"), KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(boot(fixture, "a.sys"), KLDR_ERROR_BAD_ARGUMENT);
    assert_string_equal(fixture_modules(fixture), "a.sys 1");
    assert_int_equal(boot(fixture, ""), KLDR_ERROR_BAD_ARGUMENT);
    fixture_destroy(fixture);
}

static void a_dependent_that_went_before_its_turn_is_not_initialized(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "x.sys", "", "c.sys:F");
    fixture_does(fixture, "b.sys!DllInitialize", "load x.sys; unload x.sys", 0);
    assert_int_equal(boot(fixture, "b.sys+ c.sys+"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "b.sys 0");
    assert_string_equal(fixture_events(fixture, "call"),
                        "call.begin b.sys!DllInitialize " KEY "b; call.begin c.sys!DllUnload");
    fixture_destroy(fixture);
}

static void the_simulation_may_end_at_boot(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_24H2);
    (void)state;
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture->fail_call_at = 1;
    fixture->fail_status = KLDR_ERROR_STOPPED;
    assert_int_equal(boot(fixture, "b.sys+ c.sys+"), KLDR_ERROR_STOPPED);
    assert_int_equal(boot(fixture, ""), KLDR_ERROR_STOPPED);
    assert_int_equal(fixture->called, 1);
    fixture_destroy(fixture);
}

static void every_allocation_of_a_boot_may_fail_once(void **state)
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_24H2, KLDR_PROFILE_NT52,
                                                 KLDR_PROFILE_REACTOS};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        kldr_status status = KLDR_ERROR_OUT_OF_MEMORY;
        struct fixture *fixture = fixture_create(profiles[i], KLDR_MACHINE_X64);
        fixture_image(fixture, "a.sys", "", "b.sys:F,G b.sys:F c.sys:F ntoskrnl.exe:KeOne");
        fixture_image(fixture, "b.sys", "G=c.F " BOTH, "c.sys:F b.sys:F");
        fixture_image(fixture, "c.sys", BOTH, "");
        for (unsigned number = 1, over = 0; !over; number++) {
            assert_true(number < 500);
            fixture_start(fixture);
            fixture_fail_allocation(fixture, number);
            status = boot(fixture, "c.sys+ b.sys+ a.sys");
            over = fixture->asked < number;
            // Only the argument of a DllInitialize is no reason to refuse the list (B5).
            assert_true(status == KLDR_ERROR_OUT_OF_MEMORY || status == KLDR_STATUS_SUCCESS);
            if (status != KLDR_STATUS_SUCCESS)
                assert_string_equal(fixture_modules(fixture), "");
            fixture_finish(fixture);
        }
        assert_int_equal(status, KLDR_STATUS_SUCCESS);
        fixture_destroy(fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_boot_list_keeps_its_order_and_dependents_are_initialized),
        cmocka_unit_test(what_a_dllinitialize_returns_at_boot_is_ignored),
        cmocka_unit_test(references_are_found_as_the_policy_says),
        cmocka_unit_test(an_image_without_iat_directory_protects_nothing),
        cmocka_unit_test(a_cell_that_points_nowhere_makes_all_of_them_sentinels),
        cmocka_unit_test(under_the_documented_contract_boot_references_may_be_inactive),
        cmocka_unit_test(a_list_that_does_not_resolve_among_itself_is_refused_whole),
        cmocka_unit_test(a_boot_file_that_cannot_be_read_is_refused),
        cmocka_unit_test(booting_comes_first_and_needs_names),
        cmocka_unit_test(a_dependent_that_went_before_its_turn_is_not_initialized),
        cmocka_unit_test(the_simulation_may_end_at_boot),
        cmocka_unit_test(every_allocation_of_a_boot_may_fail_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
