// SPDX-License-Identifier: MIT
// A device, and a link to it. FAULTY: the device stays when there is no link.
#include "twin.h"

static UNICODE_STRING device_name, link_name;

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    IoDeleteSymbolicLink(&link_name);
    IoDeleteDevice(driver->DeviceObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    PDEVICE_OBJECT device;
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    RtlInitUnicodeString(&device_name, L"\\Device\\Twin");
    RtlInitUnicodeString(&link_name, L"\\DosDevices\\Twin");
    NTSTATUS status =
        IoCreateDevice(DriverObject, 0, &device_name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = IoCreateSymbolicLink(&link_name, &device_name);
    if (!NT_SUCCESS(status) && !FAULTY) {
        IoDeleteDevice(device);
    }
    return status;
}
