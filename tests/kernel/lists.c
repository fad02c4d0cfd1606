// SPDX-License-Identifier: MIT
// Lists under a lock, S-lists, lookaside lists, callback objects.
#include "check.h"

#define W(...)                                                                                     \
    (WCHAR[])                                                                                      \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }

static int taken, given;

static void check_lists(void)
{
    KSPIN_LOCK lock = 0;
    LIST_ENTRY head, a, b;
    SINGLE_LIST_ENTRY single = {NULL}, one, two;
    ULONG number = 5;
    LARGE_INTEGER large, more;
    InitializeListHead(&head);
    CHECK(ExInterlockedRemoveHeadList(&head, &lock) == NULL);
    CHECK(ExInterlockedInsertTailList(&head, &a, &lock) == NULL);
    CHECK(ExInterlockedInsertHeadList(&head, &b, &lock) == &a && head.Flink == &b);
    CHECK(ExInterlockedRemoveHeadList(&head, &lock) == &b && head.Flink == &a && head.Blink == &a);
    CHECK(ExInterlockedPushEntryList(&single, &one, &lock) == NULL);
    CHECK(ExInterlockedPushEntryList(&single, &two, &lock) == &one);
    CHECK(ExInterlockedPopEntryList(&single, &lock) == &two);
    CHECK(ExInterlockedPopEntryList(&single, &lock) == &one);
    CHECK(ExInterlockedPopEntryList(&single, &lock) == NULL && lock == 0);
    CHECK(ExInterlockedAddUlong(&number, 3, &lock) == 5 && number == 8);
    large.QuadPart = 1;
    more.QuadPart = 1ll << 40;
    CHECK(ExInterlockedAddLargeInteger(&large, more, &lock).QuadPart == 1);
    CHECK(large.QuadPart == (1ll << 40) + 1);
}

static void check_slists(void)
{
    static SLIST_HEADER head;
    static SLIST_ENTRY a, b;
    InitializeSListHead(&head);
    CHECK(ExpInterlockedPopEntrySList(&head) == NULL && ExQueryDepthSList(&head) == 0);
    CHECK(ExpInterlockedPushEntrySList(&head, &a) == NULL);
    CHECK(ExpInterlockedPushEntrySList(&head, &b) == &a && ExQueryDepthSList(&head) == 2);
    CHECK(ExpInterlockedPopEntrySList(&head) == &b);
    CHECK(ExpInterlockedPushEntrySList(&head, &b) == &a);
    CHECK(ExpInterlockedFlushSList(&head) == &b && b.Next == &a && a.Next == NULL);
    CHECK(ExQueryDepthSList(&head) == 0 && ExpInterlockedFlushSList(&head) == NULL);
}

static PVOID NTAPI take(POOL_TYPE type, SIZE_T size, ULONG tag)
{
    taken++;
    return ExAllocatePoolWithTag(type, size, tag);
}

static VOID NTAPI give(PVOID entry)
{
    given++;
    ExFreePool(entry);
}

static PVOID NTAPI take_ex(POOL_TYPE type, SIZE_T size, ULONG tag, PLOOKASIDE_LIST_EX list)
{
    CHECK(list->L.Size == size);
    return take(type, size, tag);
}

static VOID NTAPI give_ex(PVOID entry, PLOOKASIDE_LIST_EX list)
{
    CHECK(list->L.TotalFrees > 0);
    give(entry);
}

static void check_lookaside(void)
{
    static NPAGED_LOOKASIDE_LIST list, plain;
    static PAGED_LOOKASIDE_LIST paged;
    static LOOKASIDE_LIST_EX extended;
    PVOID entries[8];
    ExInitializeNPagedLookasideList(&list, take, give, 0, 48, TAG, 0);
    for (int i = 0; i < 8; i++) {
        entries[i] = ExAllocateFromNPagedLookasideList(&list);
        CHECK(entries[i] != NULL);
    }
    CHECK(taken == 8 && list.L.AllocateMisses == 8);
    for (int i = 0; i < 8; i++) {
        ExFreeToNPagedLookasideList(&list, entries[i]);
    }
    CHECK(given == 4 && ExAllocateFromNPagedLookasideList(&list) == entries[3] && taken == 8);
    ExFreeToNPagedLookasideList(&list, entries[3]);
    ExDeleteNPagedLookasideList(&list);
    CHECK(given == 8);
    ExInitializeNPagedLookasideList(&plain, NULL, NULL, 0, 1, TAG, 0);
    ExFreeToNPagedLookasideList(&plain, ExAllocateFromNPagedLookasideList(&plain));
    ExDeleteNPagedLookasideList(&plain);
    ExInitializePagedLookasideList(&paged, NULL, NULL, 0, 64, TAG, 0);
    entries[0] = ExAllocateFromPagedLookasideList(&paged);
    CHECK(entries[0] != NULL && paged.L.Size == 64);
    ExFreeToPagedLookasideList(&paged, entries[0]);
    ExDeletePagedLookasideList(&paged);
    CHECK(ExInitializeLookasideListEx(&extended, take_ex, give_ex, NonPagedPool, 0, 32, TAG, 0) ==
          STATUS_SUCCESS);
    CHECK(ExInitializeLookasideListEx(&extended, take_ex, give_ex, NonPagedPool, 9, 32, TAG, 0) ==
          STATUS_INVALID_PARAMETER);
    ExFreeToLookasideListEx(&extended, ExAllocateFromLookasideListEx(&extended));
    ExFlushLookasideListEx(&extended);
    CHECK(given == 9 && taken == 9);
    ExFreeToLookasideListEx(&extended, ExAllocateFromLookasideListEx(&extended));
    ExDeleteLookasideListEx(&extended);
    CHECK(given == 10);
}

static int calls;

static VOID NTAPI called(PVOID context, PVOID first, PVOID second)
{
    CHECK(context == &calls && first == &given && second == &taken);
    calls++;
}

static void check_callbacks(void)
{
    PCALLBACK_OBJECT callback = NULL, same = NULL;
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    RtlInitUnicodeString(&name, W('\\', 'C', 'a', 'l', 'l', 'b', 'a', 'c', 'k', '\\', 'K'));
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK(ExCreateCallback(&callback, &attributes, FALSE, TRUE) == STATUS_OBJECT_NAME_NOT_FOUND);
    attributes.Attributes |= OBJ_PERMANENT;
    CHECK(ExCreateCallback(&callback, &attributes, TRUE, FALSE) == STATUS_SUCCESS);
    CHECK(ExCreateCallback(&same, &attributes, FALSE, FALSE) == STATUS_SUCCESS && same == callback);
    PVOID handle = ExRegisterCallback(callback, called, &calls);
    CHECK(handle != NULL && ExRegisterCallback(callback, called, &calls) == NULL);
    CHECK(ExRegisterCallback((PCALLBACK_OBJECT)&calls, called, &calls) == NULL);
    ExNotifyCallback(callback, &given, &taken);
    CHECK(calls == 1);
    ExUnregisterCallback(handle);
    ExNotifyCallback(callback, &given, &taken);
    CHECK(calls == 1);
    ObDereferenceObject(callback);
    ObDereferenceObject(same);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_lists();
    check_slists();
    check_lookaside();
    check_callbacks();
}
