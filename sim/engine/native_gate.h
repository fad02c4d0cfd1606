// SPDX-License-Identifier: MIT
// The ways between kldr's stack and a driver's, in assembly, and what they leave in memory.
//
// A kernel call leaves a gate frame on the driver's stack: everything that the Microsoft convention
// wants kept. A fault leaves a trap frame, the same and where it happened. A call into driver code
// begins below such a frame, with its address in rbp, and returns to one of two stubs in the
// kernel's image whose unwind data describe the frame. So whoever unwinds a driver's stack comes
// through the kernel as through any other code.
#ifndef KS_ENGINE_NATIVE_GATE_H
#define KS_ENGINE_NATIVE_GATE_H

#include "engine/registers.h"

#include <stdbool.h>
#include <stdnoreturn.h>

struct ks_native_thread;

struct ks_gate_frame {
    uint8_t xmm[10][16]; // xmm6 to xmm15
    uint32_t mxcsr;
    uint32_t number; // of the kernel function
    uint64_t r15, r14, r13, r12, rdi, rsi, rbx, rbp;
    uint64_t rip; // where the driver goes on
};

struct ks_trap_frame {
    struct ks_gate_frame kept; // its rip begins what the CPU pushes for an interrupt
    uint64_t cs, rflags, rsp, ss;
};

static_assert(sizeof(struct ks_gate_frame) == 240, "layout");
static_assert(offsetof(struct ks_gate_frame, mxcsr) == 160, "layout");
static_assert(offsetof(struct ks_gate_frame, rip) == 232, "layout");

// The thread whose driver code runs; assembly knows its first two fields.
extern struct ks_native_thread *ks_native_now;

// Calls driver code, with at least four arguments. base: the frame it begins below. return_to: the
// stub it returns to. sp: at or below base.
uint64_t ks_native_enter(uint64_t function, const uint64_t *arguments, uint64_t count,
                         uint64_t base, uint64_t return_to, uint64_t sp);
// Where those stubs lead.
void ks_native_return_gate(void);
// The same, whatever kldr is doing on this thread's call into driver code.
noreturn void ks_native_leave_gate(void);
// Where kernel stubs lead: eax has the function's number, r11 a target.
void ks_native_gate(void);
// Leaves whatever kldr is doing on this thread's call into driver code and runs
// ks_native_on_exception where that call left kldr's stack.
noreturn void ks_native_exception_gate(void);
// The same, out of a signal handler that interrupted kldr's own code.
void ks_native_abandon_gate(void);
// Driver code goes on with these registers.
noreturn void ks_native_resume(const struct ks_registers *registers);

// Copies memory of the guest. False when some of it cannot be touched. For use while faults are
// watched.
bool ks_native_copy(void *to, const void *from, size_t size);

// Labels of the above: a fault in between has a meaning of its own.
extern const char ks_native_copy_begin[], ks_native_copy_end[], ks_native_copy_failed[];
extern const char ks_native_resume_end[], ks_native_gate_entered[];

// What assembly calls.
uint64_t ks_native_dispatch(uint32_t number, const uint64_t *arguments, uint64_t target);
noreturn void ks_native_on_exception(void);
noreturn void ks_native_abandon(void);

#endif
