// SPDX-License-Identifier: MIT
// Ke: kernel queues (KQUEUE). Threads take entries from one; not more of them than its maximum are
// to be busy at once. A thread belongs to the queue that it last took from, and counts as busy
// unless it waits, for the queue or for something else. The thread that waited last gets the next
// entry.

#include "kernel/ke/ke_state.h"

#define STOP_INVALID_WORK_QUEUE_ITEM 0x96u

#define ARGUMENT(n) (call->arguments[n])

static KQUEUE *body_of(uint64_t queue)
{
    return ks_guest_pointer(queue);
}

static uint64_t address_of(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

static bool may_take(const KQUEUE *queue)
{
    return queue->Header.SignalState > 0 && queue->CurrentCount < queue->MaximumCount;
}

// The first entry leaves the list. An entry that is taken belongs to no list.
static LIST_ENTRY *take(KQUEUE *queue)
{
    LIST_ENTRY *entry = queue->EntryListHead.Flink, *next = entry->Flink;
    queue->EntryListHead.Flink = next;
    next->Blink = &queue->EntryListHead;
    entry->Flink = NULL;
    queue->Header.SignalState--;
    queue->CurrentCount++;
    return entry;
}

// Threads that wait get entries as long as not too many are busy.
static void activate(struct ks_ke *ke, uint64_t queue)
{
    struct ks_ke_thread *thread;
    while (may_take(body_of(queue)) && (thread = ks_ke_last_waiter(ke, queue)) != NULL) {
        thread->queue_entry = address_of(take(body_of(queue)));
        ks_ke_unwait(ke, thread, STATUS_SUCCESS);
    }
}

static bool is_there(const struct ks_ke *ke, uint64_t queue)
{
    return queue != 0 && ks_ke_reachable(ke, queue, sizeof(KQUEUE)) &&
           body_of(queue)->Header.Type == KS_KE_QUEUE;
}

// ---- threads of a queue ----

void ks_ke_queue_idle(struct ks_ke *ke, const struct ks_ke_thread *thread)
{
    if (is_there(ke, thread->queue)) {
        body_of(thread->queue)->CurrentCount--;
        activate(ke, thread->queue);
    }
}

void ks_ke_queue_busy(struct ks_ke *ke, const struct ks_ke_thread *thread)
{
    if (is_there(ke, thread->queue)) {
        body_of(thread->queue)->CurrentCount++;
    }
}

// The current thread asks for the next entry, and belongs to this queue from now on.
static void join(struct ks_ke *ke, struct ks_ke_thread *thread, uint64_t queue)
{
    if (thread->queue == queue) {
        body_of(queue)->CurrentCount--;
    } else {
        ks_ke_queue_idle(ke, thread);
        thread->queue = queue;
    }
}

// An entry, or the status of a wait that gave none. The thread is not busy before it has one.
static uint64_t wait(struct ks_ke *ke, uint64_t queue, const int64_t *timeout, uint64_t caller)
{
    struct ks_ke_thread *thread = ke->current;
    struct ks_ke_remaining remaining = ks_ke_remaining(ke, timeout);
    for (;;) {
        if (may_take(body_of(queue))) {
            return address_of(take(body_of(queue)));
        }
        thread->queue_entry = 0;
        uint32_t status = ks_ke_wait_in_line(ke, queue, timeout, caller);
        if (thread->queue_entry != 0 || ks_ke_stopped(ke)) {
            return thread->queue_entry;
        }
        ks_ke_queue_busy(ke, thread);
        if (status != KS_KE_INTERRUPTED) {
            return status;
        }
        ks_ke_deliver_apcs(ke);
        ks_ke_queue_idle(ke, thread);
        timeout = ks_ke_remain(ke, &remaining);
    }
}

// ---- kernel functions ----

// (queue, count): as many busy threads as there are processors for 0.
uint64_t ks_ke_queue_initialize(const struct ks_kernel_call *call)
{
    KQUEUE *queue = body_of(ARGUMENT(0));
    uint32_t most = (uint32_t)ARGUMENT(1);
    *queue = (KQUEUE){.MaximumCount = most != 0 ? most : ks_ke_processor_count(call->world)};
    queue->Header.Type = KS_KE_QUEUE;
    queue->Header.Size = sizeof *queue / sizeof(ULONG);
    queue->Header.WaitListHead.Flink = queue->Header.WaitListHead.Blink =
        &queue->Header.WaitListHead;
    queue->EntryListHead.Flink = queue->EntryListHead.Blink = &queue->EntryListHead;
    queue->ThreadListHead.Flink = queue->ThreadListHead.Blink = &queue->ThreadListHead;
    return 0;
}

// Answers how many entries there were.
static uint64_t insert(const struct ks_kernel_call *call, bool in_front)
{
    KQUEUE *queue = body_of(ARGUMENT(0));
    LIST_ENTRY *entry = ks_guest_pointer(ARGUMENT(1)), *head = &queue->EntryListHead;
    LIST_ENTRY *before = in_front ? head : head->Blink, *after = before->Flink;
    uint32_t had = (uint32_t)queue->Header.SignalState;
    entry->Flink = after;
    entry->Blink = before;
    before->Flink = entry;
    after->Blink = entry;
    queue->Header.SignalState++;
    activate(ks_ke(call->world), ARGUMENT(0));
    return had;
}

uint64_t ks_ke_queue_insert(const struct ks_kernel_call *call)
{
    return insert(call, false);
}

uint64_t ks_ke_queue_insert_head(const struct ks_kernel_call *call)
{
    return insert(call, true);
}

// (queue, mode, timeout)
uint64_t ks_ke_queue_remove(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    int64_t time = ARGUMENT(2) != 0 ? (int64_t)ks_guest_number(ARGUMENT(2), 8) : 0;
    if (!is_there(ke, ARGUMENT(0))) {
        return ks_nt_stop(call, STOP_INVALID_WORK_QUEUE_ITEM, 0, 0, ARGUMENT(0), 0,
                          "asked for an entry of what is no kernel queue");
    }
    const int64_t *timeout = ARGUMENT(2) != 0 ? &time : NULL;
    if (!ks_ke_may_wait(call, ARGUMENT(0), timeout)) {
        return 0;
    }
    join(ke, ke->current, ARGUMENT(0));
    return wait(ke, ARGUMENT(0), timeout, call->caller);
}

uint64_t ks_ke_queue_read_state(const struct ks_kernel_call *call)
{
    return (uint32_t)body_of(ARGUMENT(0))->Header.SignalState;
}

// The entries that nobody took, as a list without a head; NULL: none. No thread belongs to it any
// more, and those that wait for an entry are told that the queue is no longer.
uint64_t ks_ke_queue_rundown(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    KQUEUE *queue = body_of(ARGUMENT(0));
    LIST_ENTRY *head = &queue->EntryListHead, *first = head->Flink;
    struct ks_ke_thread *thread;
    while ((thread = ks_ke_last_waiter(ke, ARGUMENT(0))) != NULL) {
        ks_ke_unwait(ke, thread, (uint32_t)STATUS_ABANDONED_WAIT_0);
    }
    for (thread = ke->first; thread != NULL; thread = thread->next) {
        thread->queue = thread->queue == ARGUMENT(0) ? 0 : thread->queue;
    }
    if (first == head) {
        return 0;
    }
    first->Blink = head->Blink;
    head->Blink->Flink = first;
    head->Flink = head->Blink = head;
    queue->Header.SignalState = 0;
    return address_of(first);
}
