// SPDX-License-Identifier: MIT
// The driver behind the forwarder: counts how often it was asked.
#define CLOCKAPI
#include "clock.h"

static LONG ticks;

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
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    return STATUS_SUCCESS;
}

VOID NTAPI ClockStart(VOID)
{
    ticks = 0;
}

LONGLONG NTAPI ClockTime(VOID)
{
    return InterlockedIncrement(&ticks);
}
