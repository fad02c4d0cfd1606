// SPDX-License-Identifier: MIT
// A miniport: a disk in memory.
#include "port.h"

#define MEDIUM_SIZE 0x10000
#define MEDIUM_TAG  0x6B736944 // 'Disk'

typedef struct _RAM_DISK {
    PUCHAR Medium;
} RAM_DISK, *PRAM_DISK;

DRIVER_INITIALIZE DriverEntry;

static NTSTATUS NTAPI disk_start(PVOID Extension)
{
    PRAM_DISK disk = Extension;

    disk->Medium = ExAllocatePoolWithTag(NonPagedPool, MEDIUM_SIZE, MEDIUM_TAG);
    if (disk->Medium == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(disk->Medium, MEDIUM_SIZE);
    return STATUS_SUCCESS;
}

static VOID NTAPI disk_stop(PVOID Extension)
{
    ExFreePoolWithTag(((PRAM_DISK)Extension)->Medium, MEDIUM_TAG);
}

static NTSTATUS NTAPI disk_read(PVOID Extension, ULONG Offset, PVOID Buffer, ULONG Length)
{
    RtlCopyMemory(Buffer, ((PRAM_DISK)Extension)->Medium + Offset, Length);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI disk_write(PVOID Extension, ULONG Offset, PVOID Buffer, ULONG Length)
{
    RtlCopyMemory(((PRAM_DISK)Extension)->Medium + Offset, Buffer, Length);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    PORT_MINIPORT miniport = {sizeof miniport, sizeof(RAM_DISK), MEDIUM_SIZE, disk_start,
                              disk_stop,       disk_read,        disk_write};

    UNREFERENCED_PARAMETER(RegistryPath);
    return PortInitialize(DriverObject, &miniport);
}
