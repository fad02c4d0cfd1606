// SPDX-License-Identifier: MIT
// A stand-in for WDFLDR.SYS: as much of the bind protocol as the load of a KMDF driver needs. The
// framework itself is not here: it is whatever driver the scenario gives as wdf01000.sys.
//
// One framework at a time, and binds one after the other, as drivers start and unload. Class
// extensions and the loader's own interface are kldr's limits, and stop with a code of its own.
#define WDF_LOADER_ITSELF
#include "wdf.h"

#define KLDR_LACKS 0xE0000001u

static struct {
    PWDF_LIBRARY_INFO library; // NULL: none is registered
    UNICODE_STRING service;
    WCHAR service_text[96];
    ULONG clients;
    BOOLEAN loading, loaded; // by WdfVersionBind, not by somebody else
} framework;

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DllInitialize(PUNICODE_STRING RegistryPath);
NTSTATUS NTAPI DllUnload(VOID);

// "Wdf01000" for version 1 (reported, unverified: Windows looks the name up in its registry).
static VOID name_service(ULONG major)
{
    static const WCHAR text[] =
        L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\Wdf00000";
    RtlCopyMemory(framework.service_text, text, sizeof text);
    framework.service_text[RTL_NUMBER_OF(text) - 6] = (WCHAR)(L'0' + major / 10 % 10);
    framework.service_text[RTL_NUMBER_OF(text) - 5] = (WCHAR)(L'0' + major % 10);
    RtlInitUnicodeString(&framework.service, framework.service_text);
}

static VOID drop_framework(VOID)
{
    if (framework.library != NULL && framework.loaded && framework.clients == 0) {
        NTSTATUS status = framework.library->LibraryDecommission();
        DbgPrint("wdfldr: framework decommissioned, status 0x%08X\n", status);
        framework.library = NULL;
        framework.loaded = FALSE;
        status = ZwUnloadDriver(&framework.service);
        DbgPrint("wdfldr: framework unloaded, status 0x%08X\n", status);
    }
}

static NTSTATUS load_framework(ULONG major)
{
    name_service(major);
    framework.loading = TRUE;
    NTSTATUS status = ZwLoadDriver(&framework.service);
    framework.loading = FALSE;
    if (!NT_SUCCESS(status)) {
        framework.library = NULL; // a DriverEntry may have failed after it registered
        DbgPrint("wdfldr: no framework %wZ, status 0x%08X; kldr does not simulate it, give a "
                 "service Wdf01000 and its image\n",
                 &framework.service, status);
        return status;
    }
    framework.loaded = TRUE;
    if (framework.library == NULL) {
        DbgPrint("wdfldr: %wZ did not register itself\n", &framework.service);
        ZwUnloadDriver(&framework.service);
        framework.loaded = FALSE;
        return STATUS_NOT_FOUND;
    }
    status = framework.library->LibraryCommission();
    if (!NT_SUCCESS(status)) {
        drop_framework();
    }
    return status;
}

// Sizes may grow with the version. The statuses are reported, unverified.
static NTSTATUS check_bind_info(const WDF_BIND_INFO *info)
{
    if (info == NULL || info->Size < sizeof *info || info->Component == NULL ||
        (info->FuncTable == NULL && info->FuncCount != 0)) {
        return STATUS_INVALID_PARAMETER;
    }
    UNICODE_STRING asked, known;
    RtlInitUnicodeString(&asked, info->Component);
    RtlInitUnicodeString(&known, L"KmdfLibrary");
    if (!RtlEqualUnicodeString(&asked, &known, TRUE)) {
        DbgPrint("wdfldr: no component %wZ\n", &asked);
        return STATUS_NOT_FOUND;
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI WdfVersionBind(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                              PWDF_BIND_INFO BindInfo, PWDF_COMPONENT_GLOBALS *ComponentGlobals)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    if (DriverObject == NULL || ComponentGlobals == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    NTSTATUS status = check_bind_info(BindInfo);
    if (NT_SUCCESS(status) && framework.library == NULL) {
        status = load_framework(BindInfo->Version.Major);
    }
    if (!NT_SUCCESS(status)) {
        return status;
    }
    if (framework.library->Version.Major != BindInfo->Version.Major) {
        drop_framework();
        return STATUS_NOT_FOUND;
    }
    PVOID context = DriverObject;
    framework.clients++;
    BindInfo->Module = &framework;
    status = framework.library->LibraryRegisterClient(BindInfo, ComponentGlobals, &context);
    if (!NT_SUCCESS(status)) {
        BindInfo->Module = NULL;
        framework.clients--;
        drop_framework();
        return status;
    }
    DbgPrint("wdfldr: %lu clients\n", framework.clients);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, PWDF_BIND_INFO BindInfo,
                                PWDF_COMPONENT_GLOBALS ComponentGlobals)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    if (BindInfo == NULL || BindInfo->Module != &framework) {
        DbgPrint("wdfldr: unbind without a bind\n");
        return STATUS_INVALID_PARAMETER;
    }
    NTSTATUS status = framework.library->LibraryUnregisterClient(BindInfo, ComponentGlobals);
    BindInfo->Module = NULL;
    framework.clients--;
    DbgPrint("wdfldr: %lu clients\n", framework.clients);
    drop_framework();
    return status;
}

NTSTATUS NTAPI WdfRegisterLibrary(PWDF_LIBRARY_INFO LibraryInfo, PUNICODE_STRING ServicePath,
                                  PCUNICODE_STRING LibraryDeviceName)
{
    UNREFERENCED_PARAMETER(ServicePath);
    UNREFERENCED_PARAMETER(LibraryDeviceName);
    if (LibraryInfo == NULL || LibraryInfo->Size < sizeof *LibraryInfo || !framework.loading) {
        DbgPrint(
            "wdfldr: a library registers itself that no client asked for, or a wrong record\n");
        return STATUS_INVALID_PARAMETER;
    }
    framework.library = LibraryInfo;
    return STATUS_SUCCESS;
}

static VOID lacks(const char *what)
{
    DbgPrint("wdfldr: kldr does not simulate %s\n", what);
    KeBugCheckEx(KLDR_LACKS, 0, 0, 0, 0);
}

NTSTATUS NTAPI WdfVersionBindClass(PWDF_BIND_INFO BindInfo,
                                   PWDF_COMPONENT_GLOBALS *ComponentGlobals, PVOID ClassBindInfo)
{
    UNREFERENCED_PARAMETER(BindInfo);
    UNREFERENCED_PARAMETER(ComponentGlobals);
    UNREFERENCED_PARAMETER(ClassBindInfo);
    lacks("class extensions (WdfVersionBindClass)");
    return STATUS_UNSUCCESSFUL;
}

VOID NTAPI WdfVersionUnbindClass(PWDF_BIND_INFO BindInfo, PWDF_COMPONENT_GLOBALS ComponentGlobals,
                                 PVOID ClassBindInfo)
{
    UNREFERENCED_PARAMETER(BindInfo);
    UNREFERENCED_PARAMETER(ComponentGlobals);
    UNREFERENCED_PARAMETER(ClassBindInfo);
    lacks("class extensions (WdfVersionUnbindClass)");
}

NTSTATUS NTAPI WdfLdrQueryInterface(PVOID LoaderInterface)
{
    UNREFERENCED_PARAMETER(LoaderInterface);
    lacks("the loader's interface (WdfLdrQueryInterface)");
    return STATUS_UNSUCCESSFUL;
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

// Nobody starts it as a service.
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}
