// SPDX-License-Identifier: MIT
// What texts mean as numbers, statuses and small forms.
#include "scenario/format/scalar.h"

#include "test.h"

#include <string.h>

static void numbers_are_decimal_or_hexadecimal(void **state)
{
    static const struct {
        const char *text;
        uint64_t number;
    } cases[] = {
        {"0", 0},
        {"7", 7},
        {"007", 7},
        {"0x0", 0},
        {"0xfF", 255},
        {"0X10", 16},
        {"18446744073709551615", UINT64_MAX},
        {"0xFFFFFFFFFFFFFFFF", UINT64_MAX},
        {"0x00000000000000000001", 1},
    };
    static const char *const bad[] = {"",
                                      "x",
                                      "0x",
                                      "-1",
                                      "+1",
                                      "1 ",
                                      " 1",
                                      "1e3",
                                      "1.0",
                                      "0b1",
                                      "1_000",
                                      "0xG",
                                      "18446744073709551616",
                                      "0x10000000000000000"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t number = 12345;
        assert_true(ks_scalar_number(cases[i].text, &number));
        assert_true(number == cases[i].number);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        uint64_t number = 12345;
        assert_false(ks_scalar_number(bad[i], &number));
        assert_int_equal(number, 12345);
    }
}

static void a_status_is_a_name_or_a_number_of_32_bits(void **state)
{
    kldr_status status = 1;
    (void)state;
    assert_true(ks_scalar_status("STATUS_OBJECT_NAME_NOT_FOUND", &status));
    assert_int_equal(status, KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_true(ks_scalar_status("0xC0000001", &status));
    assert_int_equal(status, KLDR_STATUS_UNSUCCESSFUL);
    assert_true(ks_scalar_status("0", &status));
    assert_int_equal(status, KLDR_STATUS_SUCCESS);
    assert_false(ks_scalar_status("0x100000000", &status));
    assert_false(ks_scalar_status("status_success", &status));
    assert_false(ks_scalar_status("OBJECT_NAME_NOT_FOUND", &status));
    assert_int_equal(status, KLDR_STATUS_SUCCESS);
}

static void a_stop_code_is_a_name_or_a_number(void **state)
{
    uint32_t code = 1;
    (void)state;
    assert_true(ks_scalar_stop_code("0x7E", &code));
    assert_int_equal(code, 0x7E);
    assert_true(ks_scalar_stop_code("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", &code));
    assert_int_equal(code, 0x7E);
    assert_false(ks_scalar_stop_code("NO_SUCH_STOP_CODE", &code));
    assert_false(ks_scalar_stop_code("0x100000000", &code));
}

static void control_characters_are_found_in_all_three_ranges(void **state)
{
    (void)state;
    assert_int_equal(ks_scalar_find_control("plain", 5, false), 5);
    assert_int_equal(ks_scalar_find_control("a\tb", 3, false), 1);
    assert_int_equal(ks_scalar_find_control("a\tb\nc", 5, true), 5);
    assert_int_equal(ks_scalar_find_control("a\rb", 3, true), 1);
    assert_int_equal(ks_scalar_find_control("ab\x7f", 3, true), 2);
    assert_int_equal(ks_scalar_find_control("\xC2\x85", 2, true), 0);
    assert_int_equal(ks_scalar_find_control("\xC2\xA0\xC3\x85", 4, false), 4);
}

static void the_module_ends_at_the_first_exclamation_mark(void **state)
{
    (void)state;
    assert_int_equal(ks_scalar_module_length("a.sys!F"), 5);
    assert_int_equal(ks_scalar_module_length("a!b!c"), 1);
    assert_int_equal(ks_scalar_module_length("a.sys!"), 0);
    assert_int_equal(ks_scalar_module_length("!F"), 0);
    assert_int_equal(ks_scalar_module_length("a.sys"), 0);
}

static void offsets_stand_behind_the_last_plus(void **state)
{
    (void)state;
    assert_int_equal(ks_scalar_offset_module_length("a.sys+0x10"), 5);
    assert_int_equal(ks_scalar_offset_module_length("a+b.sys+0xFFFFFFFF"), 7);
    assert_int_equal(ks_scalar_offset_module_length("a.sys+10"), 0);
    assert_int_equal(ks_scalar_offset_module_length("a.sys+0x"), 0);
    assert_int_equal(ks_scalar_offset_module_length("a.sys+0x123456789"), 0);
    assert_int_equal(ks_scalar_offset_module_length("+0x1"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_decimal_or_hexadecimal),
        cmocka_unit_test(a_status_is_a_name_or_a_number_of_32_bits),
        cmocka_unit_test(a_stop_code_is_a_name_or_a_number),
        cmocka_unit_test(control_characters_are_found_in_all_three_ranges),
        cmocka_unit_test(the_module_ends_at_the_first_exclamation_mark),
        cmocka_unit_test(offsets_stand_behind_the_last_plus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
