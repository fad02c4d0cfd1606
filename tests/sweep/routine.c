// SPDX-License-Identifier: MIT
// A routine that is told of images, and a block. FAULTY: the routine stays registered when there is
// no block, and the driver goes.
#include "twin.h"

static PVOID block;

static VOID NTAPI told(PUNICODE_STRING name, HANDLE process, PIMAGE_INFO info)
{
    UNREFERENCED_PARAMETER(name);
    UNREFERENCED_PARAMETER(process);
    UNREFERENCED_PARAMETER(info);
}

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    PsRemoveLoadImageNotifyRoutine(told);
    ExFreePoolWithTag(block, TAG);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    NTSTATUS status = PsSetLoadImageNotifyRoutine(told);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, TAG);
    if (block != NULL) {
        return STATUS_SUCCESS;
    }
    if (!FAULTY) {
        PsRemoveLoadImageNotifyRoutine(told);
    }
    return STATUS_INSUFFICIENT_RESOURCES;
}
