// SPDX-License-Identifier: MIT
// One half of a circle: right.sys and left.sys import each other.
#define RIGHTAPI
#include "right.h"

#include "left.h"

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
    DbgPrint("right: DllInitialize\n");
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("right: DllUnload\n");
    return STATUS_SUCCESS;
}

// The two call each other until nothing is left.
LONG NTAPI RightCount(LONG Rest)
{
    return Rest > 0 ? 1 + LeftCount(Rest - 1) : 0;
}
