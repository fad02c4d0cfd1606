// SPDX-License-Identifier: MIT
// Interrupts: what drivers connect, and running beside it at its IRQL.

#include "kernel/io/io_interrupt.h"

#include "kernel/ke/ke.h"
#include "kernel/registered.h"
#include "world/world_object.h"

#define TAG_INTERRUPT        0x746E4949u // 'IInt'
#define OBJECT_SIZE          0x120u
#define HIGHEST_DEVICE       12u
#define STOP_SPIN_LOCK_OWNED 0x0Fu

struct ks_io_interrupt {
    struct ks_io_interrupt *next;
    uint64_t object; // KINTERRUPT that drivers know it by
    uint64_t routine, context;
    uint64_t maker; // code that connected it
    uint32_t vector;
    uint8_t irql, synchronize_irql;
    bool shared, locked;
};

static struct ks_io_interrupt *find(const struct ks_kernel_call *call)
{
    struct ks_io_interrupt *interrupt = ks_io_state(call->world)->interrupts;
    while (interrupt != NULL && interrupt->object != call->arguments[0]) {
        interrupt = interrupt->next;
    }
    if (interrupt == NULL) {
        ks_nt_stop(call, 0x0Au, call->arguments[0], ks_nt(call->world)->irql, 0, call->caller,
                   "used what is no connected interrupt, or no longer");
    }
    return interrupt;
}

void ks_io_interrupt_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->interrupts != NULL) {
        struct ks_io_interrupt *interrupt = state->interrupts;
        state->interrupts = interrupt->next;
        world->allocator.release(world->allocator.user, interrupt);
    }
}

void ks_io_interrupt_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    const struct ks_io_state *state = world->nt->parts[KS_NT_IO].state;
    const struct ks_io_interrupt *next = state != NULL ? state->interrupts : NULL;
    for (; next != NULL; next = next->next) {
        const struct ks_registered registered = {"interrupt", next->routine, next->maker, 0};
        see(user, &registered);
    }
}

static bool is_taken(const struct ks_io_state *state, uint32_t vector, bool shared)
{
    for (const struct ks_io_interrupt *i = state->interrupts; i != NULL; i = i->next) {
        if (i->vector == vector && !(shared && i->shared)) {
            return true;
        }
    }
    return false;
}

// IoConnectInterrupt(InterruptObject, ServiceRoutine, ServiceContext, SpinLock, Vector, Irql,
// SynchronizeIrql, InterruptMode, ShareVector, ProcessorEnableMask, FloatingSave)
uint64_t ks_io_interrupt_connect(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct kldr_world *world = call->world;
    struct ks_io_state *state = ks_io_state(world);
    uint8_t irql = (uint8_t)a[5], synchronize = (uint8_t)a[6];
    bool shared = (a[8] & 0xFF) != 0;
    ks_guest_put_number(a[0], sizeof(PVOID), 0);
    if (irql > synchronize || irql <= KS_DISPATCH_LEVEL || synchronize > HIGHEST_DEVICE ||
        is_taken(state, (uint32_t)a[4], shared)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    struct ks_io_interrupt *interrupt =
        world->allocator.allocate(world->allocator.user, sizeof *interrupt);
    uint64_t object = interrupt != NULL ? ks_nt_take(world, OBJECT_SIZE, TAG_INTERRUPT) : 0;
    if (object == 0) {
        world->allocator.release(world->allocator.user, interrupt);
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    *interrupt = (struct ks_io_interrupt){.next = state->interrupts,
                                          .object = object,
                                          .routine = a[1],
                                          .context = a[2],
                                          .maker = call->caller,
                                          .vector = (uint32_t)a[4],
                                          .irql = irql,
                                          .synchronize_irql = synchronize,
                                          .shared = shared};
    state->interrupts = interrupt;
    ks_guest_put_number(a[0], sizeof(PVOID), object);
    return STATUS_SUCCESS;
}

uint64_t ks_io_interrupt_disconnect(const struct ks_kernel_call *call)
{
    struct ks_io_interrupt *interrupt = find(call);
    struct ks_io_interrupt **link = &ks_io_state(call->world)->interrupts;
    if (interrupt != NULL) {
        while (*link != interrupt) {
            link = &(*link)->next;
        }
        *link = interrupt->next;
        ks_nt_give(call->world, interrupt->object);
        call->world->allocator.release(call->world->allocator.user, interrupt);
    }
    return 0;
}

bool ks_io_interrupt_raise(struct kldr_world *world, uint32_t vector)
{
    uint64_t result = 0;
    for (struct ks_io_interrupt *i = ks_io_state(world)->interrupts; i != NULL; i = i->next) {
        if (i->vector != vector || ks_nt(world)->irql >= i->irql) {
            continue;
        }
        const uint64_t arguments[] = {i->object, i->context};
        uint8_t irql = ks_ke_set_irql(world, i->synchronize_irql);
        bool back = ks_nt_call(world, i->routine, arguments, 2, &result);
        if (back) {
            ks_ke_set_irql(world, irql);
        }
        if (!back || (result & 0xFF) != 0) {
            return back;
        }
    }
    return false;
}

// ---- beside the routine ----

static bool acquire(const struct ks_kernel_call *call, struct ks_io_interrupt *interrupt,
                    uint8_t *out_irql)
{
    if (interrupt->locked) {
        ks_nt_stop(call, STOP_SPIN_LOCK_OWNED, interrupt->object, 0, 0, 0,
                   "took the spin lock of an interrupt while it was held");
        return false;
    }
    *out_irql = ks_ke_set_irql(call->world, interrupt->synchronize_irql);
    interrupt->locked = true;
    return true;
}

// KeSynchronizeExecution(Interrupt, SynchronizeRoutine, SynchronizeContext)
uint64_t ks_io_interrupt_synchronize(const struct ks_kernel_call *call)
{
    struct ks_io_interrupt *interrupt = find(call);
    const uint64_t arguments[] = {call->arguments[2]};
    uint64_t result = 0;
    uint8_t irql = 0;
    if (interrupt == NULL || !acquire(call, interrupt, &irql) ||
        !ks_nt_call(call->world, call->arguments[1], arguments, 1, &result)) {
        return 0;
    }
    interrupt->locked = false;
    ks_ke_set_irql(call->world, irql);
    return result & 0xFF;
}

uint64_t ks_io_interrupt_acquire_lock(const struct ks_kernel_call *call)
{
    struct ks_io_interrupt *interrupt = find(call);
    uint8_t irql = 0;
    return interrupt != NULL && acquire(call, interrupt, &irql) ? irql : 0;
}

uint64_t ks_io_interrupt_release_lock(const struct ks_kernel_call *call)
{
    struct ks_io_interrupt *interrupt = find(call);
    if (interrupt != NULL) {
        interrupt->locked = false;
        ks_ke_set_irql(call->world, (uint8_t)call->arguments[1]);
    }
    return 0;
}
