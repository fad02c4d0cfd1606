// SPDX-License-Identifier: MIT
// The emulator of instructions with this world behind it.

#include "engine/emulate.h"
#include "engine/native.h"
#include "engine/native_watch.h"
#include "kernel/ke/ke.h"
#include "kernel/rtl/rtl_exception.h"
#include "world/world_steps.h"

#include <stdio.h>

#if KS_NATIVE

#define CPUID_LENGTH 2u

// Whom the emulator speaks for: driver code whose registers are known.
struct interrupted {
    struct kldr_world *world;
    const struct ks_native_trap *trap;
};

static bool read_memory(void *user, uint64_t address, void *bytes, size_t size)
{
    const struct interrupted *self = user;
    return ks_native_read(self->world, address, bytes, size);
}

static bool write_memory(void *user, uint64_t address, const void *bytes, size_t size)
{
    const struct interrupted *self = user;
    return ks_native_write(self->world, address, bytes, size);
}

// DPCs and other threads may run before the driver goes on: what they do on its stack begins below
// a trap frame with its registers.
static void take_interrupts(const struct interrupted *self)
{
    struct ks_native_thread *thread = ks_native_now;
    struct ks_trap_frame frame;
    uint64_t at = (self->trap->registers.general[KS_RSP] & ~UINT64_C(15)) - sizeof frame;
    if (!ks_ke_is_interrupted(self->world)) {
        return;
    }
    ks_exception_fill_frame(&self->trap->registers, &frame);
    if (at < thread->stack_first || at >= thread->stack_end ||
        !ks_native_write(self->world, at, &frame, sizeof frame)) {
        ks_native_stop_stack(self->world);
        return;
    }
    thread->gate_frame = at;
    thread->trapped = true;
    ks_ke_take_interrupts(self->world);
}

static uint8_t get_irql(void *user)
{
    const struct interrupted *self = user;
    return ks_ke_irql(self->world);
}

static void set_irql(void *user, uint8_t irql)
{
    const struct interrupted *self = user;
    struct ks_nt *nt = ks_nt(self->world);
    if (nt != NULL) {
        nt->irql = irql;
        take_interrupts(self);
    }
}

static void show_time(const struct interrupted *self)
{
    ks_computer_set_time(&self->world->native->computer, ks_ke_interrupt_time(self->world),
                         ks_ke_system_time(self->world));
}

static void look_at_clock(void *user)
{
    const struct interrupted *self = user;
    ks_ke_look_at_clock(self->world);
    take_interrupts(self);
    show_time(self);
}

static bool halt(void *user)
{
    const struct interrupted *self = user;
    ks_ke_halt(self->world);
    take_interrupts(self);
    return true;
}

static void stop_lacking(struct kldr_world *world, const struct ks_registers *registers,
                         const char *name)
{
    static const uint64_t none[KLDR_EVENT_PARAMETERS];
    char text[KLDR_DETAIL_SIZE];
    snprintf(text, sizeof text, "kldr does not simulate this use of the instruction %s", name);
    ks_native_stop(world, ks_native_place(world, registers), KLDR_ERROR_NOT_IMPLEMENTED, none,
                   text);
}

// The simulated computer answered with a trap of its own.
static void take_trap(struct ks_native_trap *trap, const struct ks_cpu_trap *from)
{
    trap->vector = (int)from->vector;
    trap->simulated = true;
    if (from->vector == KS_TRAP_PAGE_FAULT) {
        trap->address = from->address;
        trap->error = from->write ? KS_FAULT_WRITE : 0;
    } else if (from->vector == KS_TRAP_DEBUG) {
        trap->vector = KS_VECTOR_BREAKPOINT; // with no debugger
        trap->registers.rip++;
    }
}

static bool is_read_of_shared_page(const struct ks_cpu_trap *trap)
{
    return trap->vector == KS_TRAP_PAGE_FAULT && !trap->write &&
           trap->address - KS_SHARED_DATA_ADDRESS < KS_SHARED_DATA_SIZE;
}

bool ks_native_emulate(struct kldr_world *world, struct ks_native_trap *trap)
{
    struct interrupted self = {world, trap};
    struct ks_machine machine = {
        .computer = &world->native->computer,
        .user = &self,
        .read = read_memory,
        .write = write_memory,
        .irql = get_irql,
        .set_irql = set_irql,
        .look_at_clock = look_at_clock,
        .halt = halt,
    };
    struct ks_cpu_trap seen = {
        .vector = (unsigned)trap->vector,
        .address = trap->address,
        .write = (trap->error & KS_FAULT_WRITE) != 0,
    };
    char name[KS_EMULATE_NAME_SIZE];
    if (ks_native_is_cpuid(world, trap)) {
        ks_emulate_cpuid(&world->native->computer.cpuid, &trap->registers);
        trap->registers.rip += CPUID_LENGTH;
        return true;
    }
    trap->registers.gs_base = ks_native_processor_block(world);
    switch (ks_emulate(&machine, &trap->registers, &seen, name)) {
    case KS_EMULATED_DONE:
        return true;
    case KS_EMULATED_TRAP:
        take_trap(trap, &seen);
        return false;
    case KS_EMULATED_LACKING:
        stop_lacking(world, &trap->registers, name);
        return false;
    case KS_EMULATED_LIMIT:
        kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
        return false;
    default:
        if (!ks_emulate_available() && is_read_of_shared_page(&seen)) {
            stop_lacking(world, &trap->registers,
                         "that reads the shared page (kldr is without Zydis, and kldr-cpu is not "
                         "beside it)");
        }
        return false;
    }
}

#endif
