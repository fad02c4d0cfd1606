// SPDX-License-Identifier: MIT
#include "kernel/ex/ex_wait.h"

static void enter(struct ks_ke *ke, struct ks_ex_waiter *waiter)
{
    struct ks_ex_waiter **link = &ke->ex_waiters;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = waiter;
}

static void leave(struct ks_ke *ke, const struct ks_ex_waiter *waiter)
{
    struct ks_ex_waiter **link = &ke->ex_waiters;
    while (*link != NULL && *link != waiter) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = waiter->next;
    }
}

uint32_t ks_ex_wait(const struct ks_kernel_call *call, uint64_t lock, enum ks_ex_kind kind,
                    const char *what, uint64_t owner)
{
    struct ks_ke *ke = ks_ke(call->world);
    struct ks_ex_waiter waiter = {.lock = lock, .kind = kind, .thread = ke->current};
    uint64_t event = (uint64_t)(uintptr_t)&waiter.event;
    const struct ks_ke_wait_plan plan = {.objects = &event,
                                         .count = 1,
                                         .caller = call->caller,
                                         .what = what,
                                         .lock = lock,
                                         .owner = owner};
    ks_ke_event_init(event, true, false);
    enter(ke, &waiter);
    uint32_t status = ks_ke_wait_for(ke, &plan);
    leave(ke, &waiter);
    return status;
}

struct ks_ex_waiter *ks_ex_first_waiter(const struct ks_ke *ke, uint64_t lock, unsigned kinds)
{
    struct ks_ex_waiter *waiter = ke->ex_waiters;
    while (waiter != NULL && (waiter->lock != lock || (waiter->kind & kinds) == 0 ||
                              waiter->event.Header.SignalState != 0)) {
        waiter = waiter->next;
    }
    return waiter;
}

uint32_t ks_ex_count_waiters(const struct ks_ke *ke, uint64_t lock, unsigned kinds)
{
    uint32_t count = 0;
    for (const struct ks_ex_waiter *waiter = ke->ex_waiters; waiter != NULL;
         waiter = waiter->next) {
        count += waiter->lock == lock && (waiter->kind & kinds) != 0;
    }
    return count;
}

void ks_ex_let_go(struct ks_ke *ke, struct ks_ex_waiter *waiter)
{
    leave(ke, waiter);
    ks_ke_event_set(ke->world, (uint64_t)(uintptr_t)&waiter->event);
}
