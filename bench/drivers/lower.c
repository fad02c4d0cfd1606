// SPDX-License-Identifier: MIT
// The lower half of the stack that requests go through: it completes each at once.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

static UNICODE_STRING lower_name = RTL_CONSTANT_STRING(u"\\Device\\BenchLower");
static PDEVICE_OBJECT lower_device;

static NTSTATUS NTAPI lower_read(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 1;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

static VOID NTAPI lower_unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDeleteDevice(lower_device);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = lower_read;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = lower_read;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = lower_read;
    DriverObject->MajorFunction[IRP_MJ_READ] = lower_read;
    DriverObject->DriverUnload = lower_unload;
    return IoCreateDevice(DriverObject, 0, &lower_name, FILE_DEVICE_UNKNOWN, 0, FALSE,
                          &lower_device);
}
