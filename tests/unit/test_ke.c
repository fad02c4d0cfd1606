// SPDX-License-Identifier: MIT
// The dispatcher, with functions of this program as code of drivers: who runs when, what time it
// is, how it ends.
#include "ke_case.h"

#include <stdio.h>
#include <string.h>

// ---- threads and events ----

static KEVENT ping, pong, done;
static KMUTEX mutex;

static void run_ping(void *context)
{
    for (int i = 0; i < *(int *)context; i++) {
        ke_wait_for(&ping, NULL);
        ke_tell("i");
        ke_invoke("KeSetEvent", address_of(&pong), 0, 0, 0, 0);
    }
    ke_tell(".");
    ke_invoke("KeSetEvent", address_of(&done), 0, 0, 0, 0);
}

static void run_pong(void *context)
{
    for (int i = 0; i < *(int *)context; i++) {
        ke_wait_for(&pong, NULL);
        ke_tell("o");
        ke_invoke("KeSetEvent", address_of(&ping), 0, 0, 0, 0);
    }
}

static void two_threads_take_turns(void **state)
{
    int rounds = 4;
    (void)state;
    ke_invoke("KeInitializeEvent", address_of(&ping), SynchronizationEvent, TRUE, 0, 0);
    ke_invoke("KeInitializeEvent", address_of(&pong), SynchronizationEvent, FALSE, 0, 0);
    ke_invoke("KeInitializeEvent", address_of(&done), NotificationEvent, FALSE, 0, 0);
    uint64_t first = ke_make_thread(run_ping, &rounds);
    ke_make_thread(run_pong, &rounds);
    assert_string_equal(ke_told, ""); // nobody waits yet
    assert_int_equal(ke_wait_for(&done, NULL), STATUS_SUCCESS);
    assert_string_equal(ke_told, "ioioioi.");
    assert_int_equal(ks_ke_wait(ke_world, first, NULL, false), STATUS_SUCCESS); // it has ended
    assert_int_equal(ks_ke_run_until_idle(ke_world), KLDR_STATUS_SUCCESS);
    assert_string_equal(ke_told, "ioioioi.o");
}

static void run_and_tell(void *context)
{
    ke_tell(context);
}

static void equals_run_in_their_order_and_higher_ones_first(void **state)
{
    (void)state;
    ke_make_thread(run_and_tell, "a");
    ke_make_thread(run_and_tell, "b");
    uint64_t third = ke_make_thread(run_and_tell, "c");
    ke_invoke("KeSetPriorityThread", third, 12, 0, 0, 0);
    assert_string_equal(ke_told, ""); // this thread is a worker of priority 13
    uint64_t fourth = ke_make_thread(run_and_tell, "d");
    assert_int_equal(ke_invoke("KeSetPriorityThread", fourth, 20, 0, 0, 0), 8);
    assert_string_equal(ke_told, "d");
    assert_int_equal(ks_ke_run_until_idle(ke_world), KLDR_STATUS_SUCCESS);
    assert_string_equal(ke_told, "dcab");
}

static void a_seed_changes_the_order_of_equals(void **state)
{
    char orders[3][sizeof ke_told] = {{0}};
    static const uint64_t seeds[] = {7, 7, 1234567};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        kldr_world_destroy(ke_world);
        ke_make_world(seeds[i]);
        for (const char *name = "a\0b\0c\0d\0e\0f\0g\0h\0"; *name != '\0'; name += 2) {
            ke_make_thread(run_and_tell, (void *)(uintptr_t)name);
        }
        ks_ke_run_until_idle(ke_world);
        memcpy(orders[i], ke_told, sizeof ke_told);
        assert_int_equal(strlen(ke_told), 8);
    }
    assert_string_equal(orders[0], orders[1]);
    assert_string_not_equal(orders[0], orders[2]);
    assert_string_not_equal(orders[0], "abcdefgh");
}

// ---- time ----

static void a_wait_ends_with_its_time(void **state)
{
    KEVENT event;
    int64_t timeout = -50000, zero = 0;
    (void)state;
    ks_ke_event_init(address_of(&event), true, false);
    uint64_t before = ks_ke_interrupt_time(ke_world);
    assert_int_equal(ke_wait_for(&event, &zero), STATUS_TIMEOUT);
    assert_int_equal(ks_ke_interrupt_time(ke_world), before);
    assert_int_equal(ke_wait_for(&event, &timeout), STATUS_TIMEOUT);
    assert_int_equal(ks_ke_interrupt_time(ke_world), before + 50000);
    timeout = (int64_t)(ks_ke_system_time(ke_world) + 300);
    assert_int_equal(ke_wait_for(&event, &timeout), STATUS_TIMEOUT);
    assert_int_equal(ks_ke_interrupt_time(ke_world), before + 50300);
    assert_int_equal(ke_wait_for(&event, &timeout), STATUS_TIMEOUT); // that time is over
    assert_int_equal(ks_ke_interrupt_time(ke_world), before + 50300);
}

static KTIMER timers[4];
static KDPC dpcs[4];

static void set_timer(unsigned number, int64_t due, uint32_t period, const char *name)
{
    ke_invoke("KeInitializeTimer", address_of(&timers[number]), 0, 0, 0, 0);
    ke_invoke("KeInitializeDpc", address_of(&dpcs[number]), (uint64_t)(uintptr_t)ke_tell_dpc,
              (uint64_t)(uintptr_t)name, 0, 0);
    assert_false(ke_invoke("KeSetTimerEx", address_of(&timers[number]), (uint64_t)due, period,
                           address_of(&dpcs[number]), 0));
}

static void timers_expire_in_their_order_when_time_passes(void **state)
{
    (void)state;
    set_timer(0, -3000, 0, "a");
    set_timer(1, -1000, 0, "b");
    set_timer(2, -1000, 0, "c");
    set_timer(3, -10000, 1, "p");
    assert_int_equal(ks_ke_run_until_idle(ke_world), KLDR_STATUS_SUCCESS);
    assert_string_equal(ke_told, ""); // between steps time stands still
    assert_int_equal(ks_ke_advance(ke_world, 999), KLDR_STATUS_SUCCESS);
    assert_string_equal(ke_told, "");
    assert_int_equal(ks_ke_advance(ke_world, 1), KLDR_STATUS_SUCCESS);
    assert_string_equal(ke_told, "bc");
    assert_int_equal(ks_ke_advance(ke_world, 29000), KLDR_STATUS_SUCCESS);
    assert_string_equal(ke_told, "bcappp");
    assert_true(ke_invoke("KeReadStateTimer", address_of(&timers[0]), 0, 0, 0, 0));
    assert_true(ke_invoke("KeCancelTimer", address_of(&timers[3]), 0, 0, 0, 0));
    assert_false(ke_invoke("KeCancelTimer", address_of(&timers[3]), 0, 0, 0, 0));
    assert_int_equal(ks_ke_advance(ke_world, 50000), KLDR_STATUS_SUCCESS);
    assert_string_equal(ke_told, "bcappp");
}

static void a_thousand_timers_keep_their_order(void **state)
{
    static KTIMER many[1000];
    uint64_t random = 88172645463325252u, last = 0;
    (void)state;
    struct ks_ke *ke = ks_ke(ke_world);
    for (unsigned i = 0; i < 1000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        ks_ke_timer_set(ke, address_of(&many[i]), -(int64_t)(1 + random % 5000), 0, 0, 0);
    }
    for (unsigned i = 0; i < 1000; i += 3) {
        assert_true(ks_ke_timer_cancel(ke, address_of(&many[i])));
    }
    for (size_t count = ke->timers.count; count > 0; count--) {
        struct ks_ke_timer *timer = ke->timers.heap[0];
        assert_true(timer->due >= last);
        last = timer->due;
        ks_ke_timer_cancel(ke, timer->object);
    }
    assert_int_equal(ke->timers.count, 0);
}

// ---- work items ----

static void work(struct kldr_world *its_world, void *user)
{
    (void)its_world;
    ke_tell(user);
    if (*(const char *)user == 'w') {
        ke_wait_for(&done, NULL);
        ke_tell("W");
    }
}

static void work_items_run_in_their_order_and_do_not_hold_each_other_up(void **state)
{
    (void)state;
    ks_ke_event_init(address_of(&done), false, false);
    assert_true(ks_ke_queue_work(ke_world, &(struct ks_ke_work){.run = work, .user = "a"}));
    assert_true(ks_ke_queue_work(ke_world, &(struct ks_ke_work){.run = work, .user = "w"}));
    assert_true(ks_ke_queue_work(ke_world, &(struct ks_ke_work){.run = work, .user = "b"}));
    ks_ke_run_until_idle(ke_world);
    assert_string_equal(ke_told, "awb");
    ke_invoke("KeSetEvent", address_of(&done), 0, 0, 0, 0);
    assert_true(ks_ke_queue_work(ke_world, &(struct ks_ke_work){.run = work, .user = "c"}));
    ks_ke_run_until_idle(ke_world);
    assert_string_equal(ke_told, "awbWc");
}

// ---- the end ----

static void wait_for_nothing(void *context)
{
    ke_wait_for(context, NULL);
    ke_tell("?");
}

static char reason[1024];

static void see_event(void *user, const struct kldr_event *event)
{
    (void)user;
    if (event->kind == KLDR_EVENT_BUGCHECK) {
        snprintf(reason, sizeof reason, "%s", event->text);
    }
}

static void a_hang_is_told_with_who_waits_for_what(void **state)
{
    struct kldr_world_options options = {.machine = KLDR_MACHINE_X64, .on_event = see_event};
    KEVENT event;
    (void)state;
    kldr_world_destroy(ke_world);
    kldr_policy_init(&options.policy, KLDR_PROFILE_NT52);
    assert_int_equal(kldr_world_create(&options, &ke_world, NULL), KLDR_STATUS_SUCCESS);
    ks_ke_event_init(address_of(&event), false, false);
    ke_invoke("KeInitializeMutex", address_of(&mutex), 0, 0, 0, 0);
    ke_wait_for(&mutex, NULL);
    ke_make_thread(wait_for_nothing, &mutex);
    assert_int_equal(ke_wait_for(&event, NULL), KLDR_ERROR_STOPPED);
    assert_int_equal(ke_stop_code(), KLDR_ERROR_HANG);
    assert_string_equal(reason,
                        "the simulated system hangs: thread 8 (the step's) waits at the kernel for "
                        "an event; thread 12 (started at the kernel) waits at the kernel for a "
                        "mutex, which thread 8 owns");
}

static void threads_that_wait_leave_nothing_behind(void **state)
{
    KEVENT event;
    struct ks_ke_remainder left;
    (void)state;
    ks_ke_event_init(address_of(&event), false, false);
    ke_make_thread(wait_for_nothing, &event);
    ks_ke_run_until_idle(ke_world);
    ke_make_thread(wait_for_nothing, &event); // never begins
    set_timer(0, -10000, 0, "x");
    assert_true(ks_ke_remainder_at(ke_world, 1, &left));
    assert_int_equal(left.kind, KS_KE_LEFT_THREAD);
    assert_int_equal(left.routine, code_of(wait_for_nothing));
    assert_true(ks_ke_remainder_at(ke_world, 2, &left));
    assert_int_equal(left.kind, KS_KE_LEFT_TIMER);
    assert_int_equal(left.object, address_of(&timers[0]));
    assert_int_equal(left.routine, (uint64_t)(uintptr_t)ke_tell_dpc);
    assert_false(ks_ke_remainder_at(ke_world, 3, &left));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, ke_begin, ke_end)
    const struct CMUnitTest tests[] = {
        CASE(two_threads_take_turns),
        CASE(equals_run_in_their_order_and_higher_ones_first),
        CASE(a_seed_changes_the_order_of_equals),
        CASE(a_wait_ends_with_its_time),
        CASE(timers_expire_in_their_order_when_time_passes),
        CASE(a_thousand_timers_keep_their_order),
        CASE(work_items_run_in_their_order_and_do_not_hold_each_other_up),
        CASE(a_hang_is_told_with_who_waits_for_what),
        CASE(threads_that_wait_leave_nothing_behind),
    };
    return cmocka_run_group_tests_name("ke", tests, NULL, NULL);
}
