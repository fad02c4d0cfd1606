// SPDX-License-Identifier: MIT
// IRPs that are completed twice, as pending, or with their cancel routine, and one that nearly is.
#include "acts.h"

static NTSTATUS twice(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    complete(irp, STATUS_SUCCESS);
    return complete(irp, STATUS_SUCCESS);
}

static NTSTATUS pending(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    return complete(irp, STATUS_PENDING);
}

static VOID NTAPI cancel(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    IoReleaseCancelSpinLock(irp->CancelIrql);
}

static NTSTATUS keep_routine(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    IoSetCancelRoutine(irp, cancel);
    return complete(irp, STATUS_SUCCESS);
}

// Its cancel routine is taken back in time.
static NTSTATUS once(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    IoSetCancelRoutine(irp, cancel);
    IoSetCancelRoutine(irp, NULL);
    return complete(irp, STATUS_SUCCESS);
}

static const struct act acts[] = {
    {.name = "twice", .write = twice},
    {.name = "pending", .write = pending},
    {.name = "routine", .write = keep_routine},
    {.name = "once", .write = once},
};

#include "entry.h"
