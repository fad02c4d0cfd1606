// SPDX-License-Identifier: MIT
// Memory by physical address, the system's modules, other drivers, messages and breakpoints.
#include "check.h"

DECLSPEC_IMPORT NTSTATUS NTAPI ZwQuerySystemInformation(ULONG Class, PVOID Buffer, ULONG Length,
                                                        PULONG ReturnLength);
DECLSPEC_IMPORT NTSTATUS NTAPI DbgQueryDebugFilterState(ULONG ComponentId, ULONG Level);
DECLSPEC_IMPORT ULONG NTAPI HalSetBusDataByOffset(ULONG Type, ULONG Bus, ULONG Slot, PVOID Buffer,
                                                  ULONG Offset, ULONG Length);
DECLSPEC_IMPORT ULONG NTAPI HalGetBusData(ULONG Type, ULONG Bus, ULONG Slot, PVOID Buffer,
                                          ULONG Length);
#ifndef DBG
DECLSPEC_IMPORT VOID NTAPI RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber,
                                     PCHAR Message);
#endif

#define W(...)                                                                                     \
    (WCHAR[])                                                                                      \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }

static UCHAR room[4096];

static void check_memory(void)
{
    PHYSICAL_ADDRESS any, low;
    any.QuadPart = -1;
    low.QuadPart = 0x1000;
    PUCHAR block = MmAllocateContiguousMemory(100, any);
    CHECK(block != NULL && ((ULONG_PTR)block & (PAGE_SIZE - 1)) == 0);
    CHECK(MmGetPhysicalAddress(block + 7).QuadPart == MmGetPhysicalAddress(block).QuadPart + 7);
    MmFreeContiguousMemory(block);
    CHECK(MmAllocateContiguousMemory(100, low) == NULL);
    CHECK(MmAllocateContiguousMemory(0, any) == NULL);
    block = MmAllocateNonCachedMemory(PAGE_SIZE);
    CHECK(block != NULL && MmAllocateNonCachedMemory(1ull << 60) == NULL);
    MmFreeNonCachedMemory(block, PAGE_SIZE);
    low.QuadPart = 0xFEC00010;
    volatile UCHAR *device = MmMapIoSpace(low, 16, MmNonCached);
    CHECK(device != NULL && device[0] == 0xFF);
    device[3] = 7;
    CHECK(device[3] == 7);
    MmUnmapIoSpace((PVOID)(ULONG_PTR)device, 16);
    PPHYSICAL_MEMORY_RANGE ranges = MmGetPhysicalMemoryRanges();
    CHECK(ranges != NULL && ranges[0].NumberOfBytes.QuadPart != 0);
    CHECK(ranges[4].BaseAddress.QuadPart == 0 && ranges[4].NumberOfBytes.QuadPart == 0);
    ExFreePool(ranges);
    CHECK(HalGetBusData(4, 0, 3, room, 64) == 2 && room[0] == 0xFF && room[1] == 0xFF);
    CHECK(HalGetBusData(5, 0, 3, room, 64) == 0);
    CHECK(HalSetBusDataByOffset(4, 0, 3, room, 4, 4) == 0);
}

static void check_modules(PDRIVER_OBJECT driver)
{
    ULONG length = 0;
    CHECK(ZwQuerySystemInformation(11, room, 8, &length) == STATUS_INFO_LENGTH_MISMATCH);
    CHECK(length == 8 + 3 * 296 && length <= sizeof room);
    CHECK(ZwQuerySystemInformation(11, room, sizeof room, &length) == STATUS_SUCCESS);
    CHECK(*(PULONG)room == 3 && *(PVOID *)(room + 8 + 2 * 296 + 16) == driver->DriverStart);
    CHECK(ZwQuerySystemInformation(35, room, 2, NULL) == STATUS_SUCCESS && room[1] == 1);
    CHECK(ZwQuerySystemInformation(0x7FFFFFFF, room, 8, &length) == STATUS_INVALID_INFO_CLASS);
}

// The other service is the same image once more, which the loader refuses.
static void check_drivers(PUNICODE_STRING path)
{
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, W('\\', 'R', 'e', 'g', 'i', 's', 't', 'r', 'y', '\\', 'x'));
    CHECK(ZwLoadDriver(&name) == STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(ZwUnloadDriver(&name) == STATUS_OBJECT_NAME_NOT_FOUND);
    RtlInitUnicodeString(&name, path->Buffer);
    name.Length -= 2 * 6;
    WCHAR other[128];
    UNICODE_STRING key = {0, sizeof other, other};
    RtlCopyUnicodeString(&key, &name);
    CHECK(RtlAppendUnicodeToString(&key, W('p', 'l', 'a', 'i', 'n')) == STATUS_SUCCESS);
    CHECK(ZwLoadDriver(&key) == STATUS_SUCCESS);
    CHECK(ZwUnloadDriver(&key) == STATUS_SUCCESS);
}

static void check_messages(void)
{
    CHECK(DbgQueryDebugFilterState(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL) == TRUE);
    CHECK(DbgSetDebugFilterState(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL, FALSE) == STATUS_SUCCESS);
    CHECK(DbgQueryDebugFilterState(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL) == FALSE);
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL, "not printed\n");
    CHECK(DbgSetDebugFilterState(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL, TRUE) == STATUS_SUCCESS);
    CHECK(DbgSetDebugFilterState(4000, DPFLTR_INFO_LEVEL, TRUE) == STATUS_INVALID_PARAMETER_1);
    CHECK(DbgQueryDebugFilterState(4000, DPFLTR_INFO_LEVEL) == STATUS_INVALID_PARAMETER_1);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    WCHAR which = path->Buffer[path->Length / 2 - 1];
    if (which == 'b') {
        DbgBreakPoint();
    }
    if (which == 'a') {
        RtlAssert((PVOID) "claim", (PVOID) "file.c", 7, NULL);
    }
    check_memory();
    check_modules(driver);
    check_drivers(path);
    check_messages();
}
