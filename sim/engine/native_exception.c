// SPDX-License-Identifier: MIT
// What becomes of a fault of driver code, or of a kernel function that touches what a driver gave
// it: an instruction that is emulated, a stop at once, or an exception.
//
// All of it runs in ordinary context on kldr's stack, where the call into the driver had left it.

#include "engine/native.h"

#include "engine/native_watch.h"
#include "kernel/nt.h"
#include "kernel/rtl/rtl_exception.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if KS_NATIVE

#define FLAGS_KEPT   UINT64_C(0xCD5) // the arithmetic ones and the direction
#define FLAGS_ALWAYS UINT64_C(0x202)

// ---- exceptions ----

// A general protection fault is what user code gets for an instruction that only a kernel may use.
static uint32_t code_of_protection(const uint8_t code[2])
{
    switch (code[0]) {
    case 0xF4: // hlt
    case 0xFA: // cli
    case 0xFB: // sti
    case 0xE4: // in, out
    case 0xE5:
    case 0xE6:
    case 0xE7:
    case 0xEC:
    case 0xED:
    case 0xEE:
    case 0xEF:
    case 0x6C: // ins, outs
    case 0x6D:
    case 0x6E:
    case 0x6F:
        return KS_STATUS_PRIVILEGED_INSTRUCTION;
    case 0x0F: // control and debug registers, model-specific registers, caches
    case 0x44: // the same with a prefix, such as CR8
        return KS_STATUS_PRIVILEGED_INSTRUCTION;
    default:
        return KS_STATUS_ACCESS_VIOLATION; // an address that is not canonical
    }
}

// Interrupts by instruction arrive as faults of protection, from some emulators of a CPU as
// instructions that do not exist.
static void look_at_code(const struct kldr_world *world, struct ks_native_trap *trap,
                         uint8_t code[2])
{
    code[0] = code[1] = 0;
    if (!ks_native_read(world, trap->registers.rip, code, 2)) {
        ks_native_read(world, trap->registers.rip, code, 1);
    }
    if ((trap->vector == KS_VECTOR_PROTECTION || trap->vector == KS_VECTOR_OPCODE) &&
        code[0] == 0xCD && (code[1] == KS_VECTOR_FAST_FAIL || code[1] == KS_VECTOR_ASSERTION)) {
        trap->vector = code[1];
    }
    if (trap->vector == KS_VECTOR_BREAKPOINT) {
        trap->registers.rip--; // Windows tells where the instruction is
    }
}

static uint32_t code_of(const struct ks_native_trap *trap, const uint8_t code[2])
{
    switch (trap->vector) {
    case KS_VECTOR_DIVIDE:
        return KS_STATUS_INTEGER_DIVIDE_BY_ZERO;
    case KS_VECTOR_DEBUG:
        return KS_STATUS_SINGLE_STEP;
    case KS_VECTOR_BREAKPOINT:
        return KS_STATUS_BREAKPOINT;
    case KS_VECTOR_OVERFLOW:
        return KS_STATUS_INTEGER_OVERFLOW;
    case KS_VECTOR_OPCODE:
        return KS_STATUS_ILLEGAL_INSTRUCTION;
    case KS_VECTOR_ALIGNMENT:
        return KS_STATUS_DATATYPE_MISALIGNMENT;
    case KS_VECTOR_X87:
    case KS_VECTOR_SIMD:
        return KS_STATUS_FLOAT_MULTIPLE_TRAPS;
    case KS_VECTOR_ASSERTION:
        return KS_STATUS_ASSERTION_FAILURE;
    case KS_VECTOR_PROTECTION:
        return trap->simulated ? KS_STATUS_ACCESS_VIOLATION : code_of_protection(code);
    default:
        return KS_STATUS_ACCESS_VIOLATION;
    }
}

// What an access violation was about.
static void fill_access(const struct ks_native_trap *trap, struct ks_exception *exception)
{
    exception->count = 2;
    exception->parameters[1] = UINT64_MAX; // an address that cannot be does not get told
    if (trap->vector == KS_VECTOR_PAGE_FAULT) {
        exception->parameters[0] = (trap->error & KS_FAULT_EXECUTE) != 0 ? 8u
                                   : (trap->error & KS_FAULT_WRITE) != 0 ? 1u
                                                                         : 0u;
        exception->parameters[1] = trap->address;
    }
}

static void describe(const struct kldr_world *world, const struct ks_native_trap *trap,
                     uint32_t code, char *text, size_t size)
{
    switch (code) {
    case KS_STATUS_ILLEGAL_INSTRUCTION:
        snprintf(text, size, "an instruction that does not exist");
        break;
    case KS_STATUS_INTEGER_DIVIDE_BY_ZERO:
        snprintf(text, size, "an integer was divided by zero");
        break;
    case KS_STATUS_BREAKPOINT:
        snprintf(text, size, "a breakpoint (int 3), and no debugger");
        break;
    case KS_STATUS_ASSERTION_FAILURE:
        snprintf(text, size, "an assertion failed (int 0x2C)");
        break;
    case KS_STATUS_PRIVILEGED_INSTRUCTION:
        snprintf(text, size, "a privileged instruction, which kldr does not simulate");
        break;
    case KS_STATUS_ACCESS_VIOLATION:
        ks_native_describe_access(world, trap, text, size);
        break;
    default:
        snprintf(text, size, "the CPU's exception %d", trap->vector);
    }
}

// A kernel function is the place of its own faults; its caller is who the exception is raised at.
static uint64_t place_of_exception(const struct kldr_world *world,
                                   const struct ks_native_trap *trap)
{
    uint64_t function = trap->in_kernel ? ks_native_stub(world, ks_native_now->number) : 0;
    return function != 0 ? function : trap->registers.rip;
}

static noreturn void handle(struct kldr_world *world, struct ks_native_trap *trap)
{
    uint8_t bytes[2] = {0};
    char text[KLDR_DETAIL_SIZE];
    if (!trap->in_kernel) {
        look_at_code(world, trap, bytes);
        ks_native_now->gate_frame = trap->registers.general[KS_RSP];
        ks_native_now->trapped = false;
    }
    if (ks_native_stop_at_once(world, trap)) {
        ks_native_leave();
    }
    struct ks_exception exception = {.code = code_of(trap, bytes)};
    exception.address = place_of_exception(world, trap);
    if (exception.code == KS_STATUS_ACCESS_VIOLATION) {
        fill_access(trap, &exception);
    }
    describe(world, trap, exception.code, text, sizeof text);
    ks_exception_raise(world, &exception, &trap->registers, text);
}

void ks_native_on_exception(void)
{
    struct ks_native_thread *thread = ks_native_now;
    struct kldr_world *world = thread->innermost->world;
    struct ks_native_trap trap = *ks_native_trap();
    thread->in_kernel = 1;
    if (trap.in_kernel) {
        ks_native_call_site(thread, &trap.registers);
    }
    thread->called = trap.in_kernel;
    thread->exception = &trap.registers;
    if (kldr_loader_stopped(world->loader, NULL)) {
        ks_native_leave();
    }
    if (trap.time_over) {
        ks_native_stop_late(world, ks_native_place(world, &trap.registers));
        ks_native_leave();
    }
    if (!trap.in_kernel && !trap.in_gate) {
        if (ks_native_emulate(world, &trap)) {
            ks_native_continue(world, &trap.registers);
        }
        if (kldr_loader_stopped(world->loader, NULL)) {
            ks_native_leave();
        }
    }
    handle(world, &trap);
}

// ---- going on ----

void ks_native_call_site(const struct ks_native_thread *thread, struct ks_registers *out_registers)
{
    if (!ks_native_load_base(thread->innermost->world, thread->gate_frame, thread->trapped,
                             out_registers)) {
        *out_registers = (struct ks_registers){.rflags = FLAGS_ALWAYS};
    }
}

// The call that a stack pointer belongs to becomes the innermost. Ends the call under way when one
// in between does not let anybody pass.
static void drop_to(struct kldr_world *world, const struct ks_registers *next)
{
    static const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {KS_STATUS_BAD_STACK};
    struct ks_native_thread *thread = ks_native_now;
    const struct ks_native_frame *frame = thread->innermost;
    for (; next->general[KS_RSP] >= frame->base; frame = frame->outer) {
        if (frame->purpose == KS_NATIVE_CLOSED) {
            ks_native_stop_closed(world, next->rip);
            ks_native_leave();
        }
        if (frame->purpose == KS_NATIVE_BASE || frame->outer == NULL) {
            ks_native_stop(world, next->rip, KS_STOP_SYSTEM_THREAD_EXCEPTION, parameters,
                           "the stack was unwound past where the kernel had called the driver");
            ks_native_leave();
        }
    }
    while (thread->innermost != frame) {
        ks_native_drop_frame(thread);
    }
}

void ks_native_continue(struct kldr_world *world, const struct ks_registers *registers)
{
    struct ks_native_thread *thread = ks_native_now;
    struct ks_registers next = *registers;
    if (ks_native_time_over()) {
        ks_native_stop_late(world, next.rip);
    }
    if (kldr_loader_stopped(world->loader, NULL)) {
        ks_native_leave();
    }
    drop_to(world, &next);
    next.rflags = (next.rflags & FLAGS_KEPT) | FLAGS_ALWAYS;
    next.floats[KS_FLOAT_MXCSR + 2] = next.floats[KS_FLOAT_MXCSR + 3] = 0;
    thread->exception = NULL;
    thread->trapped = false;
    thread->in_kernel = 0;
    ks_native_resume(&next);
}

#else

void ks_native_call_site(const struct ks_native_thread *thread, struct ks_registers *out_registers)
{
    (void)thread;
    *out_registers = (struct ks_registers){0};
}

void ks_native_continue(struct kldr_world *world, const struct ks_registers *registers)
{
    (void)world;
    (void)registers;
    abort();
}

#endif
