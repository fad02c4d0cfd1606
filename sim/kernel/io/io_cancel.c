// SPDX-License-Identifier: MIT
// Cancelling IRPs, and the one lock that guards it.

#include "kernel/io/io_irp.h"

#include "kernel/ke/ke.h"

#define STOP_SPIN_LOCK_OWNED     0x0Fu
#define STOP_SPIN_LOCK_NOT_OWNED 0x10u
#define STOP_CANCEL_STATE        0x48u

static bool lock(const struct ks_kernel_call *call, uint8_t *out_irql)
{
    struct ks_io_state *state = ks_io_state(call->world);
    if (state->cancel_locked) {
        ks_nt_stop(call, STOP_SPIN_LOCK_OWNED, 0, 0, 0, 0,
                   "took the cancel spin lock while it was held: on this one processor it never "
                   "gets free");
        return false;
    }
    *out_irql = ks_ke_set_irql(call->world, KS_DISPATCH_LEVEL);
    state->cancel_locked = true;
    return true;
}

static void unlock(const struct ks_kernel_call *call, uint8_t irql)
{
    struct ks_io_state *state = ks_io_state(call->world);
    if (!state->cancel_locked) {
        ks_nt_stop(call, STOP_SPIN_LOCK_NOT_OWNED, 0, 0, 0, 0,
                   "released the cancel spin lock, which was not held");
        return;
    }
    state->cancel_locked = false;
    ks_ke_set_irql(call->world, irql);
}

bool ks_io_cancel(const struct ks_kernel_call *call, uint64_t address)
{
    IRP *irp = ks_guest_pointer(address);
    uint8_t irql = 0;
    PDRIVER_CANCEL routine = irp->CancelRoutine;
    if (!lock(call, &irql)) {
        return false;
    }
    irp->Cancel = TRUE;
    irp->CancelRoutine = NULL;
    if (routine == NULL) {
        unlock(call, irql);
        return false;
    }
    if (irp->CurrentLocation > irp->StackCount + 1) {
        ks_nt_stop(call, STOP_CANCEL_STATE, address, (uint64_t)(uintptr_t)routine, 0, 0,
                   "cancelled an IRP that was completed and still had its cancel routine");
        return false;
    }
    irp->CancelIrql = irql;
    bool arrived = irp->CurrentLocation == irp->StackCount + 1;
    uint64_t device =
        arrived ? 0 : ks_io_address(irp->Tail.Overlay.CurrentStackLocation->DeviceObject);
    const uint64_t arguments[] = {device, address};
    return ks_nt_call(call->world, (uint64_t)(uintptr_t)routine, arguments, 2, NULL);
}

// ---- what drivers call ----

uint64_t ks_io_cancel_irp(const struct ks_kernel_call *call)
{
    return ks_io_cancel(call, call->arguments[0]);
}

uint64_t ks_io_cancel_acquire_lock(const struct ks_kernel_call *call)
{
    uint8_t irql = 0;
    ks_ob_probe(call->arguments[0], 1);
    if (lock(call, &irql)) {
        ks_guest_put_number(call->arguments[0], 1, irql);
    }
    return 0;
}

uint64_t ks_io_cancel_release_lock(const struct ks_kernel_call *call)
{
    unlock(call, (uint8_t)call->arguments[0]);
    return 0;
}
