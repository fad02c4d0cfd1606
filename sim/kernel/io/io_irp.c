// SPDX-License-Identifier: MIT
// IRPs from allocation to the end.

#include "kernel/io/io_irp.h"

#include "world/world_object.h"

#include <string.h>

#define TAG_IRP                    0x20707249u // 'Irp '
#define STOP_MULTIPLE_IRP_COMPLETE 0x44u
#define STOP_VERIFIER_IO           0xC9u
#define VERIFIER_FREED_WITH_THREAD 2u
// What IoAllocateIrp writes into AllocationFlags when the IRP comes from one of its lists.
#define ALLOCATED_FIXED_SIZE 4
#define LARGEST_FIXED        14 // stack locations

#define MOST_LOCATIONS 126

// ---- records ----

static struct ks_io_irp **bucket_of(struct ks_io_state *state, uint64_t address)
{
    return &state->irps[(address >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 55];
}

struct ks_io_irp *ks_io_irp_find(struct kldr_world *world, uint64_t address)
{
    struct ks_io_irp *irp = *bucket_of(ks_io_state(world), address);
    while (irp != NULL && irp->address != address) {
        irp = irp->bucket;
    }
    return irp;
}

struct ks_io_irp *ks_io_irp_next(struct kldr_world *world, const struct ks_io_irp *irp)
{
    struct ks_io_state *state = ks_io_state(world);
    return irp != NULL ? irp->next : state != NULL ? state->first_irp : NULL;
}

static struct ks_io_irp *take_record(struct kldr_world *world, struct ks_io_state *state)
{
    struct ks_io_irp *irp = state->free_irps;
    if (irp != NULL) {
        state->free_irps = irp->next;
        return irp;
    }
    return world->allocator.allocate(world->allocator.user, sizeof *irp);
}

static void link_record(struct ks_io_state *state, struct ks_io_irp *irp)
{
    struct ks_io_irp **bucket = bucket_of(state, irp->address);
    irp->bucket = *bucket;
    *bucket = irp;
    irp->previous = state->last_irp;
    *(state->last_irp != NULL ? &state->last_irp->next : &state->first_irp) = irp;
    state->last_irp = irp;
}

static void unlink_record(struct ks_io_state *state, struct ks_io_irp *irp)
{
    struct ks_io_irp **bucket = bucket_of(state, irp->address);
    while (*bucket != irp) {
        bucket = &(*bucket)->bucket;
    }
    *bucket = irp->bucket;
    *(irp->previous != NULL ? &irp->previous->next : &state->first_irp) = irp->next;
    *(irp->next != NULL ? &irp->next->previous : &state->last_irp) = irp->previous;
    irp->next = state->free_irps;
    state->free_irps = irp;
}

// ---- life ----

static void init(IRP *irp, uint16_t size, int stack_size)
{
    memset(irp, 0, size);
    irp->Type = IO_TYPE_IRP;
    irp->Size = size;
    irp->StackCount = (CHAR)stack_size;
    irp->CurrentLocation = (CHAR)(stack_size + 1);
    irp->ThreadListEntry.Flink = irp->ThreadListEntry.Blink = &irp->ThreadListEntry;
    irp->Tail.Overlay.CurrentStackLocation = (PIO_STACK_LOCATION)(irp + 1) + stack_size;
}

struct ks_io_irp *ks_io_irp_make(struct kldr_world *world, int stack_size, uint64_t maker)
{
    struct ks_io_state *state = ks_io_state(world);
    if (state == NULL || stack_size < 1 || stack_size > MOST_LOCATIONS) {
        return NULL;
    }
    // Behind the last location is one more, of zeros: where an IRP stands before it is sent and
    // after it came back, drivers may look.
    uint16_t size = IoSizeOfIrp(stack_size);
    uint64_t room = size + sizeof(IO_STACK_LOCATION);
    struct ks_io_irp *irp = take_record(world, state);
    uint64_t address = irp != NULL ? ks_nt_take(world, room, TAG_IRP) : 0;
    if (address == 0) {
        world->allocator.release(world->allocator.user, irp);
        return NULL;
    }
    *irp = (struct ks_io_irp){
        .address = address, .maker = maker, .locations = stack_size, .serial = ++state->irp_serial};
    IRP *body = ks_guest_pointer(address);
    init(body, size, stack_size);
    body->AllocationFlags = stack_size <= LARGEST_FIXED ? ALLOCATED_FIXED_SIZE : 0;
    link_record(state, irp);
    return irp;
}

void ks_io_irp_free(struct kldr_world *world, struct ks_io_irp *irp)
{
    ks_nt_give(world, irp->address);
    unlink_record(ks_io_state(world), irp);
}

// ---- what drivers call ----

uint64_t ks_io_irp_allocate(const struct ks_kernel_call *call)
{
    const struct ks_io_irp *irp =
        ks_io_irp_make(call->world, (signed char)call->arguments[0], call->caller);
    return irp != NULL ? irp->address : 0;
}

// IoAllocateIrpEx(DeviceObject, StackSize, ChargeQuota)
uint64_t ks_io_irp_allocate_ex(const struct ks_kernel_call *call)
{
    const struct ks_io_irp *irp =
        ks_io_irp_make(call->world, (signed char)call->arguments[1], call->caller);
    return irp != NULL ? irp->address : 0;
}

uint64_t ks_io_irp_free_irp(const struct ks_kernel_call *call)
{
    uint64_t address = call->arguments[0];
    const IRP *body = ks_guest_pointer(address);
    struct ks_io_irp *irp = ks_io_irp_find(call->world, address);
    if (body->Type != IO_TYPE_IRP || irp == NULL) {
        return ks_nt_stop(call, STOP_MULTIPLE_IRP_COMPLETE, address, 0, 0, 0,
                          "freed what is no IRP of IoAllocateIrp, or no longer");
    }
    if (irp->threaded) {
        return ks_nt_stop(call, STOP_VERIFIER_IO, VERIFIER_FREED_WITH_THREAD, address, 0, 0,
                          "freed an IRP that belongs to its thread: completing it frees it");
    }
    ks_io_irp_free(call->world, irp);
    return 0;
}

// IoInitializeIrp(Irp, PacketSize, StackSize)
uint64_t ks_io_irp_initialize(const struct ks_kernel_call *call)
{
    init(ks_guest_pointer(call->arguments[0]), (uint16_t)call->arguments[1],
         (signed char)call->arguments[2]);
    return 0;
}

// IoReuseIrp(Irp, Status)
uint64_t ks_io_irp_reuse(const struct ks_kernel_call *call)
{
    IRP *irp = ks_guest_pointer(call->arguments[0]);
    UCHAR flags = irp->AllocationFlags;
    init(irp, irp->Size, irp->StackCount);
    irp->AllocationFlags = flags;
    irp->IoStatus.Status = (NTSTATUS)(uint32_t)call->arguments[1];
    return 0;
}
