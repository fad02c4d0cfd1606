// SPDX-License-Identifier: MIT
// Ex: timers that the system allocates (EX_TIMER). Behind the handle that drivers have lies a
// KTIMER, which can be waited for, and the DPC that calls the driver's routine.

#include "kernel/ke/ke_state.h"

#define TAG_TIMER        0x6D547845u // 'ExTm'
#define KNOWN_ATTRIBUTES (EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE | EX_TIMER_NOTIFICATION)

#define ARGUMENT(n) (call->arguments[n])

struct ex_timer {
    KTIMER timer;
    KDPC dpc;
};

static uint64_t dpc_of(uint64_t timer)
{
    const struct ex_timer *made = ks_guest_pointer(timer);
    return made->dpc.DeferredRoutine != NULL ? timer + offsetof(struct ex_timer, dpc) : 0;
}

uint64_t ks_ex_timer_allocate(const struct ks_kernel_call *call)
{
    uint32_t attributes = (uint32_t)ARGUMENT(2);
    uint64_t timer = (attributes & ~KNOWN_ATTRIBUTES) == 0
                         ? ks_nt_take(call->world, sizeof(struct ex_timer), TAG_TIMER)
                         : 0;
    if (timer == 0) {
        return 0;
    }
    struct ex_timer *made = ks_guest_pointer(timer);
    made->timer.Header.Type = (attributes & EX_TIMER_NOTIFICATION) != 0
                                  ? KS_KE_NOTIFICATION_TIMER
                                  : KS_KE_SYNCHRONIZATION_TIMER;
    made->timer.Header.Size = sizeof made->timer / sizeof(ULONG);
    made->timer.Header.WaitListHead.Flink = made->timer.Header.WaitListHead.Blink =
        &made->timer.Header.WaitListHead;
    made->dpc.Type = KS_KE_TYPE_DPC;
    made->dpc.Importance = MediumImportance;
    made->dpc.DeferredRoutine = (PKDEFERRED_ROUTINE)(uintptr_t)ARGUMENT(0);
    made->dpc.DeferredContext = ks_guest_pointer(ARGUMENT(1));
    return timer;
}

// Due time and period are in units of 100 ns. Answers whether it was set before.
uint64_t ks_ex_timer_set(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    int64_t period = (int64_t)ARGUMENT(2);
    bool was_set =
        ks_ke_timer_set(ke, ARGUMENT(0), (int64_t)ARGUMENT(1), period > 0 ? (uint64_t)period : 0,
                        dpc_of(ARGUMENT(0)), call->caller);
    struct ks_ke_timer *timer = ks_ke_timer_find(ke, ARGUMENT(0));
    if (timer != NULL) {
        timer->allocated = true;
    }
    return was_set;
}

uint64_t ks_ex_timer_cancel(const struct ks_kernel_call *call)
{
    return ks_ke_timer_cancel(ks_ke(call->world), ARGUMENT(0));
}

// Answers whether it was set and is cancelled now. The driver's routine for the end is called when
// its timer routine cannot run any more, which is at once.
uint64_t ks_ex_timer_delete(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    bool cancelled = (uint8_t)ARGUMENT(1) != 0 && ks_ke_timer_cancel(ke, ARGUMENT(0));
    uint64_t routine = 0, context = 0;
    if (ARGUMENT(3) != 0) {
        const EXT_DELETE_PARAMETERS *parameters = ks_guest_pointer(ARGUMENT(3));
        routine = (uint64_t)(uintptr_t)parameters->DeleteCallback;
        context = (uint64_t)(uintptr_t)parameters->DeleteContext;
    }
    if (!cancelled && ks_ke_timer_find(ke, ARGUMENT(0)) != NULL) {
        return ks_nt_stop(call, 0xC7, 0, ARGUMENT(0), ARGUMENT(0),
                          ARGUMENT(0) + sizeof(struct ex_timer),
                          "deleted a timer that is set without cancelling it");
    }
    ks_ke_dpc_remove(ke, ARGUMENT(0) + offsetof(struct ex_timer, dpc));
    ks_nt_give(call->world, ARGUMENT(0));
    if (routine != 0) {
        ks_nt_call(call->world, routine, &context, 1, NULL);
    }
    return cancelled;
}
