// SPDX-License-Identifier: MIT
// Values that differ between profiles.
#include "accept_case.h"
#include "test.h"

#define DOCUMENTED KLDR_PROFILE_DOCUMENTED
#define NT52       KLDR_PROFILE_NT52
#define H2         KLDR_PROFILE_24H2

// ---- several profiles ----

#define FLOW_STEP(text)                                                                            \
    "steps:\n"                                                                                     \
    "  - load: m\n"                                                                                \
    "    expect: { counts: { p.sys: 2 }, modules: [] }\n" text

#define BLOCK_STEP(text)                                                                           \
    BOTH "steps:\n"                                                                                \
         "  - load: m\n"                                                                           \
         "    expect:\n"                                                                           \
         "      counts: { p.sys: 2, m.sys: 1 } # of both\n"                                        \
         "      modules: [m.sys, p.sys]\n" text "  - unload: m\n"

static void where_profiles_agree_the_value_is_replaced(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "counts", "p.sys", "1", 0, false},
        {NT52, 0, "counts", "p.sys", "1", 0, false},
    };
    (void)state;
    accept_case_check(BOTH "steps: [ { load: m, expect: { counts: { p.sys: 2 } } } ]\n", wishes,
                      COUNT_OF(wishes),
                      BOTH "steps: [ { load: m, expect: { counts: { p.sys: 1 } } } ]\n");
}

static void where_it_holds_for_one_profile_the_other_gets_its_own(void **state)
{
    static const struct accept_wish wishes[] = {
        {NT52, 0, "counts", "p.sys", "1", 0, false},
        {NT52, 0, "modules", NULL, "[p.sys]", 0, false},
    };
    (void)state;
    accept_case_check(
        BLOCK_STEP(""), wishes, COUNT_OF(wishes),
        BLOCK_STEP("    expect_by_profile:\n"
                   "      nt52: { counts: { p.sys: 1, m.sys: 1 }, modules: [p.sys] }\n"));
}

static void a_profile_with_much_of_its_own_gets_a_line_for_each_key(void **state)
{
    static const struct accept_wish wishes[] = {
        {NT52, 0, "counts", "p.sys", "1", 0, false},
        {NT52, 0, "modules", NULL,
         "[one.sys, two.sys, three.sys, four.sys, five.sys, six.sys, seven.sys, m.sys]", 0, false},
    };
    (void)state;
    accept_case_check(
        TOP("documented, nt52") "images: { m.sys: {}, p.sys: {}, one.sys: {}, two.sys: {}, "
                                "three.sys: {}, four.sys: {}, five.sys: {}, six.sys: {}, "
                                "seven.sys: {} }\n" FLOW_STEP(""),
        wishes, COUNT_OF(wishes),
        TOP("documented, nt52") "images: { m.sys: {}, p.sys: {}, one.sys: {}, two.sys: {}, "
                                "three.sys: {}, four.sys: {}, five.sys: {}, six.sys: {}, "
                                "seven.sys: {} }\n" FLOW_STEP(
                                    "    expect_by_profile:\n"
                                    "      nt52:\n"
                                    "        counts: { p.sys: 1 }\n"
                                    "        modules: [one.sys, two.sys, three.sys, four.sys, "
                                    "five.sys, six.sys, seven.sys, m.sys]\n"));
}

static void where_it_holds_for_none_the_first_profile_gets_the_place(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "counts", "p.sys", "inactive", 0, false},
        {NT52, 0, "counts", "p.sys", "1", 0, false},
        {H2, 0, "counts", "p.sys", "inactive", 0, false},
    };
    (void)state;
    accept_case_check(ALL "steps:\n"
                          "  - load: m\n"
                          "    expect: { counts: { p.sys: 2, m.sys: 1 } }\n",
                      wishes, COUNT_OF(wishes),
                      ALL "steps:\n"
                          "  - load: m\n"
                          "    expect: { counts: { p.sys: inactive, m.sys: 1 } }\n"
                          "    expect_by_profile:\n"
                          "      nt52: { counts: { p.sys: 1, m.sys: 1 } }\n");
}

static void a_step_in_flow_style_stays_in_its_braces(void **state)
{
    static const struct accept_wish wishes[] = {
        {NT52, 0, "calls", NULL, "[p.sys!DllInitialize]", 0, false},
        {H2, 0, "calls", NULL, "[]", 0, false},
    };
    (void)state;
    accept_case_check(ALL "steps:\n"
                          "  - { load: m, expect: { calls: [m.sys!DriverEntry] }, note: x }\n",
                      wishes, COUNT_OF(wishes),
                      ALL "steps:\n"
                          "  - { load: m, expect: { calls: [m.sys!DriverEntry] }, "
                          "expect_by_profile: { nt52: { calls: [p.sys!DllInitialize] }, "
                          "24h2: { calls: [] } }, note: x }\n");
}

static void a_value_of_one_profile_is_replaced_there(void **state)
{
    static const struct accept_wish wishes[] = {
        {DOCUMENTED, 0, "counts", "p.sys", "1", 0, false},
        {NT52, 0, "counts", "p.sys", "4", 0, false},
    };
    (void)state;
    // nt52 has a value of its own: it neither uses the other nor keeps it from being replaced.
    accept_case_check(BOTH "steps:\n"
                           "  - load: m\n"
                           "    expect_by_profile: { nt52: { counts: { p.sys: 3 } } }\n"
                           "    expect: { counts: { p.sys: 2 } }\n",
                      wishes, COUNT_OF(wishes),
                      BOTH "steps:\n"
                           "  - load: m\n"
                           "    expect_by_profile: { nt52: { counts: { p.sys: 4 } } }\n"
                           "    expect: { counts: { p.sys: 1 } }\n");
}

static void an_entry_of_a_profile_is_extended(void **state)
{
    static const struct accept_wish wishes[] = {
        {NT52, 0, "counts", "p.sys", "1", 0, false},
        {H2, 0, "counts", "p.sys", "inactive", 0, false},
    };
    (void)state;
    accept_case_check(
        ALL "steps:\n"
            "  - load: m\n"
            "    expect: { counts: { p.sys: 2 } }\n"
            "    expect_by_profile: { nt52: { modules: [m.sys] , } , 24h2: {} }\n",
        wishes, COUNT_OF(wishes),
        ALL "steps:\n"
            "  - load: m\n"
            "    expect: { counts: { p.sys: 2 } }\n"
            "    expect_by_profile: { nt52: { modules: [m.sys], counts: { p.sys: 1 } , } , "
            "24h2: { counts: { p.sys: inactive } } }\n");
    accept_case_check(ALL "steps:\n"
                          "  - load: m\n"
                          "    expect: { counts: { p.sys: 2 } }\n"
                          "    expect_by_profile:\n"
                          "      nt52:\n"
                          "        modules:\n"
                          "          - m.sys  # alone\n"
                          "  - check:\n",
                      wishes, COUNT_OF(wishes),
                      ALL "steps:\n"
                          "  - load: m\n"
                          "    expect: { counts: { p.sys: 2 } }\n"
                          "    expect_by_profile:\n"
                          "      nt52:\n"
                          "        modules:\n"
                          "          - m.sys  # alone\n"
                          "        counts: { p.sys: 1 }\n"
                          "      24h2: { counts: { p.sys: inactive } }\n"
                          "  - check:\n");
}

static void a_file_without_a_last_newline_is_extended(void **state)
{
    static const struct accept_wish wishes[] = {{NT52, 0, "counts", "p.sys", "1", 0, false}};
    (void)state;
    accept_case_check(BOTH "steps:\n"
                           "  - load: m\n"
                           "    expect: { counts: { p.sys: 2 } }",
                      wishes, COUNT_OF(wishes),
                      BOTH "steps:\n"
                           "  - load: m\n"
                           "    expect: { counts: { p.sys: 2 } }\n"
                           "    expect_by_profile:\n"
                           "      nt52: { counts: { p.sys: 1 } }");
}

static void entries_of_a_map_are_copied_with_quotes_where_needed(void **state)
{
    static const struct accept_wish wishes[] = {{NT52, 0, "counts", "p.sys", "1", 0, false}};
    (void)state;
    accept_case_check(
        TOP("documented, nt52") "images:\n"
                                "  p.sys: {}\n"
                                "  'a, b.sys': {}\n"
                                "steps:\n"
                                "  - load: p\n"
                                "    expect:\n"
                                "      counts:\n"
                                "        p.sys: 2\n"
                                "        a, b.sys: absent\n"
                                "        '\\??\\C:\\it''s.sys': absent\n",
        wishes, COUNT_OF(wishes),
        TOP("documented, nt52") "images:\n"
                                "  p.sys: {}\n"
                                "  'a, b.sys': {}\n"
                                "steps:\n"
                                "  - load: p\n"
                                "    expect:\n"
                                "      counts:\n"
                                "        p.sys: 2\n"
                                "        a, b.sys: absent\n"
                                "        '\\??\\C:\\it''s.sys': absent\n"
                                "    expect_by_profile:\n"
                                "      nt52: { counts: { p.sys: 1, 'a, b.sys': absent, "
                                "'\\??\\C:\\it''s.sys': absent } }\n");
}

static void only_the_profiles_that_run_a_step_have_a_say(void **state)
{
    static const struct accept_wish wishes[] = {{NT52, 0, "counts", "p.sys", "1", 0, false}};
    (void)state;
    accept_case_check(
        BOTH "steps: [ { load: m, only: [nt52], expect: { counts: { p.sys: 2 } } } ]\n", wishes,
        COUNT_OF(wishes),
        BOTH "steps: [ { load: m, only: [nt52], expect: { counts: { p.sys: 1 } } } ]\n");
    accept_case_check(BOTH "skip: { documented: not now }\n"
                           "steps: [ { load: m, expect: { counts: { p.sys: 2 } } } ]\n",
                      wishes, COUNT_OF(wishes),
                      BOTH "skip: { documented: not now }\n"
                           "steps: [ { load: m, expect: { counts: { p.sys: 1 } } } ]\n");
}

static void expectations_of_routines_are_changed(void **state)
{
    static const struct accept_wish same[] = {
        {DOCUMENTED, 0, "counts", "p.sys", "1", 0, true},
        {DOCUMENTED, 0, "counts", "p.sys", "1", 0, true}, // the routine ran twice
        {NT52, 0, "counts", "p.sys", "1", 0, true},
    };
    static const struct accept_wish one[] = {{NT52, 0, "counts", "p.sys", "1", 0, true}};
    (void)state;
    accept_case_check(NESTED("7", ""), same, COUNT_OF(same), NESTED("1", ""));
    accept_case_check(NESTED("7", ""), one, COUNT_OF(one),
                      NESTED("7", "          expect_by_profile:\n"
                                  "            nt52: { counts: { p.sys: 1 } }\n"));
}

static void the_new_text_needs_no_further_change(void **state)
{
    static const struct accept_wish wishes[] = {{NT52, 0, "counts", "p.sys", "1", 0, false}};
    struct accept_case first, second;
    (void)state;
    accept_case_init(&first, BLOCK_STEP(""), wishes, 1);
    assert_int_equal(first.status, KLDR_STATUS_SUCCESS);
    // The same wish once more, now found under expect_by_profile, writes what is there already.
    accept_case_init(&second, first.text, wishes, 1);
    assert_int_equal(second.status, KLDR_STATUS_SUCCESS);
    assert_string_equal(second.text, first.text);
    accept_case_fini(&second);
    accept_case_fini(&first);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_profiles_agree_the_value_is_replaced),
        cmocka_unit_test(where_it_holds_for_one_profile_the_other_gets_its_own),
        cmocka_unit_test(a_profile_with_much_of_its_own_gets_a_line_for_each_key),
        cmocka_unit_test(where_it_holds_for_none_the_first_profile_gets_the_place),
        cmocka_unit_test(a_step_in_flow_style_stays_in_its_braces),
        cmocka_unit_test(a_value_of_one_profile_is_replaced_there),
        cmocka_unit_test(an_entry_of_a_profile_is_extended),
        cmocka_unit_test(a_file_without_a_last_newline_is_extended),
        cmocka_unit_test(entries_of_a_map_are_copied_with_quotes_where_needed),
        cmocka_unit_test(only_the_profiles_that_run_a_step_have_a_say),
        cmocka_unit_test(expectations_of_routines_are_changed),
        cmocka_unit_test(the_new_text_needs_no_further_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
