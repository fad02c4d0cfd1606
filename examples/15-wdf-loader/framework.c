// SPDX-License-Identifier: MIT
// A mock of the framework library, version 1.15, with two functions of its own. It registers itself
// with WDFLDR.SYS and fills the tables of clients.
#include "wdf.h"

#define MINOR_VERSION 15

DRIVER_INITIALIZE DriverEntry;

static ULONG globals; // what clients hand back
static ULONG registered;

static ULONG sum(PVOID handle, ULONG first, ULONG second)
{
    return handle == &globals ? first + second : 0;
}

static ULONG count_clients(PVOID handle)
{
    return handle == &globals ? registered : 0;
}

static WDFFUNC const functions[] = {(WDFFUNC)sum, (WDFFUNC)count_clients};

static NTSTATUS commission(VOID)
{
    DbgPrint("framework: commissioned\n");
    return STATUS_SUCCESS;
}

static NTSTATUS decommission(VOID)
{
    return registered == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

// A client made for a later version, or with more functions than there are, is refused.
static NTSTATUS register_client(PWDF_BIND_INFO info, PWDF_COMPONENT_GLOBALS *out_globals,
                                PVOID *context)
{
    UNREFERENCED_PARAMETER(context);
    if (info->Version.Minor > MINOR_VERSION || info->FuncCount > RTL_NUMBER_OF(functions)) {
        DbgPrint("framework: no version 1.%lu with %lu functions\n", info->Version.Minor,
                 info->FuncCount);
        return STATUS_INVALID_PARAMETER;
    }
    RtlCopyMemory(info->FuncTable, functions, info->FuncCount * sizeof functions[0]);
    *out_globals = &globals;
    registered++;
    return STATUS_SUCCESS;
}

static NTSTATUS unregister_client(PWDF_BIND_INFO info, PWDF_COMPONENT_GLOBALS handle)
{
    UNREFERENCED_PARAMETER(info);
    if (handle != &globals) {
        return STATUS_INVALID_PARAMETER;
    }
    registered--;
    return STATUS_SUCCESS;
}

static WDF_LIBRARY_INFO library = {
    sizeof library,  commission,        decommission,
    register_client, unregister_client, {1, MINOR_VERSION, 0},
};

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    DbgPrint("framework: unloads with %lu clients\n", registered);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING device;
    RtlInitUnicodeString(&device, L"\\Device\\KMDF0");
    DriverObject->DriverUnload = unload;
    return WdfRegisterLibrary(&library, RegistryPath, &device);
}
