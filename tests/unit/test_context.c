// SPDX-License-Identifier: MIT
#include "context.h"

#include "loader_fixture.h"
#include "test.h"

#include <string.h>

// A context of its own; what it sends is kept.
struct setting {
    struct kl_context context;
    struct kldr_event last;
    unsigned count;
};

static struct setting setting;

static void keep(void *user, const struct kldr_event *event)
{
    struct setting *used = user;
    used->last = *event;
    used->count++;
}

static int set_up(void **state)
{
    setting = (struct setting){0};
    setting.context.host.on_event = keep;
    setting.context.host.user = &setting;
    kldr_policy_init(&setting.context.policy, KLDR_PROFILE_24H2);
    *state = &setting;
    return 0;
}

static struct kl_module b_sys(void)
{
    static char name[] = "\\F\\b.sys";
    return (struct kl_module){.id = 7,
                              .load_count = 3,
                              .full_name = name,
                              .base_name = name + 3,
                              .mapping = {.base = 0x10000, .size = 0x5000}};
}

static void a_knob_is_asked_of_the_policy(void **state)
{
    struct setting *used = *state;
    assert_int_equal(kl_context_knob(&used->context, KLDR_KNOB_REFUSED), KLDR_REFUSED_ONE_FINAL);
    used->context.policy.value[KLDR_KNOB_REFUSED] = KLDR_REFUSED_ZERO_RETRY;
    assert_int_equal(kl_context_knob(&used->context, KLDR_KNOB_REFUSED), KLDR_REFUSED_ZERO_RETRY);
}

static void events_are_numbered_and_carry_the_depth(void **state)
{
    struct setting *used = *state;
    struct kldr_event event = {.kind = KLDR_EVENT_NOTE, .seq = 99, .depth = 99};
    used->context.depth = 3;
    kl_context_emit(&used->context, &event);
    assert_int_equal(used->last.seq, 1);
    assert_int_equal(used->last.depth, 3);
    kl_context_emit(&used->context, &event);
    assert_int_equal(used->last.seq, 2);
    assert_int_equal(used->count, 2);
}

static void without_a_listener_nothing_is_sent(void **state)
{
    struct setting *used = *state;
    struct kl_module module = b_sys();
    struct kldr_event event = {.kind = KLDR_EVENT_BUGCHECK};
    used->context.host.on_event = NULL;
    assert_false(kl_context_listened(&used->context));
    kl_context_emit(&used->context, &event);
    kl_context_emit_module(&used->context, KLDR_EVENT_IMAGE_NOTIFY, &module, false);
    assert_int_equal(used->count + used->context.seq, 0);
}

static void the_first_reason_to_stop_stays(void **state)
{
    struct setting *used = *state;
    assert_int_equal(kl_context_stop(&used->context, KLDR_ERROR_LIMIT), KLDR_ERROR_LIMIT);
    assert_int_equal(kl_context_stop(&used->context, KLDR_ERROR_STOPPED), KLDR_ERROR_LIMIT);
    assert_true(used->context.stopped);
    assert_int_equal(used->context.stop_reason, KLDR_ERROR_LIMIT);
}

static void after_the_end_only_the_end_itself_is_told(void **state)
{
    struct setting *used = *state;
    unsigned told = 0;
    kl_context_stop(&used->context, KLDR_ERROR_STOPPED);
    assert_false(kl_context_listened(&used->context));
    for (unsigned kind = 0; kind < KLDR_EVENT_KIND_COUNT; kind++) {
        struct kldr_event event = {.kind = (enum kldr_event_kind)kind};
        kl_context_emit(&used->context, &event);
        if (kind == KLDR_EVENT_BUGCHECK || kind == KLDR_EVENT_STEP_END ||
            kind == KLDR_EVENT_FINDING || kind == KLDR_EVENT_NOTE)
            told++;
        assert_int_equal(used->count, told);
    }
    assert_int_equal(told, 4);
}

static void statuses_that_end_the_simulation_are_four(void **state)
{
    static const struct {
        kldr_status status;
        bool stop;
    } rows[] = {
        {KLDR_ERROR_STOPPED, true},          {KLDR_ERROR_LIMIT, true},
        {KLDR_ERROR_SCENARIO, true},         {KLDR_ERROR_INTERNAL, true},
        {KLDR_ERROR_OUT_OF_MEMORY, false},   {KLDR_ERROR_NOT_FOUND, false},
        {KLDR_STATUS_SUCCESS, false},        {KLDR_STATUS_UNSUCCESSFUL, false},
        {KLDR_ERROR_NOT_IMPLEMENTED, false}, {KLDR_ERROR_BAD_ARGUMENT, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(kl_context_is_stop(rows[i].status), rows[i].stop);
}

static kldr_status answer(void *user, const struct kldr_routine_call *call)
{
    struct setting *used = user;
    used->count++;
    if (call->rva == 1)
        kl_context_stop(&used->context, KLDR_ERROR_SCENARIO);
    return call->rva == 2 ? KLDR_ERROR_LIMIT : KLDR_STATUS_PENDING;
}

static void a_call_answers_with_the_end_when_the_simulation_ended_in_it(void **state)
{
    struct setting *used = *state;
    struct kldr_routine_call call = {.rva = 3};
    used->context.host.call_routine = answer;
    assert_int_equal(kl_context_call(&used->context, &call), KLDR_STATUS_PENDING);
    assert_false(used->context.stopped);
    call.rva = 1;
    assert_int_equal(kl_context_call(&used->context, &call), KLDR_ERROR_SCENARIO);
    used->context.stopped = false;
    call.rva = 2;
    assert_int_equal(kl_context_call(&used->context, &call), KLDR_ERROR_LIMIT);
    assert_true(used->context.stopped);
}

static kldr_status fail_mapping(void *user, enum kldr_fault fault)
{
    (void)user;
    return fault == KLDR_FAULT_MAP ? KLDR_STATUS_NO_MEMORY : KLDR_STATUS_SUCCESS;
}

static void faults_are_asked_of_the_host_if_it_cares(void **state)
{
    struct setting *used = *state;
    assert_int_equal(kl_context_fault(&used->context, KLDR_FAULT_MAP), KLDR_STATUS_SUCCESS);
    used->context.host.inject_fault = fail_mapping;
    assert_int_equal(kl_context_fault(&used->context, KLDR_FAULT_MAP), KLDR_STATUS_NO_MEMORY);
    assert_int_equal(kl_context_fault(&used->context, KLDR_FAULT_READ), KLDR_STATUS_SUCCESS);
}

static void note_telling(void *user, const struct kldr_event *event)
{
    struct setting *used = user;
    assert_true(used->context.telling);
    if (used->count++ == 0) {
        struct kldr_event inner = {.kind = KLDR_EVENT_FINDING};
        kl_context_emit(&used->context, &inner);
        assert_true(used->context.telling);
    }
    used->last = *event;
}

static void events_may_be_sent_while_one_is_told(void **state)
{
    struct setting *used = *state;
    struct kldr_event event = {.kind = KLDR_EVENT_NOTE};
    used->context.host.on_event = note_telling;
    kl_context_emit(&used->context, &event);
    assert_int_equal(used->count, 2);
    assert_int_equal(used->last.kind, KLDR_EVENT_NOTE);
    assert_false(used->context.telling);
}

static void an_event_about_a_module_names_it(void **state)
{
    struct setting *used = *state;
    struct kl_module module = b_sys();
    kl_context_emit_module(&used->context, KLDR_EVENT_IMAGE_LISTED, &module, true);
    assert_int_equal(used->last.kind, KLDR_EVENT_IMAGE_LISTED);
    assert_int_equal(used->last.module_id, 7);
    assert_string_equal(used->last.module, "b.sys");
    assert_string_equal(used->last.path, "\\F\\b.sys");
    assert_int_equal(used->last.has, 0);
    kl_context_emit_module(&used->context, KLDR_EVENT_IMAGE_UNMAPPED, &module, true);
    assert_int_equal(used->last.has, KLDR_EVENT_HAS_FLAG);
    assert_true(used->last.flag);
}

static void a_mapped_image_is_told_with_its_place(void **state)
{
    struct setting *used = *state;
    struct kl_module module = b_sys();
    kl_context_emit_mapped(&used->context, &module, true);
    assert_int_equal(used->last.kind, KLDR_EVENT_IMAGE_MAPPED);
    assert_int_equal(used->last.module_id, 7);
    assert_int_equal(used->last.address, 0x10000);
    assert_int_equal(used->last.size, 0x5000);
    assert_true(used->last.flag);
    assert_int_equal(used->last.has, KLDR_EVENT_HAS_ADDRESS | KLDR_EVENT_HAS_FLAG);
}

static void an_opened_file_is_told_with_its_status(void **state)
{
    struct setting *used = *state;
    kl_context_emit_open(&used->context, "\\F\\b.sys", KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(used->last.kind, KLDR_EVENT_IMAGE_OPEN);
    assert_string_equal(used->last.path, "\\F\\b.sys");
    assert_int_equal(used->last.status, KLDR_STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(used->last.has, KLDR_EVENT_HAS_STATUS);
}

static void a_reference_is_told_with_count_holder_and_reason(void **state)
{
    struct setting *used = *state;
    struct kl_module module = b_sys();
    kl_context_emit_reference(&used->context, KLDR_EVENT_REF_ADD, &module, "a.sys", 5, "import",
                              "R8");
    assert_int_equal(used->last.module_id, 7);
    assert_int_equal(used->last.importer_id, 5);
    assert_int_equal(used->last.count, 3);
    assert_int_equal(used->last.has, KLDR_EVENT_HAS_COUNT);
    assert_string_equal(used->last.holder, "a.sys");
    assert_string_equal(used->last.reason, "import");
    assert_string_equal(used->last.fact, "R8");
    assert_null(used->last.importer);
    module.inactive = true;
    kl_context_emit_reference(&used->context, KLDR_EVENT_REF_SKIP, &module, "a.sys", 5, NULL, NULL);
    assert_int_equal(used->last.has, KLDR_EVENT_HAS_COUNT | KLDR_EVENT_COUNT_INACTIVE);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_knob_is_asked_of_the_policy),
        TEST(events_are_numbered_and_carry_the_depth),
        TEST(without_a_listener_nothing_is_sent),
        TEST(the_first_reason_to_stop_stays),
        TEST(after_the_end_only_the_end_itself_is_told),
        TEST(statuses_that_end_the_simulation_are_four),
        TEST(a_call_answers_with_the_end_when_the_simulation_ended_in_it),
        TEST(faults_are_asked_of_the_host_if_it_cares),
        TEST(events_may_be_sent_while_one_is_told),
        TEST(an_event_about_a_module_names_it),
        TEST(a_mapped_image_is_told_with_its_place),
        TEST(an_opened_file_is_told_with_its_status),
        TEST(a_reference_is_told_with_count_holder_and_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
