// SPDX-License-Identifier: MIT
#include "loader_fixture.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define BOTH    "F DllInitialize DllUnload"
#define DRIVERS FIXTURE_DRIVERS

// Loads a.sys, which must fail, and compares the records. The lines name the image, what it lacks,
// and the record's unique value.
static void check_records(struct fixture *fixture, const char *expected)
{
    fixture_forget(fixture);
    assert_false(KLDR_NT_SUCCESS(fixture_run(fixture, "load a.sys")));
    assert_string_equal(fixture_events(fixture, "log"), expected);
}

static struct fixture *open_with(const char *event_log)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_NT52, KLDR_MACHINE_X64);
    fixture_knob(fixture, "event_log", event_log);
    fixture_start(fixture);
    return fixture;
}

static void build_chain(struct fixture *fixture, const char *last_import)
{
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, last_import);
    fixture_image(fixture, "d.sys", BOTH, "");
}

static void each_level_blames_the_path_it_asked_for(void **state)
{
    struct fixture *fixture = open_with("per-level");
    (void)state;
    build_chain(fixture, "c.sys:F");
    check_records(fixture, "log.record b.sys lacks " DRIVERS "c.sys; "
                           "log.record a.sys lacks " DRIVERS "b.sys"); // though b.sys exists
    fixture_destroy(fixture);
}

static void one_record_names_what_is_really_missing(void **state)
{
    struct fixture *fixture = open_with("one");
    (void)state;
    build_chain(fixture, "c.sys:F");
    check_records(fixture, "log.record a.sys lacks " DRIVERS "c.sys");
    fixture_destroy(fixture);
}

static void newer_kernels_write_none(void **state)
{
    struct fixture *fixture = open_with("none");
    (void)state;
    build_chain(fixture, "c.sys:F");
    check_records(fixture, "");
    fixture_destroy(fixture);
}

static void a_missing_procedure_is_named_with_the_module_of_the_import(void **state)
{
    struct fixture *fixture = open_with("per-level");
    (void)state;
    build_chain(fixture, "d.sys:F,Gone,Lost");
    check_records(fixture, "log.record b.sys lacks d.sys!Gone; "
                           "log.record a.sys lacks " DRIVERS "b.sys");
    fixture_destroy(fixture);
    fixture = open_with("one");
    build_chain(fixture, "d.sys:F,Gone,Lost");
    check_records(fixture, "log.record a.sys lacks d.sys!Gone");
    fixture_destroy(fixture);
}

static void a_missing_ordinal_is_a_zero_based_index_of_16_bits(void **state)
{
    static const struct {
        const char *import, *record;
    } rows[] = {
        {"b.sys:#7", "log.record a.sys lacks b.sys =6"},
        {"b.sys:#0", "log.record a.sys lacks b.sys =65535"}, // below the base
        {"b.sys:#1,#65535", "log.record a.sys lacks b.sys =65534"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = open_with(i % 2 ? "one" : "per-level");
        fixture_image(fixture, "a.sys", "", rows[i].import);
        fixture_image(fixture, "b.sys", "A B C D E", "");
        check_records(fixture, rows[i].record);
        fixture_destroy(fixture);
    }
}

static void a_laundered_failure_leaves_its_status_in_the_value(void **state)
{
    struct fixture *fixture = open_with("per-level");
    (void)state;
    fixture_built(fixture, "a.sys",
                  (struct kldr_build_description){.broken = KLDR_BROKEN_RELOCATIONS_STRIPPED});
    check_records(fixture, "log.record a.sys =0xC0000018");
    fixture_remove_file(fixture, "a.sys");
    build_chain(fixture, "d.sys:F");
    fixture_returns(fixture, "d.sys!DllInitialize", KLDR_STATUS_UNSUCCESSFUL);
    check_records(fixture, "log.record b.sys =0xC0000001; log.record a.sys =0xC000026C");
    fixture_destroy(fixture);
}

static void a_failing_dllinitialize_with_a_file_status_blames_the_dll(void **state)
{
    struct fixture *fixture = open_with("per-level");
    (void)state;
    build_chain(fixture, "d.sys:F");
    fixture_returns(fixture, "b.sys!DllInitialize", KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    check_records(fixture, "log.record a.sys lacks " DRIVERS "b.sys");
    fixture_destroy(fixture);
}

static void a_file_that_cannot_be_opened_leaves_no_record_at_its_own_level(void **state)
{
    struct fixture *fixture = open_with("per-level");
    (void)state;
    check_records(fixture, "");
    fixture_destroy(fixture);
}

static void kldrs_own_failures_are_no_records(void **state)
{
    static const char *const values[] = {"per-level", "one"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct fixture *fixture = open_with(values[i]);
        build_chain(fixture, "d.sys:F");
        fixture->fail_map_at = 2;
        check_records(fixture, "");
        fixture_destroy(fixture);
    }
}

static void refused_user_mode_imports_are_recorded_by_name(void **state)
{
    struct fixture *fixture = open_with("per-level");
    (void)state;
    fixture_image(fixture, "a.sys", "", "kernel32.dll:F");
    check_records(fixture, "log.record a.sys lacks kernel32.dll");
    fixture_destroy(fixture);
}

// "<image> cannot find <module>" in UTF-16 is counted: characters, not bytes of ours.
static void check_length(const char *unit, unsigned units_of_16)
{
    size_t fixed = strlen(DRIVERS "a.sys cannot find " DRIVERS ".sys");
    unsigned room = (unsigned)((255 / 2 - fixed) / units_of_16);
    for (unsigned more = 0; more < 2; more++) {
        struct fixture *fixture = open_with("per-level");
        char name[512] = "", expected[600] = "";
        for (unsigned i = 0; i < room + more; i++)
            strcat(name, unit);
        strcat(name, ".sys");
        struct kldr_build_import import = {.module = name};
        fixture_built(fixture, "a.sys",
                      (struct kldr_build_description){.imports = &import, .import_count = 1});
        snprintf(expected, sizeof expected, "log.record a.sys lacks " DRIVERS "%s", name);
        check_records(fixture, more ? "" : expected);
        fixture_destroy(fixture);
    }
}

static void a_record_that_would_be_too_long_is_not_written(void **state)
{
    (void)state;
    check_length("x", 1);
    check_length("\xC3\xA4", 1);         // two bytes, one unit
    check_length("\xE2\x82\xAC", 1);     // three bytes, one unit
    check_length("\xF0\x9F\x98\x80", 2); // four bytes, a surrogate pair
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_level_blames_the_path_it_asked_for),
        cmocka_unit_test(one_record_names_what_is_really_missing),
        cmocka_unit_test(newer_kernels_write_none),
        cmocka_unit_test(a_missing_procedure_is_named_with_the_module_of_the_import),
        cmocka_unit_test(a_missing_ordinal_is_a_zero_based_index_of_16_bits),
        cmocka_unit_test(a_laundered_failure_leaves_its_status_in_the_value),
        cmocka_unit_test(a_failing_dllinitialize_with_a_file_status_blames_the_dll),
        cmocka_unit_test(a_file_that_cannot_be_opened_leaves_no_record_at_its_own_level),
        cmocka_unit_test(kldrs_own_failures_are_no_records),
        cmocka_unit_test(refused_user_mode_imports_are_recorded_by_name),
        cmocka_unit_test(a_record_that_would_be_too_long_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
