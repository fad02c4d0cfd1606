// SPDX-License-Identifier: MIT
// What scenario steps change around a driver: it prints what its Parameters hold, and each second
// of the clock.
#include <ntddk.h>

#define TAG_OWN   0x646E7241u // 'Arnd'
#define TAG_OTHER 0x7265684Fu // 'Oher'

static KTIMER timer;
static KDPC dpc;
static ULONG seconds;
static PVOID blocks[2];
static UCHAR room[256];

static VOID NTAPI tick(PKDPC Dpc, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    DbgPrint("second %u\n", ++seconds);
}

static void show(PUNICODE_STRING path, PCWSTR value_name)
{
    HANDLE service = NULL, key = NULL;
    UNICODE_STRING name;
    ULONG length = 0;
    OBJECT_ATTRIBUTES given;
    PKEY_VALUE_PARTIAL_INFORMATION value = (PVOID)room;
    InitializeObjectAttributes(&given, path, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    NTSTATUS status = ZwOpenKey(&service, KEY_READ, &given);
    if (NT_SUCCESS(status)) {
        RtlInitUnicodeString(&name, L"Parameters");
        InitializeObjectAttributes(&given, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, service,
                                   NULL);
        status = ZwOpenKey(&key, KEY_READ, &given);
        ZwClose(service);
    }
    if (NT_SUCCESS(status)) {
        RtlInitUnicodeString(&name, value_name);
        status =
            ZwQueryValueKey(key, &name, KeyValuePartialInformation, value, sizeof room, &length);
        ZwClose(key);
    }
    if (!NT_SUCCESS(status)) {
        DbgPrint("%ws: no\n", value_name);
    } else if (value->Type == REG_DWORD) {
        DbgPrint("%ws: %u\n", value_name, *(PULONG)value->Data);
    } else if (value->Type == REG_SZ) {
        DbgPrint("%ws: %ws\n", value_name, (PCWSTR)value->Data);
    } else {
        DbgPrint("%ws: type %u, %u bytes, first %u\n", value_name, value->Type, value->DataLength,
                 value->Data[0]);
    }
}

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    KeCancelTimer(&timer);
    ExFreePoolWithTag(blocks[0], TAG_OWN);
    ExFreePoolWithTag(blocks[1], TAG_OTHER);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    LARGE_INTEGER due;
    DriverObject->DriverUnload = unload;
    show(RegistryPath, L"Debug");
    show(RegistryPath, L"Name");
    show(RegistryPath, L"Raw");
    blocks[0] = ExAllocatePoolWithTag(NonPagedPoolNx, 100, TAG_OWN);
    blocks[1] = ExAllocatePoolWithTag(NonPagedPoolNx, 28, TAG_OTHER);
    due.QuadPart = -10000000;
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, tick, NULL);
    KeSetTimerEx(&timer, due, 1000, &dpc);
    return STATUS_SUCCESS;
}
