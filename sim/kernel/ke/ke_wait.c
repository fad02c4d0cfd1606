// SPDX-License-Identifier: MIT
// Ke: waiting for dispatcher objects. Who waits for what is kept by the object's address, outside
// the object: its list of waiters, which drivers must not touch, stays empty.

#include "kernel/ke/ke_state.h"

static DISPATCHER_HEADER *header_of(uint64_t object)
{
    return ks_guest_pointer(object);
}

static unsigned bucket_of(uint64_t object)
{
    return (unsigned)((object >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 56) % KS_KE_BUCKETS;
}

// ---- is it signalled, and what does getting it change ----

static bool is_signalled(const struct ks_ke_thread *thread, uint64_t object)
{
    const DISPATCHER_HEADER *header = header_of(object);
    if (header->SignalState > 0) {
        return true;
    }
    return header->Type == KS_KE_MUTANT && ks_guest_number(object + offsetof(KMUTANT, OwnerThread),
                                                           sizeof(PVOID)) == thread->object;
}

// Answers what is added to the status: the mark of a mutex whose owner died.
static uint32_t take_mutex(struct ks_ke *ke, struct ks_ke_thread *thread, uint64_t object)
{
    KMUTANT *mutex = ks_guest_pointer(object);
    if (--mutex->Header.SignalState != 0) {
        return 0; // its owner once more
    }
    mutex->OwnerThread = ks_guest_pointer(thread->object);
    thread->kernel_apc_disable = (int16_t)(thread->kernel_apc_disable - mutex->ApcDisable);
    ks_ke_own_mutex(ke, thread, object);
    uint32_t mark = mutex->Abandoned ? (uint32_t)STATUS_ABANDONED_WAIT_0 : 0;
    mutex->Abandoned = FALSE;
    return mark;
}

static uint32_t take(struct ks_ke *ke, struct ks_ke_thread *thread, uint64_t object)
{
    DISPATCHER_HEADER *header = header_of(object);
    switch (header->Type & 0x7F) {
    case KS_KE_SYNCHRONIZATION_EVENT:
    case KS_KE_SYNCHRONIZATION_TIMER:
        header->SignalState = 0;
        return 0;
    case KS_KE_SEMAPHORE:
        header->SignalState--;
        return 0;
    case KS_KE_MUTANT:
        return take_mutex(ke, thread, object);
    default:
        return 0;
    }
}

// Gets what it can. False: the wait goes on.
static bool satisfy(struct ks_ke *ke, struct ks_ke_thread *thread, const uint64_t *objects,
                    uint32_t count, bool all, uint32_t *out_status)
{
    uint32_t mark = 0, i = 0;
    while (i < count && is_signalled(thread, objects[i]) == all) {
        i++;
    }
    if ((i == count) != all) {
        return false;
    }
    if (!all) {
        *out_status = i + take(ke, thread, objects[i]);
        return true;
    }
    for (i = 0; i < count; i++) {
        mark |= take(ke, thread, objects[i]);
    }
    *out_status = mark;
    return true;
}

// ---- lists of waiters ----

static void add_block(struct ks_ke *ke, struct ks_ke_thread *thread, uint64_t object)
{
    struct ks_ke_block *block = &thread->blocks[thread->block_count++];
    unsigned bucket = bucket_of(object);
    block->thread = thread;
    block->object = object;
    block->next = NULL;
    block->previous = ke->waiters_last[bucket];
    *(block->previous != NULL ? &block->previous->next : &ke->waiters_first[bucket]) = block;
    ke->waiters_last[bucket] = block;
}

static void remove_block(struct ks_ke *ke, struct ks_ke_block *block)
{
    unsigned bucket = bucket_of(block->object);
    *(block->previous != NULL ? &block->previous->next : &ke->waiters_first[bucket]) = block->next;
    *(block->next != NULL ? &block->next->previous : &ke->waiters_last[bucket]) = block->previous;
}

bool ks_ke_has_waiters(const struct ks_ke *ke, uint64_t object)
{
    const struct ks_ke_block *block = ke->waiters_first[bucket_of(object)];
    while (block != NULL && block->object != object) {
        block = block->next;
    }
    return block != NULL;
}

void ks_ke_unwait(struct ks_ke *ke, struct ks_ke_thread *thread, uint32_t status)
{
    for (uint32_t i = 0; i < thread->block_count; i++) {
        remove_block(ke, &thread->blocks[i]);
    }
    thread->block_count = 0;
    ks_ke_timer_remove(ke, &thread->timeout);
    thread->wait_status = status;
    ks_ke_make_ready(ke, thread, false);
}

static bool try_to_end_wait(struct ks_ke *ke, struct ks_ke_thread *thread)
{
    uint64_t objects[KS_KE_OBJECTS];
    uint32_t status = 0;
    for (uint32_t i = 0; i < thread->block_count; i++) {
        objects[i] = thread->blocks[i].object;
    }
    if (!satisfy(ke, thread, objects, thread->block_count, thread->wait_all, &status)) {
        return false;
    }
    ks_ke_unwait(ke, thread, status);
    return true;
}

void ks_ke_wake(struct ks_ke *ke, uint64_t object)
{
    struct ks_ke_block *block = ke->waiters_first[bucket_of(object)];
    while (block != NULL && header_of(object)->SignalState > 0) {
        struct ks_ke_block *next = block->next;
        if (block->object == object) {
            while (next != NULL && next->thread == block->thread) {
                next = next->next; // a thread's go together
            }
            try_to_end_wait(ke, block->thread);
        }
        block = next;
    }
}

// ---- waiting ----

// Blocks the current thread, which is in the lists of what it waits for.
static uint32_t block_here(struct ks_ke *ke, const int64_t *timeout, bool alertable,
                           uint64_t caller)
{
    struct ks_ke_thread *thread = ke->current;
    thread->alertable = alertable;
    thread->wait_caller = caller;
    thread->wait_status = KLDR_ERROR_STOPPED;
    thread->state = KS_KE_WAITING;
    if (timeout != NULL && !ks_ke_timer_insert(ke, &thread->timeout, ks_ke_due(ke, *timeout))) {
        kldr_loader_stop(ke->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
    }
    ks_ke_give_way(ke);
    return ks_ke_stopped(ke) ? KLDR_ERROR_STOPPED : thread->wait_status;
}

// The same for a thread that may belong to a queue: it does not count as busy meanwhile.
static uint32_t block(struct ks_ke *ke, const int64_t *timeout, bool alertable, uint64_t caller)
{
    struct ks_ke_thread *thread = ke->current;
    ks_ke_queue_idle(ke, thread);
    uint32_t status = block_here(ke, timeout, alertable, caller);
    if (status != KLDR_ERROR_STOPPED) {
        ks_ke_queue_busy(ke, thread);
    }
    return status;
}

static bool take_alert(struct ks_ke_thread *thread, bool alertable)
{
    bool alerted = alertable && thread->alerted;
    if (alerted) {
        thread->alerted = false;
    }
    return alerted;
}

static bool is_over(const struct ks_ke *ke, const int64_t *timeout)
{
    return timeout != NULL &&
           (*timeout == 0 || (*timeout > 0 && ks_ke_due(ke, *timeout) <= ke->now));
}

static uint32_t wait_once(struct ks_ke *ke, const struct ks_ke_wait_plan *plan,
                          const int64_t *timeout)
{
    struct ks_ke_thread *thread = ke->current;
    uint32_t status = KLDR_ERROR_STOPPED;
    if (ks_ke_stopped(ke) || satisfy(ke, thread, plan->objects, plan->count, plan->all, &status)) {
        return status;
    }
    if (take_alert(thread, plan->alertable)) {
        return (uint32_t)STATUS_ALERTED;
    }
    if (is_over(ke, timeout)) {
        return (uint32_t)STATUS_TIMEOUT;
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        add_block(ke, thread, plan->objects[i]);
    }
    thread->wait_all = plan->all;
    thread->wait_what = plan->what;
    thread->wait_lock = plan->lock;
    thread->wait_owner = plan->owner;
    return block(ke, timeout, plan->alertable, plan->caller);
}

struct ks_ke_remaining ks_ke_remaining(const struct ks_ke *ke, const int64_t *timeout)
{
    return (struct ks_ke_remaining){.due = timeout != NULL ? ks_ke_due(ke, *timeout) : 0,
                                    .limited = timeout != NULL};
}

const int64_t *ks_ke_remain(const struct ks_ke *ke, struct ks_ke_remaining *remaining)
{
    remaining->left = remaining->due > ke->now ? -(int64_t)(remaining->due - ke->now) : 0;
    return remaining->limited ? &remaining->left : NULL;
}

uint32_t ks_ke_wait_for(struct ks_ke *ke, const struct ks_ke_wait_plan *plan)
{
    struct ks_ke_remaining remaining = ks_ke_remaining(ke, plan->timeout);
    uint32_t status = wait_once(ke, plan, plan->timeout);
    while (status == KS_KE_INTERRUPTED) {
        ks_ke_deliver_apcs(ke);
        status = wait_once(ke, plan, ks_ke_remain(ke, &remaining));
    }
    return status;
}

uint32_t ks_ke_wait_in_line(struct ks_ke *ke, uint64_t object, const int64_t *timeout,
                            uint64_t caller)
{
    if (ks_ke_stopped(ke)) {
        return KLDR_ERROR_STOPPED;
    }
    if (is_over(ke, timeout)) {
        return (uint32_t)STATUS_TIMEOUT;
    }
    ke->current->wait_what = NULL;
    add_block(ke, ke->current, object);
    return block_here(ke, timeout, false, caller);
}

struct ks_ke_thread *ks_ke_last_waiter(const struct ks_ke *ke, uint64_t object)
{
    const struct ks_ke_block *block = ke->waiters_last[bucket_of(object)];
    while (block != NULL && block->object != object) {
        block = block->previous;
    }
    return block != NULL ? block->thread : NULL;
}

uint32_t ks_ke_sleep(struct ks_ke *ke, const int64_t *interval, bool alertable, uint64_t caller)
{
    struct ks_ke_thread *thread = ke->current;
    if (ks_ke_stopped(ke)) {
        return KLDR_ERROR_STOPPED;
    }
    if (take_alert(thread, alertable)) {
        return (uint32_t)STATUS_ALERTED;
    }
    if (is_over(ke, interval)) { // gives way to its equals only
        ks_ke_make_ready(ke, thread, false);
        ks_ke_give_way(ke);
        return STATUS_SUCCESS;
    }
    struct ks_ke_remaining remaining = ks_ke_remaining(ke, interval);
    uint32_t status = block(ke, interval, alertable, caller);
    while (status == KS_KE_INTERRUPTED) {
        ks_ke_deliver_apcs(ke);
        const int64_t *left = ks_ke_remain(ke, &remaining);
        status = ks_ke_stopped(ke)   ? KLDR_ERROR_STOPPED
                 : is_over(ke, left) ? (uint32_t)STATUS_TIMEOUT
                                     : block(ke, left, alertable, caller);
    }
    return status == (uint32_t)STATUS_TIMEOUT ? (uint32_t)STATUS_SUCCESS : status;
}

uint32_t ks_ke_wait(struct kldr_world *world, uint64_t object, const int64_t *timeout,
                    bool alertable)
{
    struct ks_ke *ke = ks_ke(world);
    const struct ks_ke_wait_plan plan = {
        .objects = &object, .count = 1, .timeout = timeout, .alertable = alertable};
    return ke != NULL ? ks_ke_wait_for(ke, &plan) : KLDR_ERROR_STOPPED;
}
