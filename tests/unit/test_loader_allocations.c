// SPDX-License-Identifier: MIT
// Every request for memory of every story fails once, and so does every file and every mapping.
#include "loader_fixture.h"
#include "loader_stories.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COMMANDS = 8, MOST_FAILURES = 2000 };

// What a story's commands answer when nothing goes wrong.
struct told {
    kldr_status statuses[MOST_COMMANDS];
    char *modules; // the list at the end
};

static char *copy_modules(struct fixture *fixture)
{
    char *copy = NULL;
    return fixture_append(&copy, fixture_modules(fixture));
}

static struct told tell(const struct loader_story *story, struct fixture *fixture)
{
    char command[KLDR_PATH_SIZE];
    struct told told = {0};
    fixture_start(fixture);
    for (unsigned i = 0; loader_story_command(story->script, i, command, sizeof command); i++)
        told.statuses[i] = fixture_run(fixture, command);
    told.modules = copy_modules(fixture);
    fixture_check(fixture);
    fixture_finish(fixture);
    return told;
}

static bool has_failed(const struct fixture *fixture)
{
    return (fixture->fail_at != 0 && fixture->asked >= fixture->fail_at) ||
           (fixture->fail_open_at != 0 && fixture->opened >= fixture->fail_open_at) ||
           (fixture->fail_map_at != 0 && fixture->mapped >= fixture->fail_map_at);
}

// What failed makes itself known as what it is, or was not needed. failure is its status. A later
// command meets another world than it would have, so any answer of a kernel's is good.
static bool is_good(const struct fixture *fixture, kldr_status status, kldr_status undisturbed,
                    kldr_status failure, bool later)
{
    bool laundered = fixture->options.policy.value[KLDR_KNOB_LAUNDER] == KLDR_KNOB_YES &&
                     !KLDR_IS_OWN_STATUS(failure);
    return status == undisturbed || status == failure ||
           (laundered && status == KLDR_STATUS_DRIVER_UNABLE_TO_LOAD) ||
           (!KLDR_IS_OWN_STATUS(failure) && fixture->fail_open_at != 0 &&
            status == KLDR_STATUS_OBJECT_NAME_NOT_FOUND) || // of the first place looked at (A10)
           (later && (!KLDR_IS_OWN_STATUS(status) || status == KLDR_ERROR_NOT_FOUND));
}

// Tells the story with one thing failing. A failed load leaves nothing behind.
static void tell_disturbed(const struct loader_story *story, struct fixture *fixture,
                           const struct told *told, kldr_status failure)
{
    char command[KLDR_PATH_SIZE];
    for (unsigned i = 0; loader_story_command(story->script, i, command, sizeof command); i++) {
        bool later = has_failed(fixture);
        char *before = copy_modules(fixture);
        kldr_status status = fixture_run(fixture, command);
        if (!is_good(fixture, status, told->statuses[i], failure, later))
            fail_msg("%s, %s: 0x%08x after request %u, file %u, mapping %u", story->name, command,
                     (unsigned)status, fixture->fail_at, fixture->fail_open_at,
                     fixture->fail_map_at);
        if (status == failure && !story->leaves)
            assert_string_equal(fixture_modules(fixture), before);
        if (status == failure && strncmp(command, "load", 4) == 0)
            assert_int_equal(fixture->error.status, status);
        free(before);
        fixture_check(fixture);
    }
}

static void each_story(void (*disturb)(const struct loader_story *, struct fixture *,
                                       const struct told *))
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_DOCUMENTED, KLDR_PROFILE_NT52,
                                                 KLDR_PROFILE_24H2, KLDR_PROFILE_REACTOS};
    for (size_t i = 0; i < LOADER_STORIES; i++) {
        for (size_t j = 0; j < COUNT_OF(profiles); j++) {
            struct fixture *fixture = loader_story_open(&loader_stories[i], profiles[j]);
            struct told told = tell(&loader_stories[i], fixture);
            disturb(&loader_stories[i], fixture, &told);
            free(told.modules);
            fixture_destroy(fixture);
        }
    }
}

static void fail_each_allocation(const struct loader_story *story, struct fixture *fixture,
                                 const struct told *told)
{
    for (unsigned number = 1;; number++) {
        assert_true(number < MOST_FAILURES);
        fixture_start(fixture);
        fixture_fail_allocation(fixture, number);
        tell_disturbed(story, fixture, told, KLDR_ERROR_OUT_OF_MEMORY);
        bool over = fixture->asked < number;
        fixture_fail_allocation(fixture, 0);
        loader_story_check_clean(fixture);
        if (over)
            assert_string_equal(fixture_modules(fixture), told->modules);
        fixture_finish(fixture);
        if (over)
            return;
    }
}

static void every_allocation_may_fail_once(void **state)
{
    (void)state;
    each_story(fail_each_allocation);
}

static void fail_each_file(const struct loader_story *story, struct fixture *fixture,
                           const struct told *told)
{
    static const kldr_status failures[] = {KLDR_ERROR_OUT_OF_MEMORY, KLDR_ERROR_HOST_FILE,
                                           KLDR_STATUS_NOT_SUPPORTED};
    for (unsigned number = 1;; number++) {
        bool over = false;
        for (size_t i = 0; i < COUNT_OF(failures); i++) {
            fixture_start(fixture);
            fixture->fail_open_at = number;
            fixture->fail_status = failures[i];
            tell_disturbed(story, fixture, told, failures[i]);
            over = fixture->opened < number;
            fixture->fail_open_at = 0;
            loader_story_check_clean(fixture);
            fixture_finish(fixture);
        }
        if (over)
            return;
    }
}

static void every_file_may_fail_to_open_once(void **state)
{
    (void)state;
    each_story(fail_each_file);
}

static void fail_each_mapping(const struct loader_story *story, struct fixture *fixture,
                              const struct told *told)
{
    static const kldr_status failures[] = {KLDR_ERROR_OUT_OF_MEMORY, KLDR_STATUS_NOT_SUPPORTED};
    for (unsigned number = 1;; number++) {
        bool over = false;
        for (size_t i = 0; i < COUNT_OF(failures); i++) {
            fixture_start(fixture);
            fixture->fail_map_at = number;
            fixture->fail_status = failures[i];
            tell_disturbed(story, fixture, told, failures[i]);
            over = fixture->mapped < number;
            fixture->fail_map_at = 0;
            loader_story_check_clean(fixture);
            fixture_finish(fixture);
        }
        if (over)
            return;
    }
}

static void every_mapping_may_fail_once(void **state)
{
    (void)state;
    each_story(fail_each_mapping);
}

static void no_loader_is_made_without_memory(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    struct kldr_loader *loader = NULL;
    (void)state;
    fixture_fail_allocation(fixture, 1);
    assert_int_equal(
        kldr_loader_create(&fixture->options, &fixture->host, &loader, &fixture->error),
        KLDR_ERROR_OUT_OF_MEMORY);
    assert_null(loader);
    assert_int_equal(fixture->error.status, KLDR_ERROR_OUT_OF_MEMORY);
    fixture_destroy(fixture);
}

static void no_core_image_is_added_without_memory(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    for (unsigned number = 1;; number++) {
        uint32_t id = 0;
        assert_int_equal(
            kldr_loader_create(&fixture->options, &fixture->host, &fixture->loader, NULL),
            KLDR_STATUS_SUCCESS);
        fixture_fail_allocation(fixture, number);
        kldr_status status = kldr_loader_add_core(fixture->loader, "\\ntoskrnl.exe",
                                                  fixture->kernel.image, 0x1000000, &id);
        fixture_fail_allocation(fixture, 0);
        assert_int_equal(kldr_loader_first(fixture->loader), id);
        fixture_finish(fixture);
        if (status == KLDR_STATUS_SUCCESS) {
            assert_true(number > 4);
            break;
        }
        assert_int_equal(status, KLDR_ERROR_OUT_OF_MEMORY);
        assert_int_equal(id, 0);
    }
    fixture_destroy(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail_once),
        cmocka_unit_test(every_file_may_fail_to_open_once),
        cmocka_unit_test(every_mapping_may_fail_once),
        cmocka_unit_test(no_loader_is_made_without_memory),
        cmocka_unit_test(no_core_image_is_added_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
