// SPDX-License-Identifier: MIT
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

// ---- R1, R2: the walk ----

static void an_image_without_imports_resolves(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "");
    run(fixture, "load a.sys");
    assert_string_equal(fixture_events(fixture, "import."), "");
    assert_string_equal(fixture_imports(fixture, "a.sys"), "");
}

static void descriptors_are_walked_in_file_order_depth_first(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "c.sys:F b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "d.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "d.sys:F");
    fixture_image(fixture, "d.sys", BOTH, "");
    run(fixture, "load a.sys");
    assert_string_equal(fixture_events(fixture, "import.begin import.end image.listed"),
                        "image.listed a.sys; import.begin a.sys > c.sys; "
                        "image.listed c.sys; import.begin c.sys > d.sys; "
                        "image.listed d.sys; import.end c.sys > d.sys loaded =1; "
                        "import.end a.sys > c.sys loaded =1; import.begin a.sys > b.sys; "
                        "image.listed b.sys; import.begin b.sys > d.sys; "
                        "import.end b.sys > d.sys already =1; "
                        "import.end a.sys > b.sys loaded =1");
}

static void a_descriptor_without_lookup_table_ends_the_walk(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F! d.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    run(fixture, "load a.sys");
    assert_string_equal(fixture_events(fixture, "import.unbound"),
                        "import.unbound a.sys > c.sys; import.unbound a.sys > d.sys");
    assert_string_equal(fixture_imports(fixture, "a.sys"), "b.sys");
    assert_string_equal(fixture_cell(fixture, "a.sys", "d.sys", "F"), "unbound");
}

static void a_descriptor_without_functions_still_counts(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys");
    fixture_image(fixture, "b.sys", BOTH, "");
    run(fixture, "load a.sys");
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1");
    assert_string_equal(fixture_events(fixture, "import.end"),
                        "import.end a.sys > b.sys loaded =0");
}

// ---- R4 ----

static void check_gdi(enum kldr_profile profile, const char *imports, kldr_status expected)
{
    struct fixture *fixture = open_with(profile, NULL, NULL);
    fixture_image(fixture, "win32k.sys", "F", "");
    fixture_image(fixture, "dxapi.sys", "F", "");
    fixture_image(fixture, "irtx.sys", "F", "");
    fixture_image(fixture, "b.sys", "F", "");
    fixture_image(fixture, "a.sys", "", imports);
    assert_int_equal(fixture_run(fixture, "load a.sys"), expected);
    fixture_check(fixture);
    fixture_destroy(fixture);
}

static void win32k_must_not_be_mixed_with_others_where_the_policy_says_so(void **state)
{
    static const struct {
        const char *imports;
        bool refused;
    } rows[] = {
        {"win32k.sys:F", false},
        {"win32k.sys:F dxapi.sys:F IRTX.sys:F", false},
        {"b.sys:F dxapi.sys:F", false},
        {"ntoskrnl.exe:KeOne win32k.sys:F", false}, // allowed on x64
        {"win32k.sys:F b.sys:F", true},
        {"b.sys:F Win32K.sys:F", true},
        {"hal.dll:HalOne win32k.sys:F", true}, // an ordinary import here
        {"b.sys:F kernel32.dll:F", true},
        {"NTDLL.dll:F", true},
        {"gdi32full.dll", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        kldr_status refused =
            rows[i].refused ? KLDR_STATUS_PROCEDURE_NOT_FOUND : KLDR_STATUS_SUCCESS;
        check_gdi(KLDR_PROFILE_NT52, rows[i].imports, refused);
        check_gdi(KLDR_PROFILE_REACTOS, rows[i].imports, refused);
        bool user_mode = strstr(rows[i].imports, ".dll:F") || strstr(rows[i].imports, "gdi32");
        check_gdi(KLDR_PROFILE_24H2, rows[i].imports,
                  user_mode ? KLDR_STATUS_OBJECT_NAME_NOT_FOUND : KLDR_STATUS_SUCCESS);
    }
}

static void only_x64_lets_the_kernel_stand_beside_win32k(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_NT52, KLDR_MACHINE_X86);
    (void)state;
    fixture_start(fixture);
    fixture_image(fixture, "win32k.sys", "F", "");
    fixture_image(fixture, "a.sys", "", "ntoskrnl.exe:KeOne win32k.sys:F");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_PROCEDURE_NOT_FOUND);
    assert_string_equal(fixture->error.module, "win32k.sys");
    assert_string_equal(fixture->error.importer, "a.sys");
    assert_string_equal(fixture_events(fixture, "image.open"),
                        "image.open \\SystemRoot\\System32\\drivers\\a.sys");
    fixture_destroy(fixture);
}

// ---- R7 to R10: what is loaded already ----

static void a_loaded_module_is_found_by_base_name_wherever_it_lies(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "\\G\\b.sys", BOTH, "");
    fixture_image(fixture, "b.sys", "Other", "");
    fixture_image(fixture, "a.sys", "", "B.SYS:F");
    run(fixture, "load \\G\\b.sys; load a.sys");
    assert_string_equal(fixture_modules(fixture), "b.sys 2; a.sys 1");
    assert_string_equal(fixture_events(fixture, "image.open"),
                        "image.open \\G\\b.sys; "
                        "image.open \\SystemRoot\\System32\\drivers\\a.sys");
    assert_string_equal(fixture_events(fixture, "call"), ""); // R10
}

static void the_extension_belongs_to_the_name(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "a.sys", "", "b.dll:F");
    fixture_image(fixture, "c.sys", "", "b:F");
    run(fixture, "load b.sys");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(fixture_run(fixture, "load c.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
}

static void each_descriptor_counts_once_whatever_it_imports(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F,G,#1,#2,F b.sys:G B.sys");
    fixture_image(fixture, "b.sys", "G " BOTH, "");
    run(fixture, "load a.sys");
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 3");
    assert_string_equal(fixture_imports(fixture, "a.sys"), "b.sys b.sys b.sys");
    assert_string_equal(fixture_events(fixture, "ref."), "ref.add a.sys 1 loaded by I/O manager; "
                                                         "ref.add b.sys 1 loaded by a.sys; "
                                                         "ref.add b.sys 2 import by a.sys; "
                                                         "ref.add b.sys 3 import by a.sys");
}

static void circles_and_self_imports_are_bound_but_not_counted(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "F", "b.sys:F a.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "a.sys:F");
    run(fixture, "load a.sys");
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1");
    assert_string_equal(fixture_imports(fixture, "a.sys"), "b.sys");
    assert_string_equal(fixture_imports(fixture, "b.sys"), "");
    assert_string_equal(fixture_cell(fixture, "b.sys", "a.sys", "F"), "a.sys!F");
    assert_string_equal(fixture_cell(fixture, "a.sys", "a.sys", "F"), "a.sys!F");
    assert_string_equal(fixture_events(fixture, "ref.skip import.end"),
                        "ref.skip a.sys 1 cycle by b.sys; "
                        "import.end b.sys > a.sys in-progress =1; "
                        "import.end a.sys > b.sys loaded =1; "
                        "ref.skip a.sys 1 self by a.sys; "
                        "import.end a.sys > a.sys in-progress =1");
}

// ---- R14 to R16 ----

static void a_failure_drops_all_that_was_counted_the_last_dll_included(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F b.sys:F c.sys:F,Gone");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_string_equal(fixture_modules(fixture), "");
    assert_string_equal(fixture_events(fixture, "call ref.drop image.unlisted"),
                        "call.begin b.sys!DllInitialize "
                        "=\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\b; "
                        "call.begin c.sys!DllInitialize "
                        "=\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\c; "
                        "ref.drop b.sys 1 import by a.sys; "
                        "call.begin b.sys!DllUnload; ref.drop b.sys 0 import by a.sys; "
                        "image.unlisted b.sys; "
                        "call.begin c.sys!DllUnload; ref.drop c.sys 0 import by a.sys; "
                        "image.unlisted c.sys; image.unlisted a.sys");
}

static void an_import_of_nothing_from_an_image_without_exports(void **state)
{
    static const struct {
        enum kldr_profile profile;
        const char *imports;
        kldr_status status;
    } rows[] = {
        {KLDR_PROFILE_NT52, "b.sys", KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND},
        {KLDR_PROFILE_REACTOS, "b.sys", KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND},
        {KLDR_PROFILE_24H2, "b.sys", KLDR_STATUS_SUCCESS},
        {KLDR_PROFILE_DOCUMENTED, "b.sys", KLDR_STATUS_SUCCESS},
        {KLDR_PROFILE_24H2, "b.sys:F", KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND},
        {KLDR_PROFILE_24H2, "b.sys:#1", KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = open_with(rows[i].profile, NULL, NULL);
        fixture_image(fixture, "a.sys", "", rows[i].imports);
        fixture_image(fixture, "b.sys", "", "");
        assert_int_equal(fixture_run(fixture, "load a.sys"), rows[i].status);
        fixture_destroy(fixture);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_image_without_imports_resolves),
        TEST(descriptors_are_walked_in_file_order_depth_first),
        TEST(a_descriptor_without_lookup_table_ends_the_walk),
        TEST(a_descriptor_without_functions_still_counts),
        TEST(win32k_must_not_be_mixed_with_others_where_the_policy_says_so),
        TEST(only_x64_lets_the_kernel_stand_beside_win32k),
        TEST(a_loaded_module_is_found_by_base_name_wherever_it_lies),
        TEST(the_extension_belongs_to_the_name),
        TEST(each_descriptor_counts_once_whatever_it_imports),
        TEST(circles_and_self_imports_are_bound_but_not_counted),
        TEST(a_failure_drops_all_that_was_counted_the_last_dll_included),
        TEST(an_import_of_nothing_from_an_image_without_exports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
