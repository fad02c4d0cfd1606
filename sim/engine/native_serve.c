// SPDX-License-Identifier: MIT
// What driver code reaches that is not code of a real image, and what its faults come to.

#include "engine/native.h"

#include "kernel/functions.h"
#include "world/world_steps.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define NAME_BITS 20u

#define STOP_SYSTEM_THREAD_EXCEPTION 0x7Eu
#define STOP_KERNEL_TRAP             0x7Fu
#define STOP_DRIVER_UNLOADED         0xCEu
#define STOP_FAST_FAIL               0x139u
#define DOUBLE_FAULT                 8u

#define EXCEPTION_ACCESS_VIOLATION    0xC0000005u
#define EXCEPTION_ILLEGAL_INSTRUCTION 0xC000001Du
#define EXCEPTION_INT_DIVIDE_BY_ZERO  0xC0000094u
#define EXCEPTION_PRIVILEGED          0xC0000096u
#define EXCEPTION_BREAKPOINT          0x80000003u
#define ASSERTION_FAILURE             0xC0000420u

#define TRAP_PROTECTION 13 // general protection
#define TRAP_PAGE_FAULT 14
#define ERROR_WRITE     0x02u
#define ERROR_EXECUTE   0x10u

// ---- stops ----

kldr_status ks_native_stop(struct kldr_world *world, uint64_t address, uint32_t code,
                           const uint64_t parameters[KLDR_EVENT_PARAMETERS], const char *text)
{
    struct kldr_module_info module;
    if (!ks_native_module_at(world, address, &module)) {
        return ks_world_stop(world, code, parameters, NULL, 0, text);
    }
    return ks_world_stop(world, code, parameters, module.base_name,
                         (uint32_t)(address - module.base), text);
}

static void stop_lacking(struct kldr_world *world, uint64_t caller, const char *what,
                         const char *name)
{
    static const uint64_t none[KLDR_EVENT_PARAMETERS];
    char text[KLDR_NAME_SIZE + KLDR_SYMBOL_SIZE + 64];
    snprintf(text, sizeof text, "%s %.400s was called", what, name);
    ks_native_stop(world, caller, KLDR_ERROR_NOT_IMPLEMENTED, none, text);
}

// ---- kernel functions ----

// A missing import is called. One that would raise an exception stops as that exception would, for
// that is all that is lacking.
static void serve_trap(const struct ks_kernel_call *call, size_t trap)
{
    const char *name = trap < call->world->trap_count ? call->world->traps[trap].text : "?";
    const char *symbol = strrchr(name, '!');
    if (symbol != NULL && strcmp(symbol, "!RaiseException") == 0) {
        ks_rtl_raise_status(call);
    } else {
        stop_lacking(call->world, call->caller, "the missing import", name);
    }
}

uint64_t ks_native_serve(struct kldr_world *world, uint32_t index, const uint64_t *arguments)
{
    const struct ks_kernel_call call = {world, arguments, arguments[-1]};
    if (index >= KS_NATIVE_TRAP) {
        serve_trap(&call, index - KS_NATIVE_TRAP);
        return 0;
    }
    const struct ks_kernel_function *function = ks_function_at(index);
    if (function != NULL && function->run != NULL) {
        return function->run(&call);
    }
    enum ks_kernel_module module =
        (index - KS_NATIVE_UNLISTED) >> NAME_BITS == 0 ? KS_KERNEL_NTOSKRNL : KS_KERNEL_HAL;
    size_t name = index & ((1u << NAME_BITS) - 1);
    stop_lacking(world, call.caller, "kldr does not simulate the kernel function, and",
                 name < ks_kernel_name_count(module) ? ks_kernel_name_at(module, name, NULL) : "?");
    return 0;
}

bool ks_native_call_foreign(struct kldr_world *world, uint64_t target, const uint64_t *arguments,
                            uint64_t *out_result)
{
    struct kldr_module_info module, caller = {0};
    if (!ks_native_module_at(world, target, &module) || module.cookie == NULL ||
        ((const struct ks_instance *)module.cookie)->file->engine == &ks_engine_native) {
        return false;
    }
    bool known = ks_native_module_at(world, arguments[-1], &caller);
    ks_world_call_address(world, known ? caller.base_name : NULL, target, arguments, 4, out_result);
    return true;
}

// ---- faults ----

// A general protection fault is what user code gets for an instruction that only a kernel may use.
static uint32_t code_of_protection(const struct ks_native_fault *fault)
{
    const uint8_t *code = fault->code;
    if (code[0] == 0xCD) { // int n
        return code[1] == 0x2C ? ASSERTION_FAILURE : EXCEPTION_ACCESS_VIOLATION;
    }
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
        return EXCEPTION_PRIVILEGED;
    case 0x0F: // control and debug registers, model-specific registers, caches
    case 0x44: // the same with a prefix, such as CR8
        return EXCEPTION_PRIVILEGED;
    default:
        return EXCEPTION_ACCESS_VIOLATION; // an address that is not canonical
    }
}

static uint32_t code_of(const struct ks_native_fault *fault)
{
    switch (fault->signal) {
    case SIGILL:
        return EXCEPTION_ILLEGAL_INSTRUCTION;
    case SIGFPE:
        return EXCEPTION_INT_DIVIDE_BY_ZERO;
#ifdef SIGTRAP
    case SIGTRAP:
        return EXCEPTION_BREAKPOINT;
#endif
    default:
        return fault->trap == TRAP_PROTECTION ? code_of_protection(fault)
                                              : EXCEPTION_ACCESS_VIOLATION;
    }
}

// Where in the driver it happened: the instruction, or, outside images, where its caller goes on.
static uint64_t place_of(const struct kldr_world *world, const struct ks_native_fault *fault)
{
    const struct ks_native *native = world->native;
    struct kldr_module_info module;
    uint64_t caller = 0;
    if (fault->in_kernel) {
        return fault->caller;
    }
    if (!ks_native_module_at(world, fault->ip, &module) && fault->sp >= native->stack_first &&
        fault->sp <= native->stack_end - sizeof caller) {
        caller = ks_guest_number(fault->sp, sizeof caller);
    }
    return caller != 0 ? caller : fault->ip;
}

static const char *deed_of(const struct ks_native_fault *fault)
{
    return (fault->error & ERROR_EXECUTE) != 0 ? "jumped to"
           : (fault->error & ERROR_WRITE) != 0 ? "wrote to"
                                               : "read";
}

static void write_number(char *text, size_t size, const struct kldr_world *world, uint64_t address)
{
    uint64_t shown = ks_world_show_address(world, address);
    snprintf(text, size, shown == KS_ADDRESS_HOST ? "<host>" : "0x%llx", (unsigned long long)shown);
}

static void describe(const struct kldr_world *world, const struct ks_native_fault *fault,
                     uint32_t code, char *text, size_t size)
{
    char address[32];
    const char *whose = fault->in_kernel ? "a kernel function, with what it was given, " : "";
    write_number(address, sizeof address, world, fault->address);
    switch (code) {
    case EXCEPTION_ILLEGAL_INSTRUCTION:
        snprintf(text, size, "an instruction that does not exist");
        break;
    case EXCEPTION_INT_DIVIDE_BY_ZERO:
        snprintf(text, size, "an integer was divided by zero");
        break;
    case EXCEPTION_BREAKPOINT:
        snprintf(text, size, "a breakpoint (int 3), and no debugger");
        break;
    case EXCEPTION_PRIVILEGED:
        snprintf(text, size, "a privileged instruction, which kldr does not simulate");
        break;
    default:
        if (fault->trap == TRAP_PAGE_FAULT) {
            snprintf(text, size, "%s%s %s", whose, deed_of(fault), address);
        } else {
            snprintf(text, size, "%sused an address that cannot be", whose);
        }
    }
}

static kldr_status stop_gone(struct kldr_world *world, const struct ks_native_fault *fault,
                             const struct ks_range *gone)
{
    bool execute = (fault->error & ERROR_EXECUTE) != 0;
    uint64_t kind = execute ? 8u : (fault->error & ERROR_WRITE) != 0 ? 1u : 0u;
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {fault->address, kind,
                                                        place_of(world, fault), 0};
    struct kldr_module_info module;
    char text[2 * KLDR_NAME_SIZE + 64];
    bool known = ks_native_module_at(world, parameters[2], &module);
    snprintf(text, sizeof text, "%.200s %s %.200s after it was unloaded",
             known ? module.base_name : "code", deed_of(fault), gone->name);
    return ks_world_stop(world, STOP_DRIVER_UNLOADED, parameters, gone->name,
                         (uint32_t)(fault->address - gone->base), text);
}

static kldr_status stop_faulted(struct kldr_world *world, const struct ks_native_fault *fault)
{
    const struct ks_native *native = world->native;
    uint64_t place = place_of(world, fault);
    uint32_t code = code_of(fault);
    char text[KLDR_DETAIL_SIZE];
    if (fault->trap == TRAP_PROTECTION && fault->code[0] == 0xCD && fault->code[1] == 0x29) {
        const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {fault->cx, 0, 0, 0};
        return ks_native_stop(world, place, STOP_FAST_FAIL, parameters, "fast fail (int 0x29)");
    }
    if (fault->trap == TRAP_PAGE_FAULT && fault->address < native->stack_first &&
        fault->address >= native->guest.base + KS_GUEST_TRAPS + KS_GUEST_TRAPS_SIZE) {
        const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {DOUBLE_FAULT, 0, 0, 0};
        return ks_native_stop(world, place, STOP_KERNEL_TRAP, parameters,
                              "the kernel stack is used up");
    }
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {code, fault->ip, 0, 0};
    describe(world, fault, code, text, sizeof text);
    return ks_native_stop(world, place, STOP_SYSTEM_THREAD_EXCEPTION, parameters, text);
}

kldr_status ks_native_judge(struct kldr_world *world, const struct ks_native_fault *fault)
{
    kldr_status reason = KLDR_STATUS_SUCCESS;
    if (fault->time_over) {
        kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
        return KLDR_ERROR_LIMIT;
    }
    if (kldr_loader_stopped(world->loader, &reason)) {
        return reason;
    }
    const struct ks_range *gone = fault->trap == TRAP_PAGE_FAULT
                                      ? ks_address_space_gone(&world->addresses, fault->address)
                                      : NULL;
    return gone != NULL ? stop_gone(world, fault, gone) : stop_faulted(world, fault);
}
