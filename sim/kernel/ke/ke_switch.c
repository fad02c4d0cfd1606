// SPDX-License-Identifier: MIT
// Ke: who runs. Threads, the queues of those that are ready, and going from one to another.
//
// Each thread has a stack of kldr's own; code of drivers has one more under engine native. A thread
// begins on its stack when it is first chosen. One that is in the middle of something when the
// system ends is chosen once more, finds that out and leaves by itself, so that nothing is left
// behind on its stack.

#include "kernel/ke/ke_state.h"

#include "engine/host_slots.h"
#include "engine/native.h"
#include "kernel/ps/ps_notify.h"
#include "platform.h"
#include "world/world_steps.h"

#include <string.h>

#define THREAD_SIZE      0x800u // of ETHREAD, as far as a driver may look
#define DEFAULT_PRIORITY 8u
#define HOST_STACK       ((size_t)(sizeof(void *) > 4 ? 4u << 20 : 256u << 10))

#define STOP_IRQL_NOT_LESS_OR_EQUAL      0x0Au
#define STOP_APC_PENDING_AT_EXIT         0x20u
#define STOP_THREAD_TERMINATE_HELD_MUTEX 0x4000008Au

// ---- ready queues ----

void ks_ke_make_ready(struct ks_ke *ke, struct ks_ke_thread *thread, bool in_front)
{
    unsigned priority = thread->priority;
    struct ks_ke_thread *first = ke->ready_first[priority], *last = ke->ready_last[priority];
    thread->state = KS_KE_READY;
    thread->ready_next = in_front ? first : NULL;
    thread->ready_previous = in_front ? NULL : last;
    *(in_front ? (first != NULL ? &first->ready_previous : &ke->ready_last[priority])
               : (last != NULL ? &last->ready_next : &ke->ready_first[priority])) = thread;
    *(in_front ? &ke->ready_first[priority] : &ke->ready_last[priority]) = thread;
    ke->ready_mask |= UINT32_C(1) << priority;
    ks_ke_mark(ke);
}

void ks_ke_remove_ready(struct ks_ke *ke, struct ks_ke_thread *thread)
{
    unsigned priority = thread->priority;
    *(thread->ready_previous != NULL ? &thread->ready_previous->ready_next
                                     : &ke->ready_first[priority]) = thread->ready_next;
    *(thread->ready_next != NULL ? &thread->ready_next->ready_previous
                                 : &ke->ready_last[priority]) = thread->ready_previous;
    if (ke->ready_first[priority] == NULL) {
        ke->ready_mask &= ~(UINT32_C(1) << priority);
    }
}

static unsigned top_priority(const struct ks_ke *ke)
{
    unsigned priority = KS_KE_PRIORITIES - 1;
    while (priority > 0 && (ke->ready_mask >> priority & 1) == 0) {
        priority--;
    }
    return priority;
}

static uint64_t next_random(struct ks_ke *ke)
{
    ke->random ^= ke->random << 13;
    ke->random ^= ke->random >> 7;
    ke->random ^= ke->random << 17;
    return ke->random;
}

// Of the highest priority: the one that became ready first, or any one when the world has a seed.
static struct ks_ke_thread *take_ready(struct ks_ke *ke)
{
    struct ks_ke_thread *thread = ke->ready_first[top_priority(ke)];
    if (thread != NULL && ke->random != 0) {
        uint64_t count = 0;
        for (const struct ks_ke_thread *one = thread; one != NULL; one = one->ready_next) {
            count++;
        }
        for (uint64_t skip = next_random(ke) % count; skip > 0; skip--) {
            thread = thread->ready_next;
        }
    }
    if (thread != NULL) {
        ks_ke_remove_ready(ke, thread);
    }
    return thread;
}

// ---- life of a thread ----

struct ks_ke_thread *ks_ke_thread_at(struct ks_ke *ke, uint64_t object)
{
    struct ks_ke_thread *thread = ke->current;
    if (thread->object != object) {
        for (thread = ke->first; thread != NULL && thread->object != object;) {
            thread = thread->next;
        }
    }
    return thread;
}

struct ks_ke_thread *ks_ke_make_thread(struct ks_ke *ke, const struct ks_ke_thread_plan *plan)
{
    const struct kldr_allocator *allocator = &ke->world->allocator;
    struct ks_ke_thread *thread = ke->thread_count < KS_KE_THREADS
                                      ? allocator->allocate(allocator->user, sizeof *thread)
                                      : NULL;
    if (thread == NULL) {
        return NULL;
    }
    memset(thread, 0, sizeof *thread);
    thread->header = ks_ob_create(ke->world, KS_OB_THREAD, THREAD_SIZE, plan->maker);
    if (thread->header == NULL) {
        allocator->release(allocator->user, thread);
        return NULL;
    }
    thread->object = thread->header->body;
    DISPATCHER_HEADER *header = ks_guest_pointer(thread->object);
    header->Type = KS_KE_THREAD;
    header->WaitListHead.Flink = header->WaitListHead.Blink = &header->WaitListHead;
    thread->plan = *plan;
    thread->id = ke->next_id;
    ke->next_id += 4;
    thread->priority = thread->base_priority = DEFAULT_PRIORITY;
    thread->timeout.thread = thread;
    thread->timeout.kind = KS_KE_TIMER_WAIT;
    thread->previous = ke->last;
    *(ke->last != NULL ? &ke->last->next : &ke->first) = thread;
    ke->last = thread;
    ke->thread_count++;
    return thread;
}

void ks_ke_free_thread(struct ks_ke *ke, struct ks_ke_thread *thread)
{
    const struct kldr_allocator *allocator = &ke->world->allocator;
    *(thread->previous != NULL ? &thread->previous->next : &ke->first) = thread->next;
    *(thread->next != NULL ? &thread->next->previous : &ke->last) = thread->previous;
    ke->thread_count--;
    ks_fiber_destroy(thread->fiber);
    if (thread->native == &thread->native_room) {
        ks_native_stack_give(ke->world->native, thread->native->stack_first);
    }
    ks_ke_drop_apcs(ke, thread);
    while (thread->owned != NULL) {
        struct ks_ke_owned *owned = thread->owned;
        thread->owned = owned->next;
        allocator->release(allocator->user, owned);
    }
    allocator->release(allocator->user, thread);
}

// Whoever ended could not free the stack that it stood on.
static void free_dead(struct ks_ke *ke)
{
    struct ks_ke_thread *dead = ke->dead;
    if (dead != NULL && dead != ke->current) {
        struct ks_object *object = dead->header;
        ke->dead = NULL;
        ks_ke_free_thread(ke, dead);
        ks_ob_dereference(ke->world, object);
    }
}

// ---- going from one to another ----

static void exchange_state(struct ks_ke *ke, struct ks_ke_thread *from, struct ks_ke_thread *to)
{
    struct kldr_world *world = ke->world;
    from->irql = ke->nt->irql;
    from->call_depth = world->call_depth;
    from->host_frames = ks_host_frame_exchange(to->host_frames);
    if (to->native != NULL) {
        ks_native_thread_swap(to->native);
    }
    ke->nt->irql = to->irql;
    world->call_depth = to->call_depth;
    to->state = KS_KE_RUNNING;
    ke->current = to;
    if (to->apcs != NULL) {
        ks_ke_mark(ke);
    }
    if (world->native != NULL) {
        ks_native_processor_set_thread(world, to->object);
    }
}

static void begin(void *user);

static bool prepare_stack(struct ks_ke *ke, struct ks_ke_thread *thread)
{
    struct ks_native *native = ke->world->native;
    uint64_t first, end;
    if (thread->fiber != NULL) {
        return true;
    }
    if (native != NULL) {
        if (!ks_native_stack_take(native, &first, &end)) {
            return false;
        }
        ks_native_thread_init(&thread->native_room, first, end);
        thread->native = &thread->native_room;
    }
    thread->fiber = ks_fiber_create(HOST_STACK, begin, ke);
    return thread->fiber != NULL;
}

// The system has ended: the current thread if it can still leave by itself, then the others that
// began, the first one last.
static struct ks_ke_thread *next_to_leave(struct ks_ke *ke)
{
    struct ks_ke_thread *thread = ke->current;
    if (thread->state != KS_KE_ENDED && thread != ke->first) {
        return thread;
    }
    for (thread = ke->first->next; thread != NULL; thread = thread->next) {
        if (thread->fiber != NULL && thread->state != KS_KE_ENDED) {
            return thread;
        }
    }
    return ke->first;
}

static void leave_queues(struct ks_ke *ke, struct ks_ke_thread *thread)
{
    if (thread->state == KS_KE_WAITING) {
        ks_ke_unwait(ke, thread, KLDR_ERROR_STOPPED);
    }
    if (thread->state == KS_KE_READY) {
        ks_ke_remove_ready(ke, thread);
    }
}

static struct ks_ke_thread *choose(struct ks_ke *ke)
{
    while (!ks_ke_stopped(ke)) {
        struct ks_ke_thread *thread = take_ready(ke);
        if (thread != NULL && prepare_stack(ke, thread)) {
            return thread;
        }
        if (thread != NULL) {
            kldr_loader_stop(ke->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        } else if (!ks_ke_idle(ke)) {
            ks_ke_report_hang(ke);
        }
    }
    struct ks_ke_thread *thread = next_to_leave(ke);
    leave_queues(ke, thread);
    return thread;
}

static void go_to(struct ks_ke *ke, struct ks_ke_thread *to)
{
    struct ks_ke_thread *from = ke->current;
    if (from == to) {
        from->state = KS_KE_RUNNING;
        return;
    }
    exchange_state(ke, from, to);
    ks_fiber_switch(from->fiber, to->fiber);
    free_dead(ke);
}

void ks_ke_give_way(struct ks_ke *ke)
{
    go_to(ke, choose(ke));
}

void ks_ke_preempt(struct ks_ke *ke)
{
    struct ks_ke_thread *thread = ke->current;
    while (ke->ready_mask != 0 && top_priority(ke) > thread->priority && !ks_ke_stopped(ke)) {
        ks_ke_make_ready(ke, thread, true);
        ks_ke_give_way(ke);
    }
}

void ks_ke_drain(struct ks_ke *ke)
{
    while (next_to_leave(ke) != ke->first) {
        ks_ke_give_way(ke);
    }
}

// ---- beginning and ending ----

// What a thread must not take along.
static void check_end(struct ks_ke *ke, const struct ks_ke_thread *thread)
{
    uint64_t parameters[KLDR_EVENT_PARAMETERS] = {0};
    if (ke->nt->irql != KS_PASSIVE_LEVEL) {
        parameters[1] = ke->nt->irql;
        parameters[3] = thread->plan.routine;
        ks_native_stop(ke->world, thread->plan.routine, STOP_IRQL_NOT_LESS_OR_EQUAL, parameters,
                       "a thread ended at a raised IRQL");
    } else if (ks_ke_holds_mutex(ke, thread, &parameters[2])) {
        parameters[0] = parameters[1] = thread->object;
        ks_native_stop(ke->world, thread->plan.routine, STOP_THREAD_TERMINATE_HELD_MUTEX,
                       parameters, "a thread ended that owns a mutex");
    } else if (thread->kernel_apc_disable != 0 || thread->special_apc_disable != 0) {
        parameters[1] = (uint16_t)thread->kernel_apc_disable;
        ks_native_stop(ke->world, thread->plan.routine, STOP_APC_PENDING_AT_EXIT, parameters,
                       "a thread ended inside a critical or guarded region");
    }
}

// Threads of drivers only: they were told of no others.
static void tell_of_end(struct ks_ke *ke, const struct ks_ke_thread *thread)
{
    if (thread->plan.run == NULL && !ks_ke_stopped(ke)) {
        ks_ps_notify_thread(ke->world, thread->id, false);
    }
}

static void begin(void *user)
{
    struct ks_ke *ke = user;
    struct ks_ke_thread *thread = ke->current;
    free_dead(ke);
    ks_ke_deliver_apcs(ke);
    if (!ks_ke_stopped(ke) && thread->plan.run != NULL) {
        thread->plan.run(ke->world, thread->plan.user);
    } else if (!ks_ke_stopped(ke)) {
        ks_nt_call_base(ke->world, thread->plan.routine, &thread->plan.context, 1, 0, NULL);
    }
    ks_ke_end_thread(ke);
}

void ks_ke_end_thread(struct ks_ke *ke)
{
    struct ks_ke_thread *thread = ke->current;
    if (!ks_ke_stopped(ke)) {
        ks_ke_deliver_apcs(ke);
        check_end(ke, thread);
        tell_of_end(ke, thread);
        ks_ke_abandon_mutexes(ke, thread);
        ks_ke_queue_idle(ke, thread);
    }
    thread->state = KS_KE_ENDED;
    if (ks_ke_reachable(ke, thread->object, sizeof(DISPATCHER_HEADER))) {
        ((DISPATCHER_HEADER *)ks_guest_pointer(thread->object))->SignalState = 1;
        ks_ke_wake(ke, thread->object);
    }
    ke->nt->irql = KS_PASSIVE_LEVEL;
    if (thread->native != NULL) {
        ks_native_forget_calls(thread->native);
    }
    struct ks_ke_thread *next = choose(ke);
    exchange_state(ke, thread, next);
    ke->dead = thread;
    ks_fiber_leave(thread->fiber, next->fiber);
}

uint64_t ks_ke_create_thread(struct kldr_world *world, const struct ks_ke_thread_plan *plan)
{
    struct ks_ke *ke = ks_ke(world);
    struct ks_ke_thread *thread = ke != NULL ? ks_ke_make_thread(ke, plan) : NULL;
    if (thread == NULL) {
        return 0;
    }
    ks_ke_make_ready(ke, thread, false);
    return thread->object;
}

uint64_t ks_ke_current_thread(struct kldr_world *world)
{
    const struct ks_ke *ke = ks_ke(world);
    return ke != NULL ? ke->current->object : 0;
}

uint32_t ks_ke_current_thread_id(struct kldr_world *world)
{
    const struct ks_ke *ke = ks_ke(world);
    return ke != NULL ? ke->current->id : 0;
}
