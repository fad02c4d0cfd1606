// SPDX-License-Identifier: MIT
// What stops the system that has to do with IRPs; the driver's name says which it does.
#include "check.h"

static PDEVICE_OBJECT device;
static ULONG calls;

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    UCHAR minor = IoGetCurrentIrpStackLocation(irp)->MinorFunction;
    if (minor == 1) {
        KIRQL irql;
        KeRaiseIrql(DISPATCH_LEVEL, &irql);
    }
    calls++;
    irp->IoStatus.Status = minor == 2 ? STATUS_PENDING : STATUS_SUCCESS;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

static VOID NTAPI on_cancel(PDEVICE_OBJECT target, PIRP irp)
{
    UNREFERENCED_PARAMETER(target);
    UNREFERENCED_PARAMETER(irp);
}

static NTSTATUS NTAPI keep(PDEVICE_OBJECT target, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(target);
    UNREFERENCED_PARAMETER(irp);
    UNREFERENCED_PARAMETER(context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP make(UCHAR minor)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
    IoGetNextIrpStackLocation(irp)->MinorFunction = minor;
    IoSetCompletionRoutine(irp, keep, NULL, TRUE, TRUE, TRUE);
    return irp;
}

static void run_lifetimes(WCHAR what)
{
    PIRP irp = make(0);
    switch (what) {
    case 't': // twice
        IoCallDriver(device, irp);
        IoCompleteRequest(irp, IO_NO_INCREMENT);
        break;
    case 'f': // freed
        IoFreeIrp(irp);
        IoFreeIrp(irp);
        break;
    case 'g': // gone
        IoFreeIrp(irp);
        IoCompleteRequest(irp, IO_NO_INCREMENT);
        break;
    case 'o': // owned by the thread
        IoFreeIrp(IoBuildSynchronousFsdRequest(IRP_MJ_READ, device, NULL, 0, NULL, NULL, NULL));
        break;
    case 'u': // unowned
        IoSetCompletionRoutine(irp, NULL, NULL, FALSE, FALSE, FALSE);
        IoCallDriver(device, irp);
        break;
    case 's': // sent after it was freed
        IoFreeIrp(irp);
        IoCallDriver(device, irp);
        break;
    default:
        break;
    }
}

static VOID NTAPI work(PDEVICE_OBJECT target, PVOID context)
{
    UNREFERENCED_PARAMETER(target);
    UNREFERENCED_PARAMETER(context);
}

static void run_states(WCHAR what)
{
    PIO_WORKITEM item = IoAllocateWorkItem(device);
    PIRP irp = make(what == 'i' ? 1 : what == 'p' ? 2 : 0);
    switch (what) {
    case 'i': // IRQL
    case 'p': // pending
        IoCallDriver(device, irp);
        break;
    case 'l': // locations
        IoSetNextIrpStackLocation(irp);
        IoCallDriver(device, irp);
        break;
    case 'c': // cancel routine
        IoSetCancelRoutine(irp, on_cancel);
        IoCallDriver(device, irp);
        break;
    case 'd': // device deleted
        IoDeleteDevice(device);
        IoCallDriver(device, irp);
        break;
    case 'a': // acquired twice
        IoAcquireCancelSpinLock((PKIRQL)irp);
        IoAcquireCancelSpinLock((PKIRQL)irp);
        break;
    case 'q': // queued twice
        IoQueueWorkItem(item, work, DelayedWorkQueue, NULL);
        IoQueueWorkItem(item, work, DelayedWorkQueue, NULL);
        break;
    case 'w': // work item freed while it is queued
        IoQueueWorkItem(item, work, DelayedWorkQueue, NULL);
        IoFreeWorkItem(item);
        break;
    case 'r': // released
        IoReleaseCancelSpinLock(PASSIVE_LEVEL);
        break;
    default:
        break;
    }
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    WCHAR what = driver->DriverName.Buffer[8]; // \Driver\x
    UNREFERENCED_PARAMETER(path);
    driver->MajorFunction[IRP_MJ_READ] = dispatch;
    CHECK(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device) == 0);
    run_lifetimes(what);
    run_states(what);
    CHECK(!"the system goes on");
}
