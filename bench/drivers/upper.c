// SPDX-License-Identifier: MIT
// The upper half: passes requests on, and wants to know when they are done. UpperSend is the
// sender.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

static UNICODE_STRING upper_below = RTL_CONSTANT_STRING(u"\\Device\\BenchLower");
static PDEVICE_OBJECT upper_device, upper_next;
static ULONG upper_done;

static NTSTATUS NTAPI upper_on_done(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(Device);
    UNREFERENCED_PARAMETER(Context);
    if (Irp->PendingReturned) {
        IoMarkIrpPending(Irp);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI upper_read(PDEVICE_OBJECT Device, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Device);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, upper_on_done, NULL, TRUE, TRUE, TRUE);
    return IoCallDriver(upper_next, Irp);
}

static NTSTATUS NTAPI upper_sent(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(Device);
    UNREFERENCED_PARAMETER(Context);
    upper_done += (ULONG)Irp->IoStatus.Information;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// Sends requests one after the other, each in an IRP of its own; answers how many came back.
ULONG NTAPI UpperSend(ULONG Count);
ULONG NTAPI UpperSend(ULONG Count)
{
    upper_done = 0;
    for (ULONG i = 0; i < Count; i++) {
        PIRP irp = IoAllocateIrp(upper_device->StackSize, FALSE);

        if (irp == NULL) {
            break;
        }
        IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
        IoSetCompletionRoutine(irp, upper_sent, NULL, TRUE, TRUE, TRUE);
        IoCallDriver(upper_device, irp);
        IoFreeIrp(irp);
    }
    return upper_done;
}

static VOID NTAPI upper_unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDetachDevice(upper_next);
    IoDeleteDevice(upper_device);
}

static NTSTATUS upper_attach(void)
{
    PFILE_OBJECT file;
    PDEVICE_OBJECT below;
    NTSTATUS status = IoGetDeviceObjectPointer(&upper_below, FILE_ALL_ACCESS, &file, &below);

    if (NT_SUCCESS(status)) {
        upper_next = IoAttachDeviceToDeviceStack(upper_device, below);
        status = upper_next != NULL ? STATUS_SUCCESS : STATUS_NO_SUCH_DEVICE;
        ObDereferenceObject(file);
    }
    return status;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = upper_read;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = upper_read;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = upper_read;
    DriverObject->MajorFunction[IRP_MJ_READ] = upper_read;
    DriverObject->DriverUnload = upper_unload;
    NTSTATUS status =
        IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &upper_device);
    if (NT_SUCCESS(status)) {
        status = upper_attach();
        if (!NT_SUCCESS(status)) {
            IoDeleteDevice(upper_device);
        }
    }
    return status;
}
