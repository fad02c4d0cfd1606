// SPDX-License-Identifier: MIT
// The half that stays: a device that can be written and read. It calls the journal in both shapes.
#include "journal.h"

#define JOURNAL_SIZE 16

typedef struct _GAUGE {
    PDEVICE_OBJECT Lower;
    PJOURNAL Journal;
} GAUGE, *PGAUGE;

DRIVER_INITIALIZE DriverEntry;

static NTSTATUS gauge_complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI gauge_open_close(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    return gauge_complete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI gauge_write(PDEVICE_OBJECT Device, PIRP Irp)
{
    PGAUGE gauge = Device->DeviceExtension;
    ULONG length = IoGetCurrentIrpStackLocation(Irp)->Parameters.Write.Length;

    JournalAppend(gauge->Journal, Irp->AssociatedIrp.SystemBuffer, length);
    return gauge_complete(Irp, STATUS_SUCCESS, length);
}

static NTSTATUS NTAPI gauge_read(PDEVICE_OBJECT Device, PIRP Irp)
{
    PGAUGE gauge = Device->DeviceExtension;
    ULONG length = IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length;

    length = JournalRead(gauge->Journal, Irp->AssociatedIrp.SystemBuffer, length);
    return gauge_complete(Irp, length > 0 ? STATUS_SUCCESS : STATUS_END_OF_FILE, length);
}

static NTSTATUS NTAPI gauge_plug_and_play(PDEVICE_OBJECT Device, PIRP Irp)
{
    GAUGE gauge = *(PGAUGE)Device->DeviceExtension;
    UCHAR minor = IoGetCurrentIrpStackLocation(Irp)->MinorFunction;

    // What is not known here keeps the status it came with.
    if (minor == IRP_MN_START_DEVICE || minor == IRP_MN_QUERY_REMOVE_DEVICE ||
        minor == IRP_MN_CANCEL_REMOVE_DEVICE || minor == IRP_MN_SURPRISE_REMOVAL ||
        minor == IRP_MN_REMOVE_DEVICE) {
        Irp->IoStatus.Status = STATUS_SUCCESS;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    NTSTATUS status = IoCallDriver(gauge.Lower, Irp);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        JournalClose(gauge.Journal);
        IoDetachDevice(gauge.Lower);
        IoDeleteDevice(Device);
    }
    return status;
}

static NTSTATUS NTAPI gauge_system_control(PDEVICE_OBJECT Device, PIRP Irp)
{
    PGAUGE gauge = Device->DeviceExtension;

    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(gauge->Lower, Irp);
}

static NTSTATUS NTAPI gauge_power(PDEVICE_OBJECT Device, PIRP Irp)
{
    PGAUGE gauge = Device->DeviceExtension;

    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(gauge->Lower, Irp);
}

static NTSTATUS NTAPI gauge_add_device(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Physical)
{
    PDEVICE_OBJECT device;
    NTSTATUS status =
        IoCreateDevice(DriverObject, sizeof(GAUGE), NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    PGAUGE gauge = device->DeviceExtension;
    status = JournalOpen(JOURNAL_SIZE, &gauge->Journal);
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(device);
        return status;
    }
    gauge->Lower = IoAttachDeviceToDeviceStack(device, Physical);
    if (gauge->Lower == NULL) {
        JournalClose(gauge->Journal);
        IoDeleteDevice(device);
        return STATUS_NO_SUCH_DEVICE;
    }
    device->Flags |= DO_BUFFERED_IO | DO_POWER_PAGABLE;
    device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

static VOID NTAPI gauge_unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = gauge_open_close;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = gauge_open_close;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = gauge_open_close;
    DriverObject->MajorFunction[IRP_MJ_READ] = gauge_read;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = gauge_write;
    DriverObject->MajorFunction[IRP_MJ_PNP] = gauge_plug_and_play;
    DriverObject->MajorFunction[IRP_MJ_POWER] = gauge_power;
    DriverObject->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = gauge_system_control;
    DriverObject->DriverExtension->AddDevice = gauge_add_device;
    DriverObject->DriverUnload = gauge_unload;
    return STATUS_SUCCESS;
}
