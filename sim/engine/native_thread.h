// SPDX-License-Identifier: MIT
// What the engine keeps of one thread of driver code: its stack in guest memory, and the calls into
// driver code that are under way on it, each with a place on kldr's own stack.
//
// One thread runs at a time. Whoever switches kldr's own stack (a coroutine) switches this with it.
#ifndef KS_ENGINE_NATIVE_THREAD_H
#define KS_ENGINE_NATIVE_THREAD_H

#include "engine/native_gate.h"

#include <kldr/status.h>

#include <signal.h>

struct kldr_world;
struct ks_dispatch;

// What a call into driver code means to an exception that nobody in it handles.
enum ks_native_purpose {
    KS_NATIVE_BASE,   // nobody outside is asked: driver code begins here, as in a thread of its own
    KS_NATIVE_CLOSED, // kldr cannot let it out: the kernel function holds something
    KS_NATIVE_OPEN,   // it may be handled outside, and then the call never comes back
    KS_NATIVE_HANDLER, // open: a language handler that is asked about an exception
    KS_NATIVE_UNWIND,  // open: a language handler that is told to clean up
};

// One call into the guest. Those of a thread are linked.
struct ks_native_frame {
    struct ks_native_frame *outer;
    struct kldr_world *world;
    enum ks_native_purpose purpose;
    struct ks_dispatch *dispatch; // of a language handler: on whose behalf
    uint32_t unhandled;           // of a base
    uint64_t function;            // that was called
    // What the outer call had when this one began, and has again after it.
    uint64_t host_sp;
    uint64_t base; // the frame on the driver's stack that this call began below
    bool trapped, called;
    uint32_t number;
    bool in_kernel;
    const struct ks_registers *exception;
    uint64_t result;
};

struct ks_native_thread {
    uint64_t host_sp;    // where the innermost call left kldr's stack
    uint64_t gate_frame; // of the kernel call under way: what a call into driver code begins below
    struct ks_native_frame *innermost;
    uint64_t stack_first, stack_end; // in guest memory
    uint32_t number;                 // of the kernel function under way
    bool called;                     // a kernel function is under way, or an exception in it
    bool trapped;                    // gate_frame is a trap frame: an exception is under way
    volatile sig_atomic_t in_kernel;
    bool left;                            // the innermost call did not come back by itself
    const struct ks_registers *exception; // what the exception is about
};

static_assert(offsetof(struct ks_native_thread, host_sp) == 0, "known to assembly");
static_assert(offsetof(struct ks_native_thread, gate_frame) == 8, "known to assembly");

// A thread with a stack of its own: [first, end) of guest memory, writable.
void ks_native_thread_init(struct ks_native_thread *thread, uint64_t first, uint64_t end);
// Driver code is called on this thread from now on; NULL: on none. Returns the one it was called on
// before.
// Between calls, or in a kernel function together with a switch of kldr's own stack.
struct ks_native_thread *ks_native_thread_swap(struct ks_native_thread *thread);
// Nobody comes back to the calls of the thread that is set: it ends.
void ks_native_forget_calls(struct ks_native_thread *thread);

#endif
