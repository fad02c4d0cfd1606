// SPDX-License-Identifier: MIT
// Ke: the queue of everything that a time is set for. KTIMERs are known by their addresses; what a
// driver writes into one that is set changes nothing.

#include "kernel/ke/ke_state.h"

#include <string.h>

// ---- the heap ----

static bool is_before(const struct ks_ke_timer *a, const struct ks_ke_timer *b)
{
    return a->due != b->due ? a->due < b->due : a->sequence < b->sequence;
}

static void put(struct ks_ke_timers *timers, size_t place, struct ks_ke_timer *timer)
{
    timers->heap[place - 1] = timer;
    timer->place = place;
}

static void sift_up(struct ks_ke_timers *timers, struct ks_ke_timer *timer)
{
    size_t place = timer->place;
    while (place > 1 && is_before(timer, timers->heap[place / 2 - 1])) {
        put(timers, place, timers->heap[place / 2 - 1]);
        place /= 2;
    }
    put(timers, place, timer);
}

static void sift_down(struct ks_ke_timers *timers, struct ks_ke_timer *timer)
{
    size_t place = timer->place;
    for (size_t child = 2 * place; child <= timers->count; child = 2 * place) {
        if (child < timers->count && is_before(timers->heap[child], timers->heap[child - 1])) {
            child++;
        }
        if (!is_before(timers->heap[child - 1], timer)) {
            break;
        }
        put(timers, place, timers->heap[child - 1]);
        place = child;
    }
    put(timers, place, timer);
}

bool ks_ke_timer_insert(struct ks_ke *ke, struct ks_ke_timer *timer, uint64_t due)
{
    struct ks_ke_timers *timers = &ke->timers;
    const struct kldr_allocator *allocator = &ke->world->allocator;
    if (timers->count == timers->capacity) {
        size_t capacity = timers->capacity == 0 ? 64 : 2 * timers->capacity;
        struct ks_ke_timer **heap =
            allocator->reallocate(allocator->user, timers->heap, capacity * sizeof(*heap));
        if (heap == NULL) {
            return false;
        }
        timers->heap = heap;
        timers->capacity = capacity;
    }
    timer->due = due;
    timer->sequence = ++timers->sequence;
    timer->place = ++timers->count;
    sift_up(timers, timer);
    return true;
}

void ks_ke_timer_remove(struct ks_ke *ke, struct ks_ke_timer *timer)
{
    struct ks_ke_timers *timers = &ke->timers;
    size_t place = timer->place;
    if (place == 0) {
        return;
    }
    struct ks_ke_timer *last = timers->heap[--timers->count];
    timer->place = 0;
    if (last != timer) {
        put(timers, place, last);
        sift_up(timers, last);
        sift_down(timers, last);
    }
}

uint64_t ks_ke_due(const struct ks_ke *ke, int64_t due)
{
    if (due < 0) {
        uint64_t distance = (uint64_t)0 - (uint64_t)due;
        return ke->now + distance; // at most 2^63, and now is far from the other half
    }
    return (uint64_t)due > ke->start ? (uint64_t)due - ke->start : 0;
}

// ---- KTIMERs ----

static struct ks_ke_timer **bucket_of(struct ks_ke *ke, uint64_t object)
{
    uint64_t hash = (object >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 56;
    return &ke->timers.buckets[hash % KS_KE_BUCKETS];
}

struct ks_ke_timer *ks_ke_timer_find(struct ks_ke *ke, uint64_t object)
{
    struct ks_ke_timer *timer = *bucket_of(ke, object);
    while (timer != NULL && timer->object != object) {
        timer = timer->next;
    }
    return timer;
}

static void forget(struct ks_ke *ke, struct ks_ke_timer *timer)
{
    struct ks_ke_timer **link = bucket_of(ke, timer->object);
    while (*link != timer) {
        link = &(*link)->next;
    }
    *link = timer->next;
    ks_ke_timer_remove(ke, timer);
    timer->next = ke->timers.unused;
    ke->timers.unused = timer;
}

static struct ks_ke_timer *remember(struct ks_ke *ke, uint64_t object)
{
    const struct kldr_allocator *allocator = &ke->world->allocator;
    struct ks_ke_timer *timer = ke->timers.unused;
    if (timer != NULL) {
        ke->timers.unused = timer->next;
    } else {
        timer = allocator->allocate(allocator->user, sizeof *timer);
    }
    if (timer != NULL) {
        struct ks_ke_timer **bucket = bucket_of(ke, object);
        *timer = (struct ks_ke_timer){.object = object, .next = *bucket};
        *bucket = timer;
    }
    return timer;
}

bool ks_ke_timer_cancel(struct ks_ke *ke, uint64_t object)
{
    struct ks_ke_timer *timer = ks_ke_timer_find(ke, object);
    if (timer != NULL) {
        forget(ke, timer);
    }
    return timer != NULL;
}

bool ks_ke_timer_set(struct ks_ke *ke, uint64_t object, int64_t due, uint64_t period, uint64_t dpc,
                     uint64_t maker)
{
    KTIMER *header = ks_guest_pointer(object);
    uint64_t at = ks_ke_due(ke, due);
    header->Header.SignalState = 0;
    header->DueTime.QuadPart = at;
    header->Dpc = ks_guest_pointer(dpc);
    header->Period = (ULONG)(period / 10000);
    bool was_set = ks_ke_timer_cancel(ke, object);
    struct ks_ke_timer *timer = remember(ke, object);
    if (timer != NULL) {
        timer->period = period;
        timer->dpc = dpc;
        timer->routine =
            dpc == 0 ? 0
                     : (uint64_t)(uintptr_t)((const KDPC *)ks_guest_pointer(dpc))->DeferredRoutine;
        timer->maker = maker;
    }
    if (timer == NULL || !ks_ke_timer_insert(ke, timer, at)) {
        kldr_loader_stop(ke->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
    }
    ks_ke_mark(ke); // a time that is over expires at once
    return was_set;
}

// ---- expiring ----

static void expire_object(struct ks_ke *ke, struct ks_ke_timer *timer)
{
    uint64_t object = timer->object, dpc = timer->dpc, maker = timer->maker;
    bool allocated = timer->allocated;
    if (!ks_ke_reachable(ke, object, sizeof(KTIMER))) {
        forget(ke, timer);
        ks_ke_stop_unreachable(ke, object, maker,
                               "a timer expired that lay in an image that is gone");
        return;
    }
    if (timer->period == 0) {
        forget(ke, timer);
    } else {
        ks_ke_timer_remove(ke, timer);
        ks_ke_timer_insert(ke, timer, timer->due + timer->period); // there was room for it
    }
    ((KTIMER *)ks_guest_pointer(object))->Header.SignalState = 1;
    ks_ke_wake(ke, object);
    if (dpc != 0) {
        uint64_t time = ke->start + ke->now;
        const struct ks_ke_dpc entry = {
            .object = dpc, .timer = allocated ? object : 0, .maker = maker};
        ks_ke_dpc_queue(ke, &entry, (uint32_t)time, time >> 32);
    }
}

void ks_ke_expire(struct ks_ke *ke)
{
    struct ks_ke_timers *timers = &ke->timers;
    while (timers->count > 0 && timers->heap[0]->due <= ke->now && !ks_ke_stopped(ke)) {
        struct ks_ke_timer *timer = timers->heap[0];
        if (timer->kind == KS_KE_TIMER_WAIT) {
            ks_ke_unwait(ke, timer->thread, STATUS_TIMEOUT);
        } else {
            expire_object(ke, timer);
        }
    }
}

void ks_ke_timers_fini(struct ks_ke *ke)
{
    const struct kldr_allocator *allocator = &ke->world->allocator;
    for (unsigned i = 0; i < KS_KE_BUCKETS; i++) {
        while (ke->timers.buckets[i] != NULL) {
            forget(ke, ke->timers.buckets[i]);
        }
    }
    while (ke->timers.unused != NULL) {
        struct ks_ke_timer *timer = ke->timers.unused;
        ke->timers.unused = timer->next;
        allocator->release(allocator->user, timer);
    }
    allocator->release(allocator->user, ke->timers.heap);
}
