// SPDX-License-Identifier: MIT
// The interface between the port driver and its miniports: what a miniport knows of its medium. All
// about requests, Plug and Play and power is the port driver's.
#ifndef RAMPORT_H
#define RAMPORT_H

#include <ntddk.h>

#ifndef PORTAPI
#define PORTAPI DECLSPEC_IMPORT
#endif

typedef NTSTATUS NTAPI PORT_START(PVOID Extension);
typedef VOID NTAPI PORT_STOP(PVOID Extension);
// Offset and Length lie within the medium.
typedef NTSTATUS NTAPI PORT_TRANSFER(PVOID Extension, ULONG Offset, PVOID Buffer, ULONG Length);

typedef struct _PORT_MINIPORT {
    ULONG Size;          // of this structure
    ULONG ExtensionSize; // the miniport's own memory for each device
    ULONG MediumSize;    // in bytes
    PORT_START *Start;
    PORT_STOP *Stop;
    PORT_TRANSFER *Read;
    PORT_TRANSFER *Write;
} PORT_MINIPORT, *PPORT_MINIPORT;

// What IOCTL_PORT_STATISTICS answers.
typedef struct _PORT_STATISTICS {
    ULONG Reads;
    ULONG Writes;
    ULONG Failures;
} PORT_STATISTICS, *PPORT_STATISTICS;

#define IOCTL_PORT_STATISTICS 0x0007E000 // FILE_DEVICE_DISK, function 0x800, buffered, any access

// A miniport's DriverEntry calls it, and returns what it returns.
PORTAPI NTSTATUS NTAPI PortInitialize(PDRIVER_OBJECT DriverObject, PPORT_MINIPORT Miniport);

#endif
