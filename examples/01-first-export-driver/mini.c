// SPDX-License-Identifier: MIT
// An importer: its load brings port.sys in, its unload lets it go.
#include "port.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    PortUnregister(DriverObject);
    DbgPrint("mini: unloaded\n");
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    DbgPrint("mini: DriverEntry\n");
    return PortRegister(DriverObject);
}
