// SPDX-License-Identifier: MIT
// Kernel functions as a driver sees them: each line that is printed is a claim that did not hold.
#include "driver.h"

IMPORT int memcmp(const void *a, const void *b, ULONG64 size);
IMPORT void *memcpy(void *to, const void *from, ULONG64 size);
IMPORT void *memmove(void *to, const void *from, ULONG64 size);
IMPORT void *memset(void *to, int byte, ULONG64 size);
IMPORT int strcmp(const char *a, const char *b);
IMPORT ULONG64 strlen(const char *text);
IMPORT ULONG64 wcslen(const WCHAR *text);

#define CHECK(claim)                                                                               \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            DbgPrint("%s\n", #claim);                                                              \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

static int failures;
static WCHAR one[] = {'O', 'n', 'e', 0}, upper[] = {'O', 'N', 'E', 0}, two[] = {'t', 'w', 'o', 0};

static void check_pool(void)
{
    UCHAR *zeroed = ExAllocatePool2(0x40, 5000, TAG), *small = ExAllocatePoolWithTag(0, 1, TAG);
    CHECK(zeroed != 0 && ((ULONG64)zeroed & 0xFFF) == 0);
    CHECK(zeroed[0] == 0 && zeroed[4999] == 0);
    CHECK(small != 0 && ((ULONG64)small & 15) == 0);
    CHECK(ExAllocatePool2(0x40, 0, TAG) == 0);
    CHECK(ExAllocatePoolWithTag(0, 1ull << 60, TAG) == 0);
    ExFreePool(small);
    ExFreePoolWithTag(zeroed, TAG);
    ExFreePool(ExAllocatePool(0, 16));
}

static void check_strings(void)
{
    WCHAR room[8];
    UNICODE_STRING a, b, c = {0, sizeof room, room};
    ANSI_STRING narrow;
    RtlInitUnicodeString(&a, one);
    RtlInitUnicodeString(&b, upper);
    CHECK(a.Length == 6 && a.MaximumLength == 8 && a.Buffer == one);
    CHECK(!RtlEqualUnicodeString(&a, &b, 0) && RtlEqualUnicodeString(&a, &b, 1));
    CHECK(RtlCompareUnicodeString(&a, &b, 0) > 0 && RtlCompareUnicodeString(&a, &b, 1) == 0);
    RtlInitUnicodeString(&b, 0);
    CHECK(b.Length == 0 && b.MaximumLength == 0 && b.Buffer == 0);
    CHECK(RtlCompareUnicodeString(&b, &a, 0) < 0);
    RtlCopyUnicodeString(&c, &a);
    CHECK(c.Length == 6 && room[2] == 'e' && room[3] == 0);
    CHECK(RtlAppendUnicodeToString(&c, two) == 0 && c.Length == 12 && room[5] == 'o');
    CHECK(RtlAppendUnicodeStringToString(&c, &a) == (NTSTATUS)0xC0000023 && c.Length == 12);
    RtlCopyUnicodeString(&c, 0);
    CHECK(c.Length == 0);
    RtlInitAnsiString(&narrow, "four");
    CHECK(narrow.Length == 4 && narrow.MaximumLength == 5);
    RtlInitString(&narrow, 0);
    CHECK(narrow.Length == 0 && narrow.Buffer == 0);
}

static void check_memory(void)
{
    char text[8] = "abcdefg";
    CHECK(memcmp(text, "abcx", 3) == 0 && memcmp(text, "abcx", 4) < 0);
    memmove(text + 1, text, 4);
    CHECK(strcmp(text, "aabcdfg") == 0 && strcmp("b", "a") > 0);
    memset(text, 'z', 2);
    memcpy(text + 6, "y", 1);
    CHECK(strcmp(text, "zzbcdfy") == 0);
    CHECK(strlen(text) == 7 && wcslen(one) == 3);
    CHECK(RtlCompareMemory("same", "sake", 4) == 2);
}

static void check_version(void)
{
    ULONG info[0x11C / 4] = {0x114};
    info[0x114 / 4] = 7;
    CHECK(RtlGetVersion(info) == 0 && info[1] == 10 && info[3] >= 10240 && info[4] == 2);
    CHECK(info[0x114 / 4] == 7);
}

static void check_routines(void)
{
    static WCHAR known[] = {'D', 'b', 'g', 'P', 'r', 'i', 'n', 't', 0}, unknown[] = {'N', 'o', 0};
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, known);
    CHECK(MmGetSystemRoutineAddress(&name) == (void *)DbgPrint);
    RtlInitUnicodeString(&name, unknown);
    CHECK(MmGetSystemRoutineAddress(&name) == 0);
}

static void check_locks(void)
{
    ULONG64 lock = 0, event[3];
    UCHAR before = KeAcquireSpinLockRaiseToDpc(&lock);
    CHECK(before == 0 && lock != 0);
    KeReleaseSpinLock(&lock, before);
    CHECK(lock == 0);
    KeInitializeEvent(event, 1, 0);
    CHECK(KeReadStateEvent(event) == 0 && KeSetEvent(event, 0, 0) == 0);
    CHECK(KeSetEvent(event, 0, 0) == 1 && KeResetEvent(event) == 1 && KeReadStateEvent(event) == 0);
    KeSetEvent(event, 0, 0);
    KeClearEvent(event);
    CHECK(KeReadStateEvent(event) == 0);
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    check_pool();
    check_strings();
    check_memory();
    check_version();
    check_routines();
    check_locks();
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
