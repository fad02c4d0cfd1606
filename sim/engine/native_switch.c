// SPDX-License-Identifier: MIT
// Calling driver code, and what it calls.

#include "engine/native.h"

#include "engine/native_walk.h"
#include "engine/native_watch.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ks_native_thread_init(struct ks_native_thread *thread, uint64_t first, uint64_t end)
{
    *thread = (struct ks_native_thread){.stack_first = first, .stack_end = end};
}

#if KS_NATIVE

struct ks_native_thread *ks_native_thread_swap(struct ks_native_thread *thread)
{
    struct ks_native_thread *before = ks_native_now;
    bool was_watched = before != NULL && before->innermost != NULL;
    bool is_watched = thread != NULL && thread->innermost != NULL;
    if (was_watched && !is_watched) {
        ks_native_watch_end();
    }
    ks_native_now = thread;
    if (!was_watched && is_watched) {
        ks_native_watch_begin(thread->innermost->world);
    }
    return before;
}

void ks_native_abandon(void)
{
    ks_native_exception_gate();
}

kldr_status ks_native_stop_late(struct kldr_world *world, uint64_t address)
{
    struct kldr_module_info module;
    char text[KLDR_NAME_SIZE + 64] = "the time was over in code outside of images";
    bool known = ks_native_module_at(world, address, &module);
    if (!kldr_loader_stopped(world->loader, NULL)) {
        if (known) {
            snprintf(text, sizeof text, "the time was over in %.200s+0x%x", module.base_name,
                     (unsigned)(address - module.base));
        }
        ks_world_note(world, "time-over", known ? module.base_name : NULL, known ? module.id : 0,
                      text, NULL);
    }
    kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
    return KLDR_ERROR_LIMIT;
}

// ---- what driver code calls ----

void ks_native_leave(void)
{
    ks_native_now->left = true;
    ks_native_leave_gate();
}

// Whose call it is: where driver code goes on after it. A routine that ends with a jump to a kernel
// function has no such place, and stands for itself.
static uint64_t caller_of(const struct ks_native_frame *frame, const uint64_t *arguments)
{
    return ks_native_is_return(frame->world, arguments[-1]) ? frame->function : arguments[-1];
}

uint64_t ks_native_dispatch(uint32_t number, const uint64_t *arguments, uint64_t target)
{
    struct ks_native_thread *thread = ks_native_now;
    struct kldr_world *world = thread->innermost->world;
    uint64_t result = 0, caller = caller_of(thread->innermost, arguments);
    thread->number = number;
    thread->called = true;
    thread->trapped = false;
    thread->exception = NULL;
    thread->in_kernel = 1;
    if (number == KS_NATIVE_FOREIGN) {
        if (!ks_native_call_foreign(world, target, arguments, caller, &result)) {
            ks_native_exception_gate(); // the jump was the fault that the trap tells of
        }
    } else if (!ks_native_time_over()) {
        result = ks_native_serve(world, number, arguments, caller);
    }
    if (ks_native_time_over()) {
        ks_native_stop_late(world, caller);
    }
    if (kldr_loader_stopped(world->loader, NULL)) {
        ks_native_leave();
    }
    thread->in_kernel = 0;
    return result;
}

void ks_native_forget_calls(struct ks_native_thread *thread)
{
    while (thread->innermost != NULL) {
        ks_native_drop_frame(thread);
    }
}

// ---- calling ----

static bool enter(struct ks_native_frame *frame, const struct ks_native_request *request)
{
    uint64_t few[4] = {0};
    const uint64_t *arguments = request->arguments;
    size_t count = request->count;
    if (count < 4) {
        for (size_t i = 0; i < count; i++) {
            few[i] = arguments[i];
        }
        arguments = few;
        count = 4;
    }
    ks_native_now->left = false;
    frame->result = ks_native_enter(request->function, arguments, count, frame->base,
                                    ks_native_return_address(frame->world, frame->trapped),
                                    frame->base - request->reserve);
    return !ks_native_now->left;
}

// What the frame is for, and where the driver's stack is used up to.
static void push_frame(struct ks_native_thread *thread, struct ks_native_frame *frame,
                       const struct ks_native_request *request)
{
    frame->outer = thread->innermost;
    frame->purpose = request->purpose;
    frame->dispatch = request->dispatch;
    frame->unhandled = request->unhandled;
    frame->function = request->function;
    frame->host_sp = thread->host_sp;
    frame->base = thread->gate_frame;
    frame->trapped = thread->trapped;
    frame->called = thread->called;
    frame->number = thread->number;
    frame->in_kernel = thread->in_kernel != 0;
    frame->exception = thread->exception;
    thread->innermost = frame;
    thread->in_kernel = 0;
    if (frame->outer == NULL) {
        ks_native_watch_begin(frame->world);
    }
}

// The call is over, one way or the other: the thread is as it was before.
void ks_native_drop_frame(struct ks_native_thread *thread)
{
    const struct ks_native_frame *frame = thread->innermost;
    thread->innermost = frame->outer;
    thread->host_sp = frame->host_sp;
    thread->gate_frame = frame->base;
    thread->trapped = frame->trapped;
    thread->called = frame->called;
    thread->number = frame->number;
    thread->in_kernel = frame->in_kernel;
    thread->exception = frame->exception;
    if (thread->innermost == NULL) {
        ks_native_watch_end();
    }
}

// The frame of zeros at the bottom of a stack, at which walks over it end.
static void make_bottom(struct ks_native_thread *thread)
{
    uint64_t bottom = thread->stack_end - sizeof(struct ks_gate_frame) - 16;
    memset(ks_guest_pointer(bottom), 0, thread->stack_end - bottom);
    thread->gate_frame = bottom;
    thread->trapped = false;
    thread->in_kernel = 0;
    thread->exception = NULL;
}

// Every call begins below the one around it, so that the stack's size bounds how many there can be.
static bool has_room(const struct ks_native_thread *thread, const struct ks_native_request *request)
{
    uint64_t base = thread->gate_frame, least = 8 * (uint64_t)request->count + request->reserve;
    return base >= thread->stack_first + least + 256 &&
           base < (thread->innermost != NULL ? thread->innermost->base : thread->stack_end);
}

kldr_status ks_native_enter_guest(struct kldr_world *world, const struct ks_native_request *request,
                                  uint64_t *out_result)
{
    struct ks_native_thread *thread = ks_native_now;
    struct ks_native_frame frame = {.world = world};
    kldr_status reason = KLDR_ERROR_STOPPED;
    if (thread->innermost == NULL) {
        make_bottom(thread);
    }
    if (!has_room(thread, request)) {
        return ks_native_stop_stack(world);
    }
    push_frame(thread, &frame, request);
    bool came_back = enter(&frame, request);
    ks_native_drop_frame(thread);
    if (came_back) {
        *out_result = frame.result;
        return KLDR_STATUS_SUCCESS;
    }
    kldr_loader_stopped(world->loader, &reason);
    return reason;
}

#else

struct ks_native_thread *ks_native_now;

noreturn void ks_native_leave(void)
{
    abort();
}

// Stubs lead to these, and none is ever run.
void ks_native_gate(void)
{
    abort();
}

void ks_native_return_gate(void)
{
    abort();
}

struct ks_native_thread *ks_native_thread_swap(struct ks_native_thread *thread)
{
    return thread;
}

void ks_native_forget_calls(struct ks_native_thread *thread)
{
    (void)thread;
}

void ks_native_hold(struct kldr_world *world)
{
    (void)world;
}

void ks_native_release(struct kldr_world *world)
{
    (void)world;
}

kldr_status ks_native_enter_guest(struct kldr_world *world, const struct ks_native_request *request,
                                  uint64_t *out_result)
{
    (void)world;
    (void)request;
    (void)out_result;
    return KLDR_ERROR_CPU_UNAVAILABLE;
}

#endif
