// SPDX-License-Identifier: MIT
// The driver under test: a miniport that starts three queues and, when something fails on the way,
// gives back what it has, last things first.
#include "port.h"

#define QUEUES 3

static PPORT_ADAPTER adapter;
static ULONG started;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;

static VOID give_back(VOID)
{
    while (started > 0) {
        PortStopQueue(adapter, --started);
    }
    PortFreeAdapter(adapter);
}

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    give_back();
}

static NTSTATUS start_queues(VOID)
{
    NTSTATUS status = STATUS_SUCCESS;

    while (started < QUEUES && NT_SUCCESS(status)) {
        status = PortStartQueue(adapter, started);
        if (NT_SUCCESS(status)) {
            started++;
        }
    }
    return status;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    if (PortVersion < 2) {
        DbgPrint("mini: port version %u is too old\n", (unsigned)PortVersion);
        return STATUS_REVISION_MISMATCH;
    }
    adapter = PortAllocateAdapter(DriverObject);
    if (adapter == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    status = start_queues();
    if (!NT_SUCCESS(status)) {
        DbgPrint("mini: %u of %u queues started, %08X\n", (unsigned)started, QUEUES,
                 (unsigned)status);
        give_back();
    }
    return status;
}
