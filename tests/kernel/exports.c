// SPDX-License-Identifier: MIT
// Functions that headers have inline or by another name, called as the kernel exports them.
#include "check.h"

typedef ULONG64(NTAPI *FUNCTION)(ULONG64 first, ULONG64 second, ULONG64 third, ULONG64 fourth);

// A function is looked for at PASSIVE_LEVEL only; what is called elsewhere is found before.
static struct {
    const char *name;
    FUNCTION function;
} known[] = {
    {"KfLowerIrql", NULL},
    {"KfReleaseSpinLock", NULL},
    {"KefAcquireSpinLockAtDpcLevel", NULL},
    {"KefReleaseSpinLockFromDpcLevel", NULL},
    {"ExAcquireSpinLockExclusiveAtDpcLevel", NULL},
    {"ExTryAcquireSpinLockExclusiveAtDpcLevel", NULL},
    {"ExTryAcquireSpinLockSharedAtDpcLevel", NULL},
    {"ExReleaseSpinLockExclusiveFromDpcLevel", NULL},
    {"ExAcquireSpinLockSharedAtDpcLevel", NULL},
    {"ExReleaseSpinLockSharedFromDpcLevel", NULL},
    {"KeAcquireInStackQueuedSpinLockForDpc", NULL},
    {"KeReleaseInStackQueuedSpinLockForDpc", NULL},
};

#define KNOWN (sizeof known / sizeof known[0])

static FUNCTION look_up(const char *name)
{
    ANSI_STRING text;
    UNICODE_STRING wide;
    RtlInitAnsiString(&text, name);
    CHECK(RtlAnsiStringToUnicodeString(&wide, &text, TRUE) == STATUS_SUCCESS);
    FUNCTION found = (FUNCTION)(ULONG_PTR)MmGetSystemRoutineAddress(&wide);
    RtlFreeUnicodeString(&wide);
    if (found == NULL) {
        DbgPrint("%s is not there\n", name);
        failures++;
    }
    return found;
}

static FUNCTION find(const char *name)
{
    for (SIZE_T i = 0; i < KNOWN; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return known[i].function;
        }
    }
    return look_up(name);
}

// A parameter that is stringized is no macro's call, whatever headers define.
#define CALL3(name, a, b, c) find(#name)((ULONG64)(a), (ULONG64)(b), (ULONG64)(c), 0)
#define CALL2(name, a, b)    CALL3(name, a, b, 0)
#define CALL1(name, a)       CALL3(name, a, 0, 0)
#define CALL0(name)          CALL3(name, 0, 0, 0)

// ---- IRQL and spin locks ----

static void check_irql(void)
{
    KIRQL before = HIGH_LEVEL;
    KSPIN_LOCK lock = 0;
    CALL2(KeRaiseIrql, APC_LEVEL, &before);
    CHECK(before == PASSIVE_LEVEL && KeGetCurrentIrql() == APC_LEVEL);
    CALL1(KfLowerIrql, PASSIVE_LEVEL);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    CHECK((KIRQL)CALL1(KfAcquireSpinLock, &lock) == PASSIVE_LEVEL);
    CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL && !KeTestSpinLock(&lock));
    CALL2(KfReleaseSpinLock, &lock, PASSIVE_LEVEL);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && KeTestSpinLock(&lock));
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    CALL1(KefAcquireSpinLockAtDpcLevel, &lock);
    CHECK(!KeTestSpinLock(&lock));
    CALL1(KefReleaseSpinLockFromDpcLevel, &lock);
    CHECK(KeTestSpinLock(&lock));
    KeLowerIrql(before);
}

static void check_reader_locks(void)
{
    EX_SPIN_LOCK lock = 0;
    KIRQL before;
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    CALL1(ExAcquireSpinLockExclusiveAtDpcLevel, &lock);
    CHECK((ULONG)CALL1(ExTryAcquireSpinLockExclusiveAtDpcLevel, &lock) == FALSE);
    CHECK((ULONG)CALL1(ExTryAcquireSpinLockSharedAtDpcLevel, &lock) == FALSE);
    CALL1(ExReleaseSpinLockExclusiveFromDpcLevel, &lock);
    CALL1(ExAcquireSpinLockSharedAtDpcLevel, &lock);
    CHECK((ULONG)CALL1(ExTryAcquireSpinLockSharedAtDpcLevel, &lock) == TRUE);
    CHECK((ULONG)CALL1(ExTryAcquireSpinLockExclusiveAtDpcLevel, &lock) == FALSE);
    CALL1(ExReleaseSpinLockSharedFromDpcLevel, &lock);
    CALL1(ExReleaseSpinLockSharedFromDpcLevel, &lock);
    CHECK((ULONG)CALL1(ExTryAcquireSpinLockExclusiveAtDpcLevel, &lock) == TRUE);
    CALL1(ExReleaseSpinLockExclusiveFromDpcLevel, &lock);
    KeLowerIrql(before);
}

static KSPIN_LOCK queued;
static ULONG deferred;

static VOID NTAPI on_dpc(PKDPC dpc, PVOID context, PVOID first, PVOID second)
{
    KLOCK_QUEUE_HANDLE handle;
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    CALL2(KeAcquireInStackQueuedSpinLockForDpc, &queued, &handle);
    CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL && !KeTestSpinLock(&queued));
    CALL1(KeReleaseInStackQueuedSpinLockForDpc, &handle);
    CHECK(KeTestSpinLock(&queued) && KeGetCurrentIrql() == DISPATCH_LEVEL);
    CHECK(dpc->DeferredRoutine == on_dpc);
    deferred++;
}

static void check_dpcs(void)
{
    KDPC dpc;
    KeInitializeSpinLock(&queued);
    KeInitializeDpc(&dpc, on_dpc, NULL);
    CALL2(KeSetTargetProcessorDpc, &dpc, 0);
    CHECK(KeInsertQueueDpc(&dpc, NULL, NULL));
    KeFlushQueuedDpcs();
    CHECK(deferred == 1);
}

// ---- mutexes ----

static void check_mutexes(void)
{
    KGUARDED_MUTEX guarded;
    FAST_MUTEX fast;
    EX_PUSH_LOCK push;
    KeInitializeGuardedMutex(&guarded);
    KeEnterGuardedRegion();
    CALL1(KeAcquireGuardedMutexUnsafe, &guarded);
    CHECK(!KeTryToAcquireGuardedMutex(&guarded));
    CALL1(KeReleaseGuardedMutexUnsafe, &guarded);
    KeLeaveGuardedRegion();
    CHECK(KeTryToAcquireGuardedMutex(&guarded));
    KeReleaseGuardedMutex(&guarded);
    ExInitializeFastMutex(&fast);
    CALL1(ExEnterCriticalRegionAndAcquireFastMutexUnsafe, &fast);
    CHECK(KeAreApcsDisabled() && !ExTryToAcquireFastMutex(&fast));
    CALL1(ExReleaseFastMutexUnsafeAndLeaveCriticalRegion, &fast);
    CHECK(!KeAreApcsDisabled() && ExTryToAcquireFastMutex(&fast));
    ExReleaseFastMutex(&fast);
    ExInitializePushLock(&push);
    KeEnterCriticalRegion();
    CHECK((UCHAR)CALL2(ExTryAcquirePushLockExclusiveEx, &push, 0));
    CHECK(!(UCHAR)CALL2(ExTryAcquirePushLockSharedEx, &push, 0));
    CALL2(ExReleasePushLockEx, &push, 0);
    CHECK((UCHAR)CALL2(ExTryAcquirePushLockSharedEx, &push, 0));
    CHECK(!(UCHAR)CALL2(ExTryAcquirePushLockExclusiveEx, &push, 0));
    CALL2(ExReleasePushLockEx, &push, 0);
    KeLeaveCriticalRegion();
}

// ---- lists and numbers ----

static void check_lists(void)
{
    static SLIST_HEADER head;
    static SLIST_ENTRY entries[2];
    KSPIN_LOCK lock = 0;
    LARGE_INTEGER number;
    InitializeSListHead(&head);
    CHECK(CALL3(ExInterlockedPushEntrySList, &head, &entries[0], &lock) == 0);
    CHECK(CALL3(ExInterlockedPushEntrySList, &head, &entries[1], &lock) == (ULONG64)&entries[0]);
    CHECK(CALL2(ExInterlockedPopEntrySList, &head, &lock) == (ULONG64)&entries[1]);
    CHECK(CALL1(ExInterlockedFlushSList, &head) == (ULONG64)&entries[0]);
    CHECK(CALL2(ExInterlockedPopEntrySList, &head, &lock) == 0 && ExQueryDepthSList(&head) == 0);
    number.QuadPart = 1ll << 40;
    CHECK(CALL3(ExInterlockedAddLargeInteger, &number, 2, &lock) == 1ull << 40);
    CHECK(number.QuadPart == (1ll << 40) + 2);
}

static PVOID lookaside_take(PLOOKASIDE_LIST_EX list)
{
    return ExAllocateFromLookasideListEx(list);
}

static void check_lookaside(void)
{
    static LOOKASIDE_LIST_EX list;
    CHECK(ExInitializeLookasideListEx(&list, NULL, NULL, NonPagedPoolNx, 3, 64, TAG, 0) ==
          STATUS_INVALID_PARAMETER);
    CHECK(ExInitializeLookasideListEx(&list, NULL, NULL, NonPagedPoolNx, 0, 64, TAG, 0) ==
          STATUS_SUCCESS);
    PVOID first = lookaside_take(&list), second = lookaside_take(&list);
    CHECK(first != NULL && second != NULL && first != second);
    ExFreeToLookasideListEx(&list, first);
    CHECK(lookaside_take(&list) == first);
    ExFreeToLookasideListEx(&list, first);
    ExFreeToLookasideListEx(&list, second);
    ExDeleteLookasideListEx(&list);
}

// ---- the clock ----

static void check_times(void)
{
    LARGE_INTEGER time = {0}, ticks = {0};
    ULONG64 counter = 0, before = CALL0(KeQueryInterruptTime);
    CALL1(KeQuerySystemTime, &time);
    CALL1(KeQueryTickCount, &ticks);
    CHECK(time.QuadPart - SharedUserData->SystemTime.LowPart < 1ll << 57 && time.QuadPart > 0);
    CHECK(ticks.QuadPart == (LONGLONG)(before / KeQueryTimeIncrement()));
    CHECK(CALL1(KeQueryUnbiasedInterruptTimePrecise, &counter) >= before && counter != 0);
}

// ---- threads and processors ----

static void check_threads(void)
{
    PROCESSOR_NUMBER number = {7, 7, 7};
    ULONG_PTR here = (ULONG_PTR)&number;
    ULONG64 thread = (ULONG64)KeGetCurrentThread(), process = (ULONG64)PsInitialSystemProcess;
    CHECK((ULONG)CALL1(KeGetCurrentProcessorNumberEx, &number) == 0);
    CHECK(number.Group == 0 && number.Number == 0 && number.Reserved == 0);
    CHECK((UCHAR)CALL0(KeGetPreviousMode) == KernelMode);
    CHECK((UCHAR)CALL0(PsGetCurrentThreadPreviousMode) == KernelMode);
    CHECK(CALL0(PsGetCurrentThread) == thread);
    CHECK(CALL0(PsGetCurrentProcess) == process && CALL0(IoGetCurrentProcess) == process);
    CHECK(CALL0(PsGetCurrentThreadProcess) == process);
    CHECK(CALL0(PsGetCurrentThreadProcessId) == (ULONG64)PsGetCurrentProcessId());
    CHECK(CALL0(PsGetCurrentThreadStackLimit) < here && here < CALL0(PsGetCurrentThreadStackBase));
    CALL1(KeSetSystemAffinityThread, 1);
    CHECK(KeSetSystemAffinityThreadEx(1) == 1);
    CALL0(KeRevertToUserAffinityThread);
    CHECK(KeSetSystemAffinityThreadEx(1) == 0);
    CALL0(KeRevertToUserAffinityThread);
}

// ---- objects ----

static void check_objects(PDRIVER_OBJECT driver)
{
    UNICODE_STRING name;
    PVOID object = NULL;
    HANDLE handle = NULL;
    OBJECT_ATTRIBUTES given;
    static UCHAR access_state[0xE0];
    NTSTATUS(NTAPI * by_name)
    (PUNICODE_STRING, ULONG, PVOID, ACCESS_MASK, POBJECT_TYPE, KPROCESSOR_MODE, PVOID, PVOID *) =
        (PVOID)(ULONG_PTR)find("ObReferenceObjectByName");
    NTSTATUS(NTAPI * open)
    (POBJECT_ATTRIBUTES, POBJECT_TYPE, KPROCESSOR_MODE, PVOID, ACCESS_MASK, PVOID, PHANDLE) =
        (PVOID)(ULONG_PTR)find("ObOpenObjectByName");
    CHECK(by_name(&driver->DriverName, OBJ_CASE_INSENSITIVE, NULL, 0, *IoDriverObjectType,
                  KernelMode, NULL, &object) == STATUS_SUCCESS);
    CHECK(object == driver);
    CHECK((UCHAR)CALL2(ObReferenceObjectSafeWithTag, object, TAG));
    CALL2(ObDereferenceObjectDeferDeleteWithTag, object, TAG);
    ObDereferenceObject(object);
    CHECK(by_name(&driver->DriverName, OBJ_CASE_INSENSITIVE, NULL, 0, *IoDeviceObjectType,
                  KernelMode, NULL, &object) == STATUS_OBJECT_TYPE_MISMATCH);
    InitializeObjectAttributes(&given, &driver->DriverName,
                               OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    CHECK(open(&given, *IoDriverObjectType, KernelMode, access_state, 0, NULL, &handle) ==
          STATUS_SUCCESS);
    CHECK(ZwClose(handle) == STATUS_SUCCESS);
    RtlInitUnicodeString(&name, L"\\Driver\\nobody");
    given.ObjectName = &name;
    CHECK(open(&given, *IoDriverObjectType, KernelMode, access_state, 0, NULL, &handle) ==
          STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(by_name(&name, OBJ_CASE_INSENSITIVE, NULL, 0, *IoDriverObjectType, KernelMode, NULL,
                  &object) == STATUS_OBJECT_NAME_NOT_FOUND);
}

// ---- the debugger ----

static void check_debugger(void)
{
    CHECK((NTSTATUS)CALL0(KdDisableDebugger) == STATUS_DEBUGGER_INACTIVE);
    CHECK((NTSTATUS)CALL0(KdEnableDebugger) == STATUS_DEBUGGER_INACTIVE);
    CHECK((UCHAR)CALL0(KdRefreshDebuggerNotPresent) == TRUE);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    for (SIZE_T i = 0; i < KNOWN; i++) {
        known[i].function = look_up(known[i].name);
    }
    check_irql();
    check_reader_locks();
    check_dpcs();
    check_mutexes();
    check_lists();
    check_lookaside();
    check_times();
    check_threads();
    check_objects(driver);
    check_debugger();
}
