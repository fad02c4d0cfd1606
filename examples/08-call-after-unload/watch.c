// SPDX-License-Identifier: MIT
// A driver that stays, and keeps a pointer into another one. A pointer is no import: it holds
// nothing.
#define WATCHAPI
#include "watch.h"

static WATCH_ROUTINE watcher;

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

VOID NTAPI WatchSet(WATCH_ROUTINE Routine)
{
    watcher = Routine;
}

// Something happened. The scenario calls it in place of a device or another driver.
VOID NTAPI WatchEvent(ULONG Event);
VOID NTAPI WatchEvent(ULONG Event)
{
    if (watcher == NULL) {
        DbgPrint("watch: event %u, nobody to tell\n", (unsigned)Event);
        return;
    }
    DbgPrint("watch: event %u\n", (unsigned)Event);
    watcher(Event);
    DbgPrint("watch: event %u delivered\n", (unsigned)Event);
}
