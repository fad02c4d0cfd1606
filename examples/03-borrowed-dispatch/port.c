// SPDX-License-Identifier: MIT
// An export driver with dispatch routines for others. It has no driver object while it is only
// imported: requests reach it through the tables of its miniports.
#define PORTAPI
#include "port.h"

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DbgPrint("port: DllInitialize\n");
    return STATUS_SUCCESS;
}

// Agrees without asking who still has its routines in a table: each such driver imports from here,
// so none is left.
NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("port: DllUnload\n");
    return STATUS_SUCCESS;
}

static NTSTATUS complete(PIRP Irp, NTSTATUS status, ULONG_PTR information)
{
    Irp->IoStatus.Status = status;
    Irp->IoStatus.Information = information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return status;
}

NTSTATUS NTAPI PortCreateClose(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    return complete(Irp, STATUS_SUCCESS, 0);
}

// Buffered I/O: as many bytes 'p' as were asked for.
NTSTATUS NTAPI PortRead(PDEVICE_OBJECT Device, PIRP Irp)
{
    ULONG length = IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length;

    UNREFERENCED_PARAMETER(Device);
    DbgPrint("port: %u bytes read\n", (unsigned)length);
    memset(Irp->AssociatedIrp.SystemBuffer, 'p', length);
    return complete(Irp, STATUS_SUCCESS, length);
}
