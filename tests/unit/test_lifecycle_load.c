// SPDX-License-Identifier: MIT
#include "loader_fixture.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define BOTH "F DllInitialize DllUnload"
#define KEY  "=\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\"

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

// ---- the order of things ----

static void a_load_goes_through_its_steps_in_order(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    run(fixture, "load a.sys");
    assert_string_equal(
        fixture_events(fixture, ""),
        "image.open \\SystemRoot\\System32\\drivers\\a.sys; image.mapped a.sys relocated; "
        "image.listed a.sys; ref.add a.sys 1 loaded by I/O manager; "
        "import.begin a.sys > b.sys; "
        "image.open \\SystemRoot\\System32\\drivers\\b.sys; image.mapped b.sys relocated; "
        "image.listed b.sys; ref.add b.sys 1 loaded by a.sys; ready b.sys; image.notify b.sys; "
        "call.begin b.sys!DllInitialize " KEY "b; "
        "import.bound a.sys > b.sys!F search -> b.sys; import.end a.sys > b.sys loaded =1; "
        "ready a.sys; image.notify a.sys");
}

static void the_list_has_importers_first_and_dllinitialize_runs_from_below(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "ntoskrnl.exe:KeOne");
    run(fixture, "load a.sys");
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1; c.sys 1");
    assert_string_equal(fixture_events(fixture, "call image.notify"),
                        "image.notify c.sys; call.begin c.sys!DllInitialize " KEY "c; "
                        "image.notify b.sys; call.begin b.sys!DllInitialize " KEY "b; "
                        "image.notify a.sys");
}

static void an_image_alone_is_loaded_the_same_way(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", BOTH, "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    run(fixture, "load_image a.sys");
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1");
    assert_string_equal(fixture_events(fixture, "call ref."),
                        "ref.add a.sys 1 loaded by load_image; ref.add b.sys 1 loaded by a.sys; "
                        "call.begin b.sys!DllInitialize " KEY "b");
}

// ---- L3 to L5: loaded already ----

static void a_full_name_that_is_listed_is_answered_with_the_module(void **state)
{
    static const struct {
        const char *value;
        kldr_status as_driver, as_dll;
    } rows[] = {
        {"0xC000019D", KLDR_STATUS_IMAGE_ALREADY_LOADED, KLDR_STATUS_IMAGE_ALREADY_LOADED_AS_DLL},
        {"0xC0000034", KLDR_STATUS_IMAGE_ALREADY_LOADED, KLDR_STATUS_IMAGE_ALREADY_LOADED},
        {"0xC000010E", KLDR_STATUS_IMAGE_ALREADY_LOADED, KLDR_STATUS_IMAGE_ALREADY_LOADED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = open_with(KLDR_PROFILE_24H2, "load_imported", rows[i].value);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "");
        run(fixture, "load a.sys");
        fixture_forget(fixture);
        assert_int_equal(fixture_run(fixture, "load A.SYS"), rows[i].as_driver);
        assert_int_equal(fixture->id, kldr_loader_find(fixture->loader, "a.sys"));
        assert_int_equal(fixture_run(fixture, "load_image b.sys"), rows[i].as_dll);
        assert_int_equal(fixture->id, kldr_loader_find(fixture->loader, "b.sys"));
        assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1");
        assert_null(strstr(fixture_events(fixture, ""), "image.open"));
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

static void another_spelling_is_another_image(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "x.sys", "F", "");
    fixture_image(fixture, "\\??\\C:\\Windows\\System32\\drivers\\x.sys", "F", "");
    fixture_image(fixture, "a.sys", "", "x.sys:F");
    run(fixture, "load x.sys; load \\??\\C:\\Windows\\System32\\drivers\\x.sys; load a.sys");
    assert_string_equal(fixture_modules(fixture), "x.sys 2; x.sys 1; a.sys 1");
}

static void a_path_without_backslash_is_all_base_name(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "=x.sys", BOTH, "");
    fixture_image(fixture, "a.sys", "", "x.sys:F");
    run(fixture, "load =x.sys; load a.sys");
    assert_string_equal(fixture_module(fixture, "x.sys").full_name, "x.sys");
    assert_string_equal(fixture_modules(fixture), "x.sys 2; a.sys 1");
}

// ---- L8 to L12: files and images ----

static void what_opening_answers_goes_up_unchanged(void **state)
{
    struct fixture *fixture = open_with(KLDR_PROFILE_NT52, NULL, NULL);
    (void)state;
    assert_int_equal(fixture_run(fixture, "load gone.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(fixture->error.stage, KLDR_STAGE_OPEN);
    assert_string_equal(fixture->error.module, "gone.sys");
    assert_int_equal(fixture_run(fixture, "load \\Nowhere\\x.sys"),
                     KLDR_STATUS_OBJECT_PATH_NOT_FOUND);
    fixture->fail_open_at = 3;
    fixture->fail_status = KLDR_STATUS_NOT_SUPPORTED;
    assert_int_equal(fixture_run(fixture, "load x.sys"), KLDR_STATUS_NOT_SUPPORTED);
    assert_string_equal(fixture_events(fixture, "image. log"),
                        "image.open \\SystemRoot\\System32\\drivers\\gone.sys 0xC0000034; "
                        "image.open \\Nowhere\\x.sys 0xC000003A; "
                        "image.open \\SystemRoot\\System32\\drivers\\x.sys 0xC00000BB");
    fixture_destroy(fixture);
}

static void check_broken(enum kldr_profile profile, const char *knob, const char *value,
                         unsigned broken, kldr_status expected)
{
    static const struct kldr_build_export exports[] = {{.name = "F"}};
    struct fixture *fixture = open_with(profile, knob, value);
    fixture_built(
        fixture, "a.sys",
        (struct kldr_build_description){.exports = exports, .export_count = 1, .broken = broken});
    assert_int_equal(fixture_run(fixture, "load a.sys"), expected);
    assert_int_equal(fixture->error.status, expected);
    if (expected != KLDR_STATUS_SUCCESS) {
        assert_string_equal(fixture_modules(fixture), "");
        assert_string_equal(fixture->error.module, "a.sys");
        assert_true(strlen(fixture->error.detail) > 0);
    }
    fixture_check(fixture);
    fixture_destroy(fixture);
}

static void a_broken_image_is_refused_with_the_status_of_what_is_wrong(void **state)
{
    static const struct {
        const char *checksum;
        unsigned broken;
        kldr_status status;
    } rows[] = {
        {"warn", KLDR_BROKEN_CHECKSUM, KLDR_STATUS_SUCCESS},
        {"ignore", KLDR_BROKEN_CHECKSUM, KLDR_STATUS_SUCCESS},
        {"enforce", KLDR_BROKEN_CHECKSUM, KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH},
        {"enforce", KLDR_BROKEN_NO_ENTRY_POINT, KLDR_STATUS_SUCCESS},
        {"warn", KLDR_BROKEN_HEADERS, KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH},
        {"warn", KLDR_BROKEN_TRUNCATED, KLDR_STATUS_INVALID_IMAGE_FORMAT},
        {"warn", KLDR_BROKEN_SECTION_OUT_OF_FILE, KLDR_STATUS_INVALID_IMAGE_FORMAT},
        {"warn", KLDR_BROKEN_RELOCATIONS_MALFORMED, KLDR_STATUS_INVALID_IMAGE_FORMAT},
        {"warn", KLDR_BROKEN_RELOCATIONS_STRIPPED, KLDR_STATUS_CONFLICTING_ADDRESSES},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_broken(KLDR_PROFILE_24H2, "checksum", rows[i].checksum, rows[i].broken,
                     rows[i].status);
        check_broken(KLDR_PROFILE_NT52, "checksum", rows[i].checksum, rows[i].broken,
                     rows[i].status == KLDR_STATUS_SUCCESS ? KLDR_STATUS_SUCCESS
                                                           : KLDR_STATUS_DRIVER_UNABLE_TO_LOAD);
    }
}

static void a_wrong_checksum_is_warned_of_once_per_load(void **state)
{
    struct fixture *fixture = *state;
    fixture_built(fixture, "a.sys",
                  (struct kldr_build_description){.broken = KLDR_BROKEN_CHECKSUM});
    run(fixture, "load a.sys");
    assert_string_equal(fixture_events(fixture, "image.warning"), "image.warning a.sys checksum");
}

static void an_image_of_another_machine_is_refused(void **state)
{
    static const enum kldr_machine machines[] = {KLDR_MACHINE_X86, KLDR_MACHINE_X64,
                                                 KLDR_MACHINE_ARM64};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, machines[i]);
        fixture_start(fixture);
        for (size_t j = 0; j < COUNT_OF(machines); j++) {
            fixture_built(fixture, "a.sys",
                          (struct kldr_build_description){.machine = machines[j]});
            assert_int_equal(fixture_run(fixture, "load a.sys"),
                             i == j ? KLDR_STATUS_SUCCESS : KLDR_STATUS_INVALID_IMAGE_PROTECT);
            fixture_run(fixture, "unload a.sys");
            fixture_remove_file(fixture, "a.sys");
        }
        fixture_destroy(fixture);
    }
}

static void an_image_at_its_preferred_base_is_not_relocated(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "F", "");
    fixture_built(fixture, "b.sys",
                  (struct kldr_build_description){.broken = KLDR_BROKEN_RELOCATIONS_STRIPPED});
    fixture->grants_bases = true;
    run(fixture, "load a.sys");
    assert_string_equal(fixture_events(fixture, "image.mapped"), "image.mapped a.sys");
    assert_int_equal(fixture_module(fixture, "a.sys").base, UINT64_C(0x140000000));
    run(fixture, "unload a.sys; load b.sys");
}

static void the_file_may_go_while_the_image_stays(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    run(fixture, "load a.sys");
    fixture_remove_file(fixture, "a.sys");
    fixture_remove_file(fixture, "b.sys");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "F"), "b.sys!F");
    assert_int_equal(fixture_run(fixture, "unload a.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "");
}

// ---- L15, L18: failures ----

static void a_failed_import_takes_the_entry_off_the_list_before_its_memory_goes(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "image.unlisted image.unmapped image.notify"),
                        "image.unlisted a.sys; image.unmapped a.sys"); // no record in the ring
}

static void statuses_are_laundered_where_the_policy_says_so(void **state)
{
    static const struct {
        kldr_status raw, laundered;
    } rows[] = {
        {KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_STATUS_OBJECT_NAME_NOT_FOUND},
        {KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND, KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND},
        {KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND},
        {KLDR_STATUS_PROCEDURE_NOT_FOUND, KLDR_STATUS_PROCEDURE_NOT_FOUND},
        {KLDR_STATUS_INSUFFICIENT_RESOURCES, KLDR_STATUS_INSUFFICIENT_RESOURCES},
        {KLDR_STATUS_NO_MEMORY, KLDR_STATUS_INSUFFICIENT_RESOURCES},
        {KLDR_STATUS_WORKING_SET_QUOTA, KLDR_STATUS_INSUFFICIENT_RESOURCES},
        {KLDR_STATUS_UNSUCCESSFUL, KLDR_STATUS_DRIVER_UNABLE_TO_LOAD},
        {KLDR_STATUS_CONFLICTING_ADDRESSES, KLDR_STATUS_DRIVER_UNABLE_TO_LOAD},
        {KLDR_STATUS_OBJECT_PATH_NOT_FOUND, KLDR_STATUS_DRIVER_UNABLE_TO_LOAD},
        {KLDR_ERROR_OUT_OF_MEMORY, KLDR_ERROR_OUT_OF_MEMORY}, // no kernel's answer
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (unsigned launder = 0; launder < 2; launder++) {
            struct fixture *fixture =
                open_with(KLDR_PROFILE_24H2, "launder", launder ? "yes" : "no");
            fixture_image(fixture, "a.sys", "", "b.sys:F");
            fixture_image(fixture, "b.sys", BOTH, "");
            fixture_returns(fixture, "b.sys!DllInitialize", rows[i].raw);
            kldr_status expected = launder ? rows[i].laundered : rows[i].raw;
            assert_int_equal(fixture_run(fixture, "load a.sys"), expected);
            assert_int_equal(fixture->error.status, expected);
            fixture_destroy(fixture);
        }
    }
}

// ---- faults that a scenario injects ----

static enum kldr_fault injected;

static kldr_status inject(void *user, enum kldr_fault fault)
{
    const struct fixture *fixture = user;
    return fault == injected && fixture->opened == 2 ? KLDR_STATUS_INSUFFICIENT_RESOURCES
                                                     : KLDR_STATUS_SUCCESS;
}

static void an_injected_fault_is_a_failure_of_the_simulated_kernel(void **state)
{
    static const enum kldr_fault faults[] = {KLDR_FAULT_ALLOCATION, KLDR_FAULT_MAP, KLDR_FAULT_READ,
                                             KLDR_FAULT_IMPORT_LIST};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
        injected = faults[i];
        fixture->host.inject_fault = inject;
        fixture_start(fixture);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
        fixture_image(fixture, "c.sys", BOTH, "");
        assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_INSUFFICIENT_RESOURCES);
        assert_string_equal(fixture_modules(fixture), "");
        fixture_run(fixture, "load c.sys"); // the third file
        assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_load_goes_through_its_steps_in_order),
        TEST(the_list_has_importers_first_and_dllinitialize_runs_from_below),
        TEST(an_image_alone_is_loaded_the_same_way),
        TEST(a_full_name_that_is_listed_is_answered_with_the_module),
        TEST(another_spelling_is_another_image),
        TEST(a_path_without_backslash_is_all_base_name),
        TEST(what_opening_answers_goes_up_unchanged),
        TEST(a_broken_image_is_refused_with_the_status_of_what_is_wrong),
        TEST(a_wrong_checksum_is_warned_of_once_per_load),
        TEST(an_image_of_another_machine_is_refused),
        TEST(an_image_at_its_preferred_base_is_not_relocated),
        TEST(the_file_may_go_while_the_image_stays),
        TEST(a_failed_import_takes_the_entry_off_the_list_before_its_memory_goes),
        TEST(statuses_are_laundered_where_the_policy_says_so),
        TEST(an_injected_fault_is_a_failure_of_the_simulated_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
