// SPDX-License-Identifier: MIT
// Signals of faults and of the end of the time, while driver code may run.
#ifndef KS_ENGINE_NATIVE_WATCH_H
#define KS_ENGINE_NATIVE_WATCH_H

#include "engine/native_gate.h"

struct kldr_world;

// What the signal handler saw, for ordinary code.
struct ks_native_trap {
    struct ks_registers registers; // of the driver, or of kldr in a kernel function
    int vector;
    uint64_t error;   // of a page fault: bit 0 rights, bit 1 writing, bit 4 executing
    uint64_t address; // of a page fault
    bool in_kernel;   // while a kernel function was touching the driver's memory
    bool in_gate;     // while the call of a kernel function was being made: the stack is no good
    bool simulated;   // the simulated computer answered with it, not the CPU
    bool time_over;   // no fault: driver code is not to go on
};

// The CPU's exceptions, and interrupts by instruction.
#define KS_VECTOR_DIVIDE     0
#define KS_VECTOR_DEBUG      1
#define KS_VECTOR_BREAKPOINT 3
#define KS_VECTOR_OVERFLOW   4
#define KS_VECTOR_OPCODE     6
#define KS_VECTOR_PROTECTION 13
#define KS_VECTOR_PAGE_FAULT 14
#define KS_VECTOR_X87        16
#define KS_VECTOR_ALIGNMENT  17
#define KS_VECTOR_SIMD       19
#define KS_VECTOR_FAST_FAIL  0x29
#define KS_VECTOR_ASSERTION  0x2C
// None of the CPU's: the process may not make this system call (platform_isolate.h). error is its
// number, with this bit for one of the host's 32-bit programs.
#define KS_VECTOR_HOST_CALL 0x100
#define KS_HOST_CALL_OLD    (UINT64_C(1) << 32)

#define KS_FAULT_RIGHTS  UINT64_C(0x01)
#define KS_FAULT_WRITE   UINT64_C(0x02)
#define KS_FAULT_EXECUTE UINT64_C(0x10)

// The thread that is set has calls into driver code under way from now on, or no longer: takes the
// signals, and gives them back. The time begins anew.
void ks_native_watch_begin(struct kldr_world *world);
void ks_native_watch_end(void);

// Stops the system for a system call of the host that was refused.
void ks_native_stop_host_call(struct kldr_world *world, const struct ks_native_trap *trap);

// The trap that ks_native_on_exception is about.
const struct ks_native_trap *ks_native_trap(void);
bool ks_native_time_over(void);

// ---- native_stop.c ----

// Stops the system for a trap that no handler is asked about. False: it is not such a one.
bool ks_native_stop_at_once(struct kldr_world *world, const struct ks_native_trap *trap);
// What an access violation did, for people.
void ks_native_describe_access(const struct kldr_world *world, const struct ks_native_trap *trap,
                               char *text, size_t size);

#endif
