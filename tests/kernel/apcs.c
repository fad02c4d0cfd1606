// SPDX-License-Identifier: MIT
// Asynchronous procedure calls: at which moment they run, at which IRQL, and what keeps them away.
#include "check.h"

typedef VOID(NTAPI *PKNORMAL_ROUTINE)(PVOID context, PVOID first, PVOID second);
typedef VOID(NTAPI *PKKERNEL_ROUTINE)(PKAPC apc, PKNORMAL_ROUTINE *routine, PVOID *context,
                                      PVOID *first, PVOID *second);
typedef VOID(NTAPI *PKRUNDOWN_ROUTINE)(PKAPC apc);

DECLSPEC_IMPORT VOID NTAPI KeInitializeApc(PKAPC Apc, PKTHREAD Thread, ULONG Environment,
                                           PKKERNEL_ROUTINE KernelRoutine,
                                           PKRUNDOWN_ROUTINE RundownRoutine,
                                           PKNORMAL_ROUTINE NormalRoutine, KPROCESSOR_MODE Mode,
                                           PVOID Context);
DECLSPEC_IMPORT BOOLEAN NTAPI KeInsertQueueApc(PKAPC Apc, PVOID First, PVOID Second,
                                               KPRIORITY Increment);
DECLSPEC_IMPORT BOOLEAN NTAPI KeRemoveQueueApc(PKAPC Apc);
DECLSPEC_IMPORT BOOLEAN NTAPI KeTestAlertThread(KPROCESSOR_MODE Mode);

static char order[32];
static ULONG steps;
static KAPC normal, special, other;
static PKTHREAD whose;

static void note(char what)
{
    order[steps < sizeof order - 1 ? steps++ : steps] = what;
}

static BOOLEAN is_order(const char *wanted)
{
    BOOLEAN same = strcmp(order, wanted) == 0;
    if (!same) {
        DbgPrint("order: %s instead of %s\n", order, wanted);
    }
    RtlZeroMemory(order, sizeof order);
    steps = 0;
    return same;
}

static VOID NTAPI on_normal(PVOID context, PVOID first, PVOID second)
{
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && KeGetCurrentThread() == whose);
    CHECK(context == &normal && first == (PVOID)1 && second == (PVOID)3);
    note('n');
    // Another normal one waits until this one has returned, a special one does not.
    if (other.Type != 0) {
        CHECK(KeInsertQueueApc(&other, (PVOID)1, (PVOID)3, 0));
        note('.');
    }
}

static VOID NTAPI on_other(PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    CHECK(context == &other);
    note('o');
}

static VOID NTAPI on_kernel(PKAPC apc, PKNORMAL_ROUTINE *routine, PVOID *context, PVOID *first,
                            PVOID *second)
{
    CHECK(KeGetCurrentIrql() == APC_LEVEL && !apc->Inserted);
    note('k');
    CHECK((*routine == NULL) == (apc == &special));
    if (apc == &normal) {
        CHECK(*context == &normal && *first == (PVOID)1 && *second == (PVOID)2);
        *second = (PVOID)3; // what the normal routine gets
    }
}

static VOID NTAPI on_special(PKAPC apc, PKNORMAL_ROUTINE *routine, PVOID *context, PVOID *first,
                             PVOID *second)
{
    UNREFERENCED_PARAMETER(context);
    CHECK(KeGetCurrentIrql() == APC_LEVEL && apc == &special && *routine == NULL);
    CHECK(KeGetCurrentThread() == whose && *first == (PVOID)5 && *second == (PVOID)6);
    note('s');
}

static void initialize(PKTHREAD thread)
{
    whose = thread;
    KeInitializeApc(&normal, thread, 0, on_kernel, NULL, on_normal, KernelMode, &normal);
    KeInitializeApc(&special, thread, 0, on_special, NULL, NULL, KernelMode, NULL);
    CHECK(normal.Thread == thread && special.ApcMode == KernelMode);
}

static void queue_both(void)
{
    CHECK(KeInsertQueueApc(&normal, (PVOID)1, (PVOID)2, 0));
    CHECK(KeInsertQueueApc(&special, (PVOID)5, (PVOID)6, 0));
}

static void check_own(void)
{
    KIRQL irql;
    initialize(KeGetCurrentThread());
    queue_both();
    CHECK(is_order("kns"));
    KeEnterCriticalRegion();
    queue_both();
    CHECK(is_order("s") && normal.Inserted && KeAreApcsDisabled());
    CHECK(!KeInsertQueueApc(&normal, NULL, NULL, 0));
    KeLeaveCriticalRegion();
    CHECK(is_order("kn"));
    KeEnterGuardedRegion();
    queue_both();
    CHECK(is_order("") && KeAreAllApcsDisabled());
    KeLeaveGuardedRegion();
    CHECK(is_order("skn")); // special ones go first
    KeRaiseIrql(APC_LEVEL, &irql);
    queue_both();
    CHECK(is_order(""));
    KeLowerIrql(irql);
    CHECK(is_order("skn"));
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    queue_both();
    CHECK(KeRemoveQueueApc(&normal) && !KeRemoveQueueApc(&normal));
    KeLowerIrql(irql);
    CHECK(is_order("s"));
    KeInitializeApc(&other, whose, 0, on_kernel, NULL, on_other, KernelMode, &other);
    CHECK(KeInsertQueueApc(&normal, (PVOID)1, (PVOID)2, 0));
    CHECK(is_order("kn.ko"));
    other.Type = 0;
}

// ---- in another thread ----

static KEVENT go, here;
static NTSTATUS waited;

static VOID NTAPI wait(PVOID context)
{
    LARGE_INTEGER *timeout = context;
    KeSetEvent(&here, 0, FALSE);
    waited = KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, timeout);
    note('w');
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static PKTHREAD start(HANDLE *handle, LARGE_INTEGER *timeout)
{
    PVOID thread;
    CHECK(PsCreateSystemThread(handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, wait, timeout) ==
          STATUS_SUCCESS);
    CHECK(ObReferenceObjectByHandle(*handle, 0, *PsThreadType, KernelMode, &thread, NULL) ==
          STATUS_SUCCESS);
    KeWaitForSingleObject(&here, Executive, KernelMode, FALSE, NULL);
    return thread;
}

static void end(HANDLE handle, PKTHREAD thread)
{
    CHECK(ZwWaitForSingleObject(handle, FALSE, NULL) == STATUS_SUCCESS);
    CHECK(!KeInsertQueueApc(&special, NULL, NULL, 0)); // it has ended
    ObDereferenceObject(thread);
    ZwClose(handle);
}

// The wait goes on afterwards, and its time as well.
static void check_waiting(void)
{
    HANDLE handle;
    LARGE_INTEGER soon, before, after;
    KeInitializeEvent(&go, SynchronizationEvent, FALSE);
    KeInitializeEvent(&here, SynchronizationEvent, FALSE);
    PKTHREAD thread = start(&handle, NULL);
    initialize(thread);
    queue_both();
    soon.QuadPart = -10000;
    KeDelayExecutionThread(KernelMode, FALSE, &soon);
    CHECK(is_order("skn"));
    KeSetEvent(&go, 0, FALSE);
    end(handle, thread);
    CHECK(is_order("w") && waited == STATUS_SUCCESS);

    soon.QuadPart = -50000;
    KeQuerySystemTimePrecise(&before);
    thread = start(&handle, &soon);
    initialize(thread);
    LARGE_INTEGER half;
    half.QuadPart = -20000;
    KeDelayExecutionThread(KernelMode, FALSE, &half);
    queue_both();
    end(handle, thread);
    KeQuerySystemTimePrecise(&after);
    CHECK(is_order("sknw") && waited == STATUS_TIMEOUT);
    CHECK(after.QuadPart - before.QuadPart >= 50000 && after.QuadPart - before.QuadPart < 60000);
}

static void check_alerts(void)
{
    CHECK(!KeTestAlertThread(KernelMode));
    KeAlertThread(KeGetCurrentThread(), KernelMode);
    CHECK(KeTestAlertThread(KernelMode) && !KeTestAlertThread(KernelMode));
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    if (path->Buffer[path->Length / 2 - 1] == 'u') {
        KeInitializeApc(&normal, KeGetCurrentThread(), 0, on_kernel, NULL, on_normal, UserMode,
                        &normal);
        KeInsertQueueApc(&normal, NULL, NULL, 0);
    }
    check_own();
    check_waiting();
    check_alerts();
}
