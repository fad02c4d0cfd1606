// SPDX-License-Identifier: MIT
// Ex: work items (WORK_QUEUE_ITEM), which drivers own. One is queued at most once at a time.

#include "kernel/ke/ke_state.h"

#define STOP_WORKER_INVALID 0xE4u
#define IN_USE              1u // the first parameter: the item is queued already

#define ARGUMENT(n) (call->arguments[n])

static bool is_queued(const struct ks_ke *ke, uint64_t item)
{
    const struct ks_ke_work_entry *entry = ke->work_first;
    while (entry != NULL && entry->work.item != item) {
        entry = entry->next;
    }
    return entry != NULL;
}

static bool queue(const struct ks_kernel_call *call)
{
    const WORK_QUEUE_ITEM *item = ks_guest_pointer(ARGUMENT(0));
    struct ks_ke_work work = {.routine = (uint64_t)(uintptr_t)item->WorkerRoutine,
                              .item = ARGUMENT(0),
                              .maker = call->caller};
    work.arguments[0] = (uint64_t)(uintptr_t)item->Parameter;
    return ks_ke_queue_work(call->world, &work);
}

uint64_t ks_ex_work_item_queue(const struct ks_kernel_call *call)
{
    if (is_queued(ks_ke(call->world), ARGUMENT(0))) {
        return ks_nt_stop(call, STOP_WORKER_INVALID, IN_USE, ARGUMENT(0), 0, 0,
                          "queued a work item that is queued already");
    }
    if (!queue(call)) {
        kldr_loader_stop(call->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
    }
    return 0;
}

uint64_t ks_ex_work_item_try_queue(const struct ks_kernel_call *call)
{
    return !is_queued(ks_ke(call->world), ARGUMENT(0)) && queue(call);
}
