// SPDX-License-Identifier: MIT
// The export driver that two drivers share. Its own count of users is not the loader's: that one
// counts import descriptors, whatever the importers do.
#define PORTAPI
#include "port.h"

static LONG users;

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

NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("port: DllUnload, %d users\n", (int)users);
    return STATUS_SUCCESS;
}

LONG NTAPI PortEnter(PCSTR Who)
{
    LONG now = InterlockedIncrement(&users);
    DbgPrint("port: %s enters, %d users\n", Who, (int)now);
    return now;
}

LONG NTAPI PortLeave(PCSTR Who)
{
    LONG now = InterlockedDecrement(&users);
    DbgPrint("port: %s leaves, %d users\n", Who, (int)now);
    return now;
}
