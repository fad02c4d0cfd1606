// SPDX-License-Identifier: MIT
// Ke: what happens when no thread is ready, and around steps: the clock goes on to what is due
// next. Between steps it stands still.

#include "kernel/ke/ke_state.h"

#include "platform.h"
#include "world/world_steps.h"

#define PATIENCE_NS UINT64_C(30000000000) // of the host, where the world has no deadline

// Whether the clock may still move: a timer that comes again and again wakes nobody, for ever.
static bool has_time(struct ks_ke *ke)
{
    if (ke->world->deadline == 0 && ke->idle_deadline == 0) {
        ke->idle_deadline = ks_platform_now_ns() + PATIENCE_NS;
    }
    if (ks_world_check_time(ke->world) != KLDR_STATUS_SUCCESS) {
        return false;
    }
    if (ke->world->deadline == 0 && ks_platform_now_ns() > ke->idle_deadline) {
        kldr_loader_stop(ke->world->loader, KLDR_ERROR_LIMIT);
        return false;
    }
    return true;
}

bool ks_ke_idle(struct ks_ke *ke)
{
    uint8_t irql = ke->nt->irql;
    ke->nt->irql = KS_PASSIVE_LEVEL; // of nobody's thread
    bool going_on = true;
    if (ke->dpc_first != NULL && ke->dpc_running == 0) {
        ks_ke_run_dpcs(ke);
    } else if (ke->parked != NULL && ke->parked->state == KS_KE_PARKED) {
        ks_ke_make_ready(ke, ke->parked, false);
    } else if (ke->timers.count > 0 && has_time(ke)) {
        uint64_t due = ke->timers.heap[0]->due;
        ke->now = due > ke->now ? due : ke->now;
        ks_ke_expire(ke);
    } else {
        going_on = ke->timers.count > 0;
    }
    ke->nt->irql = irql;
    return going_on;
}

void ks_ke_settle(struct ks_ke *ke)
{
    while (ke->nt->pending && ke->nt->irql < KS_DISPATCH_LEVEL && !ks_ke_stopped(ke)) {
        ke->nt->pending = false;
        ks_ke_expire(ke);
        ks_ke_run_dpcs(ke);
        ks_ke_preempt(ke);
        ks_ke_deliver_apcs(ke);
    }
    if (ke->current->apcs != NULL) {
        ks_ke_mark(ke); // until they are not kept away any more
    }
}

// ---- around steps ----

static kldr_status reason_of(const struct ks_ke *ke)
{
    kldr_status reason = KLDR_STATUS_SUCCESS;
    kldr_loader_stopped(ke->world->loader, &reason);
    return reason;
}

// The current thread lets all others run until they wait.
static void park(struct ks_ke *ke)
{
    struct ks_ke_thread *before = ke->parked;
    ks_ke_settle(ke);
    ke->parked = ke->current;
    ke->current->state = KS_KE_PARKED;
    ks_ke_give_way(ke);
    ke->parked = before;
    ks_ke_deliver_apcs(ke);
    if (ks_ke_stopped(ke) && ke->current == ke->first) {
        ks_ke_drain(ke);
    }
}

kldr_status ks_ke_run_until_idle(struct kldr_world *world)
{
    if (world->nt == NULL || world->nt->parts[KS_NT_KE].state == NULL) {
        return KLDR_STATUS_SUCCESS; // no driver has called the kernel
    }
    struct ks_ke *ke = ks_ke(world);
    ke->idle_deadline = 0;
    park(ke);
    return reason_of(ke);
}

void ks_ke_shut_down(struct kldr_world *world)
{
    struct ks_ke *ke = world->nt != NULL ? world->nt->parts[KS_NT_KE].state : NULL;
    if (ke != NULL && ke->current != NULL && ke->current == ke->first) {
        kldr_loader_stop(world->loader, KLDR_ERROR_STOPPED);
        ks_ke_drain(ke);
    }
}

kldr_status ks_ke_advance(struct kldr_world *world, uint64_t units)
{
    struct ks_ke *ke = ks_ke(world);
    if (ke == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    ke->idle_deadline = 0;
    park(ke);
    uint64_t end = units <= UINT64_MAX / 4 ? ke->now + units : ke->now;
    while (!ks_ke_stopped(ke) && ke->timers.count > 0 && ke->timers.heap[0]->due <= end &&
           has_time(ke)) {
        uint64_t due = ke->timers.heap[0]->due;
        ke->now = due > ke->now ? due : ke->now;
        ks_ke_mark(ke);
        park(ke);
    }
    if (ke->now < end) {
        ke->now = end;
    }
    return reason_of(ke);
}
