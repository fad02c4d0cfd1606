// SPDX-License-Identifier: MIT
// One half of a circle: left.sys and right.sys import each other.
#define LEFTAPI
#include "left.h"

#include "right.h"

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
    DbgPrint("left: DllInitialize\n");
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("left: DllUnload\n");
    return STATUS_SUCCESS;
}

// The two call each other until nothing is left.
LONG NTAPI LeftCount(LONG Rest)
{
    return Rest > 0 ? 1 + RightCount(Rest - 1) : 0;
}
