// SPDX-License-Identifier: MIT
// The export driver below port.sys: it is initialised first, and goes when port.sys fails.
#define BUSAPI
#include "bus.h"

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DbgPrint("bus: DllInitialize\n");
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("bus: DllUnload\n");
    return STATUS_SUCCESS;
}

ULONG NTAPI BusSlots(VOID)
{
    return 0;
}
