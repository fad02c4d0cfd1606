// SPDX-License-Identifier: MIT
// Another miniport: a small disk that cannot be written, with the number of each byte as its
// content.
#include "port.h"

#define MEDIUM_SIZE 0x400

DRIVER_INITIALIZE DriverEntry;

static NTSTATUS NTAPI disk_start(PVOID Extension)
{
    UNREFERENCED_PARAMETER(Extension);
    return STATUS_SUCCESS;
}

static VOID NTAPI disk_stop(PVOID Extension)
{
    UNREFERENCED_PARAMETER(Extension);
}

static NTSTATUS NTAPI disk_read(PVOID Extension, ULONG Offset, PVOID Buffer, ULONG Length)
{
    PUCHAR bytes = Buffer;

    UNREFERENCED_PARAMETER(Extension);
    for (ULONG i = 0; i < Length; i++) {
        bytes[i] = (UCHAR)(Offset + i);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI disk_write(PVOID Extension, ULONG Offset, PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Extension);
    UNREFERENCED_PARAMETER(Offset);
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    return STATUS_MEDIA_WRITE_PROTECTED;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    PORT_MINIPORT miniport = {sizeof miniport, 0,         MEDIUM_SIZE, disk_start,
                              disk_stop,       disk_read, disk_write};

    UNREFERENCED_PARAMETER(RegistryPath);
    return PortInitialize(DriverObject, &miniport);
}
