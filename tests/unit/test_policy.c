// SPDX-License-Identifier: MIT
#include <kldr/policy.h>

#include "test.h"

#include <string.h>

// The table of the behaviour sheet, section 11, copied by hand: knob, then the values of
// documented, nt52, nt62, 24h2, reactos. The last row is H17 as A28 settles it.
static const char *const sheet[][1 + KLDR_PROFILE_COUNT] = {
    {"counting", "both", "dllunload", "dllunload", "dllunload", "dllunload"},
    {"init_success", "exact", "nonerror", "nonerror", "nonerror", "nonerror"},
    {"unload_success", "exact", "nonerror", "nonerror", "nonerror", "nonerror"},
    {"refused", "zero-retry", "zero-retry", "one-final", "one-final", "zero-retry"},
    {"drop_imports", "after", "after", "before", "before", "after"},
    {"search", "drivers", "importer", "importer+drivers", "importer+drivers", "importer+subdir"},
    {"never_counted", "exact", "prefix", "none", "sentinel", "prefix"},
    {"launder", "no", "yes", "no", "no", "no"},
    {"gdi_checks", "no", "yes", "no", "no", "yes"},
    {"empty_exports", "ok", "fail", "ok", "ok", "fail"},
    {"load_imported", "0xC000019D", "0xC0000034", "0xC0000034", "0xC000019D", "0xC000010E"},
    {"boot_imports", "iat", "iat-self", "iat", "iat", "descriptors"},
    {"registry_prefix", "upper", "upper", "upper", "upper", "mixed"},
    {"event_log", "one", "per-level", "none", "none", "none"},
    {"forwarder_split", "first", "first", "first", "first", "first"},
    {"second_unload", "success", "success", "success", "success", "0xC0000056"},
    {"unloaded_ring", "yes", "yes", "yes", "yes", "no"},
    {"x86_status", "0xC0000130", "0xC000036B", "0xC0000130", "0xC0000130", "0xC0000130"},
    {"missing_imports", "fail", "fail", "fail", "fail", "fail"},
    {"checksum", "warn", "warn", "warn", "warn", "warn"},
    {"no_entry_point", "success", "bugcheck", "success", "success", "success"},
    {"lost_import_list", "fail", "carry-on", "fail", "fail", "carry-on"},
};

// Values that no profile has.
static const char *const others[][2] = {
    {"forwarder_split", "last"},
    {"missing_imports", "trap"},
    {"checksum", "ignore"},
    {"checksum", "enforce"},
};

static const char *const profiles[KLDR_PROFILE_COUNT] = {"documented", "nt52", "nt62", "24h2",
                                                         "reactos"};

static void every_profile_is_the_row_of_the_sheet(void **state)
{
    (void)state;
    assert_int_equal(COUNT_OF(sheet), KLDR_KNOB_COUNT);
    for (unsigned column = 0; column < KLDR_PROFILE_COUNT; column++) {
        enum kldr_profile profile;
        struct kldr_policy policy;
        assert_true(kldr_profile_find(profiles[column], &profile));
        kldr_policy_init(&policy, profile);
        assert_int_equal(policy.profile, profile);
        for (size_t row = 0; row < COUNT_OF(sheet); row++) {
            enum kldr_knob knob;
            assert_true(kldr_knob_find(sheet[row][0], &knob));
            assert_int_equal(knob, row);
            assert_string_equal(kldr_policy_value_name(&policy, knob), sheet[row][1 + column]);
        }
    }
}

static bool is_in_sheet(const char *id, const char *value)
{
    for (size_t row = 0; row < COUNT_OF(sheet); row++) {
        for (unsigned column = 1; column <= KLDR_PROFILE_COUNT; column++) {
            if (strcmp(sheet[row][0], id) == 0 && strcmp(sheet[row][column], value) == 0)
                return true;
        }
    }
    for (size_t row = 0; row < COUNT_OF(others); row++) {
        if (strcmp(others[row][0], id) == 0 && strcmp(others[row][1], value) == 0)
            return true;
    }
    return false;
}

static void a_knob_has_the_values_of_the_sheet_and_no_others(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KLDR_KNOB_COUNT; i++) {
        const struct kldr_knob_info *info = kldr_knob_info((enum kldr_knob)i);
        assert_true(strlen(info->meaning) > 0 && strlen(info->facts) > 0);
        assert_int_equal(info->grade[0], '[');
        for (unsigned value = 0; info->values[value] != NULL; value++) {
            // gdi_checks, launder and unloaded_ring are yes or no.
            if (strcmp(info->values[value], "no") != 0 && strcmp(info->values[value], "yes") != 0)
                assert_true(is_in_sheet(info->id, info->values[value]));
        }
    }
    assert_null(kldr_knob_info(KLDR_KNOB_COUNT));
}

static void every_value_can_be_set_by_its_name(void **state)
{
    struct kldr_policy policy;
    enum kldr_knob knob;
    (void)state;
    kldr_policy_init(&policy, KLDR_PROFILE_DOCUMENTED);
    for (size_t row = 0; row < COUNT_OF(sheet); row++) {
        for (unsigned column = 1; column <= KLDR_PROFILE_COUNT; column++) {
            assert_int_equal(kldr_policy_set(&policy, sheet[row][0], sheet[row][column], NULL),
                             KLDR_STATUS_SUCCESS);
            assert_string_equal(kldr_policy_value_name(&policy, (enum kldr_knob)row),
                                sheet[row][column]);
        }
    }
    for (size_t row = 0; row < COUNT_OF(others); row++) {
        assert_true(kldr_knob_find(others[row][0], &knob));
        assert_int_equal(kldr_policy_set(&policy, others[row][0], others[row][1], NULL),
                         KLDR_STATUS_SUCCESS);
        assert_string_equal(kldr_policy_value_name(&policy, knob), others[row][1]);
    }
    assert_int_equal(policy.profile, KLDR_PROFILE_DOCUMENTED);
}

static void setting_one_knob_leaves_the_others_alone(void **state)
{
    struct kldr_policy before, after;
    (void)state;
    kldr_policy_init(&before, KLDR_PROFILE_24H2);
    after = before;
    assert_int_equal(kldr_policy_set(&after, "refused", "zero-retry", NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(after.value[KLDR_KNOB_REFUSED], KLDR_REFUSED_ZERO_RETRY);
    after.value[KLDR_KNOB_REFUSED] = before.value[KLDR_KNOB_REFUSED];
    assert_memory_equal(before.value, after.value, sizeof before.value);
}

static void a_status_value_is_compared_as_a_number(void **state)
{
    static const char *const same[] = {"0xC000010E", "0xc000010e", "0XC000010E", "0x00c000010E"};
    static const char *const others_of_form[] = {"C000010E",     "0xC000010F",
                                                 "0xC000010E ",  "0x",
                                                 "0x C000010E",  "0x+C000010E",
                                                 "0x0xC000010E", "0x1C000010E",
                                                 "-0xC000010E",  "0xC000010EL",
                                                 "0x-3FFFFEF2",  "",
                                                 "3221225742",   "0x10000000000000000C000010E"};
    struct kldr_policy policy;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        kldr_policy_init(&policy, KLDR_PROFILE_DOCUMENTED);
        assert_int_equal(kldr_policy_set(&policy, "load_imported", same[i], NULL),
                         KLDR_STATUS_SUCCESS);
        assert_int_equal(policy.value[KLDR_KNOB_LOAD_IMPORTED], KLDR_LOAD_IMPORTED_ALREADY);
    }
    for (size_t i = 0; i < COUNT_OF(others_of_form); i++)
        assert_int_equal(kldr_policy_set(&policy, "load_imported", others_of_form[i], NULL),
                         KLDR_ERROR_BAD_ARGUMENT);
}

static void an_unknown_knob_is_refused_with_the_nearest_id(void **state)
{
    struct kldr_policy policy, before;
    struct kldr_error error = {0};
    enum kldr_knob knob = KLDR_KNOB_COUNT;
    (void)state;
    kldr_policy_init(&policy, KLDR_PROFILE_NT52);
    before = policy;
    assert_int_equal(kldr_policy_set(&policy, "cuonting", "both", &error), KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(error.status, KLDR_ERROR_BAD_ARGUMENT);
    assert_int_equal(error.origin, KLDR_ORIGIN_HOST);
    assert_int_equal(error.stage, KLDR_STAGE_INPUT);
    assert_non_null(strstr(error.detail, "`cuonting`"));
    assert_non_null(strstr(error.advice, "did you mean `counting`?"));
    assert_memory_equal(&policy, &before, sizeof policy);
    assert_false(kldr_knob_find("Counting", &knob));
    assert_int_equal(knob, KLDR_KNOB_COUNT);
    assert_int_equal(kldr_policy_set(&policy, "", "both", NULL), KLDR_ERROR_BAD_ARGUMENT);
}

static void a_knob_near_to_none_is_answered_with_all_of_them(void **state)
{
    struct kldr_policy policy;
    struct kldr_error error = {0};
    (void)state;
    kldr_policy_init(&policy, KLDR_PROFILE_NT52);
    assert_int_equal(kldr_policy_set(&policy, "xyz", "both", &error), KLDR_ERROR_BAD_ARGUMENT);
    for (size_t row = 0; row < COUNT_OF(sheet); row++)
        assert_non_null(strstr(error.advice, sheet[row][0]));
}

static void an_unknown_value_is_refused_with_the_known_ones_and_the_nearest(void **state)
{
    struct kldr_policy policy, before;
    struct kldr_error error = {0};
    (void)state;
    kldr_policy_init(&policy, KLDR_PROFILE_REACTOS);
    before = policy;
    assert_int_equal(kldr_policy_set(&policy, "search", "importer+driver", &error),
                     KLDR_ERROR_BAD_ARGUMENT);
    assert_non_null(strstr(error.detail, "`search`"));
    assert_non_null(strstr(error.detail, "`importer+driver`"));
    assert_non_null(strstr(error.advice, "did you mean `importer+drivers`?"));
    assert_non_null(
        strstr(error.advice, "known: drivers, importer, importer+drivers, importer+subdir"));
    assert_int_equal(kldr_policy_set(&policy, "search", "Drivers", NULL), KLDR_ERROR_BAD_ARGUMENT);
    assert_memory_equal(&policy, &before, sizeof policy);
}

static void profiles_are_found_by_their_exact_names(void **state)
{
    enum kldr_profile profile = KLDR_PROFILE_COUNT;
    (void)state;
    for (unsigned i = 0; i < KLDR_PROFILE_COUNT; i++) {
        assert_true(kldr_profile_find(profiles[i], &profile));
        assert_int_equal(profile, i);
        assert_string_equal(kldr_profile_name(profile), profiles[i]);
        assert_true(strlen(kldr_profile_meaning(profile)) > 0);
    }
    assert_false(kldr_profile_find("NT52", &profile));
    assert_false(kldr_profile_find("", &profile));
    assert_int_equal(profile, KLDR_PROFILE_COUNT - 1);
    assert_null(kldr_profile_name(KLDR_PROFILE_COUNT));
    assert_null(kldr_profile_meaning(KLDR_PROFILE_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_is_the_row_of_the_sheet),
        cmocka_unit_test(a_knob_has_the_values_of_the_sheet_and_no_others),
        cmocka_unit_test(every_value_can_be_set_by_its_name),
        cmocka_unit_test(setting_one_knob_leaves_the_others_alone),
        cmocka_unit_test(a_status_value_is_compared_as_a_number),
        cmocka_unit_test(an_unknown_knob_is_refused_with_the_nearest_id),
        cmocka_unit_test(a_knob_near_to_none_is_answered_with_all_of_them),
        cmocka_unit_test(an_unknown_value_is_refused_with_the_known_ones_and_the_nearest),
        cmocka_unit_test(profiles_are_found_by_their_exact_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
