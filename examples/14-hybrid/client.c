// SPDX-License-Identifier: MIT
// A driver that imports from the hybrid and asks it again when it goes.
#include "hybrid.h"

DRIVER_INITIALIZE DriverEntry;

static void tell(void)
{
    DbgPrint("client: the hybrid is%s started\n", HybridIsStarted() ? "" : " not");
}

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    tell();
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    tell();
    return STATUS_SUCCESS;
}
