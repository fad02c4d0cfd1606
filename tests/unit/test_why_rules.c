// SPDX-License-Identifier: MIT
#include "why_case.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

// ---- what keeps it ----

static void a_refusal_is_final_or_can_be_retried(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, REFUSING);
    const struct ks_why *why = why_is(&test, "b.sys", 0, KLDR_PROFILE_NT62, false);
    assert_string_equal(why->state, "resident");
    assert_true(has_note(&why->rules, "U7", "its DllUnload refused"));
    assert_int_equal(why->rules.items[0].step, 2);
    assert_true(has_note(&why->dllunload, "U9", "STATUS_UNSUCCESSFUL (0xC0000001): it refused"));
    assert_true(has_note(&why->release, "U8", "nothing but a reboot"));
    assert_int_equal(why->action_count, 0);
    why = why_is(&test, "b.sys", 0, KLDR_PROFILE_NT52, false);
    assert_true(has_note(&why->rules, "U5", "its DllUnload refused"));
    assert_true(has_note(&why->release, "U8", "another importer that comes and goes"));
    run_case_fini(&test);
}

static void trying_shows_that_dllunload_refuses(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, REFUSING);
    const struct ks_why *why = why_is(&test, "b.sys", 1, KLDR_PROFILE_NT52, true);
    assert_true(has_note(&why->release, "U5", "unload a; it goes if"));
    assert_string_equal(why->tried, "it stays: its DllUnload refused; it stays with a count of 0");
    run_case_fini(&test);
}

static void without_dllunload_only_a_reboot_helps(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  b.sys: { exports: [F], imports: { c.sys: [G] } }\n"
                         "  c.sys: { exports: [G], DllUnload: STATUS_SUCCESS }\n"
                         "  a.sys: { imports: { b.sys: [F] } }\n"
                         "steps: [{load: a}, {unload: a}]\n");
    const struct ks_why *why = why_is(&test, "b.sys", 1, KLDR_PROFILE_NT62, false);
    assert_true(has_note(&why->release, "U10", "when its last importer goes it stays"));
    why = why_is(&test, "c.sys", 1, KLDR_PROFILE_NT62, false);
    assert_true(has_note(&why->release, "U10", "b.sys, which holds it, stays loaded"));
    why = why_is(&test, "b.sys", 2, KLDR_PROFILE_NT62, false);
    assert_true(has_note(&why->rules, "U10", "it exports no DllUnload"));
    why = why_is(&test, "c.sys", 2, KLDR_PROFILE_NT62, false);
    assert_int_equal(why->chains.items[0].root, KS_WHY_ROOT_NOBODY);
    run_case_fini(&test);
}

static void inactive_counting_is_the_rule_under_documented(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  b.sys: { exports: [F], DllUnload: STATUS_SUCCESS }\n"
                         "  a.sys: { imports: { b.sys: [F] } }\n"
                         "steps: [{load: a}]\n");
    const struct ks_why *why = why_is(&test, "b.sys", 0, KLDR_PROFILE_DOCUMENTED, false);
    assert_string_equal(why->count, "inactive");
    assert_int_equal(why->chains.count, 0);
    assert_true(has_note(&why->loose, "C1", "a.sys imports it: counting is not active"));
    assert_true(has_note(&why->rules, "C1", "counting is not active"));
    assert_true(has_note(&why->dllunload, "C1", "it was not called"));
    assert_true(has_note(&why->release, "C1", "nothing but a reboot"));
    run_case_fini(&test);
}

static void names_that_are_never_counted_stay(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  halo.sys: { exports: [F], DllUnload: STATUS_SUCCESS }\n"
                         "  a.sys: { imports: { halo.sys: [F] } }\n"
                         "steps: [{load: a}, {unload: a}]\n");
    const struct ks_why *why = why_is(&test, "halo.sys", 0, KLDR_PROFILE_NT52, false);
    assert_true(has_note(&why->rules, "R5", "never counted"));
    assert_true(has_note(&why->release, "R5", "nothing but a reboot"));
    run_case_fini(&test);
}

static void a_pending_unload_waits_for_handles(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, PORT "steps: [{load: one}, {open: one}, {unload: one}]\n");
    const struct ks_why *why = why_is(&test, "one.sys", 0, KLDR_PROFILE_NT52, true);
    assert_string_equal(why->state, "unload-pending");
    assert_true(has_note(&why->rules, "H12", "1 handle is open on the device of service one"));
    assert_true(has_note(&why->release, "U1", "close every handle on one"));
    assert_string_equal(why->tried, "it goes");
    why = why_is(&test, "port.sys", 2, KLDR_PROFILE_NT52, true);
    assert_true(has_note(&why->release, "U5", "unload one and close every handle on it"));
    assert_string_equal(why->tried, "it goes");
    run_case_fini(&test);
}

static void a_driver_without_driverunload_holds_for_ever(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  b.sys: { exports: [F], DllInitialize: STATUS_SUCCESS, DllUnload: "
                         "STATUS_SUCCESS }\n"
                         "  a.sys: { imports: { b.sys: [F] }, DriverUnload: absent }\n"
                         "steps: [{load: a}]\n");
    const struct ks_why *why = why_is(&test, "b.sys", 0, KLDR_PROFILE_NT52, false);
    assert_true(has_note(&why->release, "H11", "\\Driver\\a has no DriverUnload"));
    run_case_fini(&test);
}

static void a_boot_image_with_the_sentinel_never_goes(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  b.sys: { exports: [F], DllUnload: STATUS_SUCCESS, flags: "
                         "[dependent], broken: [foreign-iat-pointer] }\n"
                         "  a.sys: { imports: { b.sys: [F] } }\n"
                         "steps: [{boot: [b.sys, a.sys]}]\n");
    const struct ks_why *why = why_is(&test, "b.sys", 0, KLDR_PROFILE_NT52, false);
    assert_true(has_note(&why->rules, "B4", "boot sentinel"));
    assert_true(has_note(&why->dllunload, "U4", "it was not called"));
    run_case_fini(&test);
}

static void a_lost_import_list_keeps_its_counts(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, PORT "steps: [{load: one, fail: {import_list: 1}}]\n");
    struct ks_run_options options = run_case_options(&test, KLDR_PROFILE_NT52);
    struct why_question question = {"lib.sys", NULL, false};
    struct ks_run_watcher watcher = {.run_done = why_ask, .user = &question};
    options.watcher = &watcher;
    ks_runner_run(test.runner, test.scenario, &options);
    const struct ks_why *port = why_is(&test, "port.sys", 0, KLDR_PROFILE_NT52, false);
    assert_true(port->presence == KS_WHY_LOADED);
    assert_true(has_note(&port->rules, "R19", "lost its import list"));
    assert_true(has_note(&port->release, "R19", "nothing but a reboot"));
    run_case_fini(&test);
}

static void a_boot_image_that_nothing_holds_waits_for_an_importer(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test,
                  "kldr: 1\n"
                  "images:\n"
                  "  b.sys: { exports: [F], DllUnload: STATUS_SUCCESS, flags: [dependent] }\n"
                  "  a.sys: { imports: { b.sys: [F] }, broken: [no-iat-directory] }\n"
                  "steps: [{boot: [b.sys, a.sys]}]\n");
    const struct ks_why *why = why_is(&test, "b.sys", 0, KLDR_PROFILE_24H2, false);
    assert_int_equal(why->chains.count, 0);
    assert_true(has_note(&why->loose, "B3", "a.sys imports it and holds no count"));
    assert_true(has_note(&why->rules, "U1", "nothing holds a count on it"));
    assert_true(has_note(&why->release, "U7", "an importer that comes and goes"));
    run_case_fini(&test);
}

static void a_self_reference_found_at_boot_is_never_dropped(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images: { a.sys: { exports: [F], imports: { a.sys: [F] } } }\n"
                         "steps: [{boot: [a.sys]}, {unload: a}]\n");
    const struct ks_why *why = why_is(&test, "a.sys", 0, KLDR_PROFILE_NT52, false);
    assert_true(has_note(&why->rules, "B2", "it holds a count on itself"));
    assert_true(has_note(&why->release, "B2", "nothing but a reboot"));
    run_case_fini(&test);
}

static void a_holder_that_stays_by_itself_can_be_asked_again(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  c.sys: { exports: [G], DllInitialize: STATUS_SUCCESS, DllUnload: "
                         "STATUS_SUCCESS }\n"
                         "  b.sys: { exports: [F], imports: { c.sys: [G] }, DllInitialize: "
                         "STATUS_SUCCESS,\n"
                         "           DllUnload: STATUS_UNSUCCESSFUL }\n"
                         "  a.sys: { imports: { b.sys: [F] } }\n"
                         "steps: [{load: a}, {unload: a}]\n");
    const struct ks_why *why = why_is(&test, "c.sys", 1, KLDR_PROFILE_NT52, true);
    assert_true(has_note(&why->release, "U5", "and those of the DLLs that hold it"));
    assert_string_equal(why->tried,
                        "it stays: c.sys is held by b.sys, which nothing holds: its DllUnload "
                        "refused; it stays with a count of 0");
    why = why_is(&test, "c.sys", 2, KLDR_PROFILE_NT52, false);
    assert_true(has_note(&why->release, "U8", "another importer of b.sys that comes and goes"));
    run_case_fini(&test);
}

static void trying_is_a_step_of_its_own(void **state)
{
    struct run_case test;
    (void)state;
    // Its DllUnload performs steps, in the middle of an unload.
    run_case_init(&test, "kldr: 1\n"
                         "images:\n"
                         "  b.sys: { exports: [F], DllInitialize: STATUS_SUCCESS,\n"
                         "           DllUnload: { do: [{check: , expect: {modules: [a.sys]}}] } }\n"
                         "  a.sys: { imports: { b.sys: [F] } }\n"
                         "steps: [{load: a}]\n");
    struct why_question question = {"b.sys", NULL, true};
    struct ks_run_watcher watcher = {.run_done = why_ask, .user = &question};
    struct ks_run_options options = run_case_options(&test, KLDR_PROFILE_24H2);
    options.watcher = &watcher;
    const struct ks_result *result = ks_runner_run(test.runner, test.scenario, &options);
    assert_int_equal(result->outcome, KS_PASSED);
    assert_string_equal(question.why->tried, "it goes");
    run_case_fini(&test);
}

static void kernel_images_are_never_unloaded(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, PORT "steps: [{load: one}]\n");
    const struct ks_why *why = why_is(&test, "hal.dll", 0, KLDR_PROFILE_NT52, false);
    assert_true(has_note(&why->rules, "U16", "kernel image"));
    assert_int_equal(why->chains.count, 0);
    run_case_fini(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_is_final_or_can_be_retried),
        cmocka_unit_test(trying_shows_that_dllunload_refuses),
        cmocka_unit_test(without_dllunload_only_a_reboot_helps),
        cmocka_unit_test(inactive_counting_is_the_rule_under_documented),
        cmocka_unit_test(names_that_are_never_counted_stay),
        cmocka_unit_test(a_pending_unload_waits_for_handles),
        cmocka_unit_test(a_driver_without_driverunload_holds_for_ever),
        cmocka_unit_test(a_boot_image_with_the_sentinel_never_goes),
        cmocka_unit_test(a_lost_import_list_keeps_its_counts),
        cmocka_unit_test(a_boot_image_that_nothing_holds_waits_for_an_importer),
        cmocka_unit_test(a_self_reference_found_at_boot_is_never_dropped),
        cmocka_unit_test(a_holder_that_stays_by_itself_can_be_asked_again),
        cmocka_unit_test(trying_is_a_step_of_its_own),
        cmocka_unit_test(kernel_images_are_never_unloaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
