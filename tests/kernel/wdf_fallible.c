// SPDX-License-Identifier: MIT
// The first call of each function of the driver framework that can be made to fail, failing, before
// it looks at its arguments.
#define CHECK_OWN_ENTRY
#include "check.h"

#include <wdf.h>

#define RESOURCES(call) CHECK((call) == STATUS_INSUFFICIENT_RESOURCES)

static void check_objects(void)
{
    RESOURCES(WdfCollectionAdd(NULL, NULL));
    RESOURCES(WdfCollectionCreate(NULL, NULL));
    RESOURCES(WdfMemoryCreate(NULL, NonPagedPool, 0, 0, NULL, NULL));
    RESOURCES(WdfMemoryCreatePreallocated(NULL, NULL, 0, NULL));
    RESOURCES(WdfObjectAllocateContext(NULL, NULL, NULL));
    RESOURCES(WdfObjectCreate(NULL, NULL));
    RESOURCES(WdfSpinLockCreate(NULL, NULL));
    RESOURCES(WdfStringCreate(NULL, NULL, NULL));
    RESOURCES(WdfWaitLockCreate(NULL, NULL));
}

static void check_registry(void)
{
    RESOURCES(WdfDriverOpenParametersRegistryKey(NULL, 0, NULL, NULL));
    RESOURCES(WdfRegistryAssignULong(NULL, NULL, 0));
    RESOURCES(WdfRegistryAssignUnicodeString(NULL, NULL, NULL));
    RESOURCES(WdfRegistryAssignValue(NULL, NULL, 0, 0, NULL));
    RESOURCES(WdfRegistryCreateKey(NULL, NULL, 0, 0, NULL, NULL, NULL));
    RESOURCES(WdfRegistryOpenKey(NULL, NULL, 0, NULL, NULL));
    RESOURCES(WdfRegistryQueryString(NULL, NULL, NULL));
    RESOURCES(WdfRegistryQueryULong(NULL, NULL, NULL));
    RESOURCES(WdfRegistryQueryUnicodeString(NULL, NULL, NULL, NULL));
    RESOURCES(WdfRegistryQueryValue(NULL, NULL, 0, NULL, NULL, NULL));
}

static VOID NTAPI unload(WDFDRIVER driver)
{
    UNREFERENCED_PARAMETER(driver);
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG config;
    WDF_DRIVER_CONFIG_INIT(&config, NULL);
    config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    config.EvtDriverUnload = unload;
    RESOURCES(WdfDriverCreate(DriverObject, RegistryPath, NULL, &config, NULL));
    check_objects();
    check_registry();
    CHECK(WdfDriverCreate(DriverObject, RegistryPath, NULL, &config, NULL) == STATUS_SUCCESS);
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
