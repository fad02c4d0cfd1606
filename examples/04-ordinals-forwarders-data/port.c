// SPDX-License-Identifier: MIT
// An export driver that exports in every way there is (port.def): by name, by ordinal without a
// name, a variable, and a name that stands for another driver's function.
#define PORTAPI
#include "port.h"

#include "clock.h"

ULONG PortVersion = 0x0102;

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

// The use of clock.sys here makes the loader load it before the forwarder to it is looked at: a
// forwarder alone loads nothing.
NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    ClockStart();
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI PortRegister(VOID)
{
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI PortSecret(ULONG Value)
{
    DbgPrint("port: secret %u\n", (unsigned)Value);
    return Value == PortVersion ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
