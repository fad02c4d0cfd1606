// SPDX-License-Identifier: MIT
// Routines that are told of processors, of power settings and of messages.
#include "check.h"

DECLSPEC_IMPORT NTSTATUS NTAPI DbgSetDebugPrintCallback(PVOID Routine, BOOLEAN Enable);

// ---- processors ----

static ULONG states[16], numbers[16], told;
static NTSTATUS failing = STATUS_SUCCESS;

static VOID NTAPI on_processor(PVOID context, PKE_PROCESSOR_CHANGE_NOTIFY_CONTEXT change,
                               PNTSTATUS status)
{
    CHECK(context == &told && KeGetCurrentIrql() == PASSIVE_LEVEL && *status == STATUS_SUCCESS);
    CHECK(change->ProcNumber.Group == 0 && change->ProcNumber.Number == change->NtNumber);
    states[told] = change->State;
    numbers[told++] = change->NtNumber;
    if (change->State == KeProcessorAddStartNotify && !NT_SUCCESS(failing)) {
        *status = failing;
    }
}

static void check_processors(void)
{
    ULONG count = KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS);
    PVOID handle = KeRegisterProcessorChangeCallback(on_processor, &told, 0);
    CHECK(handle != NULL && told == 0);
    KeDeregisterProcessorChangeCallback(handle);
    handle =
        KeRegisterProcessorChangeCallback(on_processor, &told, KE_PROCESSOR_CHANGE_ADD_EXISTING);
    CHECK(handle != NULL && told == 2 * count);
    for (ULONG i = 0; i < count; i++) {
        CHECK(states[i] == KeProcessorAddStartNotify && numbers[i] == i);
        CHECK(states[count + i] == KeProcessorAddCompleteNotify && numbers[count + i] == i);
    }
    KeDeregisterProcessorChangeCallback(handle);
    told = 0;
    failing = STATUS_INSUFFICIENT_RESOURCES;
    CHECK(KeRegisterProcessorChangeCallback(on_processor, &told,
                                            KE_PROCESSOR_CHANGE_ADD_EXISTING) == NULL);
    CHECK(told == 1); // the first one failed, so there is none to take back
}

// ---- power settings ----

static const GUID lid = {
    0xBA3E0F4D, 0xB817, 0x4094, {0xA2, 0xD1, 0xD5, 0x63, 0x79, 0xE6, 0xA0, 0xF3}};
static const GUID scheme = {
    0x245D8541, 0x3943, 0x4422, {0xB0, 0x25, 0x13, 0xA7, 0x84, 0xF6, 0x79, 0xB7}};
static ULONG value, length, settings;

static NTSTATUS NTAPI on_setting(LPCGUID setting, PVOID data, ULONG size, PVOID context)
{
    CHECK(context == &settings && KeGetCurrentIrql() == PASSIVE_LEVEL);
    CHECK(setting->Data1 == lid.Data1 || setting->Data1 == scheme.Data1);
    value = *(PULONG)data;
    length = size;
    settings++;
    return STATUS_SUCCESS;
}

static void check_settings(void)
{
    static const GUID nobodys = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    PVOID handle = NULL, other = NULL, none = NULL;
    CHECK(PoRegisterPowerSettingCallback(NULL, &lid, on_setting, &settings, &handle) ==
          STATUS_SUCCESS);
    CHECK(handle != NULL && settings == 1 && value == 1 && length == 4);
    CHECK(PoRegisterPowerSettingCallback(NULL, &scheme, on_setting, &settings, &other) ==
          STATUS_SUCCESS);
    CHECK(other != handle && settings == 2 && value == 0x381B4222 && length == 16);
    CHECK(PoRegisterPowerSettingCallback(NULL, &nobodys, on_setting, &settings, &none) ==
          STATUS_SUCCESS);
    CHECK(settings == 2);
    CHECK(PoUnregisterPowerSettingCallback(handle) == STATUS_SUCCESS);
    CHECK(PoUnregisterPowerSettingCallback(handle) == STATUS_INVALID_PARAMETER);
    CHECK(PoUnregisterPowerSettingCallback(other) == STATUS_SUCCESS);
    CHECK(PoUnregisterPowerSettingCallback(none) == STATUS_SUCCESS);
}

// ---- messages ----

static ULONG messages;
static CHAR last[64];

static VOID NTAPI on_message(PSTRING text, ULONG component, ULONG level)
{
    CHECK(component == DPFLTR_IHVDRIVER_ID && level == DPFLTR_ERROR_LEVEL);
    RtlCopyMemory(last, text->Buffer, text->Length + 1u);
    messages++;
    DbgPrint("told\n"); // who is told of messages is not told of its own
}

static void check_messages(void)
{
    CHECK(DbgSetDebugPrintCallback(on_message, FALSE) == STATUS_NOT_FOUND);
    CHECK(DbgSetDebugPrintCallback(on_message, TRUE) == STATUS_SUCCESS);
    CHECK(DbgSetDebugPrintCallback(on_message, TRUE) == STATUS_OBJECT_NAME_COLLISION);
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "number %d\n", 7);
    CHECK(messages == 1 && strcmp(last, "number 7\n") == 0);
    CHECK(DbgSetDebugPrintCallback(on_message, FALSE) == STATUS_SUCCESS);
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "nobody\n");
    CHECK(messages == 1);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    if (path->Buffer[path->Length / 2 - 1] == 'a') {
        KeDeregisterProcessorChangeCallback((PVOID)7);
    }
    check_processors();
    check_settings();
    check_messages();
}
