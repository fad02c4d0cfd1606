// SPDX-License-Identifier: MIT
// Ke: time. It is simulated: it moves when all threads wait, when a driver stalls the processor,
// and a little with each look at it, so that code that looks until some time has passed comes to an
// end.

#include "kernel/ke/ke_state.h"

#define LOOK        10u // units of 100 ns
#define FREQUENCY   10000000
#define STALL_LIMIT 1000000u // microseconds: more is an argument gone wrong

#define ARGUMENT(n) (call->arguments[n])

uint64_t ks_ke_interrupt_time(struct kldr_world *world)
{
    const struct ks_ke *ke = ks_ke(world);
    return ke != NULL ? ke->now : 0;
}

uint64_t ks_ke_system_time(struct kldr_world *world)
{
    const struct ks_ke *ke = ks_ke(world);
    return ke != NULL ? ke->start + ke->now : 0;
}

uint64_t ks_ke_tick_count(struct kldr_world *world)
{
    return ks_ke_interrupt_time(world) / KS_KE_TICK;
}

static uint64_t move_on(struct ks_ke *ke, uint64_t units)
{
    ke->now += units;
    if (ke->timers.count > 0 && ke->timers.heap[0]->due <= ke->now) {
        ks_ke_mark(ke);
    }
    return ke->now;
}

static uint64_t pass(const struct ks_kernel_call *call, uint64_t units)
{
    return move_on(ks_ke(call->world), units);
}

void ks_ke_look_at_clock(struct kldr_world *world)
{
    struct ks_ke *ke = ks_ke(world);
    if (ke != NULL) {
        move_on(ke, LOOK);
    }
}

void ks_ke_halt(struct kldr_world *world)
{
    struct ks_ke *ke = ks_ke(world);
    if (ke != NULL) {
        move_on(ke, KS_KE_TICK - ke->now % KS_KE_TICK);
    }
}

bool ks_ke_is_interrupted(struct kldr_world *world)
{
    const struct ks_ke *ke = ks_ke(world);
    return ke != NULL && ke->nt->pending && ke->nt->irql < KS_DISPATCH_LEVEL;
}

void ks_ke_take_interrupts(struct kldr_world *world)
{
    struct ks_ke *ke = ks_ke(world);
    if (ke != NULL) {
        ks_ke_settle(ke);
    }
}

// The time of the last clock interrupt.
static uint64_t tick_time(const struct ks_kernel_call *call)
{
    return pass(call, LOOK) / KS_KE_TICK * KS_KE_TICK;
}

uint64_t ks_ke_query_system_time(const struct ks_kernel_call *call)
{
    ks_guest_put_number(ARGUMENT(0), 8, ks_ke(call->world)->start + tick_time(call));
    return 0;
}

uint64_t ks_ke_query_system_time_precise(const struct ks_kernel_call *call)
{
    ks_guest_put_number(ARGUMENT(0), 8, ks_ke(call->world)->start + pass(call, LOOK));
    return 0;
}

uint64_t ks_ke_query_tick_count(const struct ks_kernel_call *call)
{
    ks_guest_put_number(ARGUMENT(0), 8, pass(call, LOOK) / KS_KE_TICK);
    return 0;
}

uint64_t ks_ke_query_interrupt_time(const struct ks_kernel_call *call)
{
    return tick_time(call);
}

// KeQueryInterruptTimePrecise and its unbiased kin: the performance counter beside it.
uint64_t ks_ke_query_interrupt_time_precise(const struct ks_kernel_call *call)
{
    uint64_t now = pass(call, LOOK);
    ks_guest_put_number(ARGUMENT(0), 8, now);
    return now;
}

uint64_t ks_ke_query_time_increment(const struct ks_kernel_call *call)
{
    (void)call;
    return KS_KE_TICK;
}

uint64_t ks_ke_query_performance_counter(const struct ks_kernel_call *call)
{
    if (ARGUMENT(0) != 0) {
        ks_guest_put_number(ARGUMENT(0), 8, FREQUENCY);
    }
    return pass(call, LOOK);
}

uint64_t ks_ke_stall_execution_processor(const struct ks_kernel_call *call)
{
    uint32_t microseconds = (uint32_t)ARGUMENT(0);
    pass(call,
         microseconds < STALL_LIMIT ? microseconds * UINT64_C(10) : STALL_LIMIT * UINT64_C(10));
    return 0;
}

// ---- setting timers ----

static uint64_t initialize(uint64_t object, uint32_t type)
{
    KTIMER *timer = ks_guest_pointer(object);
    *timer = (KTIMER){0};
    timer->Header.Type = (UCHAR)(KS_KE_NOTIFICATION_TIMER + (type & 1));
    timer->Header.Size = 0; // of a timer the byte means something else since Windows 7
    timer->Header.WaitListHead.Flink = timer->Header.WaitListHead.Blink =
        &timer->Header.WaitListHead;
    return 0;
}

static uint64_t initialize_timer(const struct ks_kernel_call *call, uint32_t type)
{
    const struct ks_ke_timer *set = ks_ke_timer_find(ks_ke(call->world), ARGUMENT(0));
    if (set != NULL) {
        return ks_nt_stop(call, 0xC7, 0, ARGUMENT(0), ARGUMENT(0), ARGUMENT(0) + sizeof(KTIMER),
                          "initialized a timer that is set");
    }
    return initialize(ARGUMENT(0), type);
}

uint64_t ks_ke_initialize_timer(const struct ks_kernel_call *call)
{
    return initialize_timer(call, NotificationTimer);
}

uint64_t ks_ke_initialize_timer_ex(const struct ks_kernel_call *call)
{
    return initialize_timer(call, (uint32_t)ARGUMENT(1));
}

uint64_t ks_ke_set_timer(const struct ks_kernel_call *call)
{
    return ks_ke_timer_set(ks_ke(call->world), ARGUMENT(0), (int64_t)ARGUMENT(1), 0, ARGUMENT(2),
                           call->caller);
}

static uint64_t set_periodic(const struct ks_kernel_call *call, uint64_t dpc)
{
    int32_t period = (int32_t)ARGUMENT(2); // milliseconds
    return ks_ke_timer_set(ks_ke(call->world), ARGUMENT(0), (int64_t)ARGUMENT(1),
                           period > 0 ? (uint64_t)period * 10000 : 0, dpc, call->caller);
}

uint64_t ks_ke_set_timer_ex(const struct ks_kernel_call *call)
{
    return set_periodic(call, ARGUMENT(3));
}

// The tolerable delay changes nothing: a timer here is never late.
uint64_t ks_ke_set_coalescable_timer(const struct ks_kernel_call *call)
{
    return set_periodic(call, ARGUMENT(4));
}

uint64_t ks_ke_cancel_timer(const struct ks_kernel_call *call)
{
    return ks_ke_timer_cancel(ks_ke(call->world), ARGUMENT(0));
}

uint64_t ks_ke_read_state_timer(const struct ks_kernel_call *call)
{
    return ((const KTIMER *)ks_guest_pointer(ARGUMENT(0)))->Header.SignalState > 0;
}
