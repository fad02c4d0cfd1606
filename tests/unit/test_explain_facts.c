// SPDX-License-Identifier: MIT
#include "explain/explain.h"
#include "test.h"

#include <string.h>

static void check_ids(const char *owner, const char *ids)
{
    char id[16];
    while (ks_explain_next(&ids, id, sizeof id)) {
        struct ks_fact fact;
        if (!ks_explain_fact(id, &fact)) {
            fail_msg("%s names fact %s, which does not exist", owner, id);
        }
        if (strcmp(id, fact.id) != 0 || strcmp(id, owner) == 0) {
            fail_msg("%s names fact %s", owner, id);
        }
    }
}

static void every_fact_has_texts_and_a_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_fact_count(); i++) {
        const struct ks_fact *fact = ks_fact_at(i);
        assert_non_null(ks_fact_family(fact->id));
        assert_true(strlen(fact->title) > 5 && strlen(fact->title) < 80);
        assert_int_not_equal(fact->title[strlen(fact->title) - 1], '.');
        assert_int_equal(fact->text[strlen(fact->text) - 1], '.');
    }
}

static void every_id_is_used_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_fact_count(); i++) {
        struct ks_fact found;
        assert_true(ks_explain_fact(ks_fact_at(i)->id, &found));
        assert_ptr_equal(found.text, ks_fact_at(i)->text);
    }
}

static void references_between_facts_lead_somewhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_fact_count(); i++) {
        check_ids(ks_fact_at(i)->id, ks_fact_at(i)->related);
    }
}

static void facts_name_known_knobs_and_profiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_fact_count(); i++) {
        char word[32];
        const char *knobs = ks_fact_at(i)->knobs, *profiles = ks_fact_at(i)->profiles;
        while (ks_explain_next(&knobs, word, sizeof word)) {
            enum kldr_knob knob;
            assert_true(kldr_knob_find(word, &knob));
        }
        while (ks_explain_next(&profiles, word, sizeof word)) {
            enum kldr_profile profile;
            assert_true(kldr_profile_find(word, &profile));
        }
    }
}

static void facts_of_the_knob_table_exist(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KLDR_KNOB_COUNT; i++) {
        const struct kldr_knob_info *knob = kldr_knob_info((enum kldr_knob)i);
        check_ids(knob->id, knob->facts);
    }
}

static void a_rule_says_which_profiles_follow_it(void **state)
{
    (void)state;
    struct ks_fact fact;
    assert_true(ks_explain_fact("U7", &fact));
    assert_string_equal(fact.knobs, "refused");
    assert_string_equal(fact.profiles, "nt62 24h2");
}

static void ids_compare_without_case(void **state)
{
    (void)state;
    struct ks_fact fact;
    assert_true(ks_explain_fact("rd10", &fact));
    assert_string_equal(fact.id, "RD10");
}

static void an_unknown_id_leaves_the_result_alone(void **state)
{
    (void)state;
    struct ks_fact fact = {.id = "mine"};
    assert_false(ks_explain_fact("U99", &fact));
    assert_false(ks_explain_fact("", &fact));
    assert_string_equal(fact.id, "mine");
}

static void families_are_found_by_letters_and_by_id(void **state)
{
    (void)state;
    assert_string_equal(ks_fact_family("rd")->prefix, "RD");
    assert_string_equal(ks_fact_family("R12")->prefix, "R");
    assert_null(ks_fact_family("Z1"));
    assert_null(ks_fact_family("U7x"));
    assert_null(ks_fact_family("reactos"));
    assert_null(ks_fact_family(""));
}

static void every_family_has_members(void **state)
{
    (void)state;
    for (size_t f = 0; f < ks_fact_family_count(); f++) {
        size_t members = 0;
        for (size_t i = 0; i < ks_fact_count(); i++) {
            members += ks_fact_family(ks_fact_at(i)->id) == ks_fact_family_at(f);
        }
        assert_true(members > 0);
    }
    assert_null(ks_fact_family_at(ks_fact_family_count()));
    assert_null(ks_fact_at(ks_fact_count()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fact_has_texts_and_a_family),
        cmocka_unit_test(every_id_is_used_once),
        cmocka_unit_test(references_between_facts_lead_somewhere),
        cmocka_unit_test(facts_name_known_knobs_and_profiles),
        cmocka_unit_test(facts_of_the_knob_table_exist),
        cmocka_unit_test(a_rule_says_which_profiles_follow_it),
        cmocka_unit_test(ids_compare_without_case),
        cmocka_unit_test(an_unknown_id_leaves_the_result_alone),
        cmocka_unit_test(families_are_found_by_letters_and_by_id),
        cmocka_unit_test(every_family_has_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
