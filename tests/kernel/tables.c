// SPDX-License-Identifier: MIT
// Generic tables of both kinds.
#include "check.h"

#define COUNT 200

static int blocks;

static RTL_GENERIC_COMPARE_RESULTS order(ULONG a, ULONG b)
{
    return a < b ? GenericLessThan : a > b ? GenericGreaterThan : GenericEqual;
}

static RTL_GENERIC_COMPARE_RESULTS NTAPI compare(PRTL_GENERIC_TABLE table, PVOID a, PVOID b)
{
    UNREFERENCED_PARAMETER(table);
    return order(*(PULONG)a, *(PULONG)b);
}

static PVOID NTAPI allocate(PRTL_GENERIC_TABLE table, ULONG size)
{
    UNREFERENCED_PARAMETER(table);
    blocks++;
    return ExAllocatePoolWithTag(NonPagedPool, size, TAG);
}

static VOID NTAPI release(PRTL_GENERIC_TABLE table, PVOID block)
{
    UNREFERENCED_PARAMETER(table);
    blocks--;
    ExFreePoolWithTag(block, TAG);
}

static RTL_GENERIC_COMPARE_RESULTS NTAPI compare_avl(PRTL_AVL_TABLE table, PVOID a, PVOID b)
{
    UNREFERENCED_PARAMETER(table);
    return order(*(PULONG)a, *(PULONG)b);
}

static PVOID NTAPI allocate_avl(PRTL_AVL_TABLE table, ULONG size)
{
    UNREFERENCED_PARAMETER(table);
    blocks++;
    return ExAllocatePoolWithTag(NonPagedPool, size, TAG);
}

static VOID NTAPI release_avl(PRTL_AVL_TABLE table, PVOID block)
{
    UNREFERENCED_PARAMETER(table);
    blocks--;
    ExFreePoolWithTag(block, TAG);
}

static void check_splay(void)
{
    RTL_GENERIC_TABLE table;
    BOOLEAN fresh = FALSE;
    ULONG key, seen = 0, last = 0;
    PVOID place = NULL, found;
    TABLE_SEARCH_RESULT result = TableFoundNode;
    RtlInitializeGenericTable(&table, compare, allocate, release, NULL);
    CHECK(RtlIsGenericTableEmpty(&table) && RtlEnumerateGenericTable(&table, TRUE) == NULL);
    for (ULONG i = 0; i < COUNT; i++) {
        key = i * 7919 % COUNT + 1;
        found = RtlInsertElementGenericTable(&table, &key, sizeof key, &fresh);
        CHECK(found != NULL && fresh && *(PULONG)found == key);
    }
    key = 1;
    CHECK(RtlInsertElementGenericTable(&table, &key, sizeof key, &fresh) != NULL && !fresh);
    CHECK(RtlNumberGenericTableElements(&table) == COUNT && blocks == COUNT);
    CHECK(*(PULONG)RtlGetElementGenericTable(&table, 1) == 7919 % COUNT + 1);
    CHECK(RtlGetElementGenericTable(&table, COUNT) == NULL);
    for (PULONG at = RtlEnumerateGenericTable(&table, TRUE); at != NULL;
         at = RtlEnumerateGenericTable(&table, FALSE)) {
        CHECK(*at > last);
        last = *at;
        seen++;
    }
    CHECK(seen == COUNT);
    PVOID restart = NULL;
    found = RtlEnumerateGenericTableWithoutSplaying(&table, &restart);
    CHECK(found != NULL && *(PULONG)found == 1 && restart != NULL);
    key = COUNT + 5;
    CHECK(RtlLookupElementGenericTable(&table, &key) == NULL);
    CHECK(!RtlDeleteElementGenericTable(&table, &key));
    CHECK(RtlLookupElementGenericTableFull(&table, &key, &place, &result) == NULL);
    CHECK(result == TableInsertAsRight || result == TableInsertAsLeft);
    CHECK(RtlInsertElementGenericTableFull(&table, &key, sizeof key, &fresh, place, result) &&
          fresh);
    CHECK(RtlDeleteElementGenericTable(&table, &key));
    for (key = 1; key <= COUNT; key++) {
        CHECK(RtlLookupElementGenericTable(&table, &key) != NULL);
        CHECK(RtlDeleteElementGenericTable(&table, &key));
    }
    CHECK(RtlIsGenericTableEmpty(&table) && blocks == 0);
}

static void check_avl(void)
{
    RTL_AVL_TABLE table;
    BOOLEAN fresh = FALSE;
    ULONG key, seen = 0, last = 0;
    PVOID place = NULL, found;
    TABLE_SEARCH_RESULT result = TableFoundNode;
    RtlInitializeGenericTableAvl(&table, compare_avl, allocate_avl, release_avl, NULL);
    CHECK(RtlIsGenericTableEmptyAvl(&table));
    CHECK(RtlGetElementGenericTableAvl(&table, 0) == NULL);
    for (ULONG i = 0; i < COUNT; i++) {
        key = COUNT - i;
        CHECK(RtlInsertElementGenericTableAvl(&table, &key, sizeof key, &fresh) != NULL && fresh);
    }
    CHECK(RtlNumberGenericTableElementsAvl(&table) == COUNT);
    CHECK(*(PULONG)RtlGetElementGenericTableAvl(&table, 2) == 3);
    for (PULONG at = RtlEnumerateGenericTableAvl(&table, TRUE); at != NULL;
         at = RtlEnumerateGenericTableAvl(&table, FALSE)) {
        CHECK(*at > last);
        last = *at;
        seen++;
    }
    CHECK(seen == COUNT);
    PVOID restart = NULL;
    found = RtlEnumerateGenericTableWithoutSplayingAvl(&table, &restart);
    CHECK(found != NULL && *(PULONG)found == 1);
    key = 0;
    CHECK(RtlLookupElementGenericTableAvl(&table, &key) == NULL);
    CHECK(!RtlDeleteElementGenericTableAvl(&table, &key));
    CHECK(RtlLookupElementGenericTableFullAvl(&table, &key, &place, &result) == NULL);
    CHECK(RtlInsertElementGenericTableFullAvl(&table, &key, sizeof key, &fresh, place, result) &&
          fresh);
    for (key = 0; key <= COUNT; key++) {
        CHECK(RtlDeleteElementGenericTableAvl(&table, &key));
    }
    CHECK(RtlIsGenericTableEmptyAvl(&table) && blocks == 0);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_splay();
    check_avl();
}
