// SPDX-License-Identifier: MIT
// Both at once: an export driver, and a driver with a device that is started as a service. The
// loader calls DllInitialize or DriverEntry, as a rule not both, and which of them depends on who
// came first.
#define HYBRIDAPI
#include "hybrid.h"

DRIVER_INITIALIZE DriverEntry;

static UNICODE_STRING device_name = RTL_CONSTANT_STRING(u"\\Device\\Hybrid");
static PDEVICE_OBJECT device;
static BOOLEAN initialized;

BOOLEAN NTAPI HybridIsStarted(VOID)
{
    return device != NULL;
}

// ---- the export driver ----

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    initialized = TRUE;
    DbgPrint("hybrid: DllInitialize\n");
    return STATUS_SUCCESS;
}

// Must do with not having been initialised.
NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("hybrid: DllUnload, DllInitialize %s\n",
             initialized ? "was called" : "was not called");
    return STATUS_SUCCESS;
}

// ---- the driver ----

static NTSTATUS NTAPI open_close(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDeleteDevice(device);
    device = NULL; // the image may stay, and its exports with it
    DbgPrint("hybrid: DriverUnload\n");
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = open_close;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = open_close;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = open_close;
    DriverObject->DriverUnload = unload;
    DbgPrint("hybrid: DriverEntry\n");
    return IoCreateDevice(DriverObject, 0, &device_name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
}
