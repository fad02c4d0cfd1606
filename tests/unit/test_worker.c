// SPDX-License-Identifier: MIT
// A scenario is run by another process: by this program, which is started a second time. An
// environment variable makes that one misbehave.
#include "worker/worker.h"

#include "platform_child.h"
#include "run_case.h"
#include "test.h"
#include "worker/frame.h"

#include <stdlib.h>
#include <string.h>

#define DEED "KLDR_TEST_WORKER_DEED"

#if defined(_WIN32)
#define set_deed(deed) _putenv_s(DEED, deed)
#else
#define set_deed(deed) setenv(DEED, deed, 1)
int setenv(const char *name, const char *value, int overwrite);
#endif

#define TEXT                                                                                       \
    "kldr: 1\nname: first\nsteps: []\n---\n"                                                       \
    "kldr: 1\nname: second\n"                                                                      \
    "images: { a.sys: { imports: { b.sys: [B] } }, b.sys: { exports: [B] } }\n"                    \
    "steps:\n  - load: a\n    expect: { modules: [b.sys] }\n"

// ---- the second process ----

static void lie_about_the_size(void)
{
    uint8_t header[KS_FRAME_HEADER_SIZE];
    ks_frame_write(header, KS_FRAME_RESULT, UINT64_MAX);
    ks_parent_write(header, sizeof header);
}

static void stop_in_the_middle(void)
{
    uint8_t header[KS_FRAME_HEADER_SIZE];
    ks_frame_write(header, KS_FRAME_RESULT, 1000);
    ks_parent_write(header, sizeof header);
    ks_parent_write("\1\0\0\0", 4);
}

static void ask_for_a_file_outside(void)
{
    static const char path[] = "/etc/passwd";
    uint8_t header[KS_FRAME_HEADER_SIZE], answer[KS_FRAME_HEADER_SIZE + 1] = {0};
    ks_frame_write(header, KS_FRAME_FILE_WANTED, sizeof path - 1);
    ks_parent_write(header, sizeof header);
    ks_parent_write(path, sizeof path - 1);
    ks_parent_read(answer, sizeof answer);
    ks_parent_leave(answer[KS_FRAME_HEADER_SIZE] == 0 ? 33 : 34);
}

static int misbehave(const char *deed)
{
    uint8_t header[KS_FRAME_HEADER_SIZE];
    struct ks_frame frame;
    if (!ks_parent_read(header, sizeof header) || !ks_frame_read(header, &frame)) {
        return 99;
    }
    uint8_t *request = malloc((size_t)frame.size);
    if (request == NULL || !ks_parent_read(request, (size_t)frame.size)) {
        return 99;
    }
    if (strcmp(deed, "abort") == 0) {
        abort();
    } else if (strcmp(deed, "junk") == 0) {
        ks_parent_write("this is no frame, and never was", 32);
    } else if (strcmp(deed, "lie") == 0) {
        lie_about_the_size();
    } else if (strcmp(deed, "middle") == 0) {
        stop_in_the_middle();
    } else if (strcmp(deed, "file") == 0) {
        ask_for_a_file_outside();
    }
    ks_parent_leave(7);
}

// ---- the first process ----

static const struct ks_result *run(struct run_case *test, struct ks_worker *worker,
                                   const char *deed)
{
    struct ks_run_options options = run_case_options(test, KLDR_PROFILE_NT52);
    set_deed(deed);
    const struct ks_result *result =
        ks_worker_run(worker, &test->parsed.file->scenarios[1], &options);
    set_deed("");
    assert_non_null(result);
    return result;
}

static void a_result_is_the_same_as_without_a_process(void **state)
{
    struct run_case test;
    struct ks_worker *worker = ks_worker_create();
    (void)state;
    run_case_init(&test, TEXT);
    struct ks_run_options options = run_case_options(&test, KLDR_PROFILE_NT52);
    const struct ks_result *here =
        ks_runner_run(test.runner, &test.parsed.file->scenarios[1], &options);
    const struct ks_result *there = run(&test, worker, "");
    assert_int_equal(there->outcome, KS_FAILED);
    assert_ptr_equal(there->scenario, here->scenario);
    assert_int_equal(there->failure_count, here->failure_count);
    assert_int_equal(there->failure_count, 1);
    assert_ptr_equal(there->failures[0].step, here->failures[0].step);
    assert_string_equal(there->failures[0].got, here->failures[0].got);
    assert_int_equal(ks_event_log_count(there->events), ks_event_log_count(here->events));
    ks_worker_destroy(worker);
    run_case_fini(&test);
}

static void check_deed(const char *deed, enum ks_outcome outcome, const char *reason)
{
    struct run_case test;
    struct ks_worker *worker = ks_worker_create();
    run_case_init(&test, TEXT);
    const struct ks_result *result = run(&test, worker, deed);
    assert_int_equal(result->outcome, outcome);
    if (strstr(result->reason, reason) == NULL) {
        fail_msg("%s: %s", deed, result->reason);
    }
    // And the next one is not harmed by it.
    assert_int_equal(run(&test, worker, "")->outcome, KS_FAILED);
    ks_worker_destroy(worker);
    run_case_fini(&test);
}

static void a_process_that_crashes_is_a_stop(void **state)
{
    (void)state;
#if defined(_WIN32)
    check_deed("abort", KS_STOPPED, "ended with exit code 3");
#else
    check_deed("abort", KS_STOPPED, "was destroyed by signal 6 (SIGABRT)");
#endif
}

static void a_process_that_leaves_early_is_a_stop(void **state)
{
    (void)state;
    check_deed("leave", KS_STOPPED, "ended with exit code 7");
    check_deed("middle", KS_STOPPED, "ended with exit code 7");
}

static void what_is_no_result_is_a_stop(void **state)
{
    (void)state;
    check_deed("junk", KS_STOPPED, "sent an unreadable result");
    check_deed("lie", KS_STOPPED, "sent an unreadable result");
}

static void only_the_drivers_folder_can_be_asked_for(void **state)
{
    (void)state;
    check_deed("file", KS_STOPPED, "ended with exit code 33");
}

static void declared_images_need_no_process(void **state)
{
    struct run_case test;
    (void)state;
    run_case_init(&test, TEXT);
    struct ks_run_options options = run_case_options(&test, KLDR_PROFILE_NT52);
    options.cpu = KLDR_CPU_NATIVE;
    assert_false(ks_worker_wanted(test.scenario, &options));
    run_case_fini(&test);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_is_the_same_as_without_a_process),
        cmocka_unit_test(a_process_that_crashes_is_a_stop),
        cmocka_unit_test(a_process_that_leaves_early_is_a_stop),
        cmocka_unit_test(what_is_no_result_is_a_stop),
        cmocka_unit_test(only_the_drivers_folder_can_be_asked_for),
        cmocka_unit_test(declared_images_need_no_process),
    };
    if (argc == 2 && strcmp(argv[1], KS_WORKER_ARGUMENT) == 0) {
        const char *deed = getenv(DEED);
        return deed != NULL && deed[0] != '\0' ? misbehave(deed) : ks_worker_main();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
