// SPDX-License-Identifier: MIT
// A device at ports: waits until it is ready, reads a block, answers with the sum.
#include "processor.h"

#define STATUS_PORT ((PUCHAR)0x300)
#define DATA_PORT   ((PUSHORT)0x302)
#define READY       0x01

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    WRITE_PORT_UCHAR(STATUS_PORT, 0x80);
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    USHORT block[4];
    ULONG sum = 0, tries = 0;
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    while ((READ_PORT_UCHAR(STATUS_PORT) & READY) == 0) {
        if (++tries == 100) {
            return STATUS_DEVICE_NOT_READY;
        }
    }
    READ_PORT_BUFFER_USHORT(DATA_PORT, block, 4);
    for (int i = 0; i < 4; i++) {
        sum += block[i];
    }
    WRITE_PORT_ULONG((PULONG)0x304, sum);
    WRITE_PORT_UCHAR(STATUS_PORT, (UCHAR)tries);
    return STATUS_SUCCESS;
}
