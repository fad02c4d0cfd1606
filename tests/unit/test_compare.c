// SPDX-License-Identifier: MIT
#include "compare/compare.h"

#include "run_case.h"
#include "test.h"

#include <jansson.h>
#include <string.h>

struct comparison {
    struct run_case test;
    struct ks_compare *compare;
};

static void compare_with(struct comparison *comparison, const char *text,
                         const enum kldr_profile *profiles, size_t count,
                         const struct ks_recording *recorded)
{
    run_case_init(&comparison->test, text);
    struct ks_run_options options = run_case_options(&comparison->test, KLDR_PROFILE_DOCUMENTED);
    assert_int_equal(ks_compare_profiles(comparison->test.scenario, &options, profiles, count,
                                         recorded, &comparison->compare),
                     KLDR_STATUS_SUCCESS);
}

static void compare_two(struct comparison *comparison, const char *text, enum kldr_profile left,
                        enum kldr_profile right)
{
    const enum kldr_profile profiles[] = {left, right};
    compare_with(comparison, text, profiles, 2, NULL);
}

static void finish(struct comparison *comparison)
{
    ks_compare_destroy(comparison->compare);
    run_case_fini(&comparison->test);
}

// The only knob that is named for a difference of the second column.
static void assert_cause(const struct comparison *comparison, unsigned step,
                         enum ks_compare_key key, enum kldr_knob knob)
{
    const struct ks_compare_difference *difference =
        ks_compare_find(comparison->compare, step - 1, key, 1);
    assert_non_null(difference);
    assert_int_equal(difference->change_count, 1);
    assert_int_equal(difference->changes[0].knob, knob);
}

#define PAIR                                                                                       \
    "kldr: 1\n"                                                                                    \
    "images:\n"                                                                                    \
    "  b.sys: { exports: [F], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_SUCCESS }\n"        \
    "  a.sys: { imports: { b.sys: [F] } }\n"

static void equal_runs_have_no_difference(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison, PAIR "steps: [{load: a}]\n", KLDR_PROFILE_NT62, KLDR_PROFILE_24H2);
    assert_int_equal(comparison.compare->difference_count, 0);
    assert_int_equal(comparison.compare->tried, 0);
    finish(&comparison);
}

static void expectations_are_not_judged(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison, PAIR "steps: [{load: a, expect: {counts: {b.sys: 9}}}]\n",
                KLDR_PROFILE_NT62, KLDR_PROFILE_24H2);
    assert_int_equal(comparison.compare->columns[0].outcome, KS_PASSED);
    finish(&comparison);
}

static void the_order_of_unmapping_is_down_to_one_knob(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison, PAIR "steps: [{load: a}, {unload: a}]\n", KLDR_PROFILE_NT52,
                KLDR_PROFILE_24H2);
    assert_int_equal(comparison.compare->difference_count, 1);
    assert_cause(&comparison, 2, KS_COMPARE_UNLOADED, KLDR_KNOB_DROP_IMPORTS);
    finish(&comparison);
}

static void each_difference_has_the_knob_of_its_own(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison,
                "kldr: 1\n"
                "images:\n"
                "  b.sys: { exports: [F], DllInitialize: STATUS_UNSUCCESSFUL }\n"
                "  a.sys: { imports: { b.sys: [F] } }\n"
                "  c.sys: { exports: [G], DllUnload: STATUS_SUCCESS }\n"
                "  d.sys: { imports: { c.sys: [G] } }\n"
                "steps: [{load: a}, {load: d}, {load: c}]\n",
                KLDR_PROFILE_DOCUMENTED, KLDR_PROFILE_NT52);
    assert_cause(&comparison, 1, KS_COMPARE_STATUS, KLDR_KNOB_LAUNDER);
    assert_cause(&comparison, 2, KS_COMPARE_COUNTS, KLDR_KNOB_COUNTING);
    assert_cause(&comparison, 3, KS_COMPARE_STATUS, KLDR_KNOB_LOAD_IMPORTED);
    finish(&comparison);
}

static void two_knobs_are_named_when_one_is_not_enough(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison,
                "kldr: 1\n"
                "images:\n"
                "  b.sys: { exports: [F] }\n"
                "  a.sys: { imports: { b.sys: [F] } }\n"
                "steps: [{load: a}, {unload: a}]\n",
                KLDR_PROFILE_DOCUMENTED, KLDR_PROFILE_24H2);
    // inactive against 1: the count is kept only when counting is active, and stays 1 only when a
    // refusal is final.
    const struct ks_compare_difference *difference =
        ks_compare_find(comparison.compare, 1, KS_COMPARE_COUNTS, 1);
    assert_non_null(difference);
    assert_int_equal(difference->change_count, 2);
    assert_int_equal(difference->changes[0].knob, KLDR_KNOB_COUNTING);
    assert_int_equal(difference->changes[1].knob, KLDR_KNOB_REFUSED);
    finish(&comparison);
}

static void a_knob_that_the_scenario_sets_is_no_cause(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison,
                PAIR "policy: { drop_imports: before }\n"
                     "steps: [{load: a}, {unload: a}]\n",
                KLDR_PROFILE_NT52, KLDR_PROFILE_24H2);
    assert_int_equal(comparison.compare->difference_count, 0);
    finish(&comparison);
}

static void a_step_for_one_profile_only_is_no_knobs_doing(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison, PAIR "steps: [{load: a}, {unload: a, only: [nt52]}, {check: }]\n",
                KLDR_PROFILE_NT62, KLDR_PROFILE_NT52);
    const struct ks_compare_difference *difference =
        ks_compare_find(comparison.compare, 1, KS_COMPARE_STATUS, 1);
    assert_non_null(difference);
    assert_int_equal(difference->change_count, 0);
    assert_false(comparison.compare->columns[0].steps[1].ran);
    assert_true(comparison.compare->columns[0].steps[2].ran);
    finish(&comparison);
}

static void a_stop_is_a_difference_with_a_cause(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison,
                "kldr: 1\n"
                "images: { a.sys: { broken: [no-entry-point] } }\n"
                "steps: [{load: a}, {check: }]\n",
                KLDR_PROFILE_24H2, KLDR_PROFILE_NT52);
    assert_cause(&comparison, 1, KS_COMPARE_STOP, KLDR_KNOB_NO_ENTRY_POINT);
    assert_cause(&comparison, 2, KS_COMPARE_STATUS, KLDR_KNOB_NO_ENTRY_POINT);
    assert_int_equal(comparison.compare->columns[1].outcome, KS_STOPPED);
    finish(&comparison);
}

static void a_skipped_profile_says_so(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_two(&comparison, PAIR "skip: { nt52: too old }\nsteps: [{load: a}]\n",
                KLDR_PROFILE_24H2, KLDR_PROFILE_NT52);
    assert_int_equal(comparison.compare->columns[1].outcome, KS_SKIPPED);
    assert_string_equal(comparison.compare->columns[1].reason, "too old");
    finish(&comparison);
}

// ---- recordings ----

static struct ks_recording *recording_of(const char *text)
{
    struct ks_recording *recording = NULL;
    struct kldr_error error;
    assert_int_equal(ks_recording_read("r.jsonl", text, strlen(text), &recording, &error),
                     KLDR_STATUS_SUCCESS);
    return recording;
}

#define HEADER "{\"kldr_recording\": 1, \"system\": \"a test\"}\n"

static void compare_recorded(struct comparison *comparison, const char *text,
                             enum kldr_profile profile, struct ks_recording *recording)
{
    compare_with(comparison, text, &profile, 1, recording);
    ks_recording_destroy(recording);
}

static void a_recording_that_fits_agrees(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_recorded(&comparison, PAIR "steps: [{load: a}, {unload: a}]\n", KLDR_PROFILE_24H2,
                     recording_of(HEADER
                                  "{\"step\": 1, \"status\": \"STATUS_SUCCESS\", \"modules\": "
                                  "[\"ntfs.sys\", \"A.SYS\", \"b.sys\"], \"counts\": {\"b.sys\": "
                                  "1}}\n\n"
                                  "{\"step\": 2, \"win32\": 0, \"prints\": [\"KLDR "
                                  "a.sys!DriverUnload\", \"noise\", \"0.1 KLDR "
                                  "b.sys!DllUnload\"], \"unloaded\": [\"b.sys\", \"a.sys\"]}\n"));
    assert_true(comparison.compare->agrees);
    assert_int_equal(comparison.compare->difference_count, 0);
    finish(&comparison);
}

static void a_recording_that_differs_names_a_knob_that_would_agree(void **state)
{
    struct comparison comparison;
    (void)state;
    compare_recorded(&comparison, PAIR "steps: [{load: a}, {unload: a}]\n", KLDR_PROFILE_24H2,
                     recording_of(HEADER "{\"step\": 2, \"unloaded\": [\"a.sys\", \"b.sys\"]}\n"));
    assert_false(comparison.compare->agrees);
    assert_int_equal(comparison.compare->columns[0].differences, 1);
    assert_cause(&comparison, 2, KS_COMPARE_UNLOADED, KLDR_KNOB_DROP_IMPORTS);
    finish(&comparison);
}

static void a_win32_error_stands_for_every_status_it_is_made_from(void **state)
{
    static const struct {
        const char *step;
        bool agrees;
    } rows[] = {
        {"{\"step\": 1, \"win32\": 127}", true},
        {"{\"step\": 1, \"win32\": 2}", false},
        {"{\"step\": 1, \"win32\": 0}", false},
        {"{\"step\": 1, \"status\": \"0xC0000263\"}", true},
        {"{\"step\": 1, \"status\": 3221226083}", true},
        {"{\"step\": 1, \"status\": -1073741213}", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct comparison comparison;
        char text[256];
        strcpy(text, HEADER);
        strcat(text, rows[i].step);
        compare_recorded(&comparison,
                         "kldr: 1\n"
                         "images: { b.sys: { exports: [F] }, a.sys: { imports: { b.sys: [G] } } }\n"
                         "steps: [{load: a}]\n",
                         KLDR_PROFILE_24H2, recording_of(text));
        assert_int_equal(comparison.compare->agrees, rows[i].agrees);
        finish(&comparison);
    }
}

static void prints_of_the_whole_run_are_compared_in_order(void **state)
{
    static const char in_order[] = "1\t0.00\tKLDR b.sys!DllInitialize\r\n"
                                   "2\t0.01\tsome other driver\r\n"
                                   "3\t0.02\tKLDR a.sys!DriverEntry\r\n"
                                   "4\t0.03\tKLDR a.sys!DriverUnload\r\n"
                                   "5\t0.04\tKLDR b.sys!DllUnload\r\n";
    struct comparison comparison;
    struct ks_recording *recording = recording_of(HEADER);
    (void)state;
    assert_true(ks_recording_add_prints(recording, in_order, strlen(in_order)));
    assert_int_equal(recording->all_calls.count, 4);
    compare_recorded(&comparison, PAIR "steps: [{load: a}, {unload: a}]\n", KLDR_PROFILE_NT52,
                     recording);
    assert_true(comparison.compare->agrees);
    finish(&comparison);

    recording = recording_of(HEADER "{\"prints\": [\"KLDR a.sys!DriverEntry\"]}");
    compare_recorded(&comparison, PAIR "steps: [{load: a}, {unload: a}]\n", KLDR_PROFILE_NT52,
                     recording);
    assert_false(comparison.compare->agrees);
    assert_non_null(ks_compare_find(comparison.compare, 2, KS_COMPARE_CALLS, 1));
    finish(&comparison);
}

static void what_is_no_recording_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *message;
    } rows[] = {
        {"", 0, "empty"},
        {"{}", 1, "\"kldr_recording\": 1"},
        {"[1]", 1, "JSON object"},
        {HEADER "{", 2, "this is not JSON"},
        {HEADER "{\"step\": 0}", 2, "the number of a step is wanted"},
        {HEADER "{\"calls\": 7}", 2, "a list of texts is wanted for calls"},
        {HEADER "{\"step\": 1, \"calls\": [7]}", 2, "a list of texts is wanted for calls"},
        {HEADER "{\"step\": 1, \"call\": []}", 2, "unknown key call"},
        {HEADER "{\"step\": 1, \"status\": \"FINE\"}", 2, "a status name or number"},
        {HEADER "{\"step\": 1, \"win32\": -1}", 2, "a Win32 error number"},
        {HEADER "{\"step\": 1, \"counts\": {\"a.sys\": \"x\"}}", 2, "the count of a.sys"},
        {HEADER "{\"step\": 1, \"counts\": []}", 2, "a map of numbers"},
        {HEADER "{\"step\": 1}\n{\"step\": 1}", 3, "told of before"},
        {HEADER "{\"status\": 0}", 2, "the number of the step is missing"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ks_recording *recording = NULL;
        struct kldr_error error;
        assert_int_equal(
            ks_recording_read("r.jsonl", rows[i].text, strlen(rows[i].text), &recording, &error),
            KLDR_ERROR_SCENARIO);
        assert_null(recording);
        assert_int_equal(error.line, rows[i].line);
        assert_string_equal(error.file, "r.jsonl");
        if (strstr(error.detail, rows[i].message) == NULL) {
            fail_msg("%s: %s", rows[i].text, error.detail);
        }
    }
}

// ---- showing ----

static void the_text_marks_differences_and_names_knob_and_fact(void **state)
{
    struct comparison comparison;
    struct ks_text_buffer buffer;
    (void)state;
    compare_two(&comparison, PAIR "steps: [{load: a}, {unload: a}]\n", KLDR_PROFILE_NT52,
                KLDR_PROFILE_24H2);
    ks_text_buffer_init(&buffer, NULL);
    ks_compare_write_text(&buffer, comparison.compare);
    ks_text_buffer_char(&buffer, '\0');
    assert_non_null(strstr(buffer.bytes, "  * unloaded   nt52  a.sys, b.sys\n"
                                         "               24h2  b.sys, a.sys\n"
                                         "               because, for 24h2: drop_imports: before, "
                                         "not after  (U3, [O], reported, unverified)\n"));
    assert_non_null(strstr(buffer.bytes, "    counts     a.sys 1, b.sys 1\n"));
    assert_non_null(strstr(buffer.bytes, "1 difference from nt52\n"));
    ks_text_buffer_fini(&buffer);
    finish(&comparison);
}

static void the_json_can_be_read(void **state)
{
    struct comparison comparison;
    struct ks_text_buffer buffer;
    (void)state;
    // Two images of one name are told apart by their paths.
    compare_two(&comparison,
                PAIR "  '\\??\\C:\\x\\a.sys': {}\n"
                     "steps: [{load: a}, {unload: a},\n"
                     "        {load: a}, {load: {service: s, image: '\\??\\C:\\x\\a.sys'}}]\n",
                KLDR_PROFILE_NT52, KLDR_PROFILE_24H2);
    ks_text_buffer_init(&buffer, NULL);
    ks_compare_write_json(&buffer, comparison.compare);
    json_t *root = json_loadb(buffer.bytes, buffer.size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    const json_t *second = json_array_get(json_object_get(root, "steps"), 1);
    const json_t *difference = json_array_get(json_object_get(second, "differences"), 0);
    const json_t *cause = json_array_get(json_object_get(difference, "cause"), 0);
    assert_string_equal(json_string_value(json_object_get(cause, "knob")), "drop_imports");
    assert_true(json_is_true(json_object_get(cause, "unverified")));
    const json_t *last = json_array_get(json_object_get(root, "steps"), 3);
    const json_t *column = json_object_get(json_object_get(last, "columns"), "24h2");
    assert_non_null(json_object_get(json_object_get(column, "counts"), "\\??\\C:\\x\\a.sys"));
    json_decref(root);
    ks_text_buffer_fini(&buffer);
    finish(&comparison);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_runs_have_no_difference),
        cmocka_unit_test(expectations_are_not_judged),
        cmocka_unit_test(the_order_of_unmapping_is_down_to_one_knob),
        cmocka_unit_test(each_difference_has_the_knob_of_its_own),
        cmocka_unit_test(two_knobs_are_named_when_one_is_not_enough),
        cmocka_unit_test(a_knob_that_the_scenario_sets_is_no_cause),
        cmocka_unit_test(a_step_for_one_profile_only_is_no_knobs_doing),
        cmocka_unit_test(a_stop_is_a_difference_with_a_cause),
        cmocka_unit_test(a_skipped_profile_says_so),
        cmocka_unit_test(a_recording_that_fits_agrees),
        cmocka_unit_test(a_recording_that_differs_names_a_knob_that_would_agree),
        cmocka_unit_test(a_win32_error_stands_for_every_status_it_is_made_from),
        cmocka_unit_test(prints_of_the_whole_run_are_compared_in_order),
        cmocka_unit_test(what_is_no_recording_is_refused_with_its_line),
        cmocka_unit_test(the_text_marks_differences_and_names_knob_and_fact),
        cmocka_unit_test(the_json_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
