// SPDX-License-Identifier: MIT
// A driver with a device and a dispatch table of borrowed routines: not one of them is in this
// image.
#include "port.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    IoDeleteDevice(DriverObject->DeviceObject);
    DbgPrint("mini: unloaded\n");
}

static NTSTATUS make_device(PDRIVER_OBJECT DriverObject)
{
    static WCHAR text[] = u"\\Device\\Mini";
    UNICODE_STRING name = RTL_CONSTANT_STRING(text);
    PDEVICE_OBJECT device;
    NTSTATUS status =
        IoCreateDevice(DriverObject, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);

    if (NT_SUCCESS(status)) {
        device->Flags |= DO_BUFFERED_IO;
        device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    }
    return status;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = PortCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = PortCreateClose;
    DriverObject->MajorFunction[IRP_MJ_READ] = PortRead;
    DriverObject->DriverUnload = unload;
    DbgPrint("mini: three routines borrowed\n");
    return make_device(DriverObject);
}
