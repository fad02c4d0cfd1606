// SPDX-License-Identifier: MIT
#include "loader_fixture.h"
#include "loader_stories.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define BOTH "F DllInitialize DllUnload"

static int set_up(void **state)
{
    *state = fixture_open(KLDR_PROFILE_24H2);
    return 0;
}

static int tear_down(void **state)
{
    fixture_destroy(*state);
    return 0;
}

// ---- making one ----

static void the_five_callbacks_are_required(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    for (unsigned missing = 0; missing < 7; missing++) {
        struct kldr_host host = fixture->host;
        struct kldr_loader *loader = NULL;
        struct kldr_error error = {0};
        host.open_image = missing == 0 ? NULL : host.open_image;
        host.close_image = missing == 1 ? NULL : host.close_image;
        host.map_image = missing == 2 ? NULL : host.map_image;
        host.unmap_image = missing == 3 ? NULL : host.unmap_image;
        host.call_routine = missing == 4 ? NULL : host.call_routine;
        assert_int_equal(kldr_loader_create(missing == 5 ? NULL : &fixture->options,
                                            missing == 6 ? NULL : &host, &loader, &error),
                         KLDR_ERROR_BAD_ARGUMENT);
        assert_int_equal(error.status, KLDR_ERROR_BAD_ARGUMENT);
        assert_null(loader);
    }
    fixture_destroy(fixture);
}

static void the_optional_callbacks_and_the_allocator_may_be_left_out(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_UNKNOWN);
    (void)state;
    fixture->host.allocator = (struct kldr_allocator){0};
    fixture->host.image_ready = NULL;
    fixture->host.trap_import = NULL;
    fixture->host.core_import = NULL;
    fixture->host.on_event = NULL;
    fixture_start(fixture);
    assert_int_equal(kldr_loader_machine(fixture->loader), KLDR_MACHINE_X64);
    fixture_image(fixture, "a.sys", "", "b.sys:F ntoskrnl.exe:KeOne");
    fixture_image(fixture, "b.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1");
    assert_int_equal(fixture->asked, 0);
    fixture_destroy(fixture);
    kldr_loader_destroy(NULL);
}

static void policy_and_machine_are_those_it_was_made_with(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_NT52, KLDR_MACHINE_ARM64);
    (void)state;
    fixture_knob(fixture, "checksum", "enforce");
    fixture_start(fixture);
    assert_memory_equal(kldr_loader_policy(fixture->loader), &fixture->options.policy,
                        sizeof(struct kldr_policy));
    assert_int_equal(kldr_loader_machine(fixture->loader), KLDR_MACHINE_ARM64);
    assert_int_equal(kldr_loader_depth(fixture->loader), 0);
    fixture_destroy(fixture);
}

static void destroying_gives_every_mapping_back_and_calls_nothing(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
    unsigned called = fixture->called;
    size_t told = fixture->line_count;
    assert_int_equal(fixture->live_mappings, 3);
    kldr_loader_destroy(fixture->loader);
    fixture->loader = NULL;
    assert_int_equal(fixture->live_mappings, 0);
    assert_int_equal(fixture->called, called);
    assert_int_equal(fixture->line_count, told);
}

static void core_images_come_first_and_stay_for_ever(void **state)
{
    struct fixture *fixture = *state;
    struct kldr_module_info info = fixture_module(fixture, "NTOSKRNL.exe");
    assert_true(info.core && info.boot_sentinel);
    assert_int_equal(info.state, KLDR_MODULE_LOADED);
    assert_int_equal(info.id, fixture->kernel.id);
    assert_null(info.cookie);
    assert_ptr_equal(info.image, fixture->kernel.image);
    assert_int_equal(kldr_loader_first(fixture->loader), fixture->kernel.id);
    assert_int_equal(kldr_loader_next(fixture->loader, fixture->kernel.id), fixture->hal.id);
    assert_int_equal(kldr_loader_unload(fixture->loader, info.id, KLDR_LOAD_DRIVER),
                     KLDR_STATUS_SUCCESS);
    assert_int_equal(fixture_module(fixture, "ntoskrnl.exe").load_count, 1);
    assert_string_equal(fixture_events(fixture, "ref."),
                        "ref.skip ntoskrnl.exe 1 boot-sentinel by I/O manager");
}

// ---- arguments ----

static void a_path_without_a_file_name_is_refused(void **state)
{
    static const char *const paths[] = {NULL, "", "\\", "\\F\\", FIXTURE_DRIVERS};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        uint32_t id = 77;
        strcpy(fixture->error.module, "old.sys");
        assert_int_equal(
            kldr_loader_load(fixture->loader, paths[i], KLDR_LOAD_DRIVER, &id, &fixture->error),
            KLDR_ERROR_BAD_ARGUMENT);
        assert_int_equal(fixture->error.stage, KLDR_STAGE_INPUT);
        assert_string_equal(fixture->error.module, "");
        assert_int_equal(id, 77);
    }
    assert_string_equal(fixture_events(fixture, ""), "");
}

static void an_unknown_module_cannot_be_unloaded(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(kldr_loader_unload(fixture->loader, 0, KLDR_LOAD_DRIVER),
                     KLDR_ERROR_NOT_FOUND);
    assert_int_equal(kldr_loader_unload(fixture->loader, 99, KLDR_LOAD_IMAGE),
                     KLDR_ERROR_NOT_FOUND);
    fixture_image(fixture, "a.sys", "", "");
    fixture_run(fixture, "load a.sys; unload a.sys");
    assert_int_equal(kldr_loader_unload(fixture->loader, fixture->id, KLDR_LOAD_DRIVER),
                     KLDR_ERROR_NOT_FOUND);
}

static void results_may_be_of_no_interest(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:Gone");
    fixture_image(fixture, "b.sys", BOTH, "");
    assert_int_equal(
        kldr_loader_load(fixture->loader, FIXTURE_DRIVERS "b.sys", KLDR_LOAD_DRIVER, NULL, NULL),
        KLDR_STATUS_SUCCESS);
    assert_int_equal(
        kldr_loader_load(fixture->loader, FIXTURE_DRIVERS "a.sys", KLDR_LOAD_DRIVER, NULL, NULL),
        KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
}

static void a_successful_load_clears_the_record_of_the_last_failure(void **state)
{
    static const struct kldr_error empty = {0};
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "gone.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_run(fixture, "load a.sys");
    assert_string_equal(fixture->error.module, "gone.sys");
    fixture_run(fixture, "load b.sys");
    assert_memory_equal(&fixture->error, &empty, sizeof empty);
}

// ---- callbacks ----

struct meddler {
    struct fixture *fixture;
    unsigned refused;
};

static void meddle(void *user, const struct kldr_event *event)
{
    struct meddler *meddler = user;
    struct kldr_loader *loader = meddler->fixture->loader;
    uint32_t id = 0;
    struct kldr_boot_entry entry = {FIXTURE_DRIVERS "c.sys", false};
    if (event->kind == KLDR_EVENT_NOTE)
        return;
    assert_int_equal(kldr_loader_load(loader, FIXTURE_DRIVERS "c.sys", KLDR_LOAD_IMAGE, &id, NULL),
                     KLDR_ERROR_BUSY);
    assert_int_equal(kldr_loader_boot(loader, &entry, 1, &id, NULL), KLDR_ERROR_BUSY);
    struct kldr_event own = {.kind = KLDR_EVENT_NOTE};
    kldr_loader_emit(loader, &own);
    if (event->module_id != 0)
        assert_int_equal(kldr_loader_unload(loader, event->module_id, KLDR_LOAD_DRIVER),
                         KLDR_ERROR_BUSY);
    meddler->refused++;
}

static void an_events_receiver_may_ask_and_send_but_not_load_or_unload(void **state)
{
    struct fixture *fixture = *state;
    struct meddler meddler = {.fixture = fixture};
    fixture_image(fixture, "a.sys", "", "b.sys:F gone.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture->observe = meddle;
    fixture->observer = &meddler;
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(fixture_run(fixture, "load b.sys; unload b.sys"), KLDR_STATUS_SUCCESS);
    assert_true(meddler.refused > 20);
    fixture->observe = NULL;
    assert_int_equal(fixture_run(fixture, "load c.sys"), KLDR_STATUS_SUCCESS);
    fixture_check(fixture);
}

static struct fixture *outer;

static kldr_status unload_the_importer(void *user, const struct kldr_routine_call *call)
{
    struct kldr_loader *loader = outer->loader;
    uint32_t importer = kldr_loader_find(loader, "a.sys");
    (void)user, (void)call;
    assert_int_equal(kldr_loader_unload(loader, importer, KLDR_LOAD_DRIVER), KLDR_ERROR_BUSY);
    return KLDR_STATUS_SUCCESS;
}

static void a_module_cannot_be_unloaded_before_its_load_has_ended(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    outer = fixture;
    fixture->host.call_routine = unload_the_importer;
    fixture_start(fixture);
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture_modules(fixture), "a.sys 1; b.sys 1");
    fixture_destroy(fixture);
}

static kldr_status unload_itself(void *user, const struct kldr_routine_call *call)
{
    (void)user;
    assert_int_equal(kldr_loader_unload(outer->loader, call->module_id, KLDR_LOAD_DRIVER),
                     KLDR_STATUS_SUCCESS);
    return KLDR_STATUS_SUCCESS;
}

static void a_dll_that_drops_itself_in_dllinitialize_is_found_gone(void **state)
{
    struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
    (void)state;
    outer = fixture;
    fixture->host.call_routine = unload_itself;
    fixture_start(fixture);
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_string_equal(fixture_modules(fixture), "");
    fixture_destroy(fixture);
}

// ---- machines ----

static void every_story_is_the_same_on_every_machine(void **state)
{
    static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86,
                                                 KLDR_MACHINE_ARM64};
    (void)state;
    for (size_t i = 0; i < LOADER_STORIES * KLDR_PROFILE_COUNT; i++) {
        const struct loader_story *story = &loader_stories[i / KLDR_PROFILE_COUNT];
        char *events = NULL, *modules = NULL;
        for (size_t machine = 0; machine < COUNT_OF(machines); machine++) {
            struct fixture *fixture = loader_story_open_on(
                story, (enum kldr_profile)(i % KLDR_PROFILE_COUNT), machines[machine]);
            fixture_start(fixture);
            fixture_run(fixture, story->script);
            fixture_check(fixture);
            if (machine == 0) {
                fixture_append(&events, fixture_events(fixture, ""));
                fixture_append(&modules, fixture_modules(fixture));
            }
            assert_string_equal(fixture_events(fixture, ""), events);
            assert_string_equal(fixture_modules(fixture), modules);
            fixture_destroy(fixture);
        }
        free(events);
        free(modules);
    }
}

// ---- the end ----

// Every routine of every story ends the simulation once.
static void the_simulation_may_end_at_any_call(void **state)
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_NT52, KLDR_PROFILE_24H2};
    static const kldr_status reasons[] = {KLDR_ERROR_STOPPED, KLDR_ERROR_LIMIT,
                                          KLDR_ERROR_INTERNAL};
    (void)state;
    for (size_t i = 0; i < LOADER_STORIES * COUNT_OF(profiles); i++) {
        const struct loader_story *story = &loader_stories[i / COUNT_OF(profiles)];
        struct fixture *fixture = loader_story_open(story, profiles[i % COUNT_OF(profiles)]);
        for (unsigned number = 1, over = 0; !over; number++) {
            kldr_status reason = KLDR_STATUS_SUCCESS;
            fixture_start(fixture);
            fixture->fail_call_at = number;
            fixture->fail_status = reasons[number % COUNT_OF(reasons)];
            fixture_run(fixture, story->script);
            over = fixture->called < number;
            assert_int_equal(kldr_loader_stopped(fixture->loader, &reason), !over);
            if (!over) {
                size_t told = fixture->line_count;
                assert_int_equal(reason, fixture->fail_status);
                assert_int_equal(fixture_run(fixture, "load clean.sys"), reason);
                assert_int_equal(fixture->error.status, reason);
                assert_int_equal(kldr_loader_unload(fixture->loader, 1, KLDR_LOAD_DRIVER), reason);
                assert_int_equal(fixture->called, number);
                assert_int_equal(fixture->line_count, told);
                fixture_events(fixture, "");
            }
            fixture_finish(fixture);
        }
        fixture_destroy(fixture);
    }
}

static void nothing_is_told_between_the_call_that_ends_it_and_the_return(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "d.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "d.sys", BOTH, "");
    fixture->fail_call_at = 2;
    fixture->fail_status = KLDR_ERROR_STOPPED;
    assert_int_equal(fixture_run(fixture, "load a.sys"), KLDR_ERROR_STOPPED);
    const char *events = fixture_events(fixture, "");
    const char *last = strstr(events, "call.begin b.sys!DllInitialize");
    assert_non_null(last);
    assert_null(strstr(last, "; "));
    assert_string_equal(fixture_modules(fixture), "a.sys 1 loading; b.sys 1; d.sys 1");
}

static void it_can_be_ended_from_outside(void **state)
{
    struct fixture *fixture = *state;
    kldr_status reason = KLDR_STATUS_SUCCESS;
    assert_false(kldr_loader_stopped(fixture->loader, &reason));
    assert_int_equal(reason, KLDR_STATUS_SUCCESS);
    kldr_loader_stop(fixture->loader, KLDR_STATUS_UNSUCCESSFUL); // no reason: counts as STOPPED
    kldr_loader_stop(fixture->loader, KLDR_ERROR_LIMIT);
    assert_true(kldr_loader_stopped(fixture->loader, &reason));
    assert_int_equal(reason, KLDR_ERROR_STOPPED);
    assert_true(kldr_loader_stopped(fixture->loader, NULL));
    struct kldr_event event = {.kind = KLDR_EVENT_BUGCHECK, .module = "b.sys"};
    kldr_loader_emit(fixture->loader, &event);
    assert_string_equal(fixture_events(fixture, ""), "bugcheck b.sys");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_five_callbacks_are_required),
        TEST(the_optional_callbacks_and_the_allocator_may_be_left_out),
        TEST(policy_and_machine_are_those_it_was_made_with),
        TEST(destroying_gives_every_mapping_back_and_calls_nothing),
        TEST(core_images_come_first_and_stay_for_ever),
        TEST(a_path_without_a_file_name_is_refused),
        TEST(an_unknown_module_cannot_be_unloaded),
        TEST(results_may_be_of_no_interest),
        TEST(a_successful_load_clears_the_record_of_the_last_failure),
        TEST(an_events_receiver_may_ask_and_send_but_not_load_or_unload),
        TEST(a_module_cannot_be_unloaded_before_its_load_has_ended),
        TEST(a_dll_that_drops_itself_in_dllinitialize_is_found_gone),
        TEST(every_story_is_the_same_on_every_machine),
        TEST(the_simulation_may_end_at_any_call),
        TEST(nothing_is_told_between_the_call_that_ends_it_and_the_return),
        TEST(it_can_be_ended_from_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
