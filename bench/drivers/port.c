// SPDX-License-Identifier: MIT
// The export driver of the benchmarks. It goes when all who entered have left.
#define PORTAPI
#include "port.h"

static ULONG numbers;

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    return RegistryPath->Length > 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    return numbers == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

NTSTATUS NTAPI PortEnter(ULONG Number)
{
    numbers += Number;
    return STATUS_SUCCESS;
}

VOID NTAPI PortLeave(ULONG Number)
{
    numbers -= Number;
}

ULONG NTAPI PortTick(ULONG Value)
{
    return Value + 1;
}
