// SPDX-License-Identifier: MIT
// Numbers, GUIDs, times, bit maps, bytes, headers of images.
#include "check.h"

DECLSPEC_IMPORT NTSTATUS NTAPI RtlIntegerToChar(ULONG Value, ULONG Base, LONG Room, PCHAR String);

static void check_integers(void)
{
    WCHAR room[12], text[] = {' ', '-', '1', '2', 'x', 0}, hex[] = {'0', 'x', '1', 'F', 0};
    UNICODE_STRING to = {0, sizeof room, room}, tight = {0, 2, room}, from;
    ULONG value = 0;
    CHECK(RtlIntegerToUnicodeString(254, 16, &to) == STATUS_SUCCESS && to.Length == 4);
    CHECK(room[0] == 'F' && room[1] == 'E' && room[2] == 0);
    CHECK(RtlIntegerToUnicodeString(10, 0, &tight) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlIntegerToUnicodeString(10, 7, &to) == STATUS_INVALID_PARAMETER);
    CHECK(RtlInt64ToUnicodeString(0x123456789ull, 16, &to) == STATUS_SUCCESS && to.Length == 18);
    CHECK(RtlInt64ToUnicodeString(1, 3, &to) == STATUS_INVALID_PARAMETER);
    RtlInitUnicodeString(&from, text);
    CHECK(RtlUnicodeStringToInteger(&from, 0, &value) == STATUS_SUCCESS && value == (ULONG)-12);
    RtlInitUnicodeString(&from, hex);
    CHECK(RtlUnicodeStringToInteger(&from, 0, &value) == STATUS_SUCCESS && value == 31);
    CHECK(RtlUnicodeStringToInteger(&from, 9, &value) == STATUS_INVALID_PARAMETER);
    CHECK(RtlCharToInteger("0b101", 0, &value) == STATUS_SUCCESS && value == 5);
    CHECK(RtlCharToInteger("1", 3, &value) == STATUS_INVALID_PARAMETER);
}

static void check_characters(void)
{
    CHAR room[4];
    CHECK(RtlIntegerToChar(255, 16, sizeof room, room) == STATUS_SUCCESS && room[2] == 0);
    CHECK(room[0] == 'F' && RtlIntegerToChar(12345, 10, 4, room) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlIntegerToChar(1, 5, 4, room) == STATUS_INVALID_PARAMETER);
}

static void check_guids(void)
{
    GUID guid = {0x12345678, 0x9ABC, 0xDEF0, {1, 2, 3, 4, 5, 6, 7, 8}}, back = {0};
    UNICODE_STRING text;
    CHECK(RtlStringFromGUID(&guid, &text) == STATUS_SUCCESS && text.Length == 76);
    CHECK(text.Buffer[0] == '{' && text.Buffer[1] == '1' && text.Buffer[37] == '}');
    CHECK(RtlGUIDFromString(&text, &back) == STATUS_SUCCESS);
    CHECK(memcmp(&guid, &back, sizeof guid) == 0);
    text.Buffer[5] = 'x';
    CHECK(RtlGUIDFromString(&text, &back) == STATUS_INVALID_PARAMETER);
    RtlFreeUnicodeString(&text);
}

static void check_times(void)
{
    // 29 February 2024, 12:34:56.789, a Thursday
    TIME_FIELDS fields = {2024, 2, 29, 12, 34, 56, 789, 0}, back;
    LARGE_INTEGER time, again;
    ULONG seconds = 0;
    CHECK(RtlTimeFieldsToTime(&fields, &time) && time.QuadPart == 133536836967890000ll);
    RtlTimeToTimeFields(&time, &back);
    CHECK(back.Year == 2024 && back.Month == 2 && back.Day == 29 && back.Weekday == 4);
    CHECK(back.Hour == 12 && back.Minute == 34 && back.Second == 56 && back.Milliseconds == 789);
    CHECK(RtlTimeToSecondsSince1970(&time, &seconds) && seconds == 1709210096);
    RtlSecondsSince1970ToTime(seconds, &again);
    CHECK(again.QuadPart == time.QuadPart - 7890000);
    CHECK(RtlTimeToSecondsSince1980(&time, &seconds) && seconds == 1709210096 - 315532800);
    RtlSecondsSince1980ToTime(0, &again);
    RtlTimeToTimeFields(&again, &back);
    CHECK(back.Year == 1980 && back.Month == 1 && back.Day == 1);
    fields.Year = 2023;
    CHECK(!RtlTimeFieldsToTime(&fields, &time));
    again.QuadPart = 0;
    CHECK(!RtlTimeToSecondsSince1970(&again, &seconds));
    CHECK(!RtlTimeToSecondsSince1980(&again, &seconds));
}

static void check_bits(void)
{
    ULONG buffer[2] = {0, 0}, start = 0;
    RTL_BITMAP map;
    RtlInitializeBitMap(&map, buffer, 40);
    RtlSetBits(&map, 3, 5);
    CHECK(buffer[0] == 0xF8 && RtlNumberOfSetBits(&map) == 5 && RtlNumberOfClearBits(&map) == 35);
    CHECK(RtlAreBitsSet(&map, 3, 5) && !RtlAreBitsSet(&map, 2, 2) && !RtlAreBitsSet(&map, 3, 0));
    CHECK(RtlAreBitsClear(&map, 8, 32) && !RtlAreBitsClear(&map, 8, 33));
    CHECK(RtlFindClearBits(&map, 4, 0) == 8 && RtlFindClearBits(&map, 41, 0) == 0xFFFFFFFF);
    CHECK(RtlFindSetBits(&map, 2, 5) == 5 && RtlFindSetBits(&map, 6, 0) == 0xFFFFFFFF);
    CHECK(RtlFindClearBitsAndSet(&map, 3, 0) == 0 && buffer[0] == 0xFF);
    CHECK(RtlFindClearBitsAndSet(&map, 33, 0) == 0xFFFFFFFF);
    CHECK(RtlFindSetBitsAndClear(&map, 8, 0) == 0 && buffer[0] == 0);
    CHECK(RtlFindSetBitsAndClear(&map, 1, 0) == 0xFFFFFFFF);
    RtlSetBit(&map, 39);
    RtlSetBit(&map, 2);
    CHECK(RtlTestBit(&map, 39) && !RtlTestBit(&map, 38));
    CHECK(RtlFindFirstRunClear(&map, &start) == 2 && start == 0);
    CHECK(RtlFindLongestRunClear(&map, &start) == 36 && start == 3);
    CHECK(RtlFindNextForwardRunClear(&map, 2, &start) == 36 && start == 3);
    RtlClearBit(&map, 39);
    RtlClearBits(&map, 0, 40);
    CHECK(RtlNumberOfSetBits(&map) == 0);
    RtlSetAllBits(&map);
    CHECK(buffer[1] == 0xFFFFFFFF && RtlFindFirstRunClear(&map, &start) == 0);
    RtlClearAllBits(&map);
    CHECK(buffer[0] == 0);
}

static void check_bytes(PDRIVER_OBJECT driver)
{
    ULONG words[4], seed = 1, again = 1, size = 0;
    CHECK(RtlUshortByteSwap(0x1234) == 0x3412 && RtlUlongByteSwap(0x12345678) == 0x78563412);
    CHECK(RtlUlonglongByteSwap(0x0102030405060708ull) == 0x0807060504030201ull);
    RtlFillMemoryUlong(words, sizeof words, 0xABCD);
    CHECK(words[3] == 0xABCD && RtlCompareMemoryUlong(words, sizeof words, 0xABCD) == 16);
    CHECK(RtlCompareMemoryUlong(words, sizeof words, 1) == 0);
    CHECK(RtlRandom(&seed) == RtlRandom(&again) && seed == again && seed != 1);
    CHECK(RtlRandomEx(&seed) < 0x7FFFFFFF);
    PUCHAR header = RtlImageNtHeader(driver->DriverStart);
    CHECK(header != NULL && header[0] == 'P' && header[1] == 'E');
    CHECK(RtlImageNtHeader(words) == NULL);
    CHECK(RtlImageDirectoryEntryToData(driver->DriverStart, TRUE, 1, &size) != NULL && size > 0);
    CHECK(RtlImageDirectoryEntryToData(driver->DriverStart, TRUE, 99, &size) == NULL);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    check_integers();
    check_characters();
    check_guids();
    check_times();
    check_bits();
    check_bytes(driver);
}
