// SPDX-License-Identifier: MIT
// Events, semaphores, mutexes, and waiting for one or several of them.
#include "check.h"

static LARGE_INTEGER zero, moment;
static KSEMAPHORE semaphore;
static KMUTEX mutex;
static KEVENT event, second;
static ULONG woken;

static NTSTATUS wait_at_most(PVOID object, PLARGE_INTEGER time)
{
    return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, time);
}

// Runs routine(context) on a thread of its own until it ends or, when its end is not awaited, until
// it waits.
static PETHREAD begin(PKSTART_ROUTINE routine, PVOID context)
{
    HANDLE handle = NULL;
    PETHREAD thread = NULL;
    CHECK(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, routine, context) ==
          STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode,
                                    (PVOID *)&thread, NULL) == STATUS_SUCCESS);
    ZwClose(handle);
    KeDelayExecutionThread(KernelMode, FALSE, &zero);
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    return thread;
}

static void join(PETHREAD thread)
{
    CHECK(wait_at_most(thread, NULL) == STATUS_SUCCESS);
    ObDereferenceObject(thread);
}

static VOID NTAPI wait_and_count(PVOID object)
{
    wait_at_most(object, NULL);
    woken++;
}

// ---- events ----

static void check_events(void)
{
    PETHREAD threads[3];
    KeInitializeEvent(&event, SynchronizationEvent, TRUE);
    CHECK(KeReadStateEvent(&event) != 0 && event.Header.Type == SynchronizationEvent);
    CHECK(wait_at_most(&event, &zero) == STATUS_SUCCESS && KeReadStateEvent(&event) == 0);
    CHECK(wait_at_most(&event, &zero) == STATUS_TIMEOUT);
    CHECK(KeSetEvent(&event, IO_NO_INCREMENT, FALSE) == 0 && event.Header.SignalState == 1);
    CHECK(KeSetEvent(&event, IO_NO_INCREMENT, FALSE) != 0 && KeResetEvent(&event) != 0);
    CHECK(KeResetEvent(&event) == 0);
    KeInitializeEvent(&second, NotificationEvent, TRUE);
    CHECK(wait_at_most(&second, &zero) == STATUS_SUCCESS && KeReadStateEvent(&second) != 0);
    KeClearEvent(&second);
    CHECK(wait_at_most(&second, &zero) == STATUS_TIMEOUT);
    for (ULONG i = 0; i < 3; i++) {
        threads[i] = begin(wait_and_count, i < 2 ? (PVOID)&event : (PVOID)&second);
    }
    CHECK(IsListEmpty(&event.Header.WaitListHead) || woken == 0);
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE); // lets one go
    join(threads[0]);
    CHECK(woken == 1 && KeReadStateEvent(&event) == 0);
    KePulseEvent(&event, IO_NO_INCREMENT, FALSE);
    KePulseEvent(&second, IO_NO_INCREMENT, FALSE);
    join(threads[1]);
    join(threads[2]);
    CHECK(woken == 3 && KeReadStateEvent(&second) == 0);
    CHECK(KePulseEvent(&second, IO_NO_INCREMENT, FALSE) == 0);
    CHECK(wait_at_most(&second, &zero) == STATUS_TIMEOUT);
}

// ---- semaphores ----

static void check_semaphores(void)
{
    KeInitializeSemaphore(&semaphore, 1, 3);
    CHECK(KeReadStateSemaphore(&semaphore) == 1);
    CHECK(wait_at_most(&semaphore, &zero) == STATUS_SUCCESS);
    CHECK(wait_at_most(&semaphore, &zero) == STATUS_TIMEOUT);
    PETHREAD threads[2];
    woken = 0;
    threads[0] = begin(wait_and_count, &semaphore);
    threads[1] = begin(wait_and_count, &semaphore);
    CHECK(KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 3, FALSE) == 0);
    join(threads[0]);
    join(threads[1]);
    CHECK(woken == 2 && KeReadStateSemaphore(&semaphore) == 1);
}

// ---- mutexes ----

static NTSTATUS mutex_status;

static VOID NTAPI try_mutex(PVOID time)
{
    mutex_status = wait_at_most(&mutex, time);
    if (mutex_status == STATUS_SUCCESS) {
        KeReleaseMutex(&mutex, FALSE);
    }
}

static void check_mutexes(void)
{
    KeInitializeMutex(&mutex, 0);
    CHECK(KeReadStateMutex(&mutex) == 1 && !KeAreApcsDisabled());
    CHECK(wait_at_most(&mutex, NULL) == STATUS_SUCCESS && KeAreApcsDisabled());
    CHECK(KeWaitForMutexObject(&mutex, Executive, KernelMode, FALSE, NULL) == STATUS_SUCCESS);
    CHECK(KeReadStateMutex(&mutex) == -1);
    PETHREAD thread = begin(try_mutex, &moment);
    CHECK(KeReleaseMutex(&mutex, FALSE) == -1);
    join(thread);
    CHECK(mutex_status == STATUS_TIMEOUT);
    thread = begin(try_mutex, NULL);
    CHECK(KeReleaseMutex(&mutex, FALSE) == 0 && !KeAreApcsDisabled());
    join(thread);
    CHECK(mutex_status == STATUS_SUCCESS && KeReadStateMutex(&mutex) == 1);
}

// ---- several ----

static VOID NTAPI give_all(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 1, FALSE);
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
}

static void check_several(void)
{
    PVOID objects[4] = {&semaphore, &event, &mutex, &second};
    KWAIT_BLOCK blocks[4];
    KeInitializeSemaphore(&semaphore, 0, 2);
    KeInitializeEvent(&event, SynchronizationEvent, TRUE);
    KeInitializeEvent(&second, NotificationEvent, TRUE);
    CHECK(KeWaitForMultipleObjects(2, objects, WaitAny, Executive, KernelMode, FALSE, &zero,
                                   NULL) == STATUS_WAIT_1);
    CHECK(KeWaitForMultipleObjects(2, objects, WaitAny, Executive, KernelMode, FALSE, &moment,
                                   NULL) == STATUS_TIMEOUT);
    CHECK(KeWaitForMultipleObjects(4, objects, WaitAny, Executive, KernelMode, FALSE, &zero,
                                   blocks) == (NTSTATUS)2);
    KeReleaseMutex(&mutex, FALSE);
    CHECK(KeWaitForMultipleObjects(4, objects, WaitAll, Executive, KernelMode, FALSE, &moment,
                                   blocks) == STATUS_TIMEOUT);
    CHECK(KeReadStateMutex(&mutex) == 1);
    HANDLE handle = NULL;
    CHECK(PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, give_all, NULL) == STATUS_SUCCESS);
    CHECK(KeWaitForMultipleObjects(4, objects, WaitAll, Executive, KernelMode, FALSE, NULL,
                                   blocks) == STATUS_WAIT_0);
    CHECK(KeReadStateSemaphore(&semaphore) == 0 && KeReadStateEvent(&event) == 0);
    CHECK(KeReadStateMutex(&mutex) == 0 && KeReadStateEvent(&second) == 1);
    KeReleaseMutex(&mutex, FALSE);
    CHECK(ZwClose(handle) == STATUS_SUCCESS);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    moment.QuadPart = -10;
    check_events();
    check_semaphores();
    check_mutexes();
    check_several();
}
