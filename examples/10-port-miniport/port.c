// SPDX-License-Identifier: MIT
// The port half: an export driver that does everything for its miniports but move bytes.
//
// A miniport's driver object gets the port's routines; what the miniport said of itself is kept
// with the object. So the port is needed as long as one miniport is loaded, and its count says so.
#define PORTAPI
#include "port.h"

typedef struct _PORT_DEVICE {
    PDEVICE_OBJECT Lower;
    PPORT_MINIPORT Miniport;
    IO_REMOVE_LOCK Lock;
    BOOLEAN Started;
    PORT_STATISTICS Statistics;
} PORT_DEVICE, *PPORT_DEVICE;

DRIVER_INITIALIZE DriverEntry;

static LONG devices;

// The miniport's part of the device extension follows the port's.
static PVOID miniport_extension(PPORT_DEVICE Port)
{
    return Port + 1;
}

static NTSTATUS complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

// ---- requests ----

static NTSTATUS NTAPI port_open_close(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    return complete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS transfer(PPORT_DEVICE Port, PIRP Irp, BOOLEAN Write)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(Irp);
    ULONG length = Write ? location->Parameters.Write.Length : location->Parameters.Read.Length;
    LONGLONG offset = Write ? location->Parameters.Write.ByteOffset.QuadPart
                            : location->Parameters.Read.ByteOffset.QuadPart;
    ULONG size = Port->Miniport->MediumSize;

    if (!Port->Started) {
        return STATUS_DEVICE_NOT_READY;
    }
    if (offset < 0 || offset > size || length > size - (ULONG)offset) {
        return STATUS_INVALID_PARAMETER;
    }
    return (Write ? Port->Miniport->Write : Port->Miniport->Read)(
        miniport_extension(Port), (ULONG)offset, Irp->AssociatedIrp.SystemBuffer, length);
}

static NTSTATUS NTAPI port_read_write(PDEVICE_OBJECT Device, PIRP Irp)
{
    PPORT_DEVICE port = Device->DeviceExtension;
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(Irp);
    BOOLEAN write = location->MajorFunction == IRP_MJ_WRITE;
    ULONG length = write ? location->Parameters.Write.Length : location->Parameters.Read.Length;
    NTSTATUS status = IoAcquireRemoveLock(&port->Lock, Irp);

    if (!NT_SUCCESS(status)) {
        return complete(Irp, status, 0);
    }
    status = transfer(port, Irp, write);
    if (!NT_SUCCESS(status)) {
        port->Statistics.Failures++;
    } else if (write) {
        port->Statistics.Writes++;
    } else {
        port->Statistics.Reads++;
    }
    complete(Irp, status, NT_SUCCESS(status) ? length : 0);
    IoReleaseRemoveLock(&port->Lock, Irp);
    return status;
}

static NTSTATUS NTAPI port_control(PDEVICE_OBJECT Device, PIRP Irp)
{
    PPORT_DEVICE port = Device->DeviceExtension;
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(Irp);

    if (location->Parameters.DeviceIoControl.IoControlCode != IOCTL_PORT_STATISTICS) {
        return complete(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
    if (location->Parameters.DeviceIoControl.OutputBufferLength < sizeof port->Statistics) {
        return complete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    }
    RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, &port->Statistics, sizeof port->Statistics);
    return complete(Irp, STATUS_SUCCESS, sizeof port->Statistics);
}

// ---- Plug and Play, power ----

static NTSTATUS start(PPORT_DEVICE Port, PIRP Irp)
{
    NTSTATUS status = STATUS_UNSUCCESSFUL;

    if (IoForwardIrpSynchronously(Port->Lower, Irp)) {
        status = Irp->IoStatus.Status;
    }
    if (NT_SUCCESS(status)) {
        status = Port->Miniport->Start(miniport_extension(Port));
        Port->Started = (BOOLEAN)NT_SUCCESS(status);
    }
    return complete(Irp, status, Irp->IoStatus.Information);
}

static NTSTATUS pass_down(PPORT_DEVICE Port, PIRP Irp)
{
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Port->Lower, Irp);
}

// The lock is held: it is given back for good when all other requests are done.
static NTSTATUS remove_device(PDEVICE_OBJECT Device, PIRP Irp)
{
    PPORT_DEVICE port = Device->DeviceExtension;

    IoReleaseRemoveLockAndWait(&port->Lock, Irp);
    if (port->Started) {
        port->Miniport->Stop(miniport_extension(port));
    }
    Irp->IoStatus.Status = STATUS_SUCCESS;
    NTSTATUS status = pass_down(port, Irp);
    IoDetachDevice(port->Lower);
    IoDeleteDevice(Device);
    DbgPrint("ramport: %d devices\n", (int)InterlockedDecrement(&devices));
    return status;
}

static NTSTATUS NTAPI port_pnp(PDEVICE_OBJECT Device, PIRP Irp)
{
    PPORT_DEVICE port = Device->DeviceExtension;
    UCHAR minor = IoGetCurrentIrpStackLocation(Irp)->MinorFunction;
    NTSTATUS status = IoAcquireRemoveLock(&port->Lock, Irp);

    if (!NT_SUCCESS(status)) {
        return complete(Irp, status, 0);
    }
    if (minor == IRP_MN_REMOVE_DEVICE) {
        return remove_device(Device, Irp);
    }
    if (minor == IRP_MN_START_DEVICE) {
        status = start(port, Irp);
    } else {
        if (minor == IRP_MN_QUERY_REMOVE_DEVICE || minor == IRP_MN_CANCEL_REMOVE_DEVICE ||
            minor == IRP_MN_SURPRISE_REMOVAL) {
            Irp->IoStatus.Status = STATUS_SUCCESS;
        }
        status = pass_down(port, Irp);
    }
    IoReleaseRemoveLock(&port->Lock, Irp);
    return status;
}

static NTSTATUS NTAPI port_power(PDEVICE_OBJECT Device, PIRP Irp)
{
    PPORT_DEVICE port = Device->DeviceExtension;

    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(port->Lower, Irp);
}

static NTSTATUS NTAPI port_system_control(PDEVICE_OBJECT Device, PIRP Irp)
{
    return pass_down(Device->DeviceExtension, Irp);
}

// ---- devices and miniports ----

static NTSTATUS NTAPI port_add_device(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Physical)
{
    PPORT_MINIPORT miniport = IoGetDriverObjectExtension(DriverObject, (PVOID)&devices);
    PDEVICE_OBJECT device;
    NTSTATUS status =
        IoCreateDevice(DriverObject, sizeof(PORT_DEVICE) + miniport->ExtensionSize, NULL,
                       FILE_DEVICE_DISK, FILE_DEVICE_SECURE_OPEN, FALSE, &device);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    PPORT_DEVICE port = device->DeviceExtension;
    port->Miniport = miniport;
    IoInitializeRemoveLock(&port->Lock, 0x74726F50, 0, 0);
    port->Lower = IoAttachDeviceToDeviceStack(device, Physical);
    if (port->Lower == NULL) {
        IoDeleteDevice(device);
        return STATUS_NO_SUCH_DEVICE;
    }
    device->Flags |= DO_BUFFERED_IO | DO_POWER_PAGABLE;
    device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    DbgPrint("ramport: %d devices\n", (int)InterlockedIncrement(&devices));
    return STATUS_SUCCESS;
}

static VOID NTAPI port_driver_unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS NTAPI PortInitialize(PDRIVER_OBJECT DriverObject, PPORT_MINIPORT Miniport)
{
    PPORT_MINIPORT kept;

    if (Miniport->Size != sizeof *Miniport) {
        return STATUS_REVISION_MISMATCH;
    }
    NTSTATUS status = IoAllocateDriverObjectExtension(DriverObject, (PVOID)&devices, sizeof *kept,
                                                      (PVOID *)&kept);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    *kept = *Miniport;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = port_open_close;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = port_open_close;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = port_open_close;
    DriverObject->MajorFunction[IRP_MJ_READ] = port_read_write;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = port_read_write;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = port_control;
    DriverObject->MajorFunction[IRP_MJ_PNP] = port_pnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = port_power;
    DriverObject->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = port_system_control;
    DriverObject->DriverExtension->AddDevice = port_add_device;
    DriverObject->DriverUnload = port_driver_unload;
    return STATUS_SUCCESS;
}

// ---- the export driver itself ----

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DbgPrint("ramport: DllInitialize\n");
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    DbgPrint("ramport: DllUnload, %d devices\n", (int)devices);
    return devices == 0 ? STATUS_SUCCESS : STATUS_DEVICE_BUSY;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}
