// SPDX-License-Identifier: MIT
// What stops the system that has to do with threads, IRQL and locks; the driver's name says which
// it does.
#include "check.h"

static KEVENT event;
static KMUTEX mutex;
static KSEMAPHORE semaphore;
static KSPIN_LOCK lock;
static FAST_MUTEX fast;
static ERESOURCE resource;
static KDPC dpc;
static KTIMER timer;
static WORK_QUEUE_ITEM item;
static KIRQL irql;
static LARGE_INTEGER soon;
static volatile ULONG_PTR nowhere = 0x18;

static void join(PKSTART_ROUTINE routine)
{
    HANDLE handle = NULL;
    PVOID thread = NULL;
    PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, routine, NULL);
    ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, &thread, NULL);
    ZwClose(handle);
    KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(thread);
}

// ---- threads ----

static VOID NTAPI end_with_mutex(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL);
}

static VOID NTAPI end_in_region(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeEnterCriticalRegion();
}

static VOID NTAPI end_raised(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeRaiseIrql(APC_LEVEL, &irql);
}

static VOID NTAPI wait_for_mutex(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static VOID NTAPI fall(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    *(volatile ULONG *)nowhere = 1;
}

static ULONG dig(ULONG depth)
{
    volatile ULONG room[64];
    room[0] = depth;
    return depth == 0 ? 0 : dig(depth - 1) + room[0];
}

static VOID NTAPI overflow(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    DbgPrint("%u\n", dig(1000000));
}

static VOID NTAPI raise_in_item(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    KeRaiseIrql(APC_LEVEL, &irql);
}

static VOID NTAPI end_in_item(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    PsTerminateSystemThread(STATUS_SUCCESS);
    nowhere = 0;
}

// ---- DPCs ----

static VOID NTAPI wait_in_dpc(PKDPC self, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
}

static VOID NTAPI raise_in_dpc(PKDPC self, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    KeRaiseIrql(HIGH_LEVEL, &irql);
}

static VOID NTAPI lower_in_dpc(PKDPC self, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    KeLowerIrql(PASSIVE_LEVEL);
    nowhere = 0; // not the last thing that it does, so that it is there to be blamed
}

static void run_dpc(PKDEFERRED_ROUTINE routine)
{
    KeInitializeDpc(&dpc, routine, NULL);
    KeInsertQueueDpc(&dpc, NULL, NULL);
}

// ---- which ----

static void hang(void)
{
    KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL);
    join(wait_for_mutex);
}

static void hang_on_fast(void)
{
    ExAcquireFastMutex(&fast);
    ExAcquireFastMutex(&fast);
}

static void wait_raised(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
}

static void allocate_raised(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    IoCreateSymbolicLink(NULL, NULL);
}

static void stay_raised(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
}

static void raise_down(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    KeRaiseIrql(APC_LEVEL, &irql);
}

static void lower_up(void)
{
    KeLowerIrql(DISPATCH_LEVEL);
}

static void lock_twice(void)
{
    KeAcquireSpinLock(&lock, &irql);
    KeAcquireSpinLockAtDpcLevel(&lock);
}

static void unlock_twice(void)
{
    KeAcquireSpinLock(&lock, &irql);
    KeReleaseSpinLock(&lock, irql);
    KeReleaseSpinLock(&lock, irql);
}

static void lock_below(void)
{
    KeAcquireSpinLockAtDpcLevel(&lock);
}

static void fast_raised(void)
{
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    ExAcquireFastMutex(&fast);
}

static void resource_unowned(void)
{
    ExReleaseResourceLite(&resource);
}

static void leave_region(void)
{
    KeLeaveCriticalRegion();
}

static void queue_twice(void)
{
    ExQueueWorkItem(&item, DelayedWorkQueue);
    ExQueueWorkItem(&item, DelayedWorkQueue);
}

static void set_twice(void)
{
    soon.QuadPart = -100000;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, soon, NULL);
    KeInitializeTimer(&timer);
}

static void release_too_many(void)
{
    KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 3, FALSE);
}

static void release_unowned(void)
{
    KeReleaseMutex(&mutex, FALSE);
}

static void wait_for_too_many(void)
{
    PVOID objects[4] = {&event, &event, &event, &event};
    KeWaitForMultipleObjects(4, objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL);
}

static void end_the_worker(void)
{
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static void leave_timer(void)
{
    soon.QuadPart = -100000;
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, wait_in_dpc, NULL);
    KeSetTimer(&timer, soon, &dpc);
}

static const struct {
    const char *name;
    void (*act)(void);
    PKDEFERRED_ROUTINE in_dpc;
    PKSTART_ROUTINE in_thread, in_item;
} acts[] = {
    {.name = "hang", .act = hang},
    {.name = "hangfast", .act = hang_on_fast},
    {.name = "waitraised", .act = wait_raised},
    {.name = "linkraised", .act = allocate_raised},
    {.name = "stayraised", .act = stay_raised},
    {.name = "raisedown", .act = raise_down},
    {.name = "lowerup", .act = lower_up},
    {.name = "locktwice", .act = lock_twice},
    {.name = "unlocktwice", .act = unlock_twice},
    {.name = "lockbelow", .act = lock_below},
    {.name = "fastraised", .act = fast_raised},
    {.name = "resource", .act = resource_unowned},
    {.name = "region", .act = leave_region},
    {.name = "queuetwice", .act = queue_twice},
    {.name = "settwice", .act = set_twice},
    {.name = "semaphore", .act = release_too_many},
    {.name = "mutex", .act = release_unowned},
    {.name = "toomany", .act = wait_for_too_many},
    {.name = "worker", .act = end_the_worker},
    {.name = "timer", .act = leave_timer},
    {.name = "dpcwaits", .in_dpc = wait_in_dpc},
    {.name = "dpcraises", .in_dpc = raise_in_dpc},
    {.name = "dpclowers", .in_dpc = lower_in_dpc},
    {.name = "endmutex", .in_thread = end_with_mutex},
    {.name = "endregion", .in_thread = end_in_region},
    {.name = "endraised", .in_thread = end_raised},
    {.name = "fall", .in_thread = fall},
    {.name = "overflow", .in_thread = overflow},
    {.name = "itemraised", .in_item = raise_in_item},
    {.name = "itemends", .in_item = end_in_item},
};

static BOOLEAN is_called(PUNICODE_STRING path, const char *name)
{
    ULONG length = path->Length / sizeof(WCHAR), size = (ULONG)strlen(name);
    if (length <= size || path->Buffer[length - size - 1] != '\\') {
        return FALSE;
    }
    for (ULONG i = 0; i < size; i++) {
        if (path->Buffer[length - size + i] != (WCHAR)name[i]) {
            return FALSE;
        }
    }
    return TRUE;
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    KeInitializeEvent(&event, SynchronizationEvent, FALSE);
    KeInitializeMutex(&mutex, 0);
    KeInitializeSemaphore(&semaphore, 0, 2);
    ExInitializeFastMutex(&fast);
    ExInitializeResourceLite(&resource);
    ExInitializeWorkItem(&item, raise_in_item, NULL);
    for (ULONG i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (!is_called(path, acts[i].name)) {
            continue;
        }
        if (acts[i].act != NULL) {
            acts[i].act();
        } else if (acts[i].in_dpc != NULL) {
            run_dpc(acts[i].in_dpc);
        } else if (acts[i].in_thread != NULL) {
            join(acts[i].in_thread);
        } else {
            item.WorkerRoutine = acts[i].in_item;
            ExQueueWorkItem(&item, DelayedWorkQueue);
        }
    }
}
