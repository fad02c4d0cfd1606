// SPDX-License-Identifier: MIT
#include "explain/explain.h"
#include "test.h"

#include <string.h>

static const char *trust(const char *id)
{
    struct ks_fact fact;
    assert_true(ks_explain_fact(id, &fact));
    return ks_fact_trust(&fact);
}

static void reports_alone_are_unverified(void **state)
{
    (void)state;
    assert_true(ks_fact_unverified("U7"));
    assert_string_equal(trust("U7"), "reported, unverified");
}

static void reactos_does_not_verify_windows(void **state)
{
    (void)state;
    assert_true(ks_fact_unverified("U10"));
    assert_string_equal(trust("U10"), "reported, unverified; ReactOS does the same");
    assert_string_equal(trust("H4"), "reported, unverified; ReactOS differs");
}

static void documentation_and_tests_verify(void **state)
{
    (void)state;
    assert_false(ks_fact_unverified("C1"));
    assert_false(ks_fact_unverified("L17"));
    assert_false(ks_fact_unverified("H11"));
    assert_string_equal(trust("C1"), "documented by Microsoft");
    assert_string_equal(trust("L17"), "documented by Microsoft and tested on real Windows");
    assert_string_equal(trust("H11"), "tested on real Windows by Wine or ReactOS authors");
}

static void documentation_that_says_the_opposite_does_not_verify(void **state)
{
    (void)state;
    assert_true(ks_fact_unverified("N7"));
    assert_string_equal(trust("N7"), "reported, unverified; the documentation says otherwise");
}

static void inference_is_unverified(void **state)
{
    (void)state;
    assert_true(ks_fact_unverified("L23"));
    assert_string_equal(trust("L23"), "inferred, unverified");
}

static void what_is_only_about_reactos_is_not_a_claim_about_windows(void **state)
{
    (void)state;
    assert_false(ks_fact_unverified("RD3"));
    assert_string_equal(trust("RD3"), "known from the sources of ReactOS");
}

static void entries_without_grade_claim_nothing(void **state)
{
    (void)state;
    assert_false(ks_fact_unverified("A11"));
    assert_string_equal(trust("A11"), "");
}

static void one_unverified_fact_taints_a_list(void **state)
{
    (void)state;
    assert_true(ks_fact_unverified("C1 U10"));
    assert_false(ks_fact_unverified("C1 L17"));
    assert_false(ks_fact_unverified(""));
    assert_false(ks_fact_unverified("nonsense"));
}

static void grades_print_in_a_fixed_order(void **state)
{
    (void)state;
    char text[KS_FACT_GRADES_SIZE];
    assert_string_equal(ks_fact_grades(KS_GRADE_O | KS_GRADE_D, text), "[D][O]");
    assert_string_equal(ks_fact_grades(0x7F, text), "[D][R][T][S][U][O][I]");
    assert_string_equal(ks_fact_grades(0, text), "");
}

static void every_grade_has_a_meaning(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KS_GRADE_COUNT; i++) {
        assert_true(strlen(ks_fact_grade_text((enum ks_grade)(1u << i))) > 0);
    }
    assert_string_equal(ks_fact_grade_text((enum ks_grade)0), "");
}

static void a_citation_warns_where_it_must(void **state)
{
    (void)state;
    char text[KS_FACT_CITE_SIZE];
    assert_string_equal(ks_fact_cite("U7", text), "U7, reported, unverified");
    assert_string_equal(ks_fact_cite("L17", text), "L17");
    assert_string_equal(ks_fact_cite("?", text), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_alone_are_unverified),
        cmocka_unit_test(reactos_does_not_verify_windows),
        cmocka_unit_test(documentation_and_tests_verify),
        cmocka_unit_test(documentation_that_says_the_opposite_does_not_verify),
        cmocka_unit_test(inference_is_unverified),
        cmocka_unit_test(what_is_only_about_reactos_is_not_a_claim_about_windows),
        cmocka_unit_test(entries_without_grade_claim_nothing),
        cmocka_unit_test(one_unverified_fact_taints_a_list),
        cmocka_unit_test(grades_print_in_a_fixed_order),
        cmocka_unit_test(every_grade_has_a_meaning),
        cmocka_unit_test(a_citation_warns_where_it_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
