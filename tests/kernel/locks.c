// SPDX-License-Identifier: MIT
// IRQL, processors, and locks: spin locks, fast and guarded mutexes, resources, rundown protection,
// push locks, device queues.
#include "check.h"

static LARGE_INTEGER moment;

static PETHREAD begin(PKSTART_ROUTINE routine, PVOID context)
{
    HANDLE handle = NULL;
    PETHREAD thread = NULL;
    CHECK(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, routine, context) ==
          STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode,
                                    (PVOID *)&thread, NULL) == STATUS_SUCCESS);
    ZwClose(handle);
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    return thread;
}

static void join(PETHREAD thread)
{
    CHECK(KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL) == STATUS_SUCCESS);
    ObDereferenceObject(thread);
}

// ---- IRQL and processors ----

static void check_irql(void)
{
    KIRQL before = HIGH_LEVEL;
    KeRaiseIrql(APC_LEVEL, &before);
    CHECK(before == PASSIVE_LEVEL && KeGetCurrentIrql() == APC_LEVEL);
    CHECK(KfRaiseIrql(APC_LEVEL) == APC_LEVEL);
    CHECK(KeRaiseIrqlToDpcLevel() == APC_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL);
    KeLowerIrql(PASSIVE_LEVEL);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
}

static void check_processors(void)
{
    PROCESSOR_NUMBER number = {9, 9, 9};
    KAFFINITY active = 0;
    CHECK(KeQueryActiveProcessors() == 1 && KeQueryMaximumProcessorCount() == 1);
    CHECK(KeQueryActiveProcessorCount(&active) == 1 && active == 1);
    CHECK(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS) == 1);
    CHECK(KeQueryActiveProcessorCountEx(0) == 1 && KeQueryActiveProcessorCountEx(1) == 0);
    CHECK(KeQueryMaximumProcessorCountEx(0) == 1 && KeQueryMaximumProcessorCountEx(7) == 0);
    CHECK(KeQueryActiveGroupCount() == 1 && KeQueryMaximumGroupCount() == 1);
    CHECK(KeQueryGroupAffinity(0) == 1 && KeQueryGroupAffinity(1) == 0);
    CHECK(KeGetProcessorNumberFromIndex(0, &number) == STATUS_SUCCESS);
    CHECK(number.Group == 0 && number.Number == 0);
    CHECK(KeGetProcessorIndexFromNumber(&number) == 0);
    CHECK(KeGetProcessorNumberFromIndex(1, &number) == STATUS_INVALID_PARAMETER);
    number.Number = 1;
    CHECK(KeGetProcessorIndexFromNumber(&number) == INVALID_PROCESSOR_INDEX);
    CHECK(KeSetSystemAffinityThreadEx(1) == 0 && KeSetSystemAffinityThreadEx(2) == 0);
    KeRevertToUserAffinityThreadEx(0);
    CHECK(KeSetSystemAffinityThreadEx(1) == 0);
    KeRevertToUserAffinityThreadEx(0);
}

// ---- spin locks ----

static void check_spin_locks(void)
{
    KSPIN_LOCK lock, other;
    KLOCK_QUEUE_HANDLE handle;
    KIRQL before;
    KeInitializeSpinLock(&lock);
    KeInitializeSpinLock(&other);
    KeAcquireSpinLock(&lock, &before);
    CHECK(before == PASSIVE_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL && lock != 0);
    CHECK(!KeTryToAcquireSpinLockAtDpcLevel(&lock) && KeTryToAcquireSpinLockAtDpcLevel(&other));
    CHECK(!KeTestSpinLock(&other));
    KeReleaseSpinLockFromDpcLevel(&other);
    CHECK(KeTestSpinLock(&other));
    KeAcquireSpinLockAtDpcLevel(&other);
    KeReleaseSpinLockFromDpcLevel(&other);
    KeReleaseSpinLock(&lock, before);
    CHECK(KeAcquireSpinLockRaiseToDpc(&lock) == PASSIVE_LEVEL);
    KeReleaseSpinLock(&lock, before);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && lock == 0);
    KeAcquireInStackQueuedSpinLock(&lock, &handle);
    CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL && handle.OldIrql == PASSIVE_LEVEL);
    KLOCK_QUEUE_HANDLE inner;
    KeAcquireInStackQueuedSpinLockAtDpcLevel(&other, &inner);
    KeReleaseInStackQueuedSpinLockFromDpcLevel(&inner);
    KeReleaseInStackQueuedSpinLock(&handle);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && lock == 0);
    before = KeAcquireSpinLockForDpc(&lock);
    KeReleaseSpinLockForDpc(&lock, before);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
}

static void check_shared_spin_locks(void)
{
    EX_SPIN_LOCK lock = 0;
    KIRQL before = ExAcquireSpinLockShared(&lock);
    CHECK(before == PASSIVE_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL);
    KIRQL inner = ExAcquireSpinLockShared(&lock);
    CHECK(inner == DISPATCH_LEVEL && !ExTryConvertSharedSpinLockExclusive(&lock));
    ExReleaseSpinLockShared(&lock, inner);
    CHECK(ExTryConvertSharedSpinLockExclusive(&lock));
    ExReleaseSpinLockExclusive(&lock, before);
    before = ExAcquireSpinLockExclusive(&lock);
    ExReleaseSpinLockExclusive(&lock, before);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && lock == 0);
}

// ---- mutexes ----

static FAST_MUTEX fast;
static KGUARDED_MUTEX guarded;
static ULONG turns;

static KEVENT go;

static VOID NTAPI take_fast(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, NULL);
    CHECK(!ExTryToAcquireFastMutex(&fast) && KeGetCurrentIrql() == PASSIVE_LEVEL);
    ExAcquireFastMutex(&fast);
    CHECK(turns++ == 1 && KeGetCurrentIrql() == APC_LEVEL);
    ExReleaseFastMutex(&fast);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
}

static void check_fast_mutexes(void)
{
    ExInitializeFastMutex(&fast);
    KeInitializeEvent(&go, NotificationEvent, FALSE);
    PETHREAD thread = begin(take_fast, NULL);
    ExAcquireFastMutex(&fast);
    CHECK(KeGetCurrentIrql() == APC_LEVEL && fast.Count == 0);
    KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    CHECK(fast.Count == -1);
    CHECK(turns++ == 0 && KeGetCurrentIrql() == APC_LEVEL);
    ExReleaseFastMutex(&fast);
    join(thread);
    CHECK(turns == 2 && ExTryToAcquireFastMutex(&fast));
    ExReleaseFastMutex(&fast);
    KeEnterCriticalRegion();
    ExAcquireFastMutexUnsafe(&fast);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    ExReleaseFastMutexUnsafe(&fast);
    KeLeaveCriticalRegion();
    CHECK(fast.Count == 1);
}

static VOID NTAPI take_guarded(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    CHECK(!KeTryToAcquireGuardedMutex(&guarded) && !KeAreAllApcsDisabled());
    KeAcquireGuardedMutex(&guarded);
    CHECK(KeAreAllApcsDisabled() && KeGetCurrentIrql() == PASSIVE_LEVEL);
    KeReleaseGuardedMutex(&guarded);
}

static void check_guarded_mutexes(void)
{
    KeInitializeGuardedMutex(&guarded);
    KeAcquireGuardedMutex(&guarded);
    PETHREAD thread = begin(take_guarded, NULL);
    KeReleaseGuardedMutex(&guarded);
    CHECK(!KeAreAllApcsDisabled());
    join(thread);
    CHECK(KeTryToAcquireGuardedMutex(&guarded));
    KeReleaseGuardedMutex(&guarded);
}

// ---- resources ----

static ERESOURCE resource;
static char order[16];
static ULONG order_count;

static VOID NTAPI share(PVOID context)
{
    KeEnterCriticalRegion();
    CHECK(!ExAcquireResourceSharedLite(&resource, FALSE));
    CHECK(ExAcquireResourceSharedLite(&resource, TRUE));
    order[order_count++] = (char)(ULONG_PTR)context;
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    ExReleaseResourceLite(&resource);
    KeLeaveCriticalRegion();
}

static VOID NTAPI take_alone(PVOID context)
{
    ExEnterCriticalRegionAndAcquireResourceExclusive(&resource);
    order[order_count++] = (char)(ULONG_PTR)context;
    ExReleaseResourceAndLeaveCriticalRegion(&resource);
}

static void check_resource_waiters(void)
{
    PETHREAD threads[3];
    ExAcquireResourceExclusiveLite(&resource, TRUE);
    threads[0] = begin(take_alone, (PVOID)'X');
    threads[1] = begin(share, (PVOID)'a');
    threads[2] = begin(share, (PVOID)'b');
    CHECK(ExGetExclusiveWaiterCount(&resource) == 1 && ExGetSharedWaiterCount(&resource) == 2);
    CHECK(order_count == 0);
    ExReleaseResourceLite(&resource);
    for (ULONG i = 0; i < 3; i++) {
        join(threads[i]);
    }
    CHECK(strcmp(order, "abX") == 0);
    CHECK(ExGetExclusiveWaiterCount(&resource) == 0 && ExGetSharedWaiterCount(&resource) == 0);
}

static void check_resources(void)
{
    CHECK(ExInitializeResourceLite(&resource) == STATUS_SUCCESS);
    KeEnterCriticalRegion();
    CHECK(ExAcquireResourceSharedLite(&resource, FALSE));
    CHECK(ExAcquireResourceSharedLite(&resource, TRUE));
    CHECK(ExIsResourceAcquiredSharedLite(&resource) == 2);
    CHECK(!ExIsResourceAcquiredExclusiveLite(&resource));
    CHECK(!ExAcquireResourceExclusiveLite(&resource, FALSE));
    CHECK(!ExTryToAcquireResourceExclusiveLite(&resource));
    ExReleaseResourceLite(&resource);
    ExReleaseResourceForThreadLite(&resource, ExGetCurrentResourceThread());
    CHECK(ExIsResourceAcquiredSharedLite(&resource) == 0);
    CHECK(ExAcquireResourceExclusiveLite(&resource, FALSE));
    CHECK(ExTryToAcquireResourceExclusiveLite(&resource));
    CHECK(ExIsResourceAcquiredExclusiveLite(&resource));
    CHECK(ExAcquireSharedStarveExclusive(&resource, FALSE));
    ExReleaseResourceLite(&resource);
    ExReleaseResourceLite(&resource);
    ExConvertExclusiveToSharedLite(&resource);
    CHECK(!ExIsResourceAcquiredExclusiveLite(&resource));
    CHECK(ExIsResourceAcquiredSharedLite(&resource) == 1);
    ExReleaseResourceLite(&resource);
    CHECK(ExAcquireSharedWaitForExclusive(&resource, FALSE));
    ExSetResourceOwnerPointer(&resource, (PVOID)((ULONG_PTR)order | 3));
    CHECK(ExIsResourceAcquiredSharedLite(&resource) == 0);
    ExReleaseResourceForThreadLite(&resource, (ERESOURCE_THREAD)order | 3);
    ExEnterCriticalRegionAndAcquireResourceShared(&resource);
    ExReleaseResourceAndLeaveCriticalRegion(&resource);
    check_resource_waiters();
    CHECK(ExReinitializeResourceLite(&resource) == STATUS_SUCCESS);
    CHECK(ExDeleteResourceLite(&resource) == STATUS_SUCCESS);
    KeLeaveCriticalRegion();
}

// ---- rundown protection and push locks ----

static EX_RUNDOWN_REF rundown;
static EX_PUSH_LOCK push;
static BOOLEAN is_down;

static VOID NTAPI run_down(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    ExWaitForRundownProtectionRelease(&rundown);
    is_down = TRUE;
}

static void check_rundown(void)
{
    ExInitializeRundownProtection(&rundown);
    CHECK(ExAcquireRundownProtection(&rundown) && ExAcquireRundownProtectionEx(&rundown, 2));
    PETHREAD thread = begin(run_down, NULL);
    CHECK(!is_down && !ExAcquireRundownProtection(&rundown));
    ExReleaseRundownProtection(&rundown);
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    CHECK(!is_down);
    ExReleaseRundownProtectionEx(&rundown, 2);
    join(thread);
    CHECK(is_down && !ExAcquireRundownProtection(&rundown));
    ExReInitializeRundownProtection(&rundown);
    CHECK(ExAcquireRundownProtection(&rundown));
    ExReleaseRundownProtection(&rundown);
    ExRundownCompleted(&rundown);
    CHECK(!ExAcquireRundownProtection(&rundown));
}

static VOID NTAPI take_push(PVOID context)
{
    KeEnterCriticalRegion();
    ExAcquirePushLockExclusiveEx(&push, 0);
    order[order_count++] = (char)(ULONG_PTR)context;
    ExReleasePushLockExclusiveEx(&push, 0);
    KeLeaveCriticalRegion();
}

static void check_push_locks(void)
{
    order_count = 0;
    ExInitializePushLock(&push);
    KeEnterCriticalRegion();
    ExAcquirePushLockSharedEx(&push, 0);
    ExAcquirePushLockSharedEx(&push, 0);
    PETHREAD thread = begin(take_push, (PVOID)'p');
    ExReleasePushLockSharedEx(&push, 0);
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    CHECK(order_count == 0);
    ExReleasePushLockSharedEx(&push, 0);
    KeLeaveCriticalRegion();
    join(thread);
    CHECK(order_count == 1 && push == 0);
}

// ---- device queues ----

static void check_device_queues(void)
{
    KDEVICE_QUEUE queue;
    KDEVICE_QUEUE_ENTRY entries[4];
    KIRQL irql;
    KeInitializeDeviceQueue(&queue);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    CHECK(!queue.Busy && KeRemoveByKeyDeviceQueueIfBusy(&queue, 0) == NULL);
    CHECK(!KeInsertDeviceQueue(&queue, &entries[0]) && queue.Busy);
    CHECK(KeInsertByKeyDeviceQueue(&queue, &entries[1], 30) && entries[1].Inserted);
    CHECK(KeInsertByKeyDeviceQueue(&queue, &entries[2], 10));
    CHECK(KeInsertDeviceQueue(&queue, &entries[3]));
    CHECK(KeRemoveEntryDeviceQueue(&queue, &entries[3]));
    CHECK(!KeRemoveEntryDeviceQueue(&queue, &entries[3]));
    CHECK(KeRemoveByKeyDeviceQueue(&queue, 20) == &entries[1]);
    CHECK(KeRemoveByKeyDeviceQueueIfBusy(&queue, 20) == &entries[2]);
    CHECK(KeRemoveDeviceQueue(&queue) == NULL && !queue.Busy);
    KeLowerIrql(irql);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    moment.QuadPart = -10;
    check_irql();
    check_processors();
    check_spin_locks();
    check_shared_spin_locks();
    check_fast_mutexes();
    check_guarded_mutexes();
    check_resources();
    check_rundown();
    check_push_locks();
    check_device_queues();
}
