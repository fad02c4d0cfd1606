// SPDX-License-Identifier: MIT
// Ke: what is still alive of what drivers made: for whoever checks what an unloading driver left.

#include "kernel/ke/ke_state.h"

struct search {
    size_t left; // to pass over
    struct ks_ke_remainder *out;
    bool found;
};

// The one that is looked for, when none is left before it.
static void see(struct search *search, enum ks_ke_left kind, uint64_t object, uint64_t routine,
                uint64_t maker)
{
    if (!search->found && search->left-- == 0) {
        *search->out = (struct ks_ke_remainder){kind, object, routine, maker};
        search->found = true;
    }
}

static uint64_t routine_of_dpc(const struct ks_ke *ke, uint64_t dpc)
{
    return dpc != 0 && ks_ke_reachable(ke, dpc, sizeof(KDPC))
               ? (uint64_t)(uintptr_t)((const KDPC *)ks_guest_pointer(dpc))->DeferredRoutine
               : 0;
}

// The heap is in no order that means something: the next in order of setting each time.
static const struct ks_ke_timer *next_set(const struct ks_ke *ke, uint64_t after)
{
    const struct ks_ke_timer *next = NULL;
    for (size_t i = 0; i < ke->timers.count; i++) {
        const struct ks_ke_timer *timer = ke->timers.heap[i];
        if (timer->kind == KS_KE_TIMER_OBJECT && timer->sequence > after &&
            (next == NULL || timer->sequence < next->sequence)) {
            next = timer;
        }
    }
    return next;
}

bool ks_ke_remainder_at(struct kldr_world *world, size_t index, struct ks_ke_remainder *out)
{
    struct search search = {.left = index, .out = out};
    const struct ks_ke *ke = world->nt != NULL ? world->nt->parts[KS_NT_KE].state : NULL;
    if (ke == NULL) {
        return false;
    }
    for (const struct ks_ke_thread *thread = ke->first; thread != NULL; thread = thread->next) {
        if (thread->plan.routine != 0 && thread->state != KS_KE_ENDED) {
            see(&search, KS_KE_LEFT_THREAD, thread->object, thread->plan.routine,
                thread->plan.maker);
        }
    }
    for (const struct ks_ke_timer *timer = next_set(ke, 0); timer != NULL;
         timer = next_set(ke, timer->sequence)) {
        see(&search, KS_KE_LEFT_TIMER, timer->object, timer->routine, timer->maker);
    }
    for (const struct ks_ke_dpc *dpc = ke->dpc_first; dpc != NULL; dpc = dpc->next) {
        see(&search, KS_KE_LEFT_DPC, dpc->object, routine_of_dpc(ke, dpc->object), dpc->maker);
    }
    for (const struct ks_ke_work_entry *entry = ke->work_first; entry != NULL;
         entry = entry->next) {
        see(&search, KS_KE_LEFT_WORK, 0, entry->work.routine, entry->work.maker);
    }
    return search.found;
}

// ---- by address ----

struct range {
    uint64_t first, end;
    struct ks_ke_remainder *out;
    bool found;
};

static void look(struct range *range, enum ks_ke_left kind, uint64_t object)
{
    if (object >= range->first && object < range->end &&
        (!range->found || object < range->out->object)) {
        *range->out = (struct ks_ke_remainder){.kind = kind, .object = object};
        range->found = true;
    }
}

bool ks_ke_remainder_in(struct kldr_world *world, uint64_t first, uint64_t end,
                        struct ks_ke_remainder *out)
{
    struct range range = {first, end, out, false};
    const struct ks_ke *ke = world->nt != NULL ? world->nt->parts[KS_NT_KE].state : NULL;
    if (ke == NULL) {
        return false;
    }
    for (size_t i = 0; i < ke->timers.count; i++) {
        const struct ks_ke_timer *timer = ke->timers.heap[i];
        look(&range, KS_KE_LEFT_TIMER, timer->kind == KS_KE_TIMER_OBJECT ? timer->object : 0);
    }
    for (const struct ks_ke_dpc *dpc = ke->dpc_first; dpc != NULL && !range.found;
         dpc = dpc->next) {
        look(&range, KS_KE_LEFT_DPC, dpc->object);
    }
    for (const struct ks_ke_work_entry *entry = ke->work_first; entry != NULL && !range.found;
         entry = entry->next) {
        look(&range, KS_KE_LEFT_WORK, entry->work.item);
    }
    return range.found;
}
