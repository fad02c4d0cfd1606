// SPDX-License-Identifier: MIT
// System threads: beginning, waiting for each other, ending, and what is known of them.
#include "check.h"

static KEVENT ping, pong, gate;
static char told[64];
static ULONG told_count;

static void tell(char word)
{
    if (told_count < sizeof told - 1) {
        told[told_count++] = word;
    }
}

static BOOLEAN was_told(const char *words)
{
    BOOLEAN same = strcmp(told, words) == 0;
    if (!same) {
        DbgPrint("told \"%s\"\n", told);
    }
    told_count = 0;
    RtlZeroMemory(told, sizeof told);
    return same;
}

// The thread object, referenced.
static PETHREAD make_thread(PKSTART_ROUTINE routine, PVOID context)
{
    HANDLE handle = NULL;
    PETHREAD thread = NULL;
    CLIENT_ID id = {NULL, NULL};
    NTSTATUS status =
        PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, &id, routine, context);
    CHECK(status == STATUS_SUCCESS);
    status = ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode,
                                       (PVOID *)&thread, NULL);
    CHECK(status == STATUS_SUCCESS);
    CHECK(PsGetThreadId(thread) == id.UniqueThread);
    CHECK(id.UniqueProcess == PsGetCurrentProcessId());
    CHECK(ZwClose(handle) == STATUS_SUCCESS);
    return thread;
}

static void join(PETHREAD thread)
{
    CHECK(KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL) == STATUS_SUCCESS);
    ObDereferenceObject(thread);
}

// ---- two threads take turns ----

static VOID NTAPI run_ping(PVOID context)
{
    for (ULONG_PTR i = (ULONG_PTR)context; i > 0; i--) {
        KeWaitForSingleObject(&ping, Executive, KernelMode, FALSE, NULL);
        tell('i');
        KeSetEvent(&pong, IO_NO_INCREMENT, FALSE);
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
    tell('!'); // it does not come back
}

static VOID NTAPI run_pong(PVOID context)
{
    for (ULONG_PTR i = (ULONG_PTR)context; i > 0; i--) {
        KeWaitForSingleObject(&pong, Executive, KernelMode, FALSE, NULL);
        tell('o');
        KeSetEvent(&ping, IO_NO_INCREMENT, FALSE);
    } // coming back ends it as well
}

static void check_turns(void)
{
    KeInitializeEvent(&ping, SynchronizationEvent, TRUE);
    KeInitializeEvent(&pong, SynchronizationEvent, FALSE);
    PETHREAD first = make_thread(run_ping, (PVOID)4), second = make_thread(run_pong, (PVOID)4);
    CHECK(was_told(""));
    join(first);
    join(second);
    CHECK(was_told("ioioioio"));
}

// ---- many threads ----

static ULONG counted;

static VOID NTAPI count_down(PVOID context)
{
    LARGE_INTEGER time;
    time.QuadPart = -(LONGLONG)((ULONG_PTR)context % 7) * 1000;
    KeDelayExecutionThread(KernelMode, FALSE, &time);
    counted++;
}

static void check_many(void)
{
    PETHREAD threads[100];
    for (ULONG_PTR i = 0; i < 100; i++) {
        threads[i] = make_thread(count_down, (PVOID)i);
    }
    for (ULONG i = 0; i < 100; i++) {
        join(threads[i]);
    }
    CHECK(counted == 100);
}

// ---- what a thread is ----

static VOID NTAPI look(PVOID context)
{
    ULONG_PTR low = 0, high = 0, here = (ULONG_PTR)&low;
    *(HANDLE *)context = PsGetCurrentThreadId();
    CHECK(PsGetCurrentProcessId() == (HANDLE)4);
    CHECK(PsGetThreadId((PETHREAD)KeGetCurrentThread()) == PsGetCurrentThreadId());
    CHECK(PsGetThreadProcess((PETHREAD)KeGetCurrentThread()) == PsInitialSystemProcess);
    CHECK(PsGetThreadProcessId((PETHREAD)KeGetCurrentThread()) == (HANDLE)4);
    CHECK(PsGetProcessId(PsInitialSystemProcess) == (HANDLE)4);
    CHECK(PsIsSystemThread((PETHREAD)KeGetCurrentThread()));
    CHECK(ExGetPreviousMode() == KernelMode);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    IoGetStackLimits(&low, &high);
    CHECK(low < here && here < high && high - low == 0x6000);
    CHECK(IoGetRemainingStackSize() > 0x1000 && IoGetRemainingStackSize() < high - low);
    CHECK(KeQueryPriorityThread(KeGetCurrentThread()) == 8);
    CHECK(KeSetPriorityThread(KeGetCurrentThread(), LOW_REALTIME_PRIORITY) == 8);
    CHECK(KeQueryPriorityThread(KeGetCurrentThread()) == LOW_REALTIME_PRIORITY);
    CHECK(KeSetBasePriorityThread(KeGetCurrentThread(), 2) == 0);
    CHECK(KeSetBasePriorityThread(KeGetCurrentThread(), 0) == 2);
}

static void check_questions(void)
{
    HANDLE id = NULL;
    PETHREAD thread = make_thread(look, &id), found = NULL;
    PEPROCESS process = NULL;
    CHECK(PsLookupThreadByThreadId(PsGetThreadId(thread), &found) == STATUS_SUCCESS);
    CHECK(found == thread);
    ObDereferenceObject(found);
    KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
    CHECK(id != NULL && id != PsGetCurrentThreadId());
    CHECK(PsLookupThreadByThreadId(id, &found) == STATUS_INVALID_PARAMETER);
    ObDereferenceObject(thread);
    CHECK(PsLookupProcessByProcessId((HANDLE)4, &process) == STATUS_SUCCESS);
    CHECK(process == PsInitialSystemProcess);
    ObDereferenceObject(process);
    CHECK(PsLookupProcessByProcessId((HANDLE)8, &process) == STATUS_INVALID_PARAMETER);
}

// ---- priorities ----

static VOID NTAPI say(PVOID context)
{
    KeWaitForSingleObject(&gate, Executive, KernelMode, FALSE, NULL);
    tell((char)(ULONG_PTR)context);
}

static void check_priorities(void)
{
    LARGE_INTEGER soon;
    soon.QuadPart = -10;
    KeInitializeEvent(&gate, NotificationEvent, FALSE);
    PETHREAD low = make_thread(say, (PVOID)'l'), high = make_thread(say, (PVOID)'h');
    KeSetPriorityThread((PKTHREAD)high, LOW_REALTIME_PRIORITY);
    KeDelayExecutionThread(KernelMode, FALSE, &soon); // both wait now
    CHECK(was_told(""));
    KeSetEvent(&gate, IO_NO_INCREMENT, FALSE);
    CHECK(was_told("h")); // it ran inside KeSetEvent
    join(low);
    join(high);
    CHECK(was_told("l"));
}

// ---- alerts and regions ----

static NTSTATUS slept;

static VOID NTAPI sleep_alertably(PVOID context)
{
    LARGE_INTEGER hour;
    UNREFERENCED_PARAMETER(context);
    hour.QuadPart = -36000000000LL;
    slept = KeDelayExecutionThread(KernelMode, TRUE, &hour);
}

static void check_alert(void)
{
    LARGE_INTEGER soon;
    soon.QuadPart = -10;
    PETHREAD thread = make_thread(sleep_alertably, NULL);
    KeDelayExecutionThread(KernelMode, FALSE, &soon);
    CHECK(!KeAlertThread((PKTHREAD)thread, KernelMode));
    join(thread);
    CHECK(slept == STATUS_ALERTED);
}

static void check_regions(void)
{
    CHECK(!KeAreApcsDisabled() && !KeAreAllApcsDisabled());
    KeEnterCriticalRegion();
    KeEnterCriticalRegion();
    CHECK(KeAreApcsDisabled() && !KeAreAllApcsDisabled());
    KeLeaveCriticalRegion();
    CHECK(KeAreApcsDisabled());
    KeLeaveCriticalRegion();
    CHECK(!KeAreApcsDisabled());
    KeEnterGuardedRegion();
    CHECK(KeAreApcsDisabled() && KeAreAllApcsDisabled());
    KeLeaveGuardedRegion();
    CHECK(!KeAreAllApcsDisabled());
}

// ---- one that outlives DriverEntry ----

static KEVENT stop;
static PETHREAD keeper;

static VOID NTAPI keep(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeWaitForSingleObject(&stop, Executive, KernelMode, FALSE, NULL);
}

static VOID NTAPI end_keeper(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    KeSetEvent(&stop, IO_NO_INCREMENT, FALSE);
    join(keeper);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    check_turns();
    check_many();
    check_questions();
    check_priorities();
    check_alert();
    check_regions();
    KeInitializeEvent(&stop, NotificationEvent, FALSE);
    keeper = make_thread(keep, NULL);
    driver->DriverUnload = end_keeper;
}
