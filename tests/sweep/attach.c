// SPDX-License-Identifier: MIT
// A PnP driver with a device interface. FAULTY: nobody asks whether its device lies on the stack.
#include "twin.h"

typedef struct {
    PDEVICE_OBJECT lower;
    UNICODE_STRING link;
} EXTENSION;

static const GUID class_guid = {
    0x7A1B2C3D, 0x4E5F, 0x6071, {0x82, 0x93, 0xA4, 0xB5, 0xC6, 0xD7, 0xE8, 0xF9}};

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
}

static VOID remove(PDEVICE_OBJECT device)
{
    EXTENSION *extension = device->DeviceExtension;
    IoDetachDevice(extension->lower);
    IoDeleteDevice(device);
}

static NTSTATUS start(PDEVICE_OBJECT device, PIRP irp)
{
    EXTENSION *extension = device->DeviceExtension;
    NTSTATUS status = STATUS_UNSUCCESSFUL;
    if (IoForwardIrpSynchronously(extension->lower, irp)) {
        status = irp->IoStatus.Status;
    }
    if (NT_SUCCESS(status)) {
        status = IoSetDeviceInterfaceState(&extension->link, TRUE);
    }
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS NTAPI pnp(PDEVICE_OBJECT device, PIRP irp)
{
    EXTENSION *extension = device->DeviceExtension;
    UCHAR minor = IoGetCurrentIrpStackLocation(irp)->MinorFunction;
    if (minor == IRP_MN_START_DEVICE) {
        return start(device, irp);
    }
    if (minor == IRP_MN_REMOVE_DEVICE) {
        IoSetDeviceInterfaceState(&extension->link, FALSE);
        RtlFreeUnicodeString(&extension->link);
    }
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(irp);
    NTSTATUS status = IoCallDriver(extension->lower, irp);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        remove(device);
    }
    return status;
}

static NTSTATUS NTAPI add(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical)
{
    PDEVICE_OBJECT device;
    NTSTATUS status =
        IoCreateDevice(driver, sizeof(EXTENSION), NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    EXTENSION *extension = device->DeviceExtension;
    extension->lower = IoAttachDeviceToDeviceStack(device, physical);
    if (extension->lower == NULL && !FAULTY) {
        IoDeleteDevice(device);
        return STATUS_NO_SUCH_DEVICE;
    }
    status = IoRegisterDeviceInterface(physical, &class_guid, NULL, &extension->link);
    if (!NT_SUCCESS(status)) {
        remove(device);
        return status;
    }
    device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    DriverObject->DriverExtension->AddDevice = add;
    DriverObject->MajorFunction[IRP_MJ_PNP] = pnp;
    return STATUS_SUCCESS;
}
