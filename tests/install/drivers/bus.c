// SPDX-License-Identifier: MIT
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
    KeStallExecutionProcessor(1);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI BusAttach(PDRIVER_OBJECT Driver, PCUNICODE_STRING Name)
{
    DbgPrint("bus: %wZ attached by %p\n", Name, Driver);
    return Name->Length > 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
