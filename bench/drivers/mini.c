// SPDX-License-Identifier: MIT
// The importer of the benchmarks. A number is written into copies of the image, which makes as
// many different drivers of one that is compiled.
#include "port.h"

typedef struct {
    UCHAR mark[12];
    ULONG number;
} NUMBERED;

static volatile NUMBERED numbered = {"kldr-number:", 1};

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    PortLeave(numbered.number);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    return PortEnter(numbered.number);
}

// Calls across the import, one after the other.
ULONG NTAPI MiniCalls(ULONG Count);
ULONG NTAPI MiniCalls(ULONG Count)
{
    ULONG value = 0;

    while (value < Count) {
        value = PortTick(value);
    }
    return value;
}
