// SPDX-License-Identifier: MIT
// An export driver that writes where it is told. symbols.sh looks for the marks.
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
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

FORCEINLINE VOID put(volatile ULONG *Place)
{
    *Place = 1; // mark: inlined
}

static __declspec(noinline) VOID touch(volatile ULONG *Place)
{
    put(Place);
}

VOID NTAPI TouchChannel(volatile ULONG *Place)
{
    touch(Place); // mark: export
    DbgPrint("there is a channel\n");
}
