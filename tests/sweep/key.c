// SPDX-License-Identifier: MIT
// A key is opened and a value set. FAULTY: the handle stays open when the value cannot be set.
#include "twin.h"

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    ULONG value = 1;
    HANDLE key;
    DriverObject->DriverUnload = unload;
    RtlInitUnicodeString(&name, L"Started");
    InitializeObjectAttributes(&attributes, RegistryPath, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE,
                               NULL, NULL);
    NTSTATUS status = ZwOpenKey(&key, KEY_ALL_ACCESS, &attributes);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = ZwSetValueKey(key, &name, 0, REG_DWORD, &value, sizeof value);
    if (NT_SUCCESS(status) || !FAULTY) {
        ZwClose(key);
    }
    return status;
}
