// SPDX-License-Identifier: MIT
// The importer, built twice: mini1.sys and mini2.sys differ in MINI_NAME.
#include "port.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    PortLeave(MINI_NAME);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    return PortEnter(MINI_NAME) > 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
