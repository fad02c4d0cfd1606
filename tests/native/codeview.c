// SPDX-License-Identifier: MIT
// A driver that has an export driver write to address 0.
#include <ntddk.h>

DECLSPEC_IMPORT VOID NTAPI TouchChannel(volatile ULONG *Place);

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    TouchChannel(NULL); // mark: call
    return STATUS_SUCCESS;
}
