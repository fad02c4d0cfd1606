// SPDX-License-Identifier: MIT
// WDFLDR.SYS: what a bind checks, and both ways in which a client gets its function table.
#include "check.h"

#include <wdf.h>

NTSTATUS NTAPI WdfVersionBind(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                              PWDF_BIND_INFO BindInfo, PWDF_COMPONENT_GLOBALS *ComponentGlobals);
NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, PWDF_BIND_INFO BindInfo,
                                PWDF_COMPONENT_GLOBALS ComponentGlobals);

static WCHAR component[] = {'K', 'm', 'd', 'f', 'L', 'i', 'b', 'r', 'a', 'r', 'y', 0};
static WCHAR other[] = {'U', 'm', 'd', 'f', 'L', 'i', 'b', 'r', 'a', 'r', 'y', 0};
static WDFFUNC old_table[396], *new_table;

static WDF_BIND_INFO info_of(ULONG minor, ULONG count, WDFFUNC *table)
{
    return (WDF_BIND_INFO){sizeof(WDF_BIND_INFO), component, {1, minor, 0}, count, table, NULL};
}

static NTSTATUS bind(PDRIVER_OBJECT driver, PUNICODE_STRING path, WDF_BIND_INFO info)
{
    PWDF_COMPONENT_GLOBALS globals = NULL;
    return WdfVersionBind(driver, path, &info, &globals);
}

static void check_refused(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    WDF_BIND_INFO info = info_of(9, 396, old_table);
    info.Size--;
    CHECK(bind(driver, path, info) == STATUS_INVALID_PARAMETER);
    info = info_of(9, 396, NULL);
    CHECK(bind(driver, path, info) == STATUS_INVALID_PARAMETER);
    info = info_of(9, 395, old_table); // no version had that many
    CHECK(bind(driver, path, info) == STATUS_INVALID_PARAMETER);
    info = info_of(9, 396, old_table);
    info.Component = other;
    CHECK(bind(driver, path, info) == STATUS_NOT_FOUND);
    info.Component = component;
    info.Version.Major = 2;
    CHECK(bind(driver, path, info) == STATUS_NOT_FOUND);
    CHECK(old_table[0] == NULL);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    WDF_BIND_INFO old = info_of(9, 396, old_table);
    WDF_BIND_INFO new = info_of(15, 444, (WDFFUNC *)(PVOID)&new_table);
    PWDF_COMPONENT_GLOBALS first = NULL, second = NULL;
    check_refused(driver, path);
    CHECK(WdfVersionBind(driver, path, &old, &first) == STATUS_SUCCESS && first != NULL);
    CHECK(WdfVersionBind(driver, path, &new, &second) == STATUS_SUCCESS && second != first);
    CHECK(old.Module != NULL && new.Module == old.Module);
    for (ULONG i = 0; i < RTL_NUMBER_OF(old_table); i++) {
        CHECK(old_table[i] != NULL && old_table[i] == new_table[i]);
    }
    CHECK(new_table[443] != NULL && new_table[116] != new_table[117]);
    CHECK(WdfVersionUnbind(path, &new, second) == STATUS_SUCCESS && new.Module == NULL);
    CHECK(WdfVersionUnbind(path, &new, second) == STATUS_INVALID_PARAMETER);
    CHECK(WdfVersionUnbind(path, &old, first) == STATUS_SUCCESS);
}
