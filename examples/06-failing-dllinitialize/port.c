// SPDX-License-Identifier: MIT
// An export driver whose DllInitialize finds that it cannot work. What it took before it answers it
// has to give back itself: DllUnload is not called for an instance that was never initialised.
#define PORTAPI
#include "port.h"

#include "bus.h"

#define PORT_TAG 0x74726f50 // "Port"

// The answer when there is no slot. Change it, build again, and the status that is printed changes.
#ifndef PORT_ANSWER
#define PORT_ANSWER STATUS_DEVICE_DOES_NOT_EXIST
#endif

static PVOID table;

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = STATUS_SUCCESS;

    UNREFERENCED_PARAMETER(RegistryPath);
    table = ExAllocatePoolWithTag(NonPagedPool, 256, PORT_TAG);
    if (table == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    if (BusSlots() == 0) {
        status = PORT_ANSWER;
    }
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(table, PORT_TAG);
        table = NULL;
    }
    DbgPrint("port: DllInitialize answers %08X\n", (unsigned)status);
    return status;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("port: DllUnload\n");
    ExFreePoolWithTag(table, PORT_TAG);
    return STATUS_SUCCESS;
}

VOID NTAPI PortHello(VOID)
{
    DbgPrint("port: hello\n");
}
