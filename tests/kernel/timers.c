// SPDX-License-Identifier: MIT
// Timers, DPCs, work items and time.
#include "check.h"

static char told[64];
static ULONG told_count, wrong_level;
static KTIMER timers[3];
static KDPC dpcs[3];
static LARGE_INTEGER zero;

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

static VOID NTAPI tell_dpc(PKDPC dpc, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    wrong_level += KeGetCurrentIrql() != DISPATCH_LEVEL;
    tell((char)(ULONG_PTR)context);
}

static void sleep_units(LONGLONG units)
{
    LARGE_INTEGER time;
    time.QuadPart = -units;
    CHECK(KeDelayExecutionThread(KernelMode, FALSE, &time) == STATUS_SUCCESS);
}

static LONGLONG now(void)
{
    LARGE_INTEGER time;
    KeQuerySystemTimePrecise(&time);
    return time.QuadPart;
}

// ---- DPCs ----

static VOID NTAPI check_arguments(PKDPC dpc, PVOID context, PVOID first, PVOID second)
{
    CHECK(dpc == &dpcs[0] && context == told);
    CHECK(first == (PVOID)11 && second == (PVOID)22);
    tell('a');
}

static void check_dpcs(void)
{
    PROCESSOR_NUMBER here = {0, 0, 0}, elsewhere = {0, 1, 0};
    KIRQL irql;
    KeInitializeDpc(&dpcs[0], check_arguments, told);
    CHECK(KeInsertQueueDpc(&dpcs[0], (PVOID)11, (PVOID)22) && was_told("a"));
    KeInitializeDpc(&dpcs[0], tell_dpc, (PVOID)'x');
    KeInitializeDpc(&dpcs[1], tell_dpc, (PVOID)'y');
    KeInitializeDpc(&dpcs[2], tell_dpc, (PVOID)'z');
    CHECK(KeSetTargetProcessorDpcEx(&dpcs[0], &here) == STATUS_SUCCESS);
    CHECK(KeSetTargetProcessorDpcEx(&dpcs[0], &elsewhere) == STATUS_INVALID_PARAMETER);
    KeSetImportanceDpc(&dpcs[2], HighImportance);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    CHECK(KeInsertQueueDpc(&dpcs[0], NULL, NULL) && !KeInsertQueueDpc(&dpcs[0], NULL, NULL));
    CHECK(KeInsertQueueDpc(&dpcs[1], NULL, NULL) && KeInsertQueueDpc(&dpcs[2], NULL, NULL));
    CHECK(KeRemoveQueueDpc(&dpcs[1]) && !KeRemoveQueueDpc(&dpcs[1]));
    CHECK(was_told(""));
    KeLowerIrql(irql);
    CHECK(was_told("zx") && wrong_level == 0);
    KeFlushQueuedDpcs();
    CHECK(was_told(""));
}

static KIRQL threaded_level;
static KEVENT threaded_done;

static VOID NTAPI run_threaded(PKDPC dpc, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(second);
    threaded_level = KeGetCurrentIrql();
    CHECK(first == (PVOID)5);
    KeSetEvent(&threaded_done, IO_NO_INCREMENT, FALSE);
}

static void check_threaded(void)
{
    KeInitializeEvent(&threaded_done, NotificationEvent, FALSE);
    KeInitializeThreadedDpc(&dpcs[0], run_threaded, NULL);
    threaded_level = HIGH_LEVEL;
    CHECK(KeInsertQueueDpc(&dpcs[0], (PVOID)5, NULL));
    KeWaitForSingleObject(&threaded_done, Executive, KernelMode, FALSE, NULL);
    CHECK(threaded_level == PASSIVE_LEVEL);
}

// ---- timers ----

static LARGE_INTEGER in_units(LONGLONG units)
{
    LARGE_INTEGER time;
    time.QuadPart = -units;
    return time;
}

static void check_timers(void)
{
    LARGE_INTEGER at;
    for (ULONG i = 0; i < 3; i++) {
        KeInitializeDpc(&dpcs[i], tell_dpc, (PVOID)(ULONG_PTR)('a' + i));
    }
    KeInitializeTimer(&timers[0]);
    KeInitializeTimerEx(&timers[1], SynchronizationTimer);
    KeInitializeTimerEx(&timers[2], NotificationTimer);
    CHECK(!KeSetTimer(&timers[0], in_units(3000), &dpcs[0]));
    CHECK(!KeSetTimerEx(&timers[1], in_units(1000), 1, &dpcs[1]));
    CHECK(!KeSetCoalescableTimer(&timers[2], in_units(2000), 0, 5, &dpcs[2]));
    CHECK(KeSetTimer(&timers[2], in_units(2500), &dpcs[2])); // it was set
    CHECK(!KeReadStateTimer(&timers[0]));
    CHECK(KeWaitForSingleObject(&timers[0], Executive, KernelMode, FALSE, NULL) == STATUS_SUCCESS);
    CHECK(was_told("bca") && KeReadStateTimer(&timers[0]));
    CHECK(!KeCancelTimer(&timers[0]) && !KeCancelTimer(&timers[2]));
    sleep_units(18000); // after 1000, every 10000
    CHECK(was_told("bb"));
    CHECK(KeWaitForSingleObject(&timers[1], Executive, KernelMode, FALSE, &zero) == STATUS_SUCCESS);
    CHECK(KeWaitForSingleObject(&timers[1], Executive, KernelMode, FALSE, &zero) == STATUS_TIMEOUT);
    CHECK(KeCancelTimer(&timers[1]) && !KeCancelTimer(&timers[1]));
    sleep_units(50000);
    CHECK(was_told(""));
    at.QuadPart = now() + 700;
    CHECK(!KeSetTimer(&timers[0], at, &dpcs[0]));
    sleep_units(1000);
    CHECK(was_told("a"));
    at.QuadPart = now() - 700; // over: at once
    CHECK(!KeSetTimer(&timers[0], at, &dpcs[0]) && was_told("a"));
}

static VOID NTAPI on_ex_timer(PEX_TIMER timer, PVOID context)
{
    CHECK(timer == *(PEX_TIMER *)context);
    tell('e');
}

static VOID NTAPI on_delete(PVOID context)
{
    CHECK(context == told);
    tell('d');
}

static void check_ex_timers(void)
{
    static PEX_TIMER timer, plain;
    EXT_DELETE_PARAMETERS parameters = {0, 0, on_delete, told};
    CHECK(ExAllocateTimer(on_ex_timer, &timer, 0x40) == NULL);
    timer = ExAllocateTimer(on_ex_timer, &timer, EX_TIMER_HIGH_RESOLUTION);
    plain = ExAllocateTimer(NULL, NULL, EX_TIMER_NOTIFICATION);
    CHECK(timer != NULL && plain != NULL);
    CHECK(!ExSetTimer(timer, -1000, 500, NULL) && !ExSetTimer(plain, -2600, 0, NULL));
    CHECK(KeWaitForSingleObject(plain, Executive, KernelMode, FALSE, NULL) == STATUS_SUCCESS);
    CHECK(was_told("eeee"));
    CHECK(ExCancelTimer(timer, NULL) && !ExCancelTimer(timer, NULL));
    CHECK(!ExSetTimer(timer, -1000, 0, NULL) && ExSetTimer(timer, -1000, 0, NULL));
    CHECK(ExDeleteTimer(timer, TRUE, FALSE, &parameters) && was_told("d"));
    CHECK(!ExDeleteTimer(plain, TRUE, FALSE, NULL));
    sleep_units(5000);
    CHECK(was_told(""));
}

// ---- work items ----

static WORK_QUEUE_ITEM items[3];
static KEVENT item_gate;

static VOID NTAPI run_item(PVOID context)
{
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    tell((char)(ULONG_PTR)context);
    if (context == (PVOID)'1') {
        KeWaitForSingleObject(&item_gate, Executive, KernelMode, FALSE, NULL);
        tell('!');
    }
}

static void check_work_items(void)
{
    KeInitializeEvent(&item_gate, NotificationEvent, FALSE);
    for (ULONG i = 0; i < 3; i++) {
        ExInitializeWorkItem(&items[i], run_item, (PVOID)(ULONG_PTR)('1' + i));
        ExQueueWorkItem(&items[i], DelayedWorkQueue);
    }
    CHECK(!ExTryQueueWorkItem(&items[2], DelayedWorkQueue));
    CHECK(was_told(""));
    sleep_units(10);
    CHECK(was_told("123"));
    KeSetEvent(&item_gate, IO_NO_INCREMENT, FALSE);
    CHECK(ExTryQueueWorkItem(&items[2], CriticalWorkQueue));
    sleep_units(10);
    CHECK(was_told("!3"));
}

// ---- time ----

static void check_time(void)
{
    LARGE_INTEGER frequency = {.QuadPart = 0}, before, after;
    ULONG64 stamp = 0, interrupts;
    before = KeQueryPerformanceCounter(&frequency);
    interrupts = KeQueryInterruptTimePrecise(&stamp);
    CHECK(frequency.QuadPart == 10000000 && KeQueryTimeIncrement() == 156250);
    CHECK(interrupts >= 600000000 && stamp >= (ULONG64)before.QuadPart);
    CHECK(KeQueryUnbiasedInterruptTime() >= interrupts - 156250);
    sleep_units(10000000);
    after = KeQueryPerformanceCounter(NULL);
    CHECK(after.QuadPart - before.QuadPart >= 10000000);
    CHECK(after.QuadPart - before.QuadPart < 10001000);
    CHECK(KeQueryInterruptTimePrecise(&stamp) - interrupts >= 10000000);
    LONGLONG start = now();
    KeStallExecutionProcessor(50);
    CHECK(now() - start >= 500 && now() - start < 1000);
    while (now() - start < 100000) { // comes to an end
    }
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_dpcs();
    check_threaded();
    check_timers();
    check_ex_timers();
    check_work_items();
    check_time();
}
