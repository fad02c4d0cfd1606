// SPDX-License-Identifier: MIT
#include "why/why.h"

#include "run_case.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define PORT                                                                                       \
    "kldr: 1\n"                                                                                    \
    "images:\n"                                                                                    \
    "  port.sys: { exports: [P], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_SUCCESS,\n"      \
    "              imports: { lib.sys: [L] } }\n"                                                  \
    "  lib.sys: { exports: [L], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_SUCCESS }\n"      \
    "  one.sys: { imports: { port.sys: [P] } }\n"                                                  \
    "  two.sys: { imports: { port.sys: [P] } }\n"

struct question {
    const char *module;
    const struct ks_why *why;
    bool try;
};

static void ask(void *user, struct ks_runner *runner)
{
    struct question *question = user;
    question->why = ks_why(runner, question->module);
    if (question->try) {
        ks_why_try(runner, (struct ks_why *)(uintptr_t)question->why);
    }
}

// The answer after so many steps (0: all) under a profile; valid until the case ends.
static const struct ks_why *why_is(struct run_case *test, const char *module, size_t steps,
                                   enum kldr_profile profile, bool try)
{
    struct question question = {module, NULL, try};
    struct ks_run_watcher watcher = {.run_done = ask, .user = &question};
    struct ks_run_options options = run_case_options(test, profile);
    options.watcher = &watcher;
    options.steps = steps;
    ks_runner_run(test->runner, test->scenario, &options);
    assert_non_null(question.why);
    return question.why;
}

static bool has_note(const struct ks_why_notes *notes, const char *fact, const char *text)
{
    for (size_t i = 0; i < notes->count; i++) {
        const struct ks_why_note *note = &notes->items[i];
        bool same_fact =
            fact == NULL ? note->fact == NULL : note->fact != NULL && !strcmp(note->fact, fact);
        if (same_fact && strstr(note->text, text) != NULL) {
            return true;
        }
        print_message("note: %s (%s)\n", note->text, note->fact != NULL ? note->fact : "-");
    }
    return false;
}

#define TWO_IMPORTERS PORT "steps: [{load: one}, {load: two}, {unload: one}, {unload: two}]\n"

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

// ---- what keeps it ----

#define REFUSING                                                                                   \
    "kldr: 1\n"                                                                                    \
    "images:\n"                                                                                    \
    "  b.sys: { exports: [F], DllInitialize: STATUS_SUCCESS, DllUnload: STATUS_UNSUCCESSFUL }\n"   \
    "  a.sys: { imports: { b.sys: [F] } }\n"                                                       \
    "steps: [{load: a}, {unload: a}]\n"

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
    struct question question = {"lib.sys", NULL, false};
    struct ks_run_watcher watcher = {.run_done = ask, .user = &question};
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
    struct question question = {"b.sys", NULL, true};
    struct ks_run_watcher watcher = {.run_done = ask, .user = &question};
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
        cmocka_unit_test(a_module_that_went_has_a_chain_of_events),
        cmocka_unit_test(a_failed_load_says_what_it_missed),
        cmocka_unit_test(a_dependency_goes_with_the_failed_load_of_its_importer),
        cmocka_unit_test(the_text_names_facts_and_steps),
        cmocka_unit_test(a_failing_count_comes_with_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
