// SPDX-License-Identifier: MIT
// Kernel queues: order, how many threads are busy at once, time, the end of a queue.
#include <ntifs.h>

#include "check.h"

static KQUEUE queue;
static LIST_ENTRY items[4];
static KEVENT go;
static ULONG taken[8], busy, most;
static LONG count;
static NTSTATUS last;

static void check_order(void)
{
    LARGE_INTEGER none;
    none.QuadPart = 0;
    KeInitializeQueue(&queue, 0);
    CHECK(queue.MaximumCount == KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS));
    CHECK(KeReadStateQueue(&queue) == 0);
    CHECK(KeRemoveQueue(&queue, KernelMode, &none) == (PLIST_ENTRY)(ULONG_PTR)STATUS_TIMEOUT);
    CHECK(KeInsertQueue(&queue, &items[0]) == 0);
    CHECK(KeInsertQueue(&queue, &items[1]) == 1);
    CHECK(KeInsertHeadQueue(&queue, &items[2]) == 2 && KeReadStateQueue(&queue) == 3);
    CHECK(KeRemoveQueue(&queue, KernelMode, NULL) == &items[2]);
    CHECK(queue.CurrentCount == 1);
    CHECK(KeRemoveQueue(&queue, KernelMode, NULL) == &items[0]);
    CHECK(KeRemoveQueue(&queue, KernelMode, &none) == &items[1] && KeReadStateQueue(&queue) == 0);
    none.QuadPart = -20000;
    LARGE_INTEGER before, after;
    KeQuerySystemTimePrecise(&before);
    CHECK(KeRemoveQueue(&queue, KernelMode, &none) == (PLIST_ENTRY)(ULONG_PTR)STATUS_TIMEOUT);
    KeQuerySystemTimePrecise(&after);
    CHECK(after.QuadPart - before.QuadPart >= 20000 && queue.CurrentCount == 1);
    // What nobody took.
    KeInsertQueue(&queue, &items[0]);
    KeInsertQueue(&queue, &items[1]);
    PLIST_ENTRY first = KeRundownQueue(&queue);
    CHECK(first == &items[0] && first->Flink == &items[1] && items[1].Flink == first);
    KeInitializeQueue(&queue, 1);
    CHECK(KeRundownQueue(&queue) == NULL);
}

// ---- threads ----

static VOID NTAPI work(PVOID context)
{
    for (;;) {
        PLIST_ENTRY entry = KeRemoveQueue(&queue, KernelMode, NULL);
        if (entry == &items[3]) {
            break;
        }
        if (entry == (PLIST_ENTRY)(ULONG_PTR)STATUS_ABANDONED) {
            last = STATUS_ABANDONED;
            break;
        }
        busy++;
        most = busy > most ? busy : most;
        taken[count++] = (ULONG)(entry - items) | (ULONG)(ULONG_PTR)context << 8;
        KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, NULL);
        busy--;
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static HANDLE start(ULONG_PTR number)
{
    HANDLE handle;
    CHECK(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, work, (PVOID)number) ==
          STATUS_SUCCESS);
    return handle;
}

static void pause(void)
{
    LARGE_INTEGER soon;
    soon.QuadPart = -10000;
    KeDelayExecutionThread(KernelMode, FALSE, &soon);
}

static void join(HANDLE handle)
{
    CHECK(ZwWaitForSingleObject(handle, FALSE, NULL) == STATUS_SUCCESS);
    ZwClose(handle);
}

// The thread that waited last is the first to get an entry. One that waits for something else is
// not busy: another one gets the next entry.
static void check_threads(void)
{
    KeInitializeQueue(&queue, 1);
    KeInitializeEvent(&go, NotificationEvent, FALSE);
    HANDLE first = start(1);
    pause();
    HANDLE second = start(2);
    pause();
    CHECK(KeInsertQueue(&queue, &items[0]) == 0);
    pause();
    CHECK(count == 1 && taken[0] == 0x200 && queue.CurrentCount == 0);
    KeInsertQueue(&queue, &items[1]);
    pause();
    CHECK(count == 2 && taken[1] == 0x101 && most == 2);
    KeSetEvent(&go, 0, FALSE);
    KeInsertQueue(&queue, &items[3]);
    pause();
    CHECK(KeReadStateQueue(&queue) == 0);
    CHECK(KeRundownQueue(&queue) == NULL);
    pause();
    CHECK(last == STATUS_ABANDONED);
    join(first);
    join(second);
}

// Two that are busy, and do not wait, are as many as may be.
static void check_limit(void)
{
    LARGE_INTEGER none;
    none.QuadPart = 0;
    KeInitializeQueue(&queue, 1);
    KeInsertQueue(&queue, &items[0]);
    KeInsertQueue(&queue, &items[1]);
    CHECK(KeRemoveQueue(&queue, KernelMode, NULL) == &items[0]);
    queue.CurrentCount++; // as another processor's thread would
    CHECK(KeRemoveQueue(&queue, KernelMode, &none) == (PLIST_ENTRY)(ULONG_PTR)STATUS_TIMEOUT);
    CHECK(KeReadStateQueue(&queue) == 1);
    queue.CurrentCount--;
    CHECK(KeRemoveQueue(&queue, KernelMode, &none) == &items[1]);
    CHECK(KeRundownQueue(&queue) == NULL);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    if (path->Buffer[path->Length / 2 - 1] == 'a') {
        KeRemoveQueue((PRKQUEUE)&go, KernelMode, NULL);
    }
    check_order();
    check_threads();
    check_limit();
}
