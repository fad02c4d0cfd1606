// SPDX-License-Identifier: MIT
// A dispatch routine that says STATUS_PENDING of an IRP that it did not mark, and one that did.
#include "acts.h"

static NTSTATUS forget(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    complete(irp, STATUS_SUCCESS);
    return STATUS_PENDING;
}

static NTSTATUS mark(PDEVICE_OBJECT target, PIRP irp)
{
    IoMarkIrpPending(irp);
    return forget(target, irp);
}

static const struct act acts[] = {
    {.name = "forgotten", .write = forget},
    {.name = "marked", .write = mark},
};

#include "entry.h"
