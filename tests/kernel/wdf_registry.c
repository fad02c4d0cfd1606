// SPDX-License-Identifier: MIT
// The driver framework: registry keys.
#define CHECK_OWN_ENTRY
#include "check.h"

#include <wdf.h>

#define W(...)                                                                                     \
    (WCHAR[])                                                                                      \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }

static UNICODE_STRING name(PWSTR text)
{
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, text);
    return string;
}

static void check_values(WDFKEY key)
{
    UNICODE_STRING number = name(W('n')), text = name(W('t')), none = name(W('x'));
    UNICODE_STRING hello = name(W('h', 'i')), got;
    WCHAR room[8];
    WDFSTRING string = NULL;
    ULONG value = 0, length = 0, type = 0;
    USHORT bytes = 0;
    CHECK(WdfRegistryAssignULong(key, &number, 77) == STATUS_SUCCESS);
    CHECK(WdfRegistryQueryULong(key, &number, &value) == STATUS_SUCCESS && value == 77);
    CHECK(WdfRegistryQueryULong(key, &none, &value) == STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(WdfRegistryAssignUnicodeString(key, &text, &hello) == STATUS_SUCCESS);
    CHECK(WdfRegistryQueryULong(key, &text, &value) == STATUS_OBJECT_TYPE_MISMATCH);
    CHECK(WdfRegistryQueryValue(key, &text, sizeof room, room, &length, &type) == STATUS_SUCCESS);
    CHECK(length == 6 && type == REG_SZ && room[1] == 'i' && room[2] == 0);
    CHECK(WdfRegistryQueryValue(key, &text, 4, room, &length, NULL) == STATUS_BUFFER_OVERFLOW);
    CHECK(WdfStringCreate(NULL, WDF_NO_OBJECT_ATTRIBUTES, &string) == STATUS_SUCCESS);
    CHECK(WdfRegistryQueryString(key, &text, string) == STATUS_SUCCESS);
    WdfStringGetUnicodeString(string, &got);
    CHECK(RtlEqualUnicodeString(&got, &hello, FALSE));
    CHECK(WdfRegistryQueryString(key, &number, string) == STATUS_OBJECT_TYPE_MISMATCH);
    got = (UNICODE_STRING){0, sizeof room, room};
    CHECK(WdfRegistryQueryUnicodeString(key, &text, &bytes, &got) == STATUS_SUCCESS);
    CHECK(bytes == 6 && got.Length == 4 && RtlEqualUnicodeString(&got, &hello, FALSE));
    got.MaximumLength = 2;
    CHECK(WdfRegistryQueryUnicodeString(key, &text, &bytes, &got) == STATUS_BUFFER_OVERFLOW);
    CHECK(WdfRegistryAssignValue(key, &none, REG_BINARY, 3, room) == STATUS_SUCCESS);
    CHECK(WdfRegistryRemoveValue(key, &none) == STATUS_SUCCESS);
    CHECK(WdfRegistryRemoveValue(key, &none) == STATUS_OBJECT_NAME_NOT_FOUND);
}

static void check_keys(WDFKEY parent)
{
    UNICODE_STRING below = name(W('b', 'e', 'l', 'o', 'w')), none = name(W('n', 'o', 'n', 'e'));
    WDFKEY key = NULL, again = NULL;
    ULONG disposition = 0;
    CHECK(WdfRegistryCreateKey(parent, &below, KEY_ALL_ACCESS, REG_OPTION_NON_VOLATILE,
                               &disposition, WDF_NO_OBJECT_ATTRIBUTES, &key) == STATUS_SUCCESS);
    CHECK(disposition == REG_CREATED_NEW_KEY && WdfRegistryWdmGetHandle(key) != NULL);
    CHECK(WdfRegistryOpenKey(parent, &below, KEY_READ, WDF_NO_OBJECT_ATTRIBUTES, &again) ==
          STATUS_SUCCESS);
    WdfRegistryClose(again);
    CHECK(WdfRegistryOpenKey(parent, &none, KEY_READ, WDF_NO_OBJECT_ATTRIBUTES, &again) ==
              STATUS_OBJECT_NAME_NOT_FOUND &&
          again == NULL);
    check_values(key);
    CHECK(WdfRegistryRemoveKey(key) == STATUS_SUCCESS);
    CHECK(WdfRegistryOpenKey(parent, &below, KEY_READ, WDF_NO_OBJECT_ATTRIBUTES, &again) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
}

static VOID NTAPI unload(WDFDRIVER driver)
{
    UNREFERENCED_PARAMETER(driver);
}

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG config;
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFKEY key = NULL, service = NULL;
    WDF_DRIVER_CONFIG_INIT(&config, NULL);
    config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    config.EvtDriverUnload = unload;
    CHECK(WdfDriverCreate(DriverObject, RegistryPath, NULL, &config, NULL) == STATUS_SUCCESS);
    CHECK(WdfDriverOpenParametersRegistryKey(WdfGetDriver(), KEY_ALL_ACCESS, NULL, &key) ==
          STATUS_SUCCESS);
    check_keys(key);
    CHECK(WdfRegistryOpenKey(NULL, RegistryPath, KEY_ALL_ACCESS, NULL, &service) == STATUS_SUCCESS);
    CHECK(WdfRegistryRemoveKey(service) == STATUS_CANNOT_DELETE);
    WdfRegistryClose(key);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.Size = 1;
    CHECK(WdfDriverOpenParametersRegistryKey(WdfGetDriver(), KEY_READ, &attributes, &key) ==
          STATUS_INFO_LENGTH_MISMATCH);
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
