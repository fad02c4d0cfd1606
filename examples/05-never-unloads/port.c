// SPDX-License-Identifier: MIT
// An export driver without DllUnload: nobody can ask it to go, so it stays.
#define PORTAPI
#include "port.h"

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
    DbgPrint("port: DllInitialize\n");
    return STATUS_SUCCESS;
}

VOID NTAPI PortHello(VOID)
{
    DbgPrint("port: hello\n");
}
