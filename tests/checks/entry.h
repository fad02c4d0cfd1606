// SPDX-License-Identifier: MIT
// The entry of the drivers of this folder, behind their table of acts.
#ifndef KLDR_TESTS_CHECKS_ENTRY_H
#define KLDR_TESTS_CHECKS_ENTRY_H

#include "acts.h"

static const struct act *act;

// The service's name: what follows the last backslash of its registry path.
static UNICODE_STRING service_of(const UNICODE_STRING *path)
{
    USHORT first = path->Length / sizeof(WCHAR);
    while (first > 0 && path->Buffer[first - 1] != '\\') {
        first--;
    }
    USHORT length = (USHORT)(path->Length - first * sizeof(WCHAR));
    return (UNICODE_STRING){length, length, path->Buffer + first};
}

static BOOLEAN is_named(const UNICODE_STRING *service, const char *name)
{
    USHORT i = 0, count = service->Length / sizeof(WCHAR);
    while (i < count && name[i] != '\0' && service->Buffer[i] == name[i]) {
        i++;
    }
    return i == count && name[i] == '\0';
}

static NTSTATUS create_device(const UNICODE_STRING *service)
{
    WCHAR text[64];
    UNICODE_STRING name = {0, sizeof text, text};
    RtlAppendUnicodeToString(&name, u"\\Device\\");
    RtlAppendUnicodeStringToString(&name, service);
    return IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
}

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT target, PIRP irp)
{
    BOOLEAN write = IoGetCurrentIrpStackLocation(irp)->MajorFunction == IRP_MJ_WRITE;
    return write && act->write != NULL ? act->write(target, irp) : complete(irp, STATUS_SUCCESS);
}

static VOID NTAPI unload(PDRIVER_OBJECT object)
{
    UNREFERENCED_PARAMETER(object);
    IoDeleteDevice(device);
    if (act->unload != NULL) {
        act->unload();
    }
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    const UNICODE_STRING service = service_of(RegistryPath);
    driver = DriverObject;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        act = is_named(&service, acts[i].name) ? &acts[i] : act;
    }
    if (act == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    DriverObject->DriverUnload = unload;
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        DriverObject->MajorFunction[i] = dispatch;
    }
    NTSTATUS status = create_device(&service);
    if (NT_SUCCESS(status) && act->load != NULL) {
        act->load();
    }
    return status;
}

#endif
