// SPDX-License-Identifier: MIT
// What the drivers of this folder have in common: claims, each printed when it does not hold, and a
// DriverEntry that calls the driver's check() and fails when a claim did, unless CHECK_OWN_ENTRY is
// defined.
#ifndef KLDR_TESTS_KERNEL_CHECK_H
#define KLDR_TESTS_KERNEL_CHECK_H

#include <ntddk.h>

#define TAG 0x74736554u // 'Test'

#define CHECK(claim)                                                                               \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            DbgPrint("line %d: %s\n", __LINE__, #claim);                                           \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

static int failures;

#ifndef CHECK_OWN_ENTRY
static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path);

static VOID NTAPI check_unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    DriverObject->DriverUnload = check_unload;
    check(DriverObject, RegistryPath);
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
#endif

#endif
