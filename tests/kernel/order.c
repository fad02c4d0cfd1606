// SPDX-License-Identifier: MIT
// Threads, a timer and work items that print, in an order that only priorities and the seed decide.
#include "check.h"

static KEVENT stop, gate;
static KTIMER timer;
static KDPC dpc;
static WORK_QUEUE_ITEM items[4];
static PVOID threads[8];

static VOID NTAPI run_thread(PVOID context)
{
    LARGE_INTEGER time;
    time.QuadPart = -5000 * (LONGLONG)((ULONG_PTR)context % 3 + 1);
    KeWaitForSingleObject(&gate, Executive, KernelMode, FALSE, NULL);
    DbgPrint("thread %u begins\n", (ULONG)(ULONG_PTR)context);
    while (KeWaitForSingleObject(&stop, Executive, KernelMode, FALSE, &time) == STATUS_TIMEOUT) {
        DbgPrint("thread %u\n", (ULONG)(ULONG_PTR)context);
    }
}

static VOID NTAPI run_item(PVOID context)
{
    DbgPrint("item %u\n", (ULONG)(ULONG_PTR)context);
}

static VOID NTAPI run_timer(PKDPC self, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    DbgPrint("timer\n");
}

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    KeCancelTimer(&timer);
    KeFlushQueuedDpcs();
    KeSetEvent(&stop, IO_NO_INCREMENT, FALSE);
    for (ULONG i = 0; i < 8; i++) {
        KeWaitForSingleObject(threads[i], Executive, KernelMode, FALSE, NULL);
        ObDereferenceObject(threads[i]);
    }
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    LARGE_INTEGER time;
    UNREFERENCED_PARAMETER(path);
    time.QuadPart = -7000;
    KeInitializeEvent(&stop, NotificationEvent, FALSE);
    KeInitializeEvent(&gate, NotificationEvent, FALSE);
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, run_timer, NULL);
    KeSetTimerEx(&timer, time, 2, &dpc);
    for (ULONG_PTR i = 0; i < 8; i++) {
        HANDLE handle = NULL;
        CHECK(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, run_thread,
                                   (PVOID)i) == STATUS_SUCCESS);
        ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, &threads[i],
                                  NULL);
        ZwClose(handle);
    }
    for (ULONG_PTR i = 0; i < 4; i++) {
        ExInitializeWorkItem(&items[i], run_item, (PVOID)i);
        ExQueueWorkItem(&items[i], DelayedWorkQueue);
    }
    KeSetEvent(&gate, IO_NO_INCREMENT, FALSE);
    driver->DriverUnload = unload;
}
