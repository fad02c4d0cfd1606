// SPDX-License-Identifier: MIT
// An IRP of the driver's own. FAULTY: it is written to without a look at whether there is one.
#include "twin.h"

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    PIRP irp = IoAllocateIrp(1, FALSE);
    if (irp == NULL && !FAULTY) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    IoFreeIrp(irp);
    return STATUS_SUCCESS;
}
