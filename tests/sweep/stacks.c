// SPDX-License-Identifier: MIT
// One function that asks for pool, from two places, three times each: two call stacks.
#include "twin.h"

static __attribute__((noinline)) NTSTATUS borrow(ULONG size)
{
    PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED, size, TAG);
    if (block == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ExFreePoolWithTag(block, TAG);
    return STATUS_SUCCESS;
}

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = STATUS_SUCCESS;
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = unload;
    for (volatile ULONG i = 0; i < 3 && NT_SUCCESS(status); i++) {
        status = borrow(16 + i);
    }
    for (volatile ULONG i = 0; i < 3 && NT_SUCCESS(status); i++) {
        status = borrow(64 + i);
    }
    return status;
}
