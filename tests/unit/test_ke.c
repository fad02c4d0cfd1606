// SPDX-License-Identifier: MIT
// The dispatcher, with functions of this program as code of drivers: who runs when, what waits end
// with, what time it is.
#include "kernel/ke_state.h"
#include "test.h"
#include "world/world_object.h"

#include <kldr/kldr.h>

#include <stdio.h>
#include <string.h>

static struct kldr_world *world;
static char told[512]; // what ran, in its order

static void tell(const char *word)
{
    strncat(told, word, sizeof told - strlen(told) - 1);
}

static uint64_t address_of(void *object)
{
    return (uint64_t)(uintptr_t)object;
}

static uint64_t code_of(void (*routine)(void *))
{
    return (uint64_t)(uintptr_t)routine;
}

// Calls a kernel function as a driver does.
static uint64_t invoke(const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    const uint64_t arguments[8] = {a, b, c, d, e};
    const struct ks_kernel_call call = {world, arguments, 0};
    size_t index = 0;
    if (ks_function_find(name, &index) == NULL) {
        fail_msg("no function %s", name);
    }
    return ks_ke_serve(index, &call);
}

static uint32_t wait_for(void *object, int64_t *timeout)
{
    return (uint32_t)invoke("KeWaitForSingleObject", address_of(object), 0, 0, 0,
                            address_of(timeout));
}

static uint64_t make_thread(void (*routine)(void *), void *context)
{
    const struct ks_ke_thread_plan plan = {.routine = code_of(routine),
                                           .context = address_of(context)};
    uint64_t object = ks_ke_create_thread(world, &plan);
    assert_true(object != 0);
    return object;
}

static void make_world(uint64_t seed)
{
    struct kldr_world_options options = {.machine = KLDR_MACHINE_X64, .seed = seed};
    kldr_policy_init(&options.policy, KLDR_PROFILE_NT52);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    told[0] = '\0';
}

static int begin(void **state)
{
    (void)state;
    make_world(0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kldr_world_destroy(world);
    return 0;
}

static uint32_t stop_code(void)
{
    struct kldr_bugcheck bugcheck = {0};
    return kldr_world_bugcheck(world, &bugcheck) ? bugcheck.code : 0;
}

// ---- threads and events ----

static KEVENT ping, pong, done;

static void run_ping(void *context)
{
    for (int i = 0; i < *(int *)context; i++) {
        wait_for(&ping, NULL);
        tell("i");
        invoke("KeSetEvent", address_of(&pong), 0, 0, 0, 0);
    }
    tell(".");
    invoke("KeSetEvent", address_of(&done), 0, 0, 0, 0);
}

static void run_pong(void *context)
{
    for (int i = 0; i < *(int *)context; i++) {
        wait_for(&pong, NULL);
        tell("o");
        invoke("KeSetEvent", address_of(&ping), 0, 0, 0, 0);
    }
}

static void two_threads_take_turns(void **state)
{
    int rounds = 4;
    (void)state;
    invoke("KeInitializeEvent", address_of(&ping), SynchronizationEvent, TRUE, 0, 0);
    invoke("KeInitializeEvent", address_of(&pong), SynchronizationEvent, FALSE, 0, 0);
    invoke("KeInitializeEvent", address_of(&done), NotificationEvent, FALSE, 0, 0);
    uint64_t first = make_thread(run_ping, &rounds);
    make_thread(run_pong, &rounds);
    assert_string_equal(told, ""); // nobody waits yet
    assert_int_equal(wait_for(&done, NULL), STATUS_SUCCESS);
    assert_string_equal(told, "ioioioi.");
    assert_int_equal(ks_ke_wait(world, first, NULL, false), STATUS_SUCCESS); // it has ended
    assert_int_equal(ks_ke_run_until_idle(world), KLDR_STATUS_SUCCESS);
    assert_string_equal(told, "ioioioi.o");
}

static void run_and_tell(void *context)
{
    tell(context);
}

static void equals_run_in_their_order_and_higher_ones_first(void **state)
{
    (void)state;
    make_thread(run_and_tell, "a");
    make_thread(run_and_tell, "b");
    uint64_t third = make_thread(run_and_tell, "c");
    invoke("KeSetPriorityThread", third, 12, 0, 0, 0);
    assert_string_equal(told, ""); // this thread is a worker of priority 13
    uint64_t fourth = make_thread(run_and_tell, "d");
    assert_int_equal(invoke("KeSetPriorityThread", fourth, 20, 0, 0, 0), 8);
    assert_string_equal(told, "d");
    assert_int_equal(ks_ke_run_until_idle(world), KLDR_STATUS_SUCCESS);
    assert_string_equal(told, "dcab");
}

static void a_seed_changes_the_order_of_equals(void **state)
{
    char orders[3][sizeof told] = {{0}};
    static const uint64_t seeds[] = {7, 7, 1234567};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        kldr_world_destroy(world);
        make_world(seeds[i]);
        for (const char *name = "a\0b\0c\0d\0e\0f\0g\0h\0"; *name != '\0'; name += 2) {
            make_thread(run_and_tell, (void *)(uintptr_t)name);
        }
        ks_ke_run_until_idle(world);
        memcpy(orders[i], told, sizeof told);
        assert_int_equal(strlen(told), 8);
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
    uint64_t before = ks_ke_interrupt_time(world);
    assert_int_equal(wait_for(&event, &zero), STATUS_TIMEOUT);
    assert_int_equal(ks_ke_interrupt_time(world), before);
    assert_int_equal(wait_for(&event, &timeout), STATUS_TIMEOUT);
    assert_int_equal(ks_ke_interrupt_time(world), before + 50000);
    timeout = (int64_t)(ks_ke_system_time(world) + 300);
    assert_int_equal(wait_for(&event, &timeout), STATUS_TIMEOUT);
    assert_int_equal(ks_ke_interrupt_time(world), before + 50300);
    assert_int_equal(wait_for(&event, &timeout), STATUS_TIMEOUT); // that time is over
    assert_int_equal(ks_ke_interrupt_time(world), before + 50300);
}

static void tell_dpc(void *dpc, void *context, void *first, void *second)
{
    (void)dpc;
    (void)first;
    (void)second;
    tell(context);
    tell(ks_ke_irql(world) == KS_DISPATCH_LEVEL ? "" : "!");
}

static KTIMER timers[4];
static KDPC dpcs[4];

static void set_timer(unsigned number, int64_t due, uint32_t period, const char *name)
{
    invoke("KeInitializeTimer", address_of(&timers[number]), 0, 0, 0, 0);
    invoke("KeInitializeDpc", address_of(&dpcs[number]), (uint64_t)(uintptr_t)tell_dpc,
           (uint64_t)(uintptr_t)name, 0, 0);
    assert_false(invoke("KeSetTimerEx", address_of(&timers[number]), (uint64_t)due, period,
                        address_of(&dpcs[number]), 0));
}

static void timers_expire_in_their_order_when_time_passes(void **state)
{
    (void)state;
    set_timer(0, -3000, 0, "a");
    set_timer(1, -1000, 0, "b");
    set_timer(2, -1000, 0, "c");
    set_timer(3, -10000, 1, "p");
    assert_int_equal(ks_ke_run_until_idle(world), KLDR_STATUS_SUCCESS);
    assert_string_equal(told, ""); // between steps time stands still
    assert_int_equal(ks_ke_advance(world, 999), KLDR_STATUS_SUCCESS);
    assert_string_equal(told, "");
    assert_int_equal(ks_ke_advance(world, 1), KLDR_STATUS_SUCCESS);
    assert_string_equal(told, "bc");
    assert_int_equal(ks_ke_advance(world, 29000), KLDR_STATUS_SUCCESS);
    assert_string_equal(told, "bcappp");
    assert_true(invoke("KeReadStateTimer", address_of(&timers[0]), 0, 0, 0, 0));
    assert_true(invoke("KeCancelTimer", address_of(&timers[3]), 0, 0, 0, 0));
    assert_false(invoke("KeCancelTimer", address_of(&timers[3]), 0, 0, 0, 0));
    assert_int_equal(ks_ke_advance(world, 50000), KLDR_STATUS_SUCCESS);
    assert_string_equal(told, "bcappp");
}

static void a_thousand_timers_keep_their_order(void **state)
{
    static KTIMER many[1000];
    uint64_t random = 88172645463325252u, last = 0;
    (void)state;
    struct ks_ke *ke = ks_ke(world);
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

// ---- DPCs and IRQL ----

static void a_dpc_runs_as_soon_as_the_irql_allows(void **state)
{
    KDPC low, high;
    (void)state;
    invoke("KeInitializeDpc", address_of(&low), (uint64_t)(uintptr_t)tell_dpc,
           (uint64_t)(uintptr_t) "l", 0, 0);
    invoke("KeInitializeDpc", address_of(&high), (uint64_t)(uintptr_t)tell_dpc,
           (uint64_t)(uintptr_t) "h", 0, 0);
    assert_true(invoke("KeInsertQueueDpc", address_of(&low), 0, 0, 0, 0));
    assert_string_equal(told, "l");
    assert_int_equal(invoke("KfRaiseIrql", DISPATCH_LEVEL, 0, 0, 0, 0), PASSIVE_LEVEL);
    invoke("KeSetImportanceDpc", address_of(&high), HighImportance, 0, 0, 0);
    assert_true(invoke("KeInsertQueueDpc", address_of(&low), 0, 0, 0, 0));
    assert_false(invoke("KeInsertQueueDpc", address_of(&low), 0, 0, 0, 0));
    assert_true(invoke("KeInsertQueueDpc", address_of(&high), 0, 0, 0, 0));
    assert_string_equal(told, "l");
    invoke("KeLowerIrql", PASSIVE_LEVEL, 0, 0, 0, 0);
    assert_string_equal(told, "lhl");
    assert_false(invoke("KeRemoveQueueDpc", address_of(&low), 0, 0, 0, 0));
}

static void a_wait_at_dispatch_level_stops(void **state)
{
    KEVENT event;
    (void)state;
    ks_ke_event_init(address_of(&event), true, false);
    invoke("KfRaiseIrql", DISPATCH_LEVEL, 0, 0, 0, 0);
    int64_t zero = 0;
    assert_int_equal(wait_for(&event, &zero), STATUS_TIMEOUT);
    assert_int_equal(stop_code(), 0);
    wait_for(&event, NULL);
    assert_int_equal(stop_code(), 0x0A);
}

static void a_function_for_passive_level_stops_above_it(void **state)
{
    (void)state;
    invoke("KfRaiseIrql", APC_LEVEL, 0, 0, 0, 0);
    invoke("KeFlushQueuedDpcs", 0, 0, 0, 0, 0);
    assert_int_equal(stop_code(), 0x0A);
}

static void wait_in_dpc(void *dpc, void *context, void *first, void *second)
{
    (void)dpc;
    (void)first;
    (void)second;
    wait_for(context, NULL);
}

static void a_dpc_that_waits_stops(void **state)
{
    KDPC dpc;
    KEVENT event;
    (void)state;
    ks_ke_event_init(address_of(&event), true, false);
    invoke("KeInitializeDpc", address_of(&dpc), (uint64_t)(uintptr_t)wait_in_dpc,
           address_of(&event), 0, 0);
    invoke("KeInsertQueueDpc", address_of(&dpc), 0, 0, 0, 0);
    assert_int_equal(stop_code(), 0xB8);
}

static void spin_locks_know_their_irql(void **state)
{
    static const struct {
        const char *function;
        uint8_t irql;
        uint64_t held;
        uint32_t code;
        uint64_t kind;
    } cases[] = {
        {"KeAcquireSpinLockRaiseToDpc", 5, 0, 0xC4, 0x42},
        {"KeAcquireSpinLockRaiseToDpc", 0, 1, 0x0F, 0},
        {"KeAcquireSpinLockAtDpcLevel", 0, 0, 0xC4, 0x40},
        {"KeReleaseSpinLockFromDpcLevel", 0, 1, 0xC4, 0x41},
        {"KeReleaseSpinLock", 0, 1, 0xC4, 0x32},
        {"KeReleaseSpinLock", 2, 0, 0x10, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        KSPIN_LOCK lock = (KSPIN_LOCK)cases[i].held;
        struct kldr_bugcheck bugcheck = {0};
        kldr_world_destroy(world);
        make_world(0);
        ks_ke_set_irql(world, cases[i].irql);
        invoke(cases[i].function, address_of(&lock), 0, 0, 0, 0);
        assert_true(kldr_world_bugcheck(world, &bugcheck));
        assert_int_equal(bugcheck.code, cases[i].code);
        if (cases[i].code == 0xC4) {
            assert_int_equal(bugcheck.parameters[0], cases[i].kind);
        }
    }
}

// ---- mutexes, semaphores, several objects ----

static KMUTEX mutex;

static void run_and_abandon(void *context)
{
    (void)context;
    wait_for(&mutex, NULL);
    tell("m");
}

static void a_thread_must_not_end_with_a_mutex(void **state)
{
    (void)state;
    invoke("KeInitializeMutex", address_of(&mutex), 0, 0, 0, 0);
    uint64_t thread = make_thread(run_and_abandon, NULL);
    ks_ke_wait(world, thread, NULL, false);
    assert_int_equal(stop_code(), 0x4000008A);
}

static void a_mutant_whose_owner_ends_is_abandoned(void **state)
{
    (void)state;
    invoke("KeInitializeMutex", address_of(&mutex), 0, 0, 0, 0);
    mutex.ApcDisable = 0; // as one that was made by name is
    uint64_t thread = make_thread(run_and_abandon, NULL);
    assert_int_equal(ks_ke_wait(world, thread, NULL, false), STATUS_SUCCESS);
    assert_int_equal(wait_for(&mutex, NULL), STATUS_ABANDONED_WAIT_0);
    invoke("KeReleaseMutex", address_of(&mutex), 0, 0, 0, 0);
    assert_int_equal(wait_for(&mutex, NULL), STATUS_SUCCESS);
    assert_int_equal(stop_code(), 0);
}

static void a_mutex_belongs_to_its_owner(void **state)
{
    (void)state;
    invoke("KeInitializeMutex", address_of(&mutex), 0, 0, 0, 0);
    assert_int_equal(wait_for(&mutex, NULL), STATUS_SUCCESS);
    assert_int_equal(wait_for(&mutex, NULL), STATUS_SUCCESS);
    assert_true(invoke("KeAreApcsDisabled", 0, 0, 0, 0, 0));
    assert_int_equal((int32_t)invoke("KeReadStateMutex", address_of(&mutex), 0, 0, 0, 0), -1);
    assert_int_equal((int32_t)invoke("KeReleaseMutex", address_of(&mutex), 0, 0, 0, 0), -1);
    assert_int_equal((int32_t)invoke("KeReleaseMutex", address_of(&mutex), 0, 0, 0, 0), 0);
    assert_false(invoke("KeAreApcsDisabled", 0, 0, 0, 0, 0));
    invoke("KeReleaseMutex", address_of(&mutex), 0, 0, 0, 0);
    assert_int_equal(stop_code(), 0x7E); // STATUS_MUTANT_NOT_OWNED, and nobody handles it
}

static uint32_t wait_for_many(unsigned count, void **objects, uint32_t type, int64_t *timeout)
{
    const uint64_t arguments[8] = {count, address_of(objects), type, 0, 0, 0, address_of(timeout)};
    const struct ks_kernel_call call = {world, arguments, 0};
    size_t index = 0;
    assert_non_null(ks_function_find("KeWaitForMultipleObjects", &index));
    return (uint32_t)ks_ke_serve(index, &call);
}

static void release_all(void *context)
{
    void **objects = context;
    invoke("KeReleaseSemaphore", address_of(objects[0]), 0, 1, 0, 0);
    tell("s");
    invoke("KeSetEvent", address_of(objects[1]), 0, 0, 0, 0);
    tell("e");
}

static void waits_for_several_objects(void **state)
{
    KSEMAPHORE semaphore;
    KEVENT event;
    void *objects[] = {&semaphore, &event};
    int64_t zero = 0;
    (void)state;
    invoke("KeInitializeSemaphore", address_of(&semaphore), 0, 2, 0, 0);
    ks_ke_event_init(address_of(&event), true, true);
    assert_int_equal(wait_for_many(2, objects, WaitAll, &zero), STATUS_TIMEOUT);
    assert_int_equal(event.Header.SignalState, 1); // nothing was taken
    assert_int_equal(wait_for_many(2, objects, WaitAny, &zero), 1);
    assert_int_equal(wait_for_many(2, objects, WaitAny, &zero), STATUS_TIMEOUT);
    make_thread(release_all, objects);
    assert_int_equal(wait_for_many(2, objects, WaitAll, NULL), STATUS_SUCCESS);
    assert_int_equal(semaphore.Header.SignalState + event.Header.SignalState, 0);
    assert_int_equal(invoke("KeReleaseSemaphore", address_of(&semaphore), 0, 2, 0, 0), 0);
    assert_int_equal(semaphore.Header.SignalState, 2);
    wait_for_many(4, objects, WaitAny, &zero);
    assert_int_equal(stop_code(), 0x0C);
}

// ---- work items ----

static void work(struct kldr_world *its_world, void *user)
{
    (void)its_world;
    tell(user);
    if (*(const char *)user == 'w') {
        wait_for(&done, NULL);
        tell("W");
    }
}

static void work_items_run_in_their_order_and_do_not_hold_each_other_up(void **state)
{
    (void)state;
    ks_ke_event_init(address_of(&done), false, false);
    assert_true(ks_ke_queue_work(world, &(struct ks_ke_work){.run = work, .user = "a"}));
    assert_true(ks_ke_queue_work(world, &(struct ks_ke_work){.run = work, .user = "w"}));
    assert_true(ks_ke_queue_work(world, &(struct ks_ke_work){.run = work, .user = "b"}));
    ks_ke_run_until_idle(world);
    assert_string_equal(told, "awb");
    invoke("KeSetEvent", address_of(&done), 0, 0, 0, 0);
    assert_true(ks_ke_queue_work(world, &(struct ks_ke_work){.run = work, .user = "c"}));
    ks_ke_run_until_idle(world);
    assert_string_equal(told, "awbWc");
}

// ---- the end ----

static void wait_for_nothing(void *context)
{
    wait_for(context, NULL);
    tell("?");
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
    kldr_world_destroy(world);
    kldr_policy_init(&options.policy, KLDR_PROFILE_NT52);
    assert_int_equal(kldr_world_create(&options, &world, NULL), KLDR_STATUS_SUCCESS);
    ks_ke_event_init(address_of(&event), false, false);
    invoke("KeInitializeMutex", address_of(&mutex), 0, 0, 0, 0);
    wait_for(&mutex, NULL);
    make_thread(wait_for_nothing, &mutex);
    assert_int_equal(wait_for(&event, NULL), KLDR_ERROR_STOPPED);
    assert_int_equal(stop_code(), KLDR_ERROR_HANG);
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
    make_thread(wait_for_nothing, &event);
    ks_ke_run_until_idle(world);
    make_thread(wait_for_nothing, &event); // never begins
    set_timer(0, -10000, 0, "x");
    assert_true(ks_ke_remainder_at(world, 1, &left));
    assert_int_equal(left.kind, KS_KE_LEFT_THREAD);
    assert_int_equal(left.routine, code_of(wait_for_nothing));
    assert_true(ks_ke_remainder_at(world, 2, &left));
    assert_int_equal(left.kind, KS_KE_LEFT_TIMER);
    assert_int_equal(left.object, address_of(&timers[0]));
    assert_int_equal(left.routine, (uint64_t)(uintptr_t)tell_dpc);
    assert_false(ks_ke_remainder_at(world, 3, &left));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(two_threads_take_turns),
        CASE(equals_run_in_their_order_and_higher_ones_first),
        CASE(a_seed_changes_the_order_of_equals),
        CASE(a_wait_ends_with_its_time),
        CASE(timers_expire_in_their_order_when_time_passes),
        CASE(a_thousand_timers_keep_their_order),
        CASE(a_dpc_runs_as_soon_as_the_irql_allows),
        CASE(a_wait_at_dispatch_level_stops),
        CASE(a_function_for_passive_level_stops_above_it),
        CASE(a_dpc_that_waits_stops),
        CASE(spin_locks_know_their_irql),
        CASE(a_thread_must_not_end_with_a_mutex),
        CASE(a_mutant_whose_owner_ends_is_abandoned),
        CASE(a_mutex_belongs_to_its_owner),
        CASE(waits_for_several_objects),
        CASE(work_items_run_in_their_order_and_do_not_hold_each_other_up),
        CASE(a_hang_is_told_with_who_waits_for_what),
        CASE(threads_that_wait_leave_nothing_behind),
    };
    return cmocka_run_group_tests_name("ke", tests, NULL, NULL);
}
