// SPDX-License-Identifier: MIT
#include "disk.h"
#include "bus.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    static WCHAR text[] = u"disk0";
    UNICODE_STRING name = RTL_CONSTANT_STRING(text);

    DriverObject->DriverUnload = unload;
    DbgPrint("disk: checksum %x\n", (unsigned)DiskChecksum(RegistryPath));
    return BusAttach(DriverObject, &name);
}
