// SPDX-License-Identifier: MIT
// Faults at which the simulated system stops without asking anybody.

#include "engine/native.h"

#include "check/leftovers.h"
#include "engine/native_watch.h"
#include "kernel/nt.h"
#include "world/world_steps.h"

#include <stdio.h>

#define STOP_IRQL_NOT_LESS_OR_EQUAL        0x0Au
#define STOP_PAGE_FAULT_IN_NONPAGED_AREA   0x50u
#define STOP_KERNEL_TRAP                   0x7Fu
#define STOP_WRITE_TO_READONLY_MEMORY      0xBEu
#define STOP_IN_FREED                      0xCCu // special pool
#define STOP_BEYOND_END                    0xCDu
#define STOP_DRIVER_UNLOADED               0xCEu
#define STOP_DRIVER_IRQL_NOT_LESS_OR_EQUAL 0xD1u
#define STOP_DRIVER_IN_FREED               0xD5u
#define STOP_DRIVER_BEYOND_END             0xD6u
#define STOP_EXECUTE_OF_NOEXECUTE_MEMORY   0xFCu
#define STOP_FAST_FAIL                     0x139u
#define DOUBLE_FAULT                       8u
#define DISPATCH_LEVEL                     2u

#if KS_NATIVE

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

static void describe_block(const struct kldr_world *world, const struct ks_native_trap *trap,
                           const struct ks_pool_block *block, char *text, size_t size)
{
    char address[32], tag[5];
    write_number(address, sizeof address, world, trap->address);
    ks_leftovers_tag(block->tag, tag);
    snprintf(text, size, "%s%s %s, %s of pool with the tag %s, %llu bytes%s", whose(trap),
             deed_of(trap), address, block->live ? "beyond the end of a block" : "in a block", tag,
             (unsigned long long)block->size, block->live ? "" : ", that was freed");
}

// Special pool says what was wrong with an address, whatever the IRQL.
static bool stop_for_special_pool(struct kldr_world *world, const struct ks_native_trap *trap)
{
    const struct ks_pool *pool = world->nt != NULL ? &world->nt->pool : NULL;
    if (pool == NULL || !ks_pool_is_special(pool, trap->address)) {
        return false;
    }
    const struct ks_pool_block *block = ks_pool_special_at(pool, trap->address);
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {
        trap->address, (trap->error & KS_FAULT_WRITE) != 0, trap->registers.rip};
    char text[KLDR_DETAIL_SIZE];
    if (block == NULL || (trap->error & KS_FAULT_EXECUTE) != 0) {
        return false;
    }
    describe_block(world, trap, block, text, sizeof text);
    uint32_t code = block->live ? (trap->in_kernel ? STOP_BEYOND_END : STOP_DRIVER_BEYOND_END)
                                : (trap->in_kernel ? STOP_IN_FREED : STOP_DRIVER_IN_FREED);
    stop(world, trap, code, parameters, text);
    return true;
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

bool ks_native_stop_at_once(struct kldr_world *world, const struct ks_native_trap *trap)
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
    return stop_for_special_pool(world, trap) || stop_for_irql(world, trap) ||
           stop_for_kernel_page(world, trap);
}

void ks_native_describe_access(const struct kldr_world *world, const struct ks_native_trap *trap,
                               char *text, size_t size)
{
    char address[32];
    write_number(address, sizeof address, world, trap->address);
    if (trap->vector == KS_VECTOR_PAGE_FAULT) {
        snprintf(text, size, "%s%s %s", whose(trap), deed_of(trap), address);
    } else {
        snprintf(text, size, "%sused an address that cannot be", whose(trap));
    }
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

#endif
