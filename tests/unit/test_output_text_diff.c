// SPDX-License-Identifier: MIT
#include "output_sample.h"

#include "output/text_diff.h"

static void assert_diff(const char *wanted, const char *got, const char *expected)
{
    struct ks_text_buffer text;
    ks_text_buffer_init(&text, NULL);
    ks_text_diff(&text, wanted, got, "  ", false);
    ks_text_buffer_char(&text, '\0');
    assert_string_equal(text.bytes, expected);
    ks_text_buffer_fini(&text);
}

static void short_values_stand_below_each_other(void **state)
{
    (void)state;
    assert_diff("1", "2", "  wanted  1\n  got     2\n");
    assert_diff("[a, b]", "[a]", "  wanted  [a, b]\n  got     [a]\n");
}

static void a_side_that_does_not_apply_is_left_out(void **state)
{
    (void)state;
    assert_diff("", "2", "  got     2\n");
    assert_diff("", "", "");
}

static void long_lists_show_where_they_differ(void **state)
{
    (void)state;
    assert_diff("[image.listed a.sys, image.listed b.sys, call.begin b.sys!DllInitialize]",
                "[image.listed a.sys, image.notify b.sys, image.listed b.sys]",
                "  wanted (-) and got (+)\n"
                "      image.listed a.sys\n"
                "    + image.notify b.sys\n"
                "      image.listed b.sys\n"
                "    - call.begin b.sys!DllInitialize\n");
}

static void long_maps_are_taken_apart_as_well(void **state)
{
    (void)state;
    assert_diff("{alpha.sys: 1, beta.sys: 2, gamma.sys: 3, delta.sys: 4, epsilon.sys: 5}",
                "{alpha.sys: 1, beta.sys: 3, gamma.sys: 3, delta.sys: 4, epsilon.sys: 5}",
                "  wanted (-) and got (+)\n"
                "      alpha.sys: 1\n"
                "    - beta.sys: 2\n"
                "    + beta.sys: 3\n"
                "      gamma.sys: 3\n"
                "      delta.sys: 4\n"
                "      epsilon.sys: 5\n");
}

static void commas_in_quotes_and_brackets_do_not_end_an_entry(void **state)
{
    (void)state;
    assert_diff(
        "[{kind: a, module: 'x, y'}, {kind: b, list: [1, 2]}, \"c, \\\" d\", more and more]", "[]",
        "  wanted (-) and got (+)\n"
        "    - {kind: a, module: 'x, y'}\n"
        "    - {kind: b, list: [1, 2]}\n"
        "    - \"c, \\\" d\"\n"
        "    - more and more\n");
}

static void a_wrapped_list_is_not_compared_line_by_line_with_a_plain_one(void **state)
{
    (void)state;
    assert_diff("{contains: [image.listed a.sys, image.listed b.sys, image.notify b.sys]}",
                "[image.listed c.sys]",
                "  wanted  {contains: [image.listed a.sys, image.listed b.sys, image.notify "
                "b.sys]}\n"
                "  got     [image.listed c.sys]\n");
}

static void lists_beyond_the_limit_are_shown_whole(void **state)
{
    char list[4096] = "[";
    struct ks_text_buffer text;
    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        strcat(list, "x, ");
    }
    strcat(list, "y]");
    ks_text_buffer_init(&text, NULL);
    ks_text_diff(&text, list, "[x]", "", false);
    ks_text_buffer_char(&text, '\0');
    assert_non_null(strstr(text.bytes, "wanted  [x, x, "));
    assert_non_null(strstr(text.bytes, "got     [x]\n"));
    ks_text_buffer_fini(&text);
}

static void malformed_texts_do_no_harm(void **state)
{
    static const char *const texts[] = {
        "[\"an unclosed quote that is rather long, longer than sixty characters, you see",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]",
        "[,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,]",
        "[\"ends in a backslash, and is longer than sixty characters as well, it is \\]",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct ks_text_buffer text;
        ks_text_buffer_init(&text, NULL);
        ks_text_diff(&text, texts[i], "[a]", "", false);
        assert_false(text.failed);
        ks_text_buffer_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_values_stand_below_each_other),
        cmocka_unit_test(a_side_that_does_not_apply_is_left_out),
        cmocka_unit_test(long_lists_show_where_they_differ),
        cmocka_unit_test(long_maps_are_taken_apart_as_well),
        cmocka_unit_test(commas_in_quotes_and_brackets_do_not_end_an_entry),
        cmocka_unit_test(a_wrapped_list_is_not_compared_line_by_line_with_a_plain_one),
        cmocka_unit_test(lists_beyond_the_limit_are_shown_whole),
        cmocka_unit_test(malformed_texts_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
