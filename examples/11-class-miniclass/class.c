// SPDX-License-Identifier: MIT
// The class half: reads wait in a queue until the timer's DPC has measured. Any of them can be
// cancelled while it waits.
#define CLASSAPI
#include "class.h"

typedef struct _CLASS_DEVICE {
    CLASS_MEASURE *Measure;
    UNICODE_STRING LinkName;
    KSPIN_LOCK Lock;
    LIST_ENTRY Reads; // IRPs that wait, by Tail.Overlay.ListEntry
    KTIMER Timer;
    KDPC Dpc;
    ULONG Samples;
} CLASS_DEVICE, *PCLASS_DEVICE;

DRIVER_INITIALIZE DriverEntry;

static NTSTATUS complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

// ---- reads ----

static VOID NTAPI class_cancel(PDEVICE_OBJECT Device, PIRP Irp)
{
    PCLASS_DEVICE class_device = Device->DeviceExtension;
    KIRQL irql;

    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&class_device->Lock, &irql);
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&class_device->Lock, irql);
    complete(Irp, STATUS_CANCELLED, 0);
}

static NTSTATUS NTAPI class_read(PDEVICE_OBJECT Device, PIRP Irp)
{
    PCLASS_DEVICE class_device = Device->DeviceExtension;
    KIRQL irql;

    if (IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length < sizeof(ULONG)) {
        return complete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    }
    IoMarkIrpPending(Irp);
    KeAcquireSpinLock(&class_device->Lock, &irql);
    InsertTailList(&class_device->Reads, &Irp->Tail.Overlay.ListEntry);
    IoSetCancelRoutine(Irp, class_cancel);
    KeReleaseSpinLock(&class_device->Lock, irql);
    return STATUS_PENDING;
}

// The first read whose cancel routine is not on its way already. The lock is held.
static PIRP take_read(PCLASS_DEVICE ClassDevice)
{
    PLIST_ENTRY entry;

    for (entry = ClassDevice->Reads.Flink; entry != &ClassDevice->Reads; entry = entry->Flink) {
        PIRP irp = CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry);
        if (IoSetCancelRoutine(irp, NULL) != NULL) {
            RemoveEntryList(entry);
            return irp;
        }
    }
    return NULL;
}

// A sample that nobody waits for is lost, as with a real sensor.
static VOID NTAPI class_tick(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PCLASS_DEVICE class_device = ((PDEVICE_OBJECT)Context)->DeviceExtension;
    ULONG value = class_device->Measure(class_device->Samples++);

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    KeAcquireSpinLockAtDpcLevel(&class_device->Lock);
    PIRP irp = take_read(class_device);
    KeReleaseSpinLockFromDpcLevel(&class_device->Lock);
    if (irp != NULL) {
        *(PULONG)irp->AssociatedIrp.SystemBuffer = value;
        complete(irp, STATUS_SUCCESS, sizeof value);
    }
}

static NTSTATUS NTAPI class_open_close(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    return complete(Irp, STATUS_SUCCESS, 0);
}

// ---- devices ----

// No read can be left: with an open file the driver is not unloaded.
static VOID NTAPI class_unload(PDRIVER_OBJECT DriverObject)
{
    PCLASS_DEVICE class_device = DriverObject->DeviceObject->DeviceExtension;

    KeCancelTimer(&class_device->Timer);
    KeFlushQueuedDpcs();
    IoDeleteSymbolicLink(&class_device->LinkName);
    IoDeleteDevice(DriverObject->DeviceObject);
}

static VOID start_timer(PDEVICE_OBJECT Device, ULONG PeriodMs)
{
    PCLASS_DEVICE class_device = Device->DeviceExtension;
    LARGE_INTEGER due;

    due.QuadPart = -10000ll * PeriodMs;
    KeInitializeTimer(&class_device->Timer);
    KeInitializeDpc(&class_device->Dpc, class_tick, Device);
    KeSetTimerEx(&class_device->Timer, due, (LONG)PeriodMs, &class_device->Dpc);
}

NTSTATUS NTAPI ClassRegister(PDRIVER_OBJECT DriverObject, PCLASS_REGISTRATION Registration)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;

    if (Registration->Size != sizeof *Registration || Registration->PeriodMs == 0) {
        return STATUS_INVALID_PARAMETER;
    }
    RtlInitUnicodeString(&name, Registration->DeviceName);
    NTSTATUS status = IoCreateDevice(DriverObject, sizeof(CLASS_DEVICE), &name, FILE_DEVICE_UNKNOWN,
                                     0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    PCLASS_DEVICE class_device = device->DeviceExtension;
    RtlInitUnicodeString(&class_device->LinkName, Registration->LinkName);
    status = IoCreateSymbolicLink(&class_device->LinkName, &name);
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(device);
        return status;
    }
    class_device->Measure = Registration->Measure;
    KeInitializeSpinLock(&class_device->Lock);
    InitializeListHead(&class_device->Reads);
    device->Flags |= DO_BUFFERED_IO;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = class_open_close;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = class_open_close;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = class_open_close;
    DriverObject->MajorFunction[IRP_MJ_READ] = class_read;
    DriverObject->DriverUnload = class_unload;
    start_timer(device, Registration->PeriodMs);
    return STATUS_SUCCESS;
}

// ---- the export driver itself ----

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}
