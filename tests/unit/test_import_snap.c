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

static void load(struct fixture *fixture, kldr_status status)
{
    assert_int_equal(fixture_run(fixture, "load a.sys"), status);
}

// a.sys imports the named functions, with these hints, of b.sys, which exports what is given.
static void build_importer(struct fixture *fixture, const struct kldr_build_function *functions,
                           size_t count)
{
    struct kldr_build_import import = {"b.sys", functions, count, false};
    fixture_built(fixture, "a.sys",
                  (struct kldr_build_description){.imports = &import, .import_count = 1});
}

// ---- S1 to S5: finding an export ----

static void a_right_hint_finds_at_once_and_a_wrong_one_searches(void **state)
{
    static const struct kldr_build_function functions[] = {{.name = "Alpha", .hint = 0},
                                                           {.name = "Beta", .hint = 0},
                                                           {.name = "Gamma", .hint = 2},
                                                           {.name = "Beta", .hint = 99},
                                                           {.name = "Gamma", .hint = 65535}};
    struct fixture *fixture = *state;
    build_importer(fixture, functions, COUNT_OF(functions));
    fixture_image(fixture, "b.sys", "Alpha Beta Gamma", "");
    load(fixture, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_events(fixture, "import.bound"),
                        "import.bound a.sys > b.sys!Alpha hint -> b.sys; "
                        "import.bound a.sys > b.sys!Beta search -> b.sys; "
                        "import.bound a.sys > b.sys!Gamma hint -> b.sys; "
                        "import.bound a.sys > b.sys!Beta search -> b.sys; "
                        "import.bound a.sys > b.sys!Gamma search -> b.sys");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "Gamma"), "b.sys!Gamma");
}

static void an_unsorted_table_hides_names_whose_hint_is_wrong(void **state)
{
    static const struct kldr_build_export exports[] = {
        {.name = "Zeta"}, {.name = "Mu"}, {.name = "Alpha"}};
    static const struct kldr_build_function functions[] = {{.name = "Zeta", .hint = 0},
                                                           {.name = "Alpha", .hint = 0}};
    struct fixture *fixture = *state;
    build_importer(fixture, functions, COUNT_OF(functions));
    fixture_built(fixture, "b.sys",
                  (struct kldr_build_description){
                      .exports = exports, .export_count = 3, .unsorted_names = true});
    load(fixture, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "import.bound import.missing"),
                        "import.bound a.sys > b.sys!Zeta hint -> b.sys; "
                        "import.missing a.sys > b.sys!Alpha 0xC0000263");
}

static void symbols_are_compared_with_case_and_modules_without(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "B.SYS:foo");
    fixture_image(fixture, "b.sys", "Foo", "");
    load(fixture, KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    assert_string_equal(fixture->error.symbol, "foo");
    assert_string_equal(fixture->error.module, "B.SYS");
    assert_string_equal(fixture->error.importer, "a.sys");
    assert_non_null(strstr(fixture->error.advice, "`Foo`"));
}

static void an_ordinal_is_an_index_of_16_bits_behind_the_base(void **state)
{
    static const struct {
        const char *import;
        kldr_status status;
    } rows[] = {
        {"b.sys:#5", KLDR_STATUS_SUCCESS},
        {"b.sys:#9", KLDR_STATUS_SUCCESS},
        {"b.sys:#10", KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND},
        {"b.sys:#4", KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND}, // below the base: wraps
        {"b.sys:#65535", KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND},
    };
    struct fixture *fixture = *state;
    static const struct kldr_build_export exports[] = {{.name = "First", .ordinal = 5},
                                                       {.name = "Last", .ordinal = 9}};
    fixture_built(
        fixture, "b.sys",
        (struct kldr_build_description){.exports = exports, .export_count = 2, .ordinal_base = 5});
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        fixture_image(fixture, "a.sys", "", rows[i].import);
        load(fixture, rows[i].status);
        assert_int_equal(fixture->error.has_ordinal, rows[i].status != KLDR_STATUS_SUCCESS);
        fixture_run(fixture, "unload a.sys");
        fixture_remove_file(fixture, "a.sys");
    }
}

static void an_ordinal_leads_to_its_routine(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:#7,#1");
    fixture_image(fixture, "b.sys", "Seven@7 One", "");
    load(fixture, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_events(fixture, "import.bound"),
                        "import.bound a.sys > b.sys#7 ordinal -> b.sys; "
                        "import.bound a.sys > b.sys#1 ordinal -> b.sys");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "#7"), "b.sys!Seven");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "#1"), "b.sys!One");
}

static void a_hole_is_bound_to_the_modules_base(void **state)
{
    static const struct kldr_build_export exports[] = {
        {.name = "Hole", .hole = true}, {.name = "Data", .data = true, .data_value = 5}};
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:Hole,Data");
    fixture_built(fixture, "b.sys",
                  (struct kldr_build_description){.exports = exports, .export_count = 2});
    load(fixture, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "Hole"), "b.sys+0x0");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "Data"), "b.sys!Data");
}

static void every_missing_function_is_told_and_the_first_decides(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F,#90,Two,F");
    fixture_image(fixture, "b.sys", BOTH, "");
    load(fixture, KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND);
    assert_string_equal(fixture_events(fixture, "import."),
                        "import.begin a.sys > b.sys; "
                        "import.bound a.sys > b.sys!F search -> b.sys; "
                        "import.missing a.sys > b.sys#90 0xC0000262; "
                        "import.missing a.sys > b.sys!Two 0xC0000263; "
                        "import.end a.sys > b.sys failed =1 0xC0000262");
    assert_int_equal(fixture->error.stage, KLDR_STAGE_RESOLVE);
    assert_int_equal(fixture->error.ordinal, 90);
    assert_string_equal(fixture->error.symbol, "");
}

// ---- the kernel, and traps ----

static void a_kernel_function_that_is_not_simulated_is_kldrs_failure(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "ntoskrnl.exe:KeOne,KeTwo");
    fixture->refused_symbol = "KeTwo";
    load(fixture, KLDR_ERROR_NOT_IMPLEMENTED);
    assert_int_equal(fixture->error.origin, KLDR_ORIGIN_HOST);
    assert_string_equal(fixture->error.symbol, "KeTwo");
    assert_non_null(strstr(fixture->error.advice, "missing_imports=trap"));
    assert_string_equal(fixture_events(fixture, "import.missing"),
                        "import.missing a.sys > ntoskrnl.exe!KeTwo 0xE0000001");
}

static struct fixture *open_trapping(void)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    fixture_knob(fixture, "missing_imports", "trap");
    return fixture;
}

static void missing_functions_and_modules_are_bound_to_traps(void **state)
{
    struct fixture *fixture = open_trapping();
    (void)state;
    fixture_start(fixture);
    fixture->refused_symbol = "KeTwo";
    fixture_image(fixture, "a.sys", "", "b.sys:F,Lost,#9 gone.sys:F,#3 ntoskrnl.exe:KeTwo,KeOne");
    fixture_image(fixture, "b.sys", BOTH, "");
    load(fixture, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "F"), "b.sys!F");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "Lost"), "trap");
    assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "#9"), "trap");
    assert_string_equal(fixture_cell(fixture, "a.sys", "gone.sys", "#3"), "trap");
    assert_string_equal(fixture_cell(fixture, "a.sys", "ntoskrnl.exe", "KeTwo"), "trap");
    assert_string_equal(fixture_cell(fixture, "a.sys", "ntoskrnl.exe", "KeOne"),
                        "ntoskrnl.exe!KeOne");
    assert_string_equal(fixture_events(fixture, "import.end"),
                        "import.end a.sys > b.sys loaded =3; "
                        "import.end a.sys > gone.sys stubbed =2; "
                        "import.end a.sys > ntoskrnl.exe already =2");
    assert_int_equal(fixture->traps, 5);
    assert_int_equal(fixture->error.status, KLDR_STATUS_SUCCESS);
    fixture_check(fixture);
    fixture_destroy(fixture);
}

static kldr_status refuse_traps(void *user, const struct kldr_missing_import *missing,
                                uint64_t *out_address)
{
    (void)user, (void)missing, (void)out_address;
    return KLDR_ERROR_OUT_OF_MEMORY;
}

static void a_trap_that_cannot_be_made_fails_the_load(void **state)
{
    static const char *const imports[] = {"b.sys:Lost", "gone.sys:F"};
    struct fixture *fixture = open_trapping();
    (void)state;
    fixture->host.trap_import = refuse_traps;
    fixture_start(fixture);
    fixture_image(fixture, "b.sys", BOTH, "");
    for (size_t i = 0; i < COUNT_OF(imports); i++) {
        fixture_image(fixture, "a.sys", "", imports[i]);
        load(fixture, KLDR_ERROR_OUT_OF_MEMORY);
        assert_string_equal(fixture_modules(fixture), "");
        fixture_remove_file(fixture, "a.sys");
    }
    fixture_destroy(fixture);
}

static void without_a_callback_for_them_there_are_no_traps(void **state)
{
    struct fixture *fixture = open_trapping();
    (void)state;
    fixture->host.trap_import = NULL;
    fixture_start(fixture);
    fixture_image(fixture, "a.sys", "", "gone.sys:F");
    load(fixture, KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture->error.module, "gone.sys");
    fixture_destroy(fixture);
}

// ---- cells of other machines ----

static void cells_are_as_wide_as_the_machines_pointers(void **state)
{
    static const enum kldr_machine machines[] = {KLDR_MACHINE_X86, KLDR_MACHINE_X64,
                                                 KLDR_MACHINE_ARM64};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, machines[i]);
        fixture_start(fixture);
        fixture_image(fixture, "a.sys", "", "b.sys:F,G,#3,H ntoskrnl.exe:KeTwo");
        fixture_image(fixture, "b.sys", "F G H=ntoskrnl.KeOne", "");
        load(fixture, KLDR_STATUS_SUCCESS);
        assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "F"), "b.sys!F");
        assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "G"), "b.sys!G");
        assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "H"), "ntoskrnl.exe!KeOne");
        assert_string_equal(fixture_cell(fixture, "a.sys", "ntoskrnl.exe", "KeTwo"),
                            "ntoskrnl.exe!KeTwo");
        fixture_destroy(fixture);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_right_hint_finds_at_once_and_a_wrong_one_searches),
        TEST(an_unsorted_table_hides_names_whose_hint_is_wrong),
        TEST(symbols_are_compared_with_case_and_modules_without),
        TEST(an_ordinal_is_an_index_of_16_bits_behind_the_base),
        TEST(an_ordinal_leads_to_its_routine),
        TEST(a_hole_is_bound_to_the_modules_base),
        TEST(every_missing_function_is_told_and_the_first_decides),
        TEST(a_kernel_function_that_is_not_simulated_is_kldrs_failure),
        TEST(missing_functions_and_modules_are_bound_to_traps),
        TEST(a_trap_that_cannot_be_made_fails_the_load),
        TEST(without_a_callback_for_them_there_are_no_traps),
        TEST(cells_are_as_wide_as_the_machines_pointers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
