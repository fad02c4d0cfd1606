// SPDX-License-Identifier: MIT
// label.sys keeps a text of at most LABEL_SIZE bytes, which programs set by records.
//
// PLANTED plants a bug for a fuzzer to find: 1, the length of a record is trusted, so that pool is
// written beyond its end; 2, a block of pool is forgotten when a record is refused.
#include "label.h"

#include "records.h"

#ifndef PLANTED
#define PLANTED 0
#endif

#define LABEL_TAG 0x6C62614Cu

DRIVER_INITIALIZE DriverEntry;

typedef struct _LABEL {
    ULONG Used;
    PUCHAR Text;
} LABEL, *PLABEL;

static UNICODE_STRING device_name = RTL_CONSTANT_STRING(u"\\Device\\Label");

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

// ---- IOCTL_LABEL_SET ----

static NTSTATUS append(PLABEL label, const RECORD *record)
{
#if PLANTED == 1
    if (record->Length > LABEL_SIZE) {
#else
    if (record->Length > LABEL_SIZE - label->Used) {
#endif
        return STATUS_NAME_TOO_LONG;
    }
    RtlCopyMemory(label->Text + label->Used, record->Bytes, record->Length);
    label->Used += record->Length;
    return STATUS_SUCCESS;
}

static NTSTATUS take_record(PLABEL label, const RECORD *record)
{
    switch (record->Type) {
    case LABEL_TEXT:
        label->Used = 0;
        return append(label, record);
    case LABEL_APPEND:
        return append(label, record);
    case LABEL_REMARK:
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

static NTSTATUS take_records(PLABEL label, const LABEL_HEADER *header, ULONG length)
{
    RECORDS records = {(const UCHAR *)(header + 1), length - (ULONG)sizeof *header};
    RECORD record;
    for (ULONG i = 0; i < header->Count; i++) {
        NTSTATUS status = RecordNext(&records, &record);
        if (!NT_SUCCESS(status)) {
            return status;
        }
        status = take_record(label, &record);
        if (status != STATUS_SUCCESS) {
            return status;
        }
    }
    return records.Left == 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static NTSTATUS set(PLABEL label, const LABEL_HEADER *header, ULONG length)
{
    LABEL made = {0, NULL};
    NTSTATUS status;
    if (length < sizeof *header || header->Magic != LABEL_MAGIC) {
        return STATUS_INVALID_PARAMETER;
    }
    made.Text = ExAllocatePoolWithTag(NonPagedPoolNx, LABEL_SIZE, LABEL_TAG);
    if (made.Text == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    status = take_records(&made, header, length);
    if (status != STATUS_SUCCESS) {
#if PLANTED == 2
        if (status == STATUS_NAME_TOO_LONG) {
            return status;
        }
#endif
        ExFreePoolWithTag(made.Text, LABEL_TAG);
        return status;
    }
    if (label->Text != NULL) {
        ExFreePoolWithTag(label->Text, LABEL_TAG);
    }
    *label = made;
    return STATUS_SUCCESS;
}

// ---- the others ----

static VOID clear(PLABEL label)
{
    if (label->Text != NULL) {
        ExFreePoolWithTag(label->Text, LABEL_TAG);
    }
    label->Text = NULL;
    label->Used = 0;
}

static NTSTATUS get(const LABEL *label, PVOID buffer, ULONG length, PULONG_PTR information)
{
    if (length < label->Used) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    if (label->Used != 0) {
        RtlCopyMemory(buffer, label->Text, label->Used);
    }
    *information = label->Used;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(Irp);
    PLABEL label = DeviceObject->DeviceExtension;
    PVOID buffer = Irp->AssociatedIrp.SystemBuffer;
    ULONG_PTR information = 0;
    NTSTATUS status = STATUS_SUCCESS;

    switch (location->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_LABEL_SET:
        status = set(label, buffer, location->Parameters.DeviceIoControl.InputBufferLength);
        break;
    case IOCTL_LABEL_GET:
        status = get(label, buffer, location->Parameters.DeviceIoControl.OutputBufferLength,
                     &information);
        break;
    case IOCTL_LABEL_CLEAR:
        clear(label);
        break;
    default:
        status = STATUS_INVALID_DEVICE_REQUEST;
        break;
    }
    return complete(Irp, status, information);
}

static NTSTATUS NTAPI open_close(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return complete(Irp, STATUS_SUCCESS, 0);
}

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    clear(DriverObject->DeviceObject->DeviceExtension);
    IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    PDEVICE_OBJECT device = NULL;
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = open_close;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = open_close;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = open_close;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
    DriverObject->DriverUnload = unload;
    return IoCreateDevice(DriverObject, sizeof(LABEL), &device_name, FILE_DEVICE_UNKNOWN, 0, FALSE,
                          &device);
}
