// SPDX-License-Identifier: MIT
// A PnP driver over kldr's bus: memory that is read and written, control codes of every method,
// requests that wait, power. What a scenario does with it is in pnp.kldr.yaml.
#include "check.h"

#define SIZE 4096u

typedef struct {
    PDEVICE_OBJECT lower;
    PIRP waiting;
    ULONG port;
    UCHAR memory[SIZE];
} EXTENSION;

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS NTAPI open_close(PDEVICE_OBJECT device, PIRP irp)
{
    PFILE_OBJECT file = IoGetCurrentIrpStackLocation(irp)->FileObject;
    CHECK(file != NULL && file->Type == IO_TYPE_FILE);
    CHECK(file->DeviceObject->ReferenceCount == 1);
    UNREFERENCED_PARAMETER(device);
    return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI transfer(PDEVICE_OBJECT device, PIRP irp)
{
    EXTENSION *extension = device->DeviceExtension;
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    ULONG offset = location->Parameters.Read.ByteOffset.LowPart;
    ULONG length = location->Parameters.Read.Length;
    PVOID buffer = MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);
    if (offset >= SIZE || length > SIZE - offset) {
        return complete(irp, STATUS_INVALID_PARAMETER, 0);
    }
    if (location->MajorFunction == IRP_MJ_READ) {
        memcpy(buffer, extension->memory + offset, length);
    } else {
        memcpy(extension->memory + offset, buffer, length);
    }
    return complete(irp, STATUS_SUCCESS, length);
}

static VOID NTAPI cancel(PDEVICE_OBJECT device, PIRP irp)
{
    EXTENSION *extension = device->DeviceExtension;
    IoReleaseCancelSpinLock(irp->CancelIrql);
    extension->waiting = NULL;
    complete(irp, STATUS_CANCELLED, 0);
}

static NTSTATUS wait_for_next(EXTENSION *extension, PIRP irp)
{
    PIRP waiting = extension->waiting;
    extension->waiting = NULL;
    if (waiting != NULL) {
        IoSetCancelRoutine(waiting, NULL);
        complete(waiting, STATUS_SUCCESS, 0);
        return complete(irp, STATUS_SUCCESS, 0);
    }
    IoMarkIrpPending(irp);
    extension->waiting = irp;
    IoSetCancelRoutine(irp, cancel);
    return STATUS_PENDING;
}

// Adds one to each byte of the input, by the method of the code.
static NTSTATUS NTAPI control(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    ULONG code = location->Parameters.DeviceIoControl.IoControlCode;
    ULONG in = location->Parameters.DeviceIoControl.InputBufferLength;
    ULONG out = location->Parameters.DeviceIoControl.OutputBufferLength;
    PUCHAR from = irp->AssociatedIrp.SystemBuffer, to = from;
    if (IoGetFunctionCodeFromCtlCode(code) == 0x801) {
        return wait_for_next(device->DeviceExtension, irp);
    }
    if (METHOD_FROM_CTL_CODE(code) == METHOD_NEITHER) {
        from = location->Parameters.DeviceIoControl.Type3InputBuffer;
        to = irp->UserBuffer;
    } else if (METHOD_FROM_CTL_CODE(code) != METHOD_BUFFERED) {
        to = MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);
    }
    if (out < in) {
        return complete(irp, STATUS_BUFFER_TOO_SMALL, 0);
    }
    for (ULONG i = 0; i < in; i++) {
        to[i] = (UCHAR)(from[i] + 1);
    }
    return complete(irp, STATUS_SUCCESS, in);
}

static NTSTATUS NTAPI started(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    KeSetEvent(context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS start(EXTENSION *extension, PIRP irp)
{
    PCM_RESOURCE_LIST list =
        IoGetCurrentIrpStackLocation(irp)->Parameters.StartDevice.AllocatedResources;
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, started, &event, TRUE, TRUE, TRUE);
    if (IoCallDriver(extension->lower, irp) == STATUS_PENDING) {
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    }
    CHECK(irp->IoStatus.Status == STATUS_SUCCESS);
    if (list != NULL) {
        PCM_PARTIAL_RESOURCE_LIST partial = &list->List[0].PartialResourceList;
        CHECK(list->Count == 1 && partial->Count == 2);
        CHECK(partial->PartialDescriptors[0].Type == CmResourceTypePort);
        CHECK(partial->PartialDescriptors[0].u.Port.Start.LowPart == 0x300);
        CHECK(partial->PartialDescriptors[1].u.Interrupt.Vector == 5);
    }
    return complete(irp, irp->IoStatus.Status, 0);
}

static NTSTATUS NTAPI pnp(PDEVICE_OBJECT device, PIRP irp)
{
    EXTENSION *extension = device->DeviceExtension;
    PDEVICE_OBJECT lower = extension->lower;
    NTSTATUS status;
    UNICODE_STRING link;
    switch (IoGetCurrentIrpStackLocation(irp)->MinorFunction) {
    case IRP_MN_START_DEVICE:
        return start(extension, irp);
    case IRP_MN_REMOVE_DEVICE:
        DbgPrint("remove\n");
        RtlInitUnicodeString(&link, u"\\DosDevices\\Memory0");
        CHECK(IoDeleteSymbolicLink(&link) == STATUS_SUCCESS);
        IoSkipCurrentIrpStackLocation(irp);
        status = IoCallDriver(lower, irp);
        IoDetachDevice(lower);
        IoDeleteDevice(device);
        return status;
    case IRP_MN_SURPRISE_REMOVAL:
        DbgPrint("surprise\n");
        break;
    default:
        break;
    }
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(irp);
    return IoCallDriver(lower, irp);
}

static NTSTATUS NTAPI power(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    EXTENSION *extension = device->DeviceExtension;
    DbgPrint("%s %s%d\n", location->MinorFunction == IRP_MN_SET_POWER ? "set" : "query",
             location->Parameters.Power.Type == SystemPowerState ? "S" : "D",
             location->Parameters.Power.State.SystemState - 1);
    IoSkipCurrentIrpStackLocation(irp);
    return IoCallDriver(extension->lower, irp);
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical)
{
    PDEVICE_OBJECT device = NULL;
    EXTENSION *extension;
    UNICODE_STRING name, link;
    RtlInitUnicodeString(&name, u"\\Device\\Memory0");
    RtlInitUnicodeString(&link, u"\\DosDevices\\Memory0");
    CHECK(IoCreateDevice(driver, sizeof(EXTENSION), &name, FILE_DEVICE_UNKNOWN, 0, FALSE,
                         &device) == STATUS_SUCCESS);
    CHECK(IoCreateSymbolicLink(&link, &name) == STATUS_SUCCESS);
    extension = device->DeviceExtension;
    extension->lower = IoAttachDeviceToDeviceStack(device, physical);
    CHECK(extension->lower == physical && device->StackSize == 2);
    device->Flags = (device->Flags | DO_DIRECT_IO) & ~(ULONG)DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_CREATE] = driver->MajorFunction[IRP_MJ_CLOSE] = open_close;
    driver->MajorFunction[IRP_MJ_CLEANUP] = open_close;
    driver->MajorFunction[IRP_MJ_READ] = driver->MajorFunction[IRP_MJ_WRITE] = transfer;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
    driver->MajorFunction[IRP_MJ_PNP] = pnp;
    driver->MajorFunction[IRP_MJ_POWER] = power;
}
