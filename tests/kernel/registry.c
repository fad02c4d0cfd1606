// SPDX-License-Identifier: MIT
// The registry: keys, values, information, tables.
#include "check.h"

#define W(...)                                                                                     \
    (WCHAR[])                                                                                      \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }

static UCHAR room[256];

static OBJECT_ATTRIBUTES attributes(PUNICODE_STRING name, HANDLE root)
{
    OBJECT_ATTRIBUTES given;
    InitializeObjectAttributes(&given, name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, root, NULL);
    return given;
}

static NTSTATUS open(PHANDLE key, PWSTR name, HANDLE root)
{
    UNICODE_STRING text;
    RtlInitUnicodeString(&text, name);
    OBJECT_ATTRIBUTES given = attributes(&text, root);
    return ZwOpenKey(key, KEY_READ, &given);
}

static NTSTATUS create(PHANDLE key, PWSTR name, HANDLE root, ULONG options, PULONG disposition)
{
    UNICODE_STRING text;
    RtlInitUnicodeString(&text, name);
    OBJECT_ATTRIBUTES given = attributes(&text, root);
    return ZwCreateKey(key, KEY_ALL_ACCESS, &given, 0, NULL, options, disposition);
}

static void check_service(PUNICODE_STRING path)
{
    HANDLE key = NULL, again = NULL;
    UNICODE_STRING name;
    ULONG length = 0;
    OBJECT_ATTRIBUTES given = attributes(path, NULL);
    PKEY_VALUE_PARTIAL_INFORMATION value = (PVOID)room;
    CHECK(ZwOpenKey(&key, KEY_READ, &given) == STATUS_SUCCESS);
    CHECK(ZwOpenKeyEx(&again, KEY_READ, &given, 0) == STATUS_SUCCESS && again != key);
    CHECK(ZwClose(again) == STATUS_SUCCESS);
    CHECK(ZwOpenKeyEx(&again, KEY_READ, &given, 0x80) == STATUS_INVALID_PARAMETER);
    RtlInitUnicodeString(&name, W('t', 'Y', 'p', 'e'));
    CHECK(ZwQueryValueKey(key, &name, KeyValuePartialInformation, value, sizeof room, &length) ==
          STATUS_SUCCESS);
    CHECK(length == 16 && value->Type == REG_DWORD && *(PULONG)value->Data == 1);
    CHECK(ZwQueryValueKey(key, &name, KeyValuePartialInformation, value, 8, &length) ==
          STATUS_BUFFER_TOO_SMALL);
    CHECK(ZwQueryValueKey(key, &name, KeyValuePartialInformation, value, 14, &length) ==
              STATUS_BUFFER_OVERFLOW &&
          length == 16);
    RtlInitUnicodeString(&name, W('n', 'o'));
    CHECK(ZwQueryValueKey(key, &name, KeyValuePartialInformation, value, sizeof room, &length) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(ZwQueryValueKey(key, &name, (KEY_VALUE_INFORMATION_CLASS)77, value, sizeof room,
                          &length) == STATUS_INVALID_PARAMETER);
    CHECK(ZwClose(key) == STATUS_SUCCESS && ZwClose(key) == STATUS_INVALID_HANDLE);
    CHECK(open(&key, W('\\', 'R', 'e', 'g', 'i', 's', 't', 'r', 'y', '\\', 'x'), NULL) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
}

static void check_values(HANDLE key)
{
    UNICODE_STRING first, second;
    ULONG number = 7, length = 0;
    PKEY_VALUE_FULL_INFORMATION full = (PVOID)room;
    PKEY_VALUE_BASIC_INFORMATION basic = (PVOID)room;
    RtlInitUnicodeString(&first, W('o', 'n', 'e'));
    RtlInitUnicodeString(&second, W('t', 'w', 'o'));
    CHECK(ZwSetValueKey(key, &first, 0, REG_DWORD, &number, 4) == STATUS_SUCCESS);
    CHECK(ZwSetValueKey(key, &second, 0, REG_SZ, W('a', 'b'), 6) == STATUS_SUCCESS);
    CHECK(ZwSetValueKey((HANDLE)0x4444, &first, 0, REG_DWORD, &number, 4) == STATUS_INVALID_HANDLE);
    CHECK(ZwEnumerateValueKey(key, 1, KeyValueFullInformation, full, sizeof room, &length) ==
          STATUS_SUCCESS);
    CHECK(full->NameLength == 6 && full->Name[0] == 't' && full->DataLength == 6);
    CHECK(room[full->DataOffset] == 'a' && length == full->DataOffset + 6);
    CHECK(ZwEnumerateValueKey(key, 0, KeyValueBasicInformation, basic, sizeof room, &length) ==
          STATUS_SUCCESS);
    CHECK(basic->Type == REG_DWORD && basic->NameLength == 6 && basic->Name[2] == 'e');
    CHECK(ZwEnumerateValueKey(key, 2, KeyValueBasicInformation, basic, sizeof room, &length) ==
          STATUS_NO_MORE_ENTRIES);
    CHECK(ZwDeleteValueKey(key, &first) == STATUS_SUCCESS);
    CHECK(ZwDeleteValueKey(key, &first) == STATUS_OBJECT_NAME_NOT_FOUND);
}

static void check_keys(HANDLE service)
{
    HANDLE key = NULL, child = NULL, other = NULL;
    ULONG disposition = 0, length = 0;
    PKEY_BASIC_INFORMATION basic = (PVOID)room;
    PKEY_FULL_INFORMATION full = (PVOID)room;
    PKEY_NAME_INFORMATION name = (PVOID)room;
    CHECK(create(&key, W('S', 'u', 'b'), service, 0, &disposition) == STATUS_SUCCESS);
    CHECK(disposition == REG_CREATED_NEW_KEY);
    CHECK(create(&other, W('s', 'u', 'B'), service, 0, &disposition) == STATUS_SUCCESS);
    CHECK(disposition == REG_OPENED_EXISTING_KEY && ZwClose(other) == STATUS_SUCCESS);
    CHECK(create(&other, W('x', '\\', 'y'), service, 0, NULL) == STATUS_OBJECT_NAME_NOT_FOUND);
    check_values(key);
    CHECK(create(&child, W('b'), key, REG_OPTION_VOLATILE, NULL) == STATUS_SUCCESS);
    CHECK(create(&other, W('c'), child, 0, NULL) == STATUS_CHILD_MUST_BE_VOLATILE);
    CHECK(create(&other, W('a'), key, 0, NULL) == STATUS_SUCCESS && ZwClose(other) == 0);
    CHECK(ZwEnumerateKey(key, 0, KeyBasicInformation, basic, sizeof room, &length) ==
          STATUS_SUCCESS);
    CHECK(basic->NameLength == 2 && basic->Name[0] == 'a' && length == 18);
    CHECK(ZwEnumerateKey(key, 2, KeyBasicInformation, basic, sizeof room, &length) ==
          STATUS_NO_MORE_ENTRIES);
    CHECK(ZwQueryKey(key, KeyFullInformation, full, sizeof room, &length) == STATUS_SUCCESS);
    CHECK(full->SubKeys == 2 && full->Values == 1 && full->MaxValueDataLen == 6);
    CHECK(ZwQueryKey(key, KeyFullInformation, full, 20, &length) == STATUS_BUFFER_TOO_SMALL);
    CHECK(ZwQueryKey(key, KeyNameInformation, name, sizeof room, &length) == STATUS_SUCCESS);
    CHECK(name->Name[0] == '\\' && name->Name[name->NameLength / 2 - 1] == 'b');
    CHECK(ZwDeleteKey(key) == STATUS_CANNOT_DELETE);
    CHECK(ZwDeleteKey(child) == STATUS_SUCCESS && ZwDeleteKey(child) == STATUS_KEY_DELETED);
    CHECK(ZwFlushKey(key) == STATUS_SUCCESS && ZwFlushKey(child) == STATUS_KEY_DELETED);
    CHECK(ZwClose(child) == STATUS_SUCCESS && ZwClose(key) == STATUS_SUCCESS);
}

static ULONG texts, numbers;

static NTSTATUS NTAPI take(PWSTR name, ULONG type, PVOID data, ULONG size, PVOID context,
                           PVOID entry)
{
    CHECK(name[0] != 0 && context == &texts && entry == &numbers);
    texts += type == REG_SZ && ((PWSTR)data)[size / 2 - 1] == 0;
    numbers += type == REG_DWORD ? *(PULONG)data : 0;
    return STATUS_SUCCESS;
}

static NTSTATUS query(PRTL_QUERY_REGISTRY_TABLE table, PUNICODE_STRING path)
{
    return RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, path->Buffer, table, &texts, NULL);
}

static void check_direct(PUNICODE_STRING path)
{
    UNICODE_STRING text = {0, 0, NULL}, tight = {0, 2, (PWSTR)room};
    ULONG number = 5, other = 3;
    RTL_QUERY_REGISTRY_TABLE table[4] = {
        {NULL, RTL_QUERY_REGISTRY_DIRECT, W('T', 'e', 'x', 't'), &text, REG_NONE, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, W('N', 'u', 'm'), &number, REG_NONE, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, W('N', 'o'), &number, REG_DWORD, &other, 4},
        {NULL, 0, NULL, NULL, REG_NONE, NULL, 0},
    };
    CHECK(query(table, path) == STATUS_SUCCESS && number == 3);
    CHECK(text.Length == 2 * 16 && text.Buffer[0] == 'C' && text.Buffer[10] == '\\');
    RtlFreeUnicodeString(&text);
    table[2].Flags |= RTL_QUERY_REGISTRY_REQUIRED;
    CHECK(query(table, path) == STATUS_OBJECT_NAME_NOT_FOUND && number == 77);
    RtlFreeUnicodeString(&text);
    table[0].EntryContext = &tight;
    CHECK(query(table, path) == STATUS_BUFFER_TOO_SMALL);
    table[0].Name = NULL;
    CHECK(query(table, path) == STATUS_INVALID_PARAMETER);
    CHECK(RtlQueryRegistryValues(99, path->Buffer, table, NULL, NULL) == STATUS_INVALID_PARAMETER);
}

static void check_tables(PUNICODE_STRING path)
{
    ULONG number = 77;
    PWSTR key = path->Buffer, sub = W('P', 'a', 'r', 'a', 'm');
    RTL_QUERY_REGISTRY_TABLE all[2] = {
        {take, RTL_QUERY_REGISTRY_SUBKEY, sub, &numbers, REG_NONE, NULL, 0},
        {NULL, 0, NULL, NULL, REG_NONE, NULL, 0},
    };
    CHECK(RtlWriteRegistryValue(RTL_REGISTRY_ABSOLUTE, key, W('N', 'u', 'm'), REG_DWORD, &number,
                                4) == STATUS_SUCCESS);
    PWSTR text = W('%', 'S', 'y', 's', 't', 'e', 'm', 'R', 'o', 'o', 't', '%', '\\', 'a', '.', 's',
                   'y', 's');
    CHECK(RtlWriteRegistryValue(RTL_REGISTRY_ABSOLUTE, key, W('T', 'e', 'x', 't'), REG_EXPAND_SZ,
                                text, 38) == STATUS_SUCCESS);
    CHECK(RtlWriteRegistryValue(99, key, W('N'), REG_DWORD, &number, 4) ==
          STATUS_INVALID_PARAMETER);
    check_direct(path);
    CHECK(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, W('n', 'o', 'n', 'e')) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, W('m', 'a', 'd', 'e')) == STATUS_SUCCESS);
    CHECK(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, W('m', 'a', 'd', 'e')) == STATUS_SUCCESS);
    CHECK(RtlCreateRegistryKey(99, W('m')) == STATUS_INVALID_PARAMETER);
    CHECK(query(all, path) == STATUS_SUCCESS && texts == 0);
    PWSTR deep = W('c', 'o', 'm', 'p', 'o', 'n', 'e', 'n', 't', '\\', 'P', 'a', 'r', 'a', 'm');
    CHECK(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, deep, W('N'), REG_DWORD, &number, 4) ==
          STATUS_SUCCESS);
    CHECK(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, deep, W('M'), REG_MULTI_SZ,
                                W('a', 0, 'b', 0), 10) == STATUS_SUCCESS);
    CHECK(query(all, path) == STATUS_SUCCESS && texts == 2 && numbers == 77);
    CHECK(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, deep, W('N')) == STATUS_SUCCESS);
    CHECK(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, deep, W('N')) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    HANDLE service = NULL;
    UNREFERENCED_PARAMETER(driver);
    check_service(path);
    CHECK(open(&service, path->Buffer, NULL) == STATUS_SUCCESS);
    check_keys(service);
    CHECK(ZwClose(service) == STATUS_SUCCESS);
    check_tables(path);
}
