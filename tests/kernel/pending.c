// SPDX-License-Identifier: MIT
// Dispatch routines that say of an IRP what is not so, and those that almost do: the minor function
// of the request says which.
#include "check.h"

enum {
    RETURNED = 1, // STATUS_PENDING, completed, not marked
    MARKED = 2,   // marked, completed, STATUS_SUCCESS
    KEPT = 3,     // STATUS_SUCCESS, not completed
    HELD = 4,     // STATUS_PENDING, not completed, not marked
    BOTH = 5,     // marked, completed, STATUS_PENDING
    LATER = 6,    // marked, STATUS_PENDING, completed later
    BELOW = 7,    // passed down, marked there: completed later
    LOST = 8,     // passed down with a completion routine that does not hand on the mark
    TOP = 0x10,   // for the upper device, which passes it down
};

static PDEVICE_OBJECT device, upper;
static PIRP kept;
static ULONG arrived;

static NTSTATUS NTAPI at_end(PDEVICE_OBJECT target, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(target);
    UNREFERENCED_PARAMETER(irp);
    UNREFERENCED_PARAMETER(context);
    arrived++;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI hand_on(PDEVICE_OBJECT target, PIRP irp, PVOID minor)
{
    UNREFERENCED_PARAMETER(target);
    if (irp->PendingReturned && (ULONG_PTR)minor != LOST) {
        IoMarkIrpPending(irp);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS pass_down(PIRP irp, UCHAR minor)
{
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoGetNextIrpStackLocation(irp)->MinorFunction = minor;
    IoSetCompletionRoutine(irp, hand_on, (PVOID)(ULONG_PTR)minor, TRUE, TRUE, TRUE);
    return IoCallDriver(device, irp);
}

static void complete(PIRP irp)
{
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT target, PIRP irp)
{
    UCHAR minor = IoGetCurrentIrpStackLocation(irp)->MinorFunction;
    if (target == upper) {
        return pass_down(irp, minor & 0xF);
    }
    if (minor == MARKED || minor >= BOTH) {
        IoMarkIrpPending(irp);
    }
    if (minor == KEPT || minor == HELD || minor >= LATER) {
        kept = irp;
    } else {
        complete(irp);
    }
    return minor == MARKED || minor == KEPT || minor == 0 ? STATUS_SUCCESS : STATUS_PENDING;
}

static void send(PDEVICE_OBJECT target, UCHAR minor, NTSTATUS expected)
{
    PIRP irp = IoAllocateIrp(2, FALSE);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
    IoGetNextIrpStackLocation(irp)->MinorFunction = minor;
    IoSetCompletionRoutine(irp, at_end, NULL, TRUE, TRUE, TRUE);
    arrived = 0;
    kept = NULL;
    CHECK(IoCallDriver(target, irp) == expected);
    if (kept != NULL) {
        CHECK(arrived == 0);
        complete(kept);
    }
    CHECK(arrived == 1);
    IoFreeIrp(irp);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    driver->MajorFunction[IRP_MJ_READ] = dispatch;
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device) == 0);
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &upper) == 0);
    if (driver->DriverName.Buffer[8] == 'w') { // \Driver\wrong
        send(device, RETURNED, STATUS_PENDING);
        send(device, MARKED, STATUS_SUCCESS);
        send(device, KEPT, STATUS_SUCCESS);
        send(device, HELD, STATUS_PENDING);
        send(upper, TOP | LOST, STATUS_PENDING);
    } else {
        send(device, 0, STATUS_SUCCESS);
        send(device, BOTH, STATUS_PENDING);
        send(device, LATER, STATUS_PENDING);
        send(upper, TOP, STATUS_SUCCESS);
        send(upper, TOP | BOTH, STATUS_PENDING);
        send(upper, TOP | BELOW, STATUS_PENDING);
    }
    IoDeleteDevice(upper);
    IoDeleteDevice(device);
}
