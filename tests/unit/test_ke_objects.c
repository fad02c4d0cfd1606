// SPDX-License-Identifier: MIT
// What the dispatcher's objects do: DPCs, locks, mutexes, semaphores, events.
#include "ke_case.h"

// ---- DPCs and IRQL ----

static void a_dpc_runs_as_soon_as_the_irql_allows(void **state)
{
    KDPC low, high;
    (void)state;
    ke_invoke("KeInitializeDpc", address_of(&low), (uint64_t)(uintptr_t)ke_tell_dpc,
              (uint64_t)(uintptr_t) "l", 0, 0);
    ke_invoke("KeInitializeDpc", address_of(&high), (uint64_t)(uintptr_t)ke_tell_dpc,
              (uint64_t)(uintptr_t) "h", 0, 0);
    assert_true(ke_invoke("KeInsertQueueDpc", address_of(&low), 0, 0, 0, 0));
    assert_string_equal(ke_told, "l");
    assert_int_equal(ke_invoke("KfRaiseIrql", DISPATCH_LEVEL, 0, 0, 0, 0), PASSIVE_LEVEL);
    ke_invoke("KeSetImportanceDpc", address_of(&high), HighImportance, 0, 0, 0);
    assert_true(ke_invoke("KeInsertQueueDpc", address_of(&low), 0, 0, 0, 0));
    assert_false(ke_invoke("KeInsertQueueDpc", address_of(&low), 0, 0, 0, 0));
    assert_true(ke_invoke("KeInsertQueueDpc", address_of(&high), 0, 0, 0, 0));
    assert_string_equal(ke_told, "l");
    ke_invoke("KeLowerIrql", PASSIVE_LEVEL, 0, 0, 0, 0);
    assert_string_equal(ke_told, "lhl");
    assert_false(ke_invoke("KeRemoveQueueDpc", address_of(&low), 0, 0, 0, 0));
}

static void a_wait_at_dispatch_level_stops(void **state)
{
    KEVENT event;
    (void)state;
    ks_ke_event_init(address_of(&event), true, false);
    ke_invoke("KfRaiseIrql", DISPATCH_LEVEL, 0, 0, 0, 0);
    int64_t zero = 0;
    assert_int_equal(ke_wait_for(&event, &zero), STATUS_TIMEOUT);
    assert_int_equal(ke_stop_code(), 0);
    ke_wait_for(&event, NULL);
    assert_int_equal(ke_stop_code(), 0x0A);
}

static void a_function_for_passive_level_stops_above_it(void **state)
{
    (void)state;
    ke_invoke("KfRaiseIrql", APC_LEVEL, 0, 0, 0, 0);
    ke_invoke("KeFlushQueuedDpcs", 0, 0, 0, 0, 0);
    assert_int_equal(ke_stop_code(), 0x0A);
}

static void wait_in_dpc(void *dpc, void *context, void *first, void *second)
{
    (void)dpc;
    (void)first;
    (void)second;
    ke_wait_for(context, NULL);
}

static void a_dpc_that_waits_stops(void **state)
{
    KDPC dpc;
    KEVENT event;
    (void)state;
    ks_ke_event_init(address_of(&event), true, false);
    ke_invoke("KeInitializeDpc", address_of(&dpc), (uint64_t)(uintptr_t)wait_in_dpc,
              address_of(&event), 0, 0);
    ke_invoke("KeInsertQueueDpc", address_of(&dpc), 0, 0, 0, 0);
    assert_int_equal(ke_stop_code(), 0xB8);
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
        kldr_world_destroy(ke_world);
        ke_make_world(0);
        ks_ke_set_irql(ke_world, cases[i].irql);
        ke_invoke(cases[i].function, address_of(&lock), 0, 0, 0, 0);
        assert_true(kldr_world_bugcheck(ke_world, &bugcheck));
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
    ke_wait_for(&mutex, NULL);
    ke_tell("m");
}

static void a_thread_must_not_end_with_a_mutex(void **state)
{
    (void)state;
    ke_invoke("KeInitializeMutex", address_of(&mutex), 0, 0, 0, 0);
    uint64_t thread = ke_make_thread(run_and_abandon, NULL);
    ks_ke_wait(ke_world, thread, NULL, false);
    assert_int_equal(ke_stop_code(), 0x4000008A);
}

static void a_mutant_whose_owner_ends_is_abandoned(void **state)
{
    (void)state;
    ke_invoke("KeInitializeMutex", address_of(&mutex), 0, 0, 0, 0);
    mutex.ApcDisable = 0; // as one that was made by name is
    uint64_t thread = ke_make_thread(run_and_abandon, NULL);
    assert_int_equal(ks_ke_wait(ke_world, thread, NULL, false), STATUS_SUCCESS);
    assert_int_equal(ke_wait_for(&mutex, NULL), STATUS_ABANDONED_WAIT_0);
    ke_invoke("KeReleaseMutex", address_of(&mutex), 0, 0, 0, 0);
    assert_int_equal(ke_wait_for(&mutex, NULL), STATUS_SUCCESS);
    assert_int_equal(ke_stop_code(), 0);
}

static void a_mutex_belongs_to_its_owner(void **state)
{
    (void)state;
    ke_invoke("KeInitializeMutex", address_of(&mutex), 0, 0, 0, 0);
    assert_int_equal(ke_wait_for(&mutex, NULL), STATUS_SUCCESS);
    assert_int_equal(ke_wait_for(&mutex, NULL), STATUS_SUCCESS);
    assert_true(ke_invoke("KeAreApcsDisabled", 0, 0, 0, 0, 0));
    assert_int_equal((int32_t)ke_invoke("KeReadStateMutex", address_of(&mutex), 0, 0, 0, 0), -1);
    assert_int_equal((int32_t)ke_invoke("KeReleaseMutex", address_of(&mutex), 0, 0, 0, 0), -1);
    assert_int_equal((int32_t)ke_invoke("KeReleaseMutex", address_of(&mutex), 0, 0, 0, 0), 0);
    assert_false(ke_invoke("KeAreApcsDisabled", 0, 0, 0, 0, 0));
    ke_invoke("KeReleaseMutex", address_of(&mutex), 0, 0, 0, 0);
    assert_int_equal(ke_stop_code(), 0x7E); // STATUS_MUTANT_NOT_OWNED, and nobody handles it
}

static uint32_t wait_for_many(unsigned count, void **objects, uint32_t type, int64_t *timeout)
{
    const uint64_t arguments[8] = {count, address_of(objects), type, 0, 0, 0, address_of(timeout)};
    const struct ks_kernel_call call = {ke_world, arguments, 0};
    size_t index = 0;
    assert_non_null(ks_function_find("KeWaitForMultipleObjects", &index));
    return (uint32_t)ks_ke_serve(index, &call);
}

static void release_all(void *context)
{
    void **objects = context;
    ke_invoke("KeReleaseSemaphore", address_of(objects[0]), 0, 1, 0, 0);
    ke_tell("s");
    ke_invoke("KeSetEvent", address_of(objects[1]), 0, 0, 0, 0);
    ke_tell("e");
}

static void waits_for_several_objects(void **state)
{
    KSEMAPHORE semaphore;
    KEVENT event;
    void *objects[] = {&semaphore, &event};
    int64_t zero = 0;
    (void)state;
    ke_invoke("KeInitializeSemaphore", address_of(&semaphore), 0, 2, 0, 0);
    ks_ke_event_init(address_of(&event), true, true);
    assert_int_equal(wait_for_many(2, objects, WaitAll, &zero), STATUS_TIMEOUT);
    assert_int_equal(event.Header.SignalState, 1); // nothing was taken
    assert_int_equal(wait_for_many(2, objects, WaitAny, &zero), 1);
    assert_int_equal(wait_for_many(2, objects, WaitAny, &zero), STATUS_TIMEOUT);
    ke_make_thread(release_all, objects);
    assert_int_equal(wait_for_many(2, objects, WaitAll, NULL), STATUS_SUCCESS);
    assert_int_equal(semaphore.Header.SignalState + event.Header.SignalState, 0);
    assert_int_equal(ke_invoke("KeReleaseSemaphore", address_of(&semaphore), 0, 2, 0, 0), 0);
    assert_int_equal(semaphore.Header.SignalState, 2);
    wait_for_many(4, objects, WaitAny, &zero);
    assert_int_equal(ke_stop_code(), 0x0C);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, ke_begin, ke_end)
    const struct CMUnitTest tests[] = {
        CASE(a_dpc_runs_as_soon_as_the_irql_allows),
        CASE(a_wait_at_dispatch_level_stops),
        CASE(a_function_for_passive_level_stops_above_it),
        CASE(a_dpc_that_waits_stops),
        CASE(spin_locks_know_their_irql),
        CASE(a_thread_must_not_end_with_a_mutex),
        CASE(a_mutant_whose_owner_ends_is_abandoned),
        CASE(a_mutex_belongs_to_its_owner),
        CASE(waits_for_several_objects),
    };
    return cmocka_run_group_tests_name("ke_objects", tests, NULL, NULL);
}
