// SPDX-License-Identifier: MIT
// An export driver that hands out a pointer to its code and, unless PORT_TAKES_BACK is defined,
// goes without taking it back.
#define PORTAPI
#include "port.h"

#include "watch.h"

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

static VOID NTAPI notice(ULONG Event)
{
    DbgPrint("port: told of event %u\n", (unsigned)Event);
}

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    WatchSet(notice);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
#ifdef PORT_TAKES_BACK
    WatchSet(NULL);
#endif
    DbgPrint("port: DllUnload\n");
    return STATUS_SUCCESS;
}

VOID NTAPI PortHello(VOID)
{
    DbgPrint("port: hello\n");
}
