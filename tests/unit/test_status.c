// SPDX-License-Identifier: MIT
#include <kldr/status.h>

#include "test.h"

#include <string.h>

struct row {
    const char *name;
    kldr_status value;
};

static const struct row sheet[] = {
#define ROW(name, value, win32, meaning) {"STATUS_" #name, UINT32_C(value)},
    KLDR_STATUS_TABLE(ROW)
#undef ROW
};

static const struct row own[] = {
#define ROW(name, value, meaning) {"KLDR_" #name, UINT32_C(value)},
    KLDR_OWN_STATUS_TABLE(ROW)
#undef ROW
};

static const struct row all[] = {
#define STATUS_NAME(name, value) {#name, UINT32_C(value)},
#include "status_names.inc"
#undef STATUS_NAME
};

static const uint16_t by_value[] = {
#define STATUS_BY_VALUE(position) position,
#include "status_names.inc"
#undef STATUS_BY_VALUE
};

static void the_tables_are_sorted_as_the_searches_need(void **state)
{
    (void)state;
    for (size_t i = 1; i < COUNT_OF(sheet); i++)
        assert_true(sheet[i - 1].value < sheet[i].value);
    for (size_t i = 1; i < COUNT_OF(all); i++)
        assert_true(strcmp(all[i - 1].name, all[i].name) < 0);
    for (size_t i = 1; i < COUNT_OF(by_value); i++)
        assert_true(all[by_value[i - 1]].value < all[by_value[i]].value);
}

static void every_status_of_the_sheet_is_found_both_ways_with_its_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sheet); i++) {
        struct kldr_status_info info;
        assert_true(kldr_status_find_name(sheet[i].name, &info));
        assert_int_equal(info.value, sheet[i].value);
        assert_string_not_equal(info.meaning, "");
        assert_true(kldr_status_find(sheet[i].value, &info));
        assert_string_equal(info.name, sheet[i].name);
    }
}

static void every_own_status_is_found_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        struct kldr_status_info info;
        assert_true(KLDR_IS_OWN_STATUS(own[i].value));
        assert_true(kldr_status_find_name(own[i].name, &info));
        assert_int_equal(info.value, own[i].value);
        assert_true(kldr_status_find(own[i].value, &info));
        assert_string_equal(info.name, own[i].name);
    }
}

static void every_public_name_and_value_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct kldr_status_info info;
        assert_true(kldr_status_find_name(all[i].name, &info));
        assert_string_equal(info.name, all[i].name);
        assert_int_equal(info.value, all[i].value);
        assert_true(kldr_status_find(all[i].value, &info));
        assert_int_equal(info.value, all[i].value);
        assert_false(KLDR_IS_OWN_STATUS(all[i].value));
    }
}

static void a_second_name_of_a_value_is_known_but_not_shown(void **state)
{
    struct kldr_status_info info;
    (void)state;
    assert_true(kldr_status_find_name("STATUS_WAIT_0", &info));
    assert_int_equal(info.value, 0);
    assert_string_equal(info.name, "STATUS_WAIT_0");
    assert_string_equal(kldr_status_name(0), "STATUS_SUCCESS");
}

static void win32_codes_follow_the_sheet(void **state)
{
    struct kldr_status_info info;
    (void)state;
    assert_true(kldr_status_find(KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND, &info));
    assert_int_equal(info.win32, 127);
    assert_true(kldr_status_find(KLDR_STATUS_ILL_FORMED_SERVICE_ENTRY, &info));
    assert_int_equal(info.win32, 0);
}

static void unknown_values_and_names_leave_the_result_alone(void **state)
{
    static const char *const names[] = {"",        "STATUS_",         "status_success",
                                        "SUCCESS", "STATUS_SUCCESS ", "KLDR_"};
    struct kldr_status_info info = {.value = 42};
    (void)state;
    assert_false(kldr_status_find(0xc1234567, &info));
    assert_null(kldr_status_name(0xc1234567));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_false(kldr_status_find_name(names[i], &info));
    assert_int_equal(info.value, 42);
}

static void a_misspelled_name_has_a_nearest_one(void **state)
{
    (void)state;
    assert_string_equal(kldr_status_nearest("STATUS_OBJECT_NAME_NOTFOUND"),
                        "STATUS_OBJECT_NAME_NOT_FOUND");
    assert_string_equal(kldr_status_nearest("status_success"), "STATUS_SUCCESS");
    assert_string_equal(kldr_status_nearest("KLDR_NOT_IMPLEMENTD"), "KLDR_NOT_IMPLEMENTED");
    assert_null(kldr_status_nearest("qqqqqqqqqqqqqqqqqqqq"));
}

static void formatting_gives_name_and_number_and_never_overflows(void **state)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    (void)state;
    assert_string_equal(kldr_status_format(0xc0000034, text),
                        "STATUS_OBJECT_NAME_NOT_FOUND (0xC0000034)");
    assert_string_equal(kldr_status_format(0xe0000001, text), "KLDR_NOT_IMPLEMENTED (0xE0000001)");
    assert_string_equal(kldr_status_format(0xc1234567, text), "0xC1234567");
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const char *name = kldr_status_name(all[i].value);
        assert_int_equal(strlen(kldr_status_format(all[i].value, text)), strlen(name) + 13);
    }
}

static void success_is_decided_by_severity(void **state)
{
    (void)state;
    assert_true(KLDR_NT_SUCCESS(KLDR_STATUS_SUCCESS));
    assert_true(KLDR_NT_SUCCESS(KLDR_STATUS_PENDING));
    assert_true(KLDR_NT_SUCCESS(0x7fffffff));
    assert_false(KLDR_NT_SUCCESS(0x80000000));
    assert_false(KLDR_NT_SUCCESS(KLDR_ERROR_END));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_sorted_as_the_searches_need),
        cmocka_unit_test(every_status_of_the_sheet_is_found_both_ways_with_its_meaning),
        cmocka_unit_test(every_own_status_is_found_both_ways),
        cmocka_unit_test(every_public_name_and_value_is_found),
        cmocka_unit_test(a_second_name_of_a_value_is_known_but_not_shown),
        cmocka_unit_test(win32_codes_follow_the_sheet),
        cmocka_unit_test(unknown_values_and_names_leave_the_result_alone),
        cmocka_unit_test(a_misspelled_name_has_a_nearest_one),
        cmocka_unit_test(formatting_gives_name_and_number_and_never_overflows),
        cmocka_unit_test(success_is_decided_by_severity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
