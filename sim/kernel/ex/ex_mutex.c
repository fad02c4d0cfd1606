// SPDX-License-Identifier: MIT
// Ex, Ke: fast mutexes and guarded mutexes. They have one layout: a count that is 1 when it is
// free, the owner, and an event for those that wait. What differs is how APCs are kept away
// meanwhile: by APC_LEVEL, by a guarded region, or by the caller ("unsafe").

#include "kernel/ke/ke_state.h"

#define STOP_VERIFIER        0xC4u
#define ACQUIRED_AT_BAD_IRQL 0x33u
#define RELEASED_AT_BAD_IRQL 0x34u

#define ARGUMENT(n) (call->arguments[n])

uint64_t ks_ex_mutex_initialize(const struct ks_kernel_call *call)
{
    FAST_MUTEX *mutex = ks_guest_pointer(ARGUMENT(0));
    mutex->Count = 1;
    mutex->Owner = NULL;
    mutex->Contention = 0;
    ks_ke_event_init((uint64_t)(uintptr_t)&mutex->Event, true, false);
    return 0;
}

static void take(const struct ks_kernel_call *call, FAST_MUTEX *mutex)
{
    struct ks_ke *ke = ks_ke(call->world);
    if (mutex->Count-- != 1) {
        uint64_t event = (uint64_t)(uintptr_t)&mutex->Event;
        const struct ks_ke_wait_plan plan = {.objects = &event,
                                             .count = 1,
                                             .caller = call->caller,
                                             .what = "fast mutex",
                                             .lock = ARGUMENT(0),
                                             .owner = (uint64_t)(uintptr_t)mutex->Owner};
        mutex->Contention++;
        if (ks_ke_wait_for(ke, &plan) != (uint32_t)STATUS_SUCCESS) {
            return; // the system has stopped
        }
    }
    mutex->Owner = ks_guest_pointer(ke->current->object);
}

static bool try_to_take(const struct ks_kernel_call *call, FAST_MUTEX *mutex)
{
    if (mutex->Count != 1) {
        return false;
    }
    take(call, mutex);
    return true;
}

static void give(const struct ks_kernel_call *call, FAST_MUTEX *mutex)
{
    mutex->Owner = NULL;
    if (++mutex->Count <= 0) {
        ks_ke_event_set(call->world, (uint64_t)(uintptr_t)&mutex->Event);
    }
}

// ---- by APC_LEVEL ----

static bool may_acquire(const struct ks_kernel_call *call)
{
    uint8_t irql = ks_nt(call->world)->irql;
    bool may = irql <= KS_APC_LEVEL || !KS_CHECKED(call->world, LOCK_USE);
    if (!may) {
        ks_nt_stop(call, STOP_VERIFIER, ACQUIRED_AT_BAD_IRQL, irql, ARGUMENT(0), 0,
                   "took a fast mutex above APC_LEVEL");
    }
    return may;
}

uint64_t ks_ex_mutex_acquire_fast(const struct ks_kernel_call *call)
{
    struct ks_nt *nt = ks_nt(call->world);
    FAST_MUTEX *mutex = ks_guest_pointer(ARGUMENT(0));
    if (may_acquire(call)) {
        uint8_t before = nt->irql;
        nt->irql = KS_APC_LEVEL;
        take(call, mutex);
        mutex->OldIrql = before;
    }
    return 0;
}

uint64_t ks_ex_mutex_try_to_acquire_fast(const struct ks_kernel_call *call)
{
    struct ks_nt *nt = ks_nt(call->world);
    FAST_MUTEX *mutex = ks_guest_pointer(ARGUMENT(0));
    if (!may_acquire(call) || !try_to_take(call, mutex)) {
        return FALSE;
    }
    mutex->OldIrql = nt->irql;
    nt->irql = KS_APC_LEVEL;
    return TRUE;
}

uint64_t ks_ex_mutex_release_fast(const struct ks_kernel_call *call)
{
    struct ks_nt *nt = ks_nt(call->world);
    FAST_MUTEX *mutex = ks_guest_pointer(ARGUMENT(0));
    if (nt->irql != KS_APC_LEVEL && KS_CHECKED(call->world, LOCK_USE)) {
        return ks_nt_stop(call, STOP_VERIFIER, RELEASED_AT_BAD_IRQL, nt->irql, ARGUMENT(0), 0,
                          "released a fast mutex at another IRQL than APC_LEVEL");
    }
    uint8_t before = (uint8_t)mutex->OldIrql;
    give(call, mutex);
    nt->irql = before;
    return 0;
}

// ---- by the caller, or by a region that is entered along with it ----

uint64_t ks_ex_mutex_acquire_unsafe(const struct ks_kernel_call *call)
{
    take(call, ks_guest_pointer(ARGUMENT(0)));
    return 0;
}

uint64_t ks_ex_mutex_release_unsafe(const struct ks_kernel_call *call)
{
    give(call, ks_guest_pointer(ARGUMENT(0)));
    return 0;
}

uint64_t ks_ex_mutex_enter_and_acquire(const struct ks_kernel_call *call)
{
    ks_ke_enter_critical_region(call);
    return ks_ex_mutex_acquire_unsafe(call);
}

uint64_t ks_ex_mutex_release_and_leave(const struct ks_kernel_call *call)
{
    ks_ex_mutex_release_unsafe(call);
    return ks_ke_leave_critical_region(call);
}

uint64_t ks_ex_mutex_acquire_guarded(const struct ks_kernel_call *call)
{
    ks_ke_enter_guarded_region(call);
    return ks_ex_mutex_acquire_unsafe(call);
}

uint64_t ks_ex_mutex_try_to_acquire_guarded(const struct ks_kernel_call *call)
{
    if (!try_to_take(call, ks_guest_pointer(ARGUMENT(0)))) {
        return FALSE;
    }
    ks_ke_enter_guarded_region(call);
    return TRUE;
}

uint64_t ks_ex_mutex_release_guarded(const struct ks_kernel_call *call)
{
    ks_ex_mutex_release_unsafe(call);
    return ks_ke_leave_guarded_region(call);
}
