// SPDX-License-Identifier: MIT
// What requests and threads carry for others: priorities, the device whose medium is to be
// verified.

#include "kernel/io/io_irp.h"

#include "kernel/ke/ke.h"
#include "world/world_object.h"

#define PRIORITY_SHIFT 17u // of IRP.Flags, where a hint lies, plus one
#define PRIORITY_MASK  7u

// ---- priorities ----

uint64_t ks_io_hint_get_priority(const struct ks_kernel_call *call)
{
    const IRP *irp = ks_guest_pointer(call->arguments[0]);
    uint32_t kept = irp->Flags >> PRIORITY_SHIFT & PRIORITY_MASK;
    return kept != 0 ? kept - 1 : IoPriorityNormal;
}

// IoSetIoPriorityHint(Irp, PriorityHint)
uint64_t ks_io_hint_set_priority(const struct ks_kernel_call *call)
{
    IRP *irp = ks_guest_pointer(call->arguments[0]);
    uint32_t hint = (uint32_t)call->arguments[1];
    if (hint >= MaxIoPriorityTypes) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    irp->Flags &= ~(ULONG)(PRIORITY_MASK << PRIORITY_SHIFT);
    irp->Flags |= (ULONG)(hint + 1) << PRIORITY_SHIFT;
    return STATUS_SUCCESS;
}

// Of a paging request; any other has none.
uint64_t ks_io_hint_paging_priority(const struct ks_kernel_call *call)
{
    const IRP *irp = ks_guest_pointer(call->arguments[0]);
    return (irp->Flags & IRP_PAGING_IO) != 0 ? IoPagingPriorityNormal : IoPagingPriorityInvalid;
}

// ---- the device to be verified ----

// Of a thread.
struct ks_io_verify {
    struct ks_io_verify *next;
    uint64_t thread, device;
};

void ks_io_hint_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->verifies != NULL) {
        struct ks_io_verify *verify = state->verifies;
        state->verifies = verify->next;
        world->allocator.release(world->allocator.user, verify);
    }
}

static struct ks_io_verify *find(struct kldr_world *world, uint64_t thread)
{
    struct ks_io_verify *verify = ks_io_state(world)->verifies;
    while (verify != NULL && verify->thread != thread) {
        verify = verify->next;
    }
    return verify;
}

static uint64_t set(const struct ks_kernel_call *call, uint64_t thread, uint64_t device)
{
    struct kldr_world *world = call->world;
    struct ks_io_verify *verify = find(world, thread);
    if (verify == NULL && device != 0) {
        verify = world->allocator.allocate(world->allocator.user, sizeof *verify);
        if (verify == NULL) {
            return ks_nt_lacking(call, "devices to be verified of as many threads");
        }
        *verify = (struct ks_io_verify){ks_io_state(world)->verifies, thread, 0};
        ks_io_state(world)->verifies = verify;
    }
    if (verify != NULL) {
        verify->device = device;
    }
    return 0;
}

// IoSetDeviceToVerify(Thread, DeviceObject)
uint64_t ks_io_hint_set_verify(const struct ks_kernel_call *call)
{
    return set(call, call->arguments[0], call->arguments[1]);
}

// IoSetHardErrorOrVerifyDevice(Irp, DeviceObject): of the thread that the request belongs to.
uint64_t ks_io_hint_set_hard_error(const struct ks_kernel_call *call)
{
    const IRP *irp = ks_guest_pointer(call->arguments[0]);
    uint64_t thread = ks_io_address(irp->Tail.Overlay.Thread);
    return thread != 0 ? set(call, thread, call->arguments[1]) : 0;
}

uint64_t ks_io_hint_get_verify(const struct ks_kernel_call *call)
{
    const struct ks_io_verify *verify = find(call->world, call->arguments[0]);
    return verify != NULL ? verify->device : 0;
}
