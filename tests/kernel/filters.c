// SPDX-License-Identifier: MIT
// Routines around operations on the registry.
#include "check.h"

#define W(...)                                                                                     \
    (WCHAR[])                                                                                      \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }

static LARGE_INTEGER high, low, plain;
static ULONG seen[64]; // classes, in order
static PVOID whom[64]; // contexts
static ULONG count;
static ULONG refuse = MaxRegNtNotifyClass, bypass = MaxRegNtNotifyClass; // classes
static PVOID object_seen, result_given;
static NTSTATUS status_seen, status_given = STATUS_ACCESS_DENIED;
static WCHAR name_seen[1];

static void look_at(ULONG class, PVOID information)
{
    if (class == RegNtPreSetValueKey) {
        PREG_SET_VALUE_KEY_INFORMATION set = information;
        CHECK(set->Type == REG_DWORD && set->DataSize == 4 && *(PULONG)set->Data == 7);
        CHECK(set->ValueName->Length == 2 && set->ValueName->Buffer[0] == 'v');
        CHECK(set->CallContext == NULL);
        set->CallContext = (PVOID)77;
        object_seen = set->Object;
    } else if (class == RegNtPostSetValueKey) {
        PREG_POST_OPERATION_INFORMATION post = information;
        PREG_SET_VALUE_KEY_INFORMATION set = post->PreInformation;
        CHECK(post->CallContext == (PVOID)77 && set->DataSize == 4);
        CHECK(post->Object == object_seen);
        status_seen = post->Status;
    } else if (class == RegNtPreOpenKeyEx || class == RegNtPreCreateKeyEx) {
        PREG_OPEN_KEY_INFORMATION_V1 open = information;
        CHECK(open->Version == 1 && open->RootObject != NULL && open->DesiredAccess != 0);
        name_seen[0] = open->CompleteName->Buffer[0];
    } else if (class == RegNtPostQueryValueKey) {
        ((PREG_POST_OPERATION_INFORMATION)information)->ReturnStatus = status_given;
    } else {
        object_seen = *(PVOID *)information;
    }
}

static NTSTATUS NTAPI on_registry(PVOID context, PVOID argument, PVOID information)
{
    ULONG class = (ULONG)(ULONG_PTR)argument;
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && count < 64);
    seen[count] = class;
    whom[count++] = context;
    look_at(class, information);
    if (class == bypass && class == RegNtPreOpenKeyEx) {
        PREG_OPEN_KEY_INFORMATION_V1 open = information;
        *open->ResultObject = result_given;
        open->GrantedAccess = KEY_READ;
    }
    return class == refuse   ? STATUS_ACCESS_DENIED
           : class == bypass ? STATUS_CALLBACK_BYPASS
                             : STATUS_SUCCESS;
}

static NTSTATUS add(PWSTR altitude, PVOID context, PLARGE_INTEGER cookie, PDRIVER_OBJECT driver)
{
    UNICODE_STRING text;
    RtlInitUnicodeString(&text, altitude);
    return CmRegisterCallbackEx(on_registry, &text, driver, context, cookie, NULL);
}

static HANDLE open(PUNICODE_STRING path, NTSTATUS wanted)
{
    HANDLE key = NULL;
    OBJECT_ATTRIBUTES given;
    InitializeObjectAttributes(&given, path, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    NTSTATUS status = ZwOpenKey(&key, KEY_ALL_ACCESS, &given);
    CHECK(status == wanted);
    return NT_SUCCESS(status) ? key : NULL;
}

static NTSTATUS set(HANDLE key)
{
    UNICODE_STRING name;
    ULONG value = 7;
    RtlInitUnicodeString(&name, W('v'));
    return ZwSetValueKey(key, &name, 0, REG_DWORD, &value, sizeof value);
}

static NTSTATUS query(HANDLE key, PULONG value)
{
    UNICODE_STRING name;
    ULONG length, room[8];
    PKEY_VALUE_PARTIAL_INFORMATION information = (PVOID)room;
    RtlInitUnicodeString(&name, W('v'));
    NTSTATUS status =
        ZwQueryValueKey(key, &name, KeyValuePartialInformation, information, sizeof room, &length);
    *value = NT_SUCCESS(status) ? *(PULONG)information->Data : 0;
    return status;
}

static void check_registering(PDRIVER_OBJECT driver)
{
    LARGE_INTEGER other;
    CHECK(add(W('1', '0', '0', '.', '5'), (PVOID)2, &low, driver) == STATUS_SUCCESS);
    CHECK(add(W('2', '0', '0'), (PVOID)1, &high, driver) == STATUS_SUCCESS);
    CHECK(add(W('0', '2', '0', '0', '.', '0'), (PVOID)3, &other, driver) ==
          STATUS_FLT_INSTANCE_ALTITUDE_COLLISION);
    CHECK(CmRegisterCallback(on_registry, NULL, &plain) == STATUS_SUCCESS);
    CHECK(CmUnRegisterCallback(plain) == STATUS_SUCCESS);
    CHECK(CmUnRegisterCallback(plain) == STATUS_INVALID_PARAMETER);
}

// Before: from the highest down; afterwards: back up.
static void check_order(HANDLE key)
{
    count = 0;
    CHECK(set(key) == STATUS_SUCCESS);
    CHECK(count == 4 && whom[0] == (PVOID)1 && whom[1] == (PVOID)2);
    CHECK(seen[0] == RegNtPreSetValueKey && seen[1] == RegNtPreSetValueKey);
    CHECK(seen[2] == RegNtPostSetValueKey && whom[2] == (PVOID)2 && whom[3] == (PVOID)1);
    CHECK(status_seen == STATUS_SUCCESS);
}

static void check_refusing(HANDLE key, PUNICODE_STRING path)
{
    ULONG value;
    count = 0;
    refuse = RegNtPreDeleteKey;
    CHECK(ZwDeleteKey(key) == STATUS_ACCESS_DENIED);
    CHECK(count == 1 && object_seen != NULL);
    refuse = RegNtPreOpenKeyEx;
    open(path, STATUS_ACCESS_DENIED);
    refuse = MaxRegNtNotifyClass;
    bypass = RegNtPreFlushKey;
    count = 0;
    CHECK(ZwFlushKey(key) == STATUS_SUCCESS && count == 1);
    // A routine that is told afterwards may give another answer.
    bypass = RegNtPostQueryValueKey;
    CHECK(query(key, &value) == STATUS_ACCESS_DENIED);
    bypass = MaxRegNtNotifyClass;
    CHECK(query(key, &value) == STATUS_SUCCESS && value == 7);
}

static void check_names(HANDLE key, PUNICODE_STRING path)
{
    ULONG_PTR id = 0, again = 0;
    PCUNICODE_STRING name = NULL, same = NULL;
    UNICODE_STRING wanted;
    LARGE_INTEGER wrong;
    PVOID object;
    static WCHAR full[128];
    wrong.QuadPart = -1;
    CHECK(ObReferenceObjectByHandle(key, KEY_READ, NULL, KernelMode, &object, NULL) ==
          STATUS_SUCCESS);
    CHECK(CmCallbackGetKeyObjectID(&high, object, &id, &name) == STATUS_SUCCESS && id != 0);
    CHECK(CmCallbackGetKeyObjectID(&high, object, &again, &same) == STATUS_SUCCESS);
    CHECK(id == again && same == name);
    CHECK(CmCallbackGetKeyObjectID(&wrong, object, &id, NULL) == STATUS_INVALID_PARAMETER);
    wanted.Buffer = full;
    wanted.MaximumLength = sizeof full;
    RtlCopyUnicodeString(&wanted, name);
    // The service's own path goes through CurrentControlSet, which is a link.
    CHECK(wanted.Length > 20 && full[0] == '\\' && path->Length > 20);
    CHECK(full[wanted.Length / 2 - 1] == path->Buffer[path->Length / 2 - 1]);
    CHECK(CmCallbackGetKeyObjectIDEx(&high, object, &id, &same, 0) == STATUS_SUCCESS);
    CHECK(same != name && RtlEqualUnicodeString(same, name, FALSE));
    CmCallbackReleaseKeyObjectIDEx(same);
    CHECK(CmCallbackGetKeyObjectIDEx(&high, object, &id, &same, 1) == STATUS_INVALID_PARAMETER);
    ObDereferenceObject(object);
}

// The routine opens the key itself.
static void check_own_open(HANDLE key, PUNICODE_STRING path)
{
    HANDLE other;
    CHECK(ObReferenceObjectByHandle(key, KEY_READ, NULL, KernelMode, &result_given, NULL) ==
          STATUS_SUCCESS);
    bypass = RegNtPreOpenKeyEx;
    other = open(path, STATUS_SUCCESS);
    bypass = MaxRegNtNotifyClass;
    CHECK(other != NULL && other != key && set(other) == STATUS_SUCCESS);
    CHECK(name_seen[0] == '\\');
    count = 0;
    CHECK(ZwClose(other) == STATUS_SUCCESS);
    CHECK(count == 4 && seen[0] == RegNtPreKeyHandleClose && seen[3] == RegNtPostKeyHandleClose);
}

static void check_other_operations(HANDLE key)
{
    static const ULONG wanted[] = {RegNtPreCreateKeyEx,       RegNtPostCreateKeyEx,
                                   RegNtPreQueryKey,          RegNtPostQueryKey,
                                   RegNtPreEnumerateKey,      RegNtPostEnumerateKey,
                                   RegNtPreEnumerateValueKey, RegNtPostEnumerateValueKey,
                                   RegNtPreDeleteValueKey,    RegNtPostDeleteValueKey};
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES given;
    HANDLE child;
    ULONG length, room[32];
    CHECK(CmUnRegisterCallback(low) == STATUS_SUCCESS);
    count = 0;
    RtlInitUnicodeString(&name, W('c'));
    InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, key, NULL);
    CHECK(ZwCreateKey(&child, KEY_ALL_ACCESS, &given, 0, NULL, 0, NULL) == STATUS_SUCCESS);
    CHECK(ZwQueryKey(key, KeyFullInformation, room, sizeof room, &length) == STATUS_SUCCESS);
    CHECK(ZwEnumerateKey(key, 0, KeyBasicInformation, room, sizeof room, &length) ==
          STATUS_SUCCESS);
    CHECK(ZwEnumerateValueKey(key, 0, KeyValueBasicInformation, room, sizeof room, &length) ==
          STATUS_SUCCESS);
    RtlInitUnicodeString(&name, W('v'));
    CHECK(ZwDeleteValueKey(key, &name) == STATUS_SUCCESS);
    CHECK(count == sizeof wanted / sizeof wanted[0] &&
          RtlCompareMemory(seen, wanted, sizeof wanted) == sizeof wanted);
    CHECK(ZwDeleteKey(child) == STATUS_SUCCESS && ZwClose(child) == STATUS_SUCCESS);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    check_registering(driver);
    HANDLE key = open(path, STATUS_SUCCESS);
    CHECK(count == 4 && seen[0] == RegNtPreOpenKeyEx && seen[3] == RegNtPostOpenKeyEx);
    check_order(key);
    check_refusing(key, path);
    check_names(key, path);
    check_own_open(key, path);
    check_other_operations(key);
    CHECK(ZwClose(key) == STATUS_SUCCESS);
    if (path->Buffer[path->Length / 2 - 1] != 'l') {
        CHECK(CmUnRegisterCallback(high) == STATUS_SUCCESS);
    }
}
