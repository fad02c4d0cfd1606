// SPDX-License-Identifier: MIT
#include "explain/explain.h"
#include "test.h"

#include <kldr/world.h>

#include <string.h>

static void check_ids(const char *owner, const char *ids)
{
    char id[16];
    while (ks_explain_next(&ids, id, sizeof id)) {
        struct ks_fact fact;
        if (!ks_explain_fact(id, &fact)) {
            fail_msg("%s names fact %s, which does not exist", owner, id);
        }
    }
}

static void every_finding_is_explained_in_full(void **state)
{
    (void)state;
    assert_int_equal(ks_finding_count(), 18);
    for (size_t i = 0; i < ks_finding_count(); i++) {
        const struct ks_finding_info *finding = ks_finding_at(i);
        check_ids(finding->id, finding->facts);
        // Facts are about the loader; what drivers do with requests is none of its business.
        bool of_loader = strcmp(finding->id, "pending-mismatch") != 0 &&
                         strcmp(finding->id, "freed-pool-written") != 0;
        assert_int_equal(finding->facts[0] != '\0', of_loader);
        assert_memory_equal(finding->fields, "module", strlen("module"));
        assert_true(strlen(finding->meaning) > 0 && strlen(finding->why) > 0);
        assert_true(strlen(finding->advice) > 0);
    }
    assert_null(ks_finding_at(ks_finding_count()));
}

static void findings_are_found_without_case(void **state)
{
    (void)state;
    struct ks_finding_info finding = {.id = "mine"};
    assert_false(ks_finding_find("dangling", &finding));
    assert_string_equal(finding.id, "mine");
    assert_true(ks_finding_find("Forwarder-Cycle", &finding));
    assert_string_equal(finding.id, "forwarder-cycle");
}

static void every_value_of_every_knob_is_explained(void **state)
{
    (void)state;
    size_t known = 0;
    for (unsigned k = 0; k < KLDR_KNOB_COUNT; k++) {
        const struct kldr_knob_info *knob = kldr_knob_info((enum kldr_knob)k);
        for (size_t v = 0; knob->values[v] != NULL; v++, known++) {
            struct ks_value_info value;
            if (!ks_value_find(knob->id, knob->values[v], &value)) {
                fail_msg("no text for %s=%s", knob->id, knob->values[v]);
            }
            check_ids(knob->id, value.facts);
        }
    }
    assert_int_equal(known, ks_value_count());
}

static void an_unknown_value_is_not_found(void **state)
{
    (void)state;
    struct ks_value_info value;
    assert_false(ks_value_find("refused", "both", &value));
    assert_false(ks_value_find("nothing", "both", &value));
}

static void limits_belong_to_one_known_thing_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_limit_count(); i++) {
        const struct ks_limit *limit = ks_limit_at(i);
        struct ks_fact fact;
        struct ks_finding_info finding;
        enum kldr_knob knob;
        if (!ks_explain_fact(limit->id, &fact) && !ks_finding_find(limit->id, &finding) &&
            !kldr_knob_find(limit->id, &knob)) {
            fail_msg("a limit of %s, which does not exist", limit->id);
        }
        assert_ptr_equal(ks_limit_text(limit->id), limit->text);
    }
    assert_string_equal(ks_limit_text("U7"), "");
    assert_null(ks_limit_at(ks_limit_count()));
}

static void every_profile_has_a_text(void **state)
{
    (void)state;
    for (unsigned p = 0; p < KLDR_PROFILE_COUNT; p++) {
        assert_true(strlen(ks_profile_text((enum kldr_profile)p)) > 0);
    }
    assert_string_equal(ks_profile_text(KLDR_PROFILE_COUNT), "");
}

static void every_event_is_explained_under_its_name(void **state)
{
    (void)state;
    for (unsigned e = 0; e < KLDR_EVENT_KIND_COUNT; e++) {
        const struct ks_term *term = ks_event_term((enum kldr_event_kind)e);
        if (term->id == NULL) {
            fail_msg("no text for event %s", kldr_event_name((enum kldr_event_kind)e));
        }
        assert_string_equal(term->id, kldr_event_name((enum kldr_event_kind)e));
        check_ids(term->id, term->facts);
    }
    assert_null(ks_event_term(KLDR_EVENT_KIND_COUNT));
}

static void words_are_explained_once_and_cite_known_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_word_count(); i++) {
        check_ids(ks_word_at(i)->id, ks_word_at(i)->facts);
        assert_int_equal(ks_word_at(i)->text[strlen(ks_word_at(i)->text) - 1], '.');
        for (size_t k = 0; k < i; k++) {
            assert_false(ks_explain_same(ks_word_at(k)->id, ks_word_at(i)->id));
        }
    }
    assert_null(ks_word_at(ks_word_count()));
}

static void every_status_of_the_sheet_says_when_it_is_given(void **state)
{
    (void)state;
#define CHECK_STATUS(name, value, win32, meaning)                                                  \
    assert_non_null(ks_status_term(KLDR_STATUS_##name));                                           \
    check_ids(#name, ks_status_term(KLDR_STATUS_##name)->facts);
    KLDR_STATUS_TABLE(CHECK_STATUS)
#undef CHECK_STATUS
    assert_null(ks_status_term(KLDR_ERROR_LIMIT));
}

static void notes_on_stop_codes_belong_to_known_codes(void **state)
{
    (void)state;
    struct kldr_stop_code_info info;
    assert_non_null(ks_stop_code_term(0xCE));
    assert_true(kldr_stop_code_find(0xCE, &info));
    assert_null(ks_stop_code_term(0xC0000034));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_finding_is_explained_in_full),
        cmocka_unit_test(findings_are_found_without_case),
        cmocka_unit_test(every_value_of_every_knob_is_explained),
        cmocka_unit_test(an_unknown_value_is_not_found),
        cmocka_unit_test(limits_belong_to_one_known_thing_each),
        cmocka_unit_test(every_profile_has_a_text),
        cmocka_unit_test(every_event_is_explained_under_its_name),
        cmocka_unit_test(words_are_explained_once_and_cite_known_facts),
        cmocka_unit_test(every_status_of_the_sheet_says_when_it_is_given),
        cmocka_unit_test(notes_on_stop_codes_belong_to_known_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
