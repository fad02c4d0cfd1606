// SPDX-License-Identifier: MIT
#include "explain/entry.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static struct ks_entry entry;

static const struct ks_entry_field *field(const char *key)
{
    for (size_t i = 0; i < entry.field_count; i++) {
        if (strcmp(entry.fields[i].key, key) == 0) {
            return &entry.fields[i];
        }
    }
    return NULL;
}

static void a_fact_has_grade_profiles_knobs_and_limits(void **state)
{
    (void)state;
    struct ks_fact fact;
    assert_true(ks_explain_fact("L22", &fact));
    ks_entry_fact(&entry, &fact);
    assert_string_equal(field("grade")->text, "[O] reported, unverified");
    assert_int_equal(field("unverified")->number, 1);
    assert_string_equal(field("profiles")->text, "24h2");
    assert_string_equal(field("limits")->text, ks_limit_text("L22"));
    assert_null(field("knobs"));
    assert_string_equal(entry.facts, "L6");
}

static void a_decision_has_no_grade(void **state)
{
    (void)state;
    struct ks_fact fact;
    assert_true(ks_explain_fact("A11", &fact));
    ks_entry_fact(&entry, &fact);
    assert_string_equal(entry.kind, "decision");
    assert_null(field("grade"));
    assert_null(field("unverified"));
}

static void a_profile_lists_its_value_of_every_knob(void **state)
{
    (void)state;
    ks_entry_profile(&entry, KLDR_PROFILE_NT52);
    assert_int_equal(entry.row_count, KLDR_KNOB_COUNT);
    assert_string_equal(entry.rows[KLDR_KNOB_COUNTING].id, "counting=dllunload");
    assert_string_equal(entry.rows[KLDR_KNOB_COUNTING].note, "U10: reported, unverified");
    ks_entry_profile(&entry, KLDR_PROFILE_DOCUMENTED);
    assert_string_equal(entry.rows[KLDR_KNOB_COUNTING].note, "C1");
}

static void a_knob_lists_its_values_with_their_profiles(void **state)
{
    (void)state;
    ks_entry_knob(&entry, KLDR_KNOB_REFUSED);
    assert_int_equal(entry.row_count, 2);
    assert_string_equal(entry.rows[0].note, "documented, nt52, reactos");
    assert_string_equal(entry.rows[1].note, "nt62, 24h2");
    assert_int_equal(field("unverified")->number, 1);
    assert_non_null(strstr(field("grade")->text, "reported, unverified"));
}

static void a_value_that_no_profile_has_says_so(void **state)
{
    (void)state;
    struct ks_value_info value;
    assert_true(ks_value_find("forwarder_split", "last", &value));
    ks_entry_value(&entry, &value);
    assert_null(field("profiles"));
    assert_non_null(strstr(entry.text, "No profile"));
}

static void a_status_has_its_value_and_win32_error(void **state)
{
    (void)state;
    struct kldr_status_info status;
    assert_true(kldr_status_find(KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND, &status));
    ks_entry_status(&entry, &status);
    assert_string_equal(field("value")->text, "0xC0000263");
    assert_int_equal(field("win32")->number, 127);
    assert_non_null(strstr(entry.facts, "H19"));
}

static void an_own_status_is_marked_as_not_of_windows(void **state)
{
    (void)state;
    struct kldr_status_info status;
    assert_true(kldr_status_find(KLDR_ERROR_LIMIT, &status));
    ks_entry_status(&entry, &status);
    assert_non_null(strstr(entry.text, "not an answer of Windows"));
    assert_null(field("win32"));
}

static void storage_that_is_full_cuts_texts(void **state)
{
    (void)state;
    ks_entry_begin(&entry, "word", "x", "", "");
    const char *last = "";
    for (size_t i = 0; i < KS_ENTRY_STORAGE; i++) {
        last = ks_entry_keep(&entry, "%s", "some text");
    }
    assert_string_equal(last, "");
    assert_true(entry.storage_used <= sizeof entry.storage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fact_has_grade_profiles_knobs_and_limits),
        cmocka_unit_test(a_decision_has_no_grade),
        cmocka_unit_test(a_profile_lists_its_value_of_every_knob),
        cmocka_unit_test(a_knob_lists_its_values_with_their_profiles),
        cmocka_unit_test(a_value_that_no_profile_has_says_so),
        cmocka_unit_test(a_status_has_its_value_and_win32_error),
        cmocka_unit_test(an_own_status_is_marked_as_not_of_windows),
        cmocka_unit_test(storage_that_is_full_cuts_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
