// SPDX-License-Identifier: MIT
// Doubly linked lists with a head, as inline functions. A list that does not hang together is a
// fast failure, as in drivers built with the WDK.
#ifndef KLDR_DDK_WDM_LIST_H
#define KLDR_DDK_WDM_LIST_H

#include "ntdef.h"

#define FAST_FAIL_CORRUPT_LIST_ENTRY 3
#define FAST_FAIL_FATAL_APP_EXIT     7

// Ends the system at once: int 0x29 with the reason in ecx; on arm64 brk 0xf003 with it in w0.
#if defined(_MSC_VER) && !defined(__clang__)
void __fastfail(unsigned int code);
#pragma intrinsic(__fastfail)
#define KLDR_DDK_FAST_FAIL(code) __fastfail(code)
#elif defined(_WIN32) && (defined(__x86_64__) || defined(__i386__))
#define KLDR_DDK_FAST_FAIL(code)                                                                   \
    do {                                                                                           \
        __asm__ volatile("int $0x29" : : "c"(code));                                               \
        __builtin_unreachable();                                                                   \
    } while (0)
#elif defined(_WIN32) && defined(__aarch64__)
#define KLDR_DDK_FAST_FAIL(code)                                                                   \
    do {                                                                                           \
        register ULONG reason __asm__("w0") = (code);                                              \
        __asm__ volatile("brk #0xf003" : : "r"(reason));                                           \
        __builtin_unreachable();                                                                   \
    } while (0)
#else
#define KLDR_DDK_FAST_FAIL(code) ((void)(code), __builtin_trap())
#endif

DECLSPEC_NORETURN FORCEINLINE void RtlFailFast(ULONG Code)
{
    KLDR_DDK_FAST_FAIL(Code);
}

FORCEINLINE void InitializeListHead(PLIST_ENTRY ListHead)
{
    ListHead->Flink = ListHead->Blink = ListHead;
}

FORCEINLINE BOOLEAN IsListEmpty(const LIST_ENTRY *ListHead)
{
    return ListHead->Flink == ListHead;
}

// Puts Entry between two neighbours.
FORCEINLINE void KldrDdkInsertBetween(PLIST_ENTRY Before, PLIST_ENTRY Entry, PLIST_ENTRY After)
{
    if (Before->Flink != After || After->Blink != Before) {
        RtlFailFast(FAST_FAIL_CORRUPT_LIST_ENTRY);
    }
    Entry->Flink = After;
    Entry->Blink = Before;
    Before->Flink = Entry;
    After->Blink = Entry;
}

FORCEINLINE void InsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
    KldrDdkInsertBetween(ListHead, Entry, ListHead->Flink);
}

FORCEINLINE void InsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
    KldrDdkInsertBetween(ListHead->Blink, Entry, ListHead);
}

// Returns whether the list is empty afterwards.
FORCEINLINE BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)
{
    PLIST_ENTRY after = Entry->Flink;
    PLIST_ENTRY before = Entry->Blink;

    if (after->Blink != Entry || before->Flink != Entry) {
        RtlFailFast(FAST_FAIL_CORRUPT_LIST_ENTRY);
    }
    before->Flink = after;
    after->Blink = before;
    return before == after;
}

// Of an empty list these two return its head.
FORCEINLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY ListHead)
{
    PLIST_ENTRY entry = ListHead->Flink;
    RemoveEntryList(entry);
    return entry;
}

FORCEINLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY ListHead)
{
    PLIST_ENTRY entry = ListHead->Blink;
    RemoveEntryList(entry);
    return entry;
}

// Joins a list without head, of which ListToAppend is one entry, to the end of a list.
FORCEINLINE void AppendTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListToAppend)
{
    PLIST_ENTRY last = ListHead->Blink;
    PLIST_ENTRY new_last = ListToAppend->Blink;

    last->Flink = ListToAppend;
    ListToAppend->Blink = last;
    new_last->Flink = ListHead;
    ListHead->Blink = new_last;
}

FORCEINLINE void PushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY Entry)
{
    Entry->Next = ListHead->Next;
    ListHead->Next = Entry;
}

FORCEINLINE PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY ListHead)
{
    PSINGLE_LIST_ENTRY first = ListHead->Next;
    if (first != NULL) {
        ListHead->Next = first->Next;
    }
    return first;
}

#endif
