// SPDX-License-Identifier: MIT
// A driver shaped as KMDF drivers are: binds before anything else, calls through its function
// table, and unbinds when it unloads. The macros make it wrong in one way each.
#include "wdf.h"

#ifndef MINOR
#define MINOR 15
#endif
#ifndef FUNCTIONS
#define FUNCTIONS 2
#endif
#ifndef SIZE
#define SIZE sizeof(WDF_BIND_INFO)
#endif
#ifdef STRANGER
#define COMPONENT L"UmdfLibrary"
#else
#define COMPONENT L"KmdfLibrary"
#endif

typedef ULONG (*SUM)(PVOID globals, ULONG first, ULONG second);
typedef ULONG (*COUNT_CLIENTS)(PVOID globals);

DRIVER_INITIALIZE DriverEntry;

static WCHAR component[] = COMPONENT;
static WDFFUNC table[FUNCTIONS];
static PWDF_COMPONENT_GLOBALS globals;
static WDF_BIND_INFO bind_info = {SIZE, component, {1, MINOR, 0}, FUNCTIONS, table, NULL};

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    NTSTATUS status = WdfVersionUnbind(NULL, &bind_info, globals);
    DbgPrint("client: unbound, status 0x%08X\n", status);
    status = WdfVersionUnbind(NULL, &bind_info, globals);
    DbgPrint("client: again, status 0x%08X\n", status);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = WdfVersionBind(DriverObject, RegistryPath, &bind_info, &globals);
    if (!NT_SUCCESS(status)) {
        return status;
    }
#ifdef CLASS
    WdfVersionBindClass(&bind_info, &globals, NULL);
#endif
    DriverObject->DriverUnload = unload;
    DbgPrint("client: 40 + 2 = %lu, %lu clients\n", ((SUM)table[0])(globals, 40, 2),
             ((COUNT_CLIENTS)table[1])(globals));
    return STATUS_SUCCESS;
}
