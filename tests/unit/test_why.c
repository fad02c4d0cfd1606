// SPDX-License-Identifier: MIT
#include "why_case.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

// ---- who holds it ----

static void every_chain_leads_to_a_driver_object(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, TWO_IMPORTERS);
    const struct ks_why *why = why_is(&test, "lib.sys", 2, KLDR_PROFILE_NT52, false);
    assert_int_equal(why->presence, KS_WHY_LOADED);
    assert_int_equal(why->chains.count, 2);
    assert_string_equal(why->chains.items[0].text,
                        "lib.sys is held by port.sys, which is held by one.sys, which is held by "
                        "driver object \\Driver\\one");
    assert_string_equal(why->chains.items[1].service, "two");
    assert_int_equal(why->chains.items[1].count, 2);
    assert_string_equal(why->count, "1");
    run_case_fini(&test);
}

static void unloading_every_driver_lets_it_go(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, TWO_IMPORTERS);
    const struct ks_why *why = why_is(&test, "port.sys", 2, KLDR_PROFILE_NT62, true);
    assert_int_equal(why->action_count, 2);
    assert_true(has_note(&why->release, "U7", "unload one and two; it goes if its DllUnload"));
    assert_string_equal(why->tried, "it goes");
    run_case_fini(&test);
}

static void two_descriptors_are_two_counts_of_one_holder(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  b.sys: { exports: [F], DllInitialize: STATUS_SUCCESS, DllUnload: "
                         "STATUS_SUCCESS }\n"
                         "  a.sys: { imports: [{b.sys: [F]}, {b.sys: [F]}] }\n"
                         "steps: [{load: a}]\n");
    const struct ks_why *why = why_is(&test, "b.sys", 0, KLDR_PROFILE_24H2, false);
    assert_int_equal(why->chains.count, 1);
    assert_int_equal(why->chains.items[0].times, 2);
    assert_non_null(strstr(why->chains.items[0].text, "a.sys (2 times)"));
    run_case_fini(&test);
}

static void a_load_image_reference_ends_a_chain(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, PORT "steps: [{load_image: one.sys}]\n");
    const struct ks_why *why = why_is(&test, "port.sys", 0, KLDR_PROFILE_NT52, true);
    assert_int_equal(why->chains.items[0].root, KS_WHY_ROOT_LOAD_IMAGE);
    assert_string_equal(why->actions[0].verb, "unload_image");
    assert_string_equal(why->tried, "it goes");
    run_case_fini(&test);
}

static void a_hybrid_goes_without_dllunload_when_its_driver_is_last(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  b.sys: { exports: [F] }\n"
                         "  a.sys: { imports: { b.sys: [F] } }\n"
                         "steps: [{load: b}, {load: a}]\n");
    const struct ks_why *why = why_is(&test, "b.sys", 0, KLDR_PROFILE_NT52, true);
    assert_int_equal(why->chains.count, 2);
    assert_true(has_note(&why->release, "H9", "unload a and b"));
    assert_string_equal(why->tried, "it goes");
    run_case_fini(&test);
}

static void references_without_a_count_are_told_apart(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  b.sys: { exports: [F], imports: { a.sys: [A] }, DllInitialize: "
                         "STATUS_SUCCESS, DllUnload: STATUS_SUCCESS }\n"
                         "  a.sys: { exports: [A], imports: { b.sys: [F] } }\n"
                         "steps: [{load: a}]\n");
    const struct ks_why *why = why_is(&test, "a.sys", 0, KLDR_PROFILE_NT52, false);
    assert_int_equal(why->chains.count, 1);
    assert_int_equal(why->chains.items[0].root, KS_WHY_ROOT_DRIVER);
    assert_true(has_note(&why->loose, "R9", "b.sys imports it in a circle"));
    run_case_fini(&test);
}

// ---- modules that are not there ----

static void a_module_that_went_has_a_chain_of_events(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, TWO_IMPORTERS);
    for (int profile = 0; profile < KLDR_PROFILE_COUNT; profile++) {
        const struct ks_why *why = why_is(&test, "lib.sys", 0, (enum kldr_profile)profile, false);
        assert_int_equal(why->presence, KS_WHY_WENT);
        assert_int_equal(why->rules.count, 3);
        assert_string_equal(why->rules.items[0].text,
                            "port.sys dropped its import of lib.sys, the last one");
        assert_string_equal(why->rules.items[1].text,
                            "two.sys dropped its import of port.sys, the last one");
        assert_string_equal(why->rules.items[2].text,
                            "the driver object of two.sys was deleted after DriverUnload");
        assert_int_equal(why->rules.items[0].step, 4);
        assert_int_equal(why->dllunload.count, 1);
    }
    run_case_fini(&test);
}

#define FAILING                                                                                    \
    "kldr: 1\n"                                                                                    \
    "images:\n"                                                                                    \
    "  gone.sys: { imports: { port.sys: [P], none.sys: [F] } }\n"                                  \
    "  odd.sys: { imports: { port.sys: [Q] } }\n"                                                  \
    "  seven.sys: { imports: { port.sys: ['#7'] } }\n"                                             \
    "  init.sys: { imports: { bad.sys: [F] } }\n"                                                  \
    "  bad.sys: { exports: [F], DllInitialize: STATUS_UNSUCCESSFUL }\n"                            \
    "  entry.sys: { imports: { port.sys: [P] }, DriverEntry: STATUS_NO_MEMORY }\n"                 \
    "  arm.sys: { machine: arm64 }\n"                                                              \
    "  port.sys: { exports: [P], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_SUCCESS }\n"     \
    "  idle.sys: {}\n"                                                                             \
    "steps:\n"                                                                                     \
    "  - {load: gone}\n"                                                                           \
    "  - {load: odd}\n"                                                                            \
    "  - {load: seven}\n"                                                                          \
    "  - {load: init}\n"                                                                           \
    "  - {load: arm}\n"                                                                            \
    "  - {load: entry}\n"

static void a_failed_load_says_what_it_missed(void **state)
{
    static const struct {
        const char *module, *fact, *text;
        enum ks_why_presence presence;
    } rows[] = {
        {"gone.sys", "L15", "imports none.sys, which was not found: STATUS_OBJECT_NAME_NOT_FOUND",
         KS_WHY_FAILED},
        {"odd.sys", "L15", "imports port.sys!Q, which is not exported", KS_WHY_FAILED},
        {"seven.sys", "L15", "imports port.sys!#7, which is not exported", KS_WHY_FAILED},
        {"init.sys", "L15", "its import of bad.sys failed: STATUS_UNSUCCESSFUL", KS_WHY_FAILED},
        {"bad.sys", "N8", "DllInitialize of bad.sys returned STATUS_UNSUCCESSFUL", KS_WHY_FAILED},
        {"none.sys", "L8", "its file could not be opened", KS_WHY_FAILED},
        {"none.sys", NULL, "gone.sys imports it", KS_WHY_FAILED},
        {"arm.sys", "L9", "no image that can be loaded: STATUS_INVALID_IMAGE_PROTECT",
         KS_WHY_FAILED},
        {"entry.sys", "H10", "DriverEntry of entry.sys returned STATUS_NO_MEMORY", KS_WHY_FAILED},
        {"port.sys", "H10", "DriverEntry of entry.sys returned STATUS_NO_MEMORY", KS_WHY_WENT},
        {"idle.sys", NULL, "no step started it", KS_WHY_NEVER},
    };
    struct run_case test;
    (void)state;
    run_case_init(&test, FAILING);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct ks_why *why = why_is(&test, rows[i].module, 0, KLDR_PROFILE_24H2, false);
        assert_int_equal(why->presence, rows[i].presence);
        assert_true(has_note(&why->rules, rows[i].fact, rows[i].text));
    }
    run_case_fini(&test);
}

static void a_dependency_goes_with_the_failed_load_of_its_importer(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, FAILING);
    const struct ks_why *why = why_is(&test, "port.sys", 1, KLDR_PROFILE_24H2, false);
    assert_int_equal(why->presence, KS_WHY_WENT);
    assert_true(has_note(&why->rules, "R15", "the load of gone.sys failed: it imports none.sys"));
    assert_true(has_note(&why->dllunload, "U9", "it agreed to go"));
    run_case_fini(&test);
}

// ---- showing ----

static void the_text_names_facts_and_steps(void **state)
{
    struct run_case test;
    struct ks_text_buffer buffer;
    (void)state;
    run_case_init(&test, REFUSING);
    ks_text_buffer_init(&buffer, NULL);
    ks_why_write_text(&buffer, why_is(&test, "b.sys", 0, KLDR_PROFILE_NT62, false));
    ks_text_buffer_char(&buffer, '\0');
    assert_non_null(strstr(buffer.bytes, "module      b.sys: loaded, count 1, state resident\n"));
    assert_non_null(strstr(buffer.bytes,
                           "rule        step 2 (unload a): its DllUnload refused; the "
                           "count stays at 1 and it is never asked again  (U7, "
                           "reported, unverified)\n"));
    ks_text_buffer_fini(&buffer);
    run_case_fini(&test);
}

static void a_failing_count_comes_with_the_answer(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, PORT "steps:\n"
                              "  - {load: one, expect: {counts: {port.sys: 7},\n"
                              "      modules: [one.sys, port.sys], calls: []}}\n");
    struct ks_run_options options = run_case_options(&test, KLDR_PROFILE_NT52);
    const struct ks_result *result = ks_runner_run(test.runner, test.scenario, &options);
    assert_int_equal(result->failure_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct ks_failure *failure = &result->failures[i];
        if (strcmp(failure->key, "calls") == 0) {
            assert_string_equal(failure->why, "");
        } else if (strcmp(failure->key, "modules") == 0) {
            assert_non_null(strstr(failure->why, "lib.sys is held by port.sys"));
        } else {
            assert_non_null(strstr(failure->why, "port.sys is held by one.sys"));
        }
    }
    run_case_fini(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chain_leads_to_a_driver_object),
        cmocka_unit_test(unloading_every_driver_lets_it_go),
        cmocka_unit_test(two_descriptors_are_two_counts_of_one_holder),
        cmocka_unit_test(a_load_image_reference_ends_a_chain),
        cmocka_unit_test(a_hybrid_goes_without_dllunload_when_its_driver_is_last),
        cmocka_unit_test(references_without_a_count_are_told_apart),
        cmocka_unit_test(a_module_that_went_has_a_chain_of_events),
        cmocka_unit_test(a_failed_load_says_what_it_missed),
        cmocka_unit_test(a_dependency_goes_with_the_failed_load_of_its_importer),
        cmocka_unit_test(the_text_names_facts_and_steps),
        cmocka_unit_test(a_failing_count_comes_with_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
