// SPDX-License-Identifier: MIT
// What stands between the I/O manager and a framework driver's own DriverEntry: it binds the driver
// to the framework, and unbinds it when it unloads or did not start. With KLDR_KMDF_TABLE the
// function table is the driver's own, as for versions up to 1.13.
#include <wdf.h>

#ifndef KLDR_KMDF_MINOR
#define KLDR_KMDF_MINOR 31
#define KLDR_KMDF_COUNT 458
#endif

NTSTATUS NTAPI WdfVersionBind(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                              PWDF_BIND_INFO BindInfo, PWDF_COMPONENT_GLOBALS *ComponentGlobals);
NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, PWDF_BIND_INFO BindInfo,
                                PWDF_COMPONENT_GLOBALS ComponentGlobals);

DRIVER_INITIALIZE DriverEntry, FxDriverEntry;

PWDF_DRIVER_GLOBALS WdfDriverGlobals;
#ifdef KLDR_KMDF_TABLE
static WDFFUNC table[KLDR_KMDF_COUNT];
WDFFUNC *WdfFunctions = table;
#define TABLE table
#else
WDFFUNC *WdfFunctions;
#define TABLE ((WDFFUNC *)(PVOID)&WdfFunctions)
#endif

static WCHAR component[] = L"KmdfLibrary";
static WDF_BIND_INFO bind_info = {sizeof bind_info, component, {1, KLDR_KMDF_MINOR, 0},
                                  KLDR_KMDF_COUNT,  TABLE,     NULL};
static WCHAR path_text[260];
static UNICODE_STRING path = {0, sizeof path_text, path_text};
static PDRIVER_UNLOAD displaced;

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    if (displaced != NULL) {
        displaced(DriverObject);
    }
    WdfVersionUnbind(&path, &bind_info, (PWDF_COMPONENT_GLOBALS)WdfDriverGlobals);
}

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    RtlCopyUnicodeString(&path, RegistryPath);
    NTSTATUS status = WdfVersionBind(DriverObject, &path, &bind_info,
                                     (PWDF_COMPONENT_GLOBALS *)(PVOID)&WdfDriverGlobals);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = DriverEntry(DriverObject, RegistryPath);
    if (!NT_SUCCESS(status)) {
        WdfVersionUnbind(&path, &bind_info, (PWDF_COMPONENT_GLOBALS)WdfDriverGlobals);
    } else if (WdfDriverGlobals->DisplaceDriverUnload) {
        displaced = DriverObject->DriverUnload;
        DriverObject->DriverUnload = unload;
    }
    return status;
}
