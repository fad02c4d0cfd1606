// SPDX-License-Identifier: MIT
// What of YAML a scenario may use, and where things are found to be.
#include "parse_case.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGES HEAD "images:\n  a.sys: {}\n"

static void more_of_yaml_than_needed_is_refused_with_the_quoted_form(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "name: &anchor x\n", 2, 7, "name", "anchors (`&anchor`)", "quotes"},
        {HEAD "name: *alias\n", 2, 7, "name", "aliases (`*alias`)", "'*alias'"},
        {HEAD "name: !tag x\n", 2, 7, "name", "tags (`!tag`)", "quotes"},
        {HEAD "name: !!str x\n", 2, 7, "name", "tags", "quotes"},
        {HEAD "images: { <<: {} }\n", 2, 11, "images.<<", "merge keys", "'<<'"},
        {HEAD "? [a]\n: x\n", 2, 3, "?", "a key must be a text, not a list", ""},
        {HEAD "? {a: b}\n: x\n", 2, 3, "?", "a key must be a text, not a map", ""},
        {HEAD "?\n: x\n", 2, 2, "", "a key is missing in front of the `:`", ""},
        {HEAD "name: \"a\\0b\"\n", 2, 7, "name", "NUL", ""},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_YAML);
}

static void duplicate_keys_are_refused_by_case_alone_where_names_fold(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "name: x\nname: y\n", 3, 1, "name", "`name` is given twice, first in line 2", ""},
        {HEAD "images: { a.sys: {}, A.SYS: {} }\n", 2, 22, "images.A.SYS",
         "`A.SYS` differs only in case from the one in line 2", "case makes no difference"},
        {HEAD "services: { s: {}, S: {} }\n", 2, 20, "services.S", "differs only in case", "case"},
        {HEAD "images: { a.sys: { imports: { b.sys: [], B.sys: [] } } }\n", 2, 42,
         "images.a.sys.imports.B.sys", "differs only in case", "case"},
        {IMAGES "steps:\n  - check:\n    expect: { counts: { a.sys: 1, A.sys: 1 } }\n", 6, 35,
         "steps[0].expect.counts.A.sys", "differs only in case", "case"},
        {HEAD "images: { a.sys: { routines: { F: absent, F: absent } } }\n", 2, 43,
         "images.a.sys.routines.F", "`F` is given twice", ""},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_YAML);
    parse_case_accepts(HEAD "images: { a.sys: { routines: { F: absent, f: absent } } }\n");
}

// More than a few keys are looked up in a table.
static void duplicates_are_found_in_large_maps_too(void **state)
{
    char text[4096] = HEAD "images:\n";
    (void)state;
    for (int i = 0; i < 40; i++) {
        char line[32];
        snprintf(line, sizeof line, "  image%d.sys: {}\n", i);
        strcat(text, line);
    }
    parse_case_accepts(text);
    strcat(text, "  IMAGE7.SYS: {}\n");
    const struct parse_case twice = {text, 43, 3, "images.IMAGE7.SYS", "in line 10", "case"};
    parse_case_refuses(&twice, KS_DIAGNOSTIC_YAML);
}

static void text_cut_short_by_a_number_sign_is_refused(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "name: bug #12 again\n", 2, 7, "name", "cut short", "'bug #12 again'"},
        {HEAD "images: { a.sys: { exports: [Foo #7] } }\n", 2, 30, "images.a.sys.exports[0]",
         "cut short", "'Foo #7'"},
        {HEAD "images: { a.sys: { imports: { b.sys: [F, #7] } } }\n", 2, 42, "", "cut short",
         "'#7'"},
        {HEAD "description: it's #1\n", 2, 14, "description", "cut short", "\"it's #1\""},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_YAML);
}

static void comments_are_comments(void **state)
{
    (void)state;
    parse_case_accepts("# first\n" HEAD "name: x # said with a blank\n#last\n");
    parse_case_accepts(HEAD "name: x #\nprofiles: [nt52, # old\n  nt62] # new\n");
    parse_case_accepts(HEAD "name: x ## y\n#kldr: 2\n");
    parse_case_accepts(HEAD "name: 'a' #7\ndescription: a#7\n");
}

static void syntax_errors_say_what_would_cure_them(void **state)
{
    static const struct parse_case cases[] = {
        {HEAD "images: { a.sys: { exports: [@F@8] } }\n", 2, 30, "", "cannot begin with `@`",
         "'@F@8'"},
        {HEAD "name: `x`\n", 2, 7, "", "cannot begin with ``", "'`x`'"},
        {HEAD "images: { \"\\??\\C:\\x.sys\": {} }\n", 2, 12, "", "unknown escape",
         "single quotes"},
        {HEAD "name: a: b\n", 2, 8, "", "`: ` is not allowed here", "needs quotes"},
        {HEAD "name: [a\n", 3, 1, "", "expected `,` or `]`", "separates"},
        {HEAD "images:\n\ta.sys: {}\n", 3, 1, "", "a tab cannot indent", "blanks"},
        {HEAD "name: \"x\n", 3, 1, "", "ends inside quotes", "close"},
        {HEAD "name: a\x01z\n", 2, 8, "", "control characters", "UTF-8"},
        {HEAD "name: \xff\n", 2, 7, "", "invalid leading UTF-8 octet", "UTF-8"},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_YAML);
}

static void columns_count_bytes_and_offsets_find_them(void **state)
{
    static const char text[] =
        HEAD "name: \xC3\xA4\xE2\x82\xAC\nskip: { nt52: \xC3\xA4, nt53: x }\n";
    static const struct parse_case wrong = {
        text, 3, 19, "skip.nt53", "found `nt53`", "did you mean `nt52`?"};
    struct ks_parse_result result;
    (void)state;
    parse_case_refuses(&wrong, KS_DIAGNOSTIC_FORM);
    ks_scenario_parse("x", text, strlen(text), &result);
    assert_int_equal(memcmp(text + result.diagnostics.items[0].place.begin, "nt53", 4), 0);
    ks_parse_result_fini(&result);
}

static void carriage_returns_and_a_byte_order_mark_change_nothing(void **state)
{
    static const struct parse_case cases[] = {
        {"\xEF\xBB\xBFkldr: 1\nnam: x\n", 2, 1, "nam", "unknown key", "`name`"},
        {"kldr: 1\r\nname: x\r\n  \r\nnam: x\r\n", 4, 1, "nam", "unknown key", "`name`"},
        {"\xEF\xBB\xBFkldr: 1\r\nname: \xC3\xA4\r\nnam: x\r\n", 3, 1, "nam", "unknown", "`name`"},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_FORM);
}

static void hostile_shapes_end_with_a_reason(void **state)
{
    enum { DEPTH = 100000 };
    static char deep[DEPTH + 1];
    static const struct parse_case nested = {deep, 1, 101, "", "nested more than 100 deep", ""};
    (void)state;
    memset(deep, '[', DEPTH);
    parse_case_refuses(&nested, KS_DIAGNOSTIC_YAML);

    size_t size = (size_t)16 * 1024 * 1024 + 1;
    char *large = malloc(size);
    struct ks_parse_result result;
    assert_non_null(large);
    memset(large, '#', size);
    assert_int_equal(ks_scenario_parse("x", large, size, &result), KLDR_ERROR_SCENARIO);
    assert_non_null(strstr(result.diagnostics.items[0].message, "16 MiB"));
    ks_parse_result_fini(&result);
    free(large);
}

static void documents_without_a_scenario_are_refused(void **state)
{
    static const struct parse_case cases[] = {
        {"", 1, 1, "", "no scenario", "kldr: 1"},
        {"# nothing\n", 1, 1, "", "no scenario", "kldr: 1"},
        {HEAD "---\n", 2, 1, "", "the document is empty", "kldr: 1"},
        {"- kldr: 1\n", 1, 1, "", "found a list", ""},
        {"kldr\n", 1, 1, "", "found `kldr`", ""},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_FORM);
}

static void many_mistakes_are_reported_up_to_a_limit_in_the_order_of_the_file(void **state)
{
    char text[4096] = HEAD;
    struct ks_parse_result result;
    (void)state;
    for (int i = 0; i < 60; i++) {
        char line[32];
        snprintf(line, sizeof line, "wrong%d: 1\n", i);
        strcat(text, line);
    }
    assert_int_equal(ks_scenario_parse("x", text, strlen(text), &result), KLDR_ERROR_SCENARIO);
    assert_int_equal(result.diagnostics.count, 50);
    assert_true(result.diagnostics.truncated);
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(result.diagnostics.items[i].place.line, i + 2);
    }
    ks_parse_result_fini(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_of_yaml_than_needed_is_refused_with_the_quoted_form),
        cmocka_unit_test(duplicate_keys_are_refused_by_case_alone_where_names_fold),
        cmocka_unit_test(duplicates_are_found_in_large_maps_too),
        cmocka_unit_test(text_cut_short_by_a_number_sign_is_refused),
        cmocka_unit_test(comments_are_comments),
        cmocka_unit_test(syntax_errors_say_what_would_cure_them),
        cmocka_unit_test(columns_count_bytes_and_offsets_find_them),
        cmocka_unit_test(carriage_returns_and_a_byte_order_mark_change_nothing),
        cmocka_unit_test(hostile_shapes_end_with_a_reason),
        cmocka_unit_test(documents_without_a_scenario_are_refused),
        cmocka_unit_test(many_mistakes_are_reported_up_to_a_limit_in_the_order_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
