// SPDX-License-Identifier: MIT
#include "test.h"

#include "cli/options.h"
#include "cli/suggest.h"

#include <string.h>

enum { VERBOSE = 1, QUIET, OUTPUT, TRACE, PROFILE };

static const struct ks_option options[] = {
    {VERBOSE, "verbose", 'v', KS_ARGUMENT_NONE, false, NULL, "help"},
    {QUIET, "quiet", 'q', KS_ARGUMENT_NONE, false, NULL, "help"},
    {OUTPUT, "output", 'o', KS_ARGUMENT_REQUIRED, false, "FILE", "help"},
    {TRACE, "trace", '\0', KS_ARGUMENT_OPTIONAL, false, "KINDS", "help"},
    {PROFILE, "profile", '\0', KS_ARGUMENT_REQUIRED, true, "NAME", "help"},
};
static const struct ks_command command = {
    .name = "test", .options = options, .option_count = COUNT_OF(options)};

#define ARGUMENTS_MOST 8

// What the parser should answer, one after the other; value NULL: none.
struct answer {
    int id;
    const char *value;
};

static void assert_parsed(const char *const *arguments, const struct answer *answers)
{
    char *argv[ARGUMENTS_MOST + 2] = {(char *)(uintptr_t) "test"};
    int argc = 1;
    while (arguments[argc - 1] != NULL) {
        argv[argc] = (char *)(uintptr_t)arguments[argc - 1];
        argc++;
    }
    struct ks_option_parser parser;
    const char *value;
    ks_options_begin(&parser, &command, argc, argv);
    for (;; answers++) {
        int id = ks_options_next(&parser, &value);
        assert_int_equal(id, answers->id);
        if (id == KS_OPTIONS_ERROR) {
            assert_non_null(strstr(parser.error, answers->value));
            return;
        }
        if (answers->value == NULL) {
            assert_null(value);
        } else {
            assert_string_equal(value, answers->value);
        }
        if (id == KS_OPTIONS_END) {
            return;
        }
    }
}

#define PARSED(arguments, ...)                                                                     \
    assert_parsed((const char *const[])arguments, (const struct answer[]){__VA_ARGS__})
#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define END                                                                                        \
    {                                                                                              \
        KS_OPTIONS_END, NULL                                                                       \
    }

static void a_value_may_follow_or_be_attached(void **state)
{
    (void)state;
    PARSED(ARGS("--output", "x"), {OUTPUT, "x"}, END);
    PARSED(ARGS("--output=x"), {OUTPUT, "x"}, END);
    PARSED(ARGS("--output="), {OUTPUT, ""}, END);
    PARSED(ARGS("-o", "x"), {OUTPUT, "x"}, END);
    PARSED(ARGS("-ox"), {OUTPUT, "x"}, END);
    PARSED(ARGS("--output", "-v"), {OUTPUT, "-v"}, END);
    PARSED(ARGS("--output", "a=b=c"), {OUTPUT, "a=b=c"}, END);
}

static void an_optional_value_is_only_taken_when_attached(void **state)
{
    (void)state;
    PARSED(ARGS("--trace", "x"), {TRACE, NULL}, {KS_OPTIONS_OPERAND, "x"}, END);
    PARSED(ARGS("--trace=ref", "x"), {TRACE, "ref"}, {KS_OPTIONS_OPERAND, "x"}, END);
}

static void letters_may_stand_together(void **state)
{
    (void)state;
    PARSED(ARGS("-vq", "f"), {VERBOSE, NULL}, {QUIET, NULL}, {KS_OPTIONS_OPERAND, "f"}, END);
    PARSED(ARGS("-vo", "f"), {VERBOSE, NULL}, {OUTPUT, "f"}, END);
    PARSED(ARGS("-vof"), {VERBOSE, NULL}, {OUTPUT, "f"}, END);
}

static void operands_and_options_may_be_mixed_until_two_dashes(void **state)
{
    (void)state;
    PARSED(ARGS("a", "-v", "b"), {KS_OPTIONS_OPERAND, "a"}, {VERBOSE, NULL},
           {KS_OPTIONS_OPERAND, "b"}, END);
    PARSED(ARGS("--", "-v", "--"), {KS_OPTIONS_OPERAND, "-v"}, {KS_OPTIONS_OPERAND, "--"}, END);
    PARSED(ARGS("-"), {KS_OPTIONS_OPERAND, "-"}, END);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    PARSED(ARGS("--outptu=x"), {KS_OPTIONS_ERROR, "did you mean --output?"});
    PARSED(ARGS("--zzzzzz"), {KS_OPTIONS_ERROR, "there is no option --zzzzzz"});
    PARSED(ARGS("-x"), {KS_OPTIONS_ERROR, "there is no option -x"});
    PARSED(ARGS("--verbose=yes"), {KS_OPTIONS_ERROR, "--verbose takes no value"});
    PARSED(ARGS("--output"), {KS_OPTIONS_ERROR, "--output needs a value: --output FILE"});
    PARSED(ARGS("-o"), {KS_OPTIONS_ERROR, "--output needs a value"});
    PARSED(ARGS("-oa", "--output", "b"), {OUTPUT, "a"},
           {KS_OPTIONS_ERROR, "--output is given twice"});
}

static void some_options_may_be_repeated(void **state)
{
    (void)state;
    PARSED(ARGS("--profile", "a", "--profile=b"), {PROFILE, "a"}, {PROFILE, "b"}, END);
    PARSED(ARGS("-v", "-v"), {VERBOSE, NULL}, {VERBOSE, NULL}, END);
}

static void help_has_two_spellings(void **state)
{
    (void)state;
    PARSED(ARGS("--help"), {KS_OPTIONS_HELP, NULL}, END);
    PARSED(ARGS("-h"), {KS_OPTIONS_HELP, NULL}, END);
}

static void numbers_are_decimal_and_bounded(void **state)
{
    unsigned long long number = 1;
    (void)state;
    assert_true(ks_options_number("0", 10, &number));
    assert_int_equal(number, 0);
    assert_true(ks_options_number("10", 10, &number));
    assert_int_equal(number, 10);
    assert_true(ks_options_number("18446744073709551615", UINT64_MAX, &number));
    assert_true(number == UINT64_MAX);
    static const char *const bad[] = {"", "11", "-1", "+1", "0x1", "1 ", " 1", "1.5"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(ks_options_number(bad[i], 10, &number));
    }
    assert_false(ks_options_number("18446744073709551616", UINT64_MAX, &number));
}

static const char *suggested(const char *word)
{
    static const char *const known[] = {"documented", "nt52", "nt62", "24h2", "reactos"};
    struct ks_suggestion suggestion;
    ks_suggest_begin(&suggestion, word);
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        ks_suggest_consider(&suggestion, known[i]);
    }
    return suggestion.best;
}

static void a_near_word_is_suggested_and_a_far_one_is_not(void **state)
{
    (void)state;
    assert_string_equal(suggested("documentd"), "documented");
    assert_string_equal(suggested("doc"), "documented");
    assert_string_equal(suggested("NT52"), "nt52");
    assert_string_equal(suggested("recatos"), "reactos");
    assert_null(suggested("windows"));
    assert_null(suggested(""));
    assert_null(
        suggested("a word that is far too long to be one that anybody knows, and longer still"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_may_follow_or_be_attached),
        cmocka_unit_test(an_optional_value_is_only_taken_when_attached),
        cmocka_unit_test(letters_may_stand_together),
        cmocka_unit_test(operands_and_options_may_be_mixed_until_two_dashes),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(some_options_may_be_repeated),
        cmocka_unit_test(help_has_two_spellings),
        cmocka_unit_test(numbers_are_decimal_and_bounded),
        cmocka_unit_test(a_near_word_is_suggested_and_a_far_one_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
