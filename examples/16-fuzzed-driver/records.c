// SPDX-License-Identifier: MIT
#define RECORDSAPI
#include "records.h"

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI RecordNext(PRECORDS Records, PRECORD Record)
{
    if (Records->Left == 0) {
        return STATUS_NO_MORE_ENTRIES;
    }
    if (Records->Left < 2 || Records->Left - 2 < Records->Next[1]) {
        return STATUS_INVALID_PARAMETER;
    }
    Record->Type = Records->Next[0];
    Record->Length = Records->Next[1];
    Record->Bytes = Records->Next + 2;
    Records->Next += 2 + Record->Length;
    Records->Left -= 2 + (ULONG)Record->Length;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(VOID)
{
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}
