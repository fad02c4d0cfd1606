// SPDX-License-Identifier: MIT
// What becomes of a fault of driver code, or of a kernel function that touches what a driver gave
// it: an instruction that is emulated, a stop at once, or an exception.
//
// All of it runs in ordinary context on kldr's stack, where the call into the driver had left it.

#include "engine/native.h"

#include "engine/native_watch.h"
#include "kernel/nt.h"
#include "kernel/rtl_exception.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STOP_IRQL_NOT_LESS_OR_EQUAL        0x0Au
#define STOP_PAGE_FAULT_IN_NONPAGED_AREA   0x50u
#define STOP_KERNEL_TRAP                   0x7Fu
#define STOP_WRITE_TO_READONLY_MEMORY      0xBEu
#define STOP_DRIVER_UNLOADED               0xCEu
#define STOP_DRIVER_IRQL_NOT_LESS_OR_EQUAL 0xD1u
#define STOP_EXECUTE_OF_NOEXECUTE_MEMORY   0xFCu
#define STOP_FAST_FAIL                     0x139u
#define DOUBLE_FAULT                       8u
#define DISPATCH_LEVEL                     2u

#if KS_NATIVE

#define FLAGS_KEPT   UINT64_C(0xCD5) // the arithmetic ones and the direction
#define FLAGS_ALWAYS UINT64_C(0x202)

// ---- where ----

uint64_t ks_native_place(const struct kldr_world *world, const struct ks_registers *registers)
{
    struct kldr_module_info module;
    uint64_t caller;
    bool known = ks_native_module_at(world, registers->rip, &module) && !module.core;
    return !known && ks_native_read(world, registers->general[KS_RSP], &caller, sizeof caller) &&
                   ks_native_module_at(world, caller, &module)
               ? caller
               : registers->rip;
}

static const char *deed_of(const struct ks_native_trap *trap)
{
    return (trap->error & KS_FAULT_EXECUTE) != 0 ? "jumped to"
           : (trap->error & KS_FAULT_WRITE) != 0 ? "wrote to"
                                                 : "read";
}

static void write_number(char *text, size_t size, const struct kldr_world *world, uint64_t address)
{
    uint64_t shown = ks_world_show_address(world, address);
    snprintf(text, size, shown == KS_ADDRESS_HOST ? "<host>" : "0x%llx", (unsigned long long)shown);
}

static const char *whose(const struct ks_native_trap *trap)
{
    return trap->in_kernel ? "a kernel function, with what it was given, " : "";
}

// ---- stops ----

static kldr_status stop(struct kldr_world *world, const struct ks_native_trap *trap, uint32_t code,
                        const uint64_t parameters[KLDR_EVENT_PARAMETERS], const char *text)
{
    return ks_native_stop(world, ks_native_place(world, &trap->registers), code, parameters, text);
}

kldr_status ks_native_stop_stack(struct kldr_world *world)
{
    static const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {DOUBLE_FAULT};
    const struct ks_native_thread *thread = ks_native_now;
    uint64_t place = thread->exception != NULL ? ks_native_place(world, thread->exception) : 0;
    return ks_native_stop(world, place, STOP_KERNEL_TRAP, parameters,
                          "the kernel stack is used up, or the stack pointer is not in it");
}

static void stop_gone(struct kldr_world *world, const struct ks_native_trap *trap,
                      const struct ks_range *gone)
{
    uint64_t kind = (trap->error & KS_FAULT_EXECUTE) != 0 ? 8u
                    : (trap->error & KS_FAULT_WRITE) != 0 ? 1u
                                                          : 0u;
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {trap->address, kind,
                                                        ks_native_place(world, &trap->registers)};
    struct kldr_module_info module;
    char text[2 * KLDR_NAME_SIZE + 64];
    bool known = ks_native_module_at(world, parameters[2], &module);
    snprintf(text, sizeof text, "%.200s %s %.200s after it was unloaded",
             known ? module.base_name : "code", deed_of(trap), gone->name);
    ks_world_stop(world, STOP_DRIVER_UNLOADED, parameters, gone->name,
                  (uint32_t)(trap->address - gone->base), text);
}

// The guard pages around the thread's stack.
static bool is_stack_overflow(const struct ks_native_trap *trap)
{
    const struct ks_native_thread *thread = ks_native_now;
    uint64_t sp = trap->registers.general[KS_RSP];
    if (trap->in_gate) {
        return true;
    }
    return trap->vector == KS_VECTOR_PAGE_FAULT && trap->address < thread->stack_first &&
           (sp < thread->stack_first + 64 || sp >= thread->stack_end) &&
           (trap->address + 0x2000 >= sp || sp < thread->stack_first);
}

// At DISPATCH_LEVEL and above no page can be brought in, so that any fault is the end (0xA when a
// kernel function touched the page, 0xD1 when a driver did).
static bool stop_for_irql(struct kldr_world *world, const struct ks_native_trap *trap)
{
    uint8_t irql = world->nt != NULL ? world->nt->irql : 0;
    uint64_t kind = (trap->error & KS_FAULT_EXECUTE) != 0 ? 8u
                    : (trap->error & KS_FAULT_WRITE) != 0 ? 1u
                                                          : 0u;
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {trap->address, irql, kind,
                                                        trap->registers.rip};
    char text[KLDR_DETAIL_SIZE], address[32];
    if (irql < DISPATCH_LEVEL) {
        return false;
    }
    write_number(address, sizeof address, world, trap->address);
    snprintf(text, sizeof text, "%s%s %s at IRQL %u", whose(trap), deed_of(trap), address,
             (unsigned)irql);
    stop(world, trap,
         trap->in_kernel ? STOP_IRQL_NOT_LESS_OR_EQUAL : STOP_DRIVER_IRQL_NOT_LESS_OR_EQUAL,
         parameters, text);
    return true;
}

// The kernel's half of the address space has no page that is not there for a reason: no handler of
// a driver is asked about a fault in it.
static bool stop_for_kernel_page(struct kldr_world *world, const struct ks_native_trap *trap)
{
    bool execute = (trap->error & KS_FAULT_EXECUTE) != 0;
    bool write = (trap->error & KS_FAULT_WRITE) != 0;
    char text[KLDR_DETAIL_SIZE], address[32];
    uint8_t byte;
    if (trap->address < world->native->guest.base) {
        return false;
    }
    write_number(address, sizeof address, world, trap->address);
    bool discarded = ks_native_is_discarded(world, trap->address);
    if (!(execute || write) || discarded ||
        !ks_native_read(world, trap->address, &byte, sizeof byte)) {
        const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {trap->address,
                                                            execute ? 0x10u
                                                            : write ? 2u
                                                                    : 0u,
                                                            trap->registers.rip};
        snprintf(text, sizeof text, "%s%s %s, %s", whose(trap), deed_of(trap), address,
                 discarded ? "which was thrown away after DriverEntry"
                           : "where there is no memory");
        stop(world, trap, STOP_PAGE_FAULT_IN_NONPAGED_AREA, parameters, text);
    } else {
        const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {trap->address};
        snprintf(text, sizeof text, "%s%s %s, which is %s", whose(trap), deed_of(trap), address,
                 execute ? "no code" : "read-only");
        stop(world, trap,
             execute ? STOP_EXECUTE_OF_NOEXECUTE_MEMORY : STOP_WRITE_TO_READONLY_MEMORY, parameters,
             text);
    }
    return true;
}

// True when the system has stopped.
static bool stop_at_once(struct kldr_world *world, const struct ks_native_trap *trap)
{
    if (trap->vector == KS_VECTOR_HOST_CALL) {
        ks_native_stop_host_call(world, trap);
        return true;
    }
    if (is_stack_overflow(trap)) {
        ks_native_stop_stack(world);
        return true;
    }
    if (trap->vector == KS_VECTOR_FAST_FAIL) {
        const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {trap->registers.general[KS_RCX]};
        stop(world, trap, STOP_FAST_FAIL, parameters, "fast fail (int 0x29)");
        return true;
    }
    if (trap->vector != KS_VECTOR_PAGE_FAULT) {
        return false;
    }
    const struct ks_range *gone = ks_address_space_gone(&world->addresses, trap->address);
    if (gone != NULL) {
        stop_gone(world, trap, gone);
        return true;
    }
    return stop_for_irql(world, trap) || stop_for_kernel_page(world, trap);
}

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

// Interrupts by instruction arrive as faults of protection.
static void look_at_code(const struct kldr_world *world, struct ks_native_trap *trap,
                         uint8_t code[2])
{
    code[0] = code[1] = 0;
    if (!ks_native_read(world, trap->registers.rip, code, 2)) {
        ks_native_read(world, trap->registers.rip, code, 1);
    }
    if (trap->vector == KS_VECTOR_PROTECTION && code[0] == 0xCD &&
        (code[1] == KS_VECTOR_FAST_FAIL || code[1] == KS_VECTOR_ASSERTION)) {
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
    char address[32];
    write_number(address, sizeof address, world, trap->address);
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
        if (trap->vector == KS_VECTOR_PAGE_FAULT) {
            snprintf(text, size, "%s%s %s", whose(trap), deed_of(trap), address);
        } else if (trap->simulated) {
            snprintf(text, size, "the processor refuses this operand (general protection)");
        } else {
            snprintf(text, size, "%sused an address that cannot be", whose(trap));
        }
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
    if (stop_at_once(world, trap)) {
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

uint64_t ks_native_place(const struct kldr_world *world, const struct ks_registers *registers)
{
    (void)world;
    return registers->rip;
}

kldr_status ks_native_stop_stack(struct kldr_world *world)
{
    (void)world;
    return KLDR_ERROR_CPU_UNAVAILABLE;
}

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
