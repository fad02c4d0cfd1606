// SPDX-License-Identifier: MIT
// Uses each kind of export. In the source they look alike: the import library knows the difference.
#include "port.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = PortRegister();

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    DbgPrint("mini: port version %x, time %I64d\n", (unsigned)PortVersion, PortTime());
    return NT_SUCCESS(status) ? PortSecret(PortVersion) : status;
}
