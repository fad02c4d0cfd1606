// SPDX-License-Identifier: MIT
// What drivers do with inline kernel code, each result checked: it prints what does not hold.
#include "processor.h"

#include "../kernel/check.h"

static void check_irql(void)
{
    KIRQL irql;
    KSPIN_LOCK lock;
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    CHECK(irql == PASSIVE_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL);
    KeLowerIrql(irql);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
    CHECK(KeRaiseIrqlToDpcLevel() == PASSIVE_LEVEL);
    KeLowerIrql(PASSIVE_LEVEL);
    // Inline and imported functions speak of the same level.
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLock(&lock, &irql);
    CHECK(irql == PASSIVE_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL);
    KeReleaseSpinLock(&lock, irql);
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
}

static void check_block(void)
{
    ULONG64 self = read_gs(0x18);
    CHECK(self != 0 && read_gs(0x20) == self + 0x180);
    CHECK(*(ULONG64 *)(self + 0x18) == self && read_msr(0xC0000101) == self);
    CHECK(KeGetCurrentProcessorNumber() == 0);
    CHECK(KeGetCurrentThread() != NULL && (ULONG64)KeGetCurrentThread() == read_gs(0x188));
    CHECK((*(volatile UCHAR *)KeGetCurrentThread() & 0x7F) == 6); // a dispatcher object: thread
}

static PKTHREAD(NTAPI *imported_thread)(VOID);
static PKTHREAD seen_thread;

static VOID NTAPI look_at_thread(PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    seen_thread = KeGetCurrentThread();
    CHECK(seen_thread == imported_thread() && KeGetCurrentIrql() == PASSIVE_LEVEL);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

// gs:[188h] is the thread that functions know, in each thread.
static void check_threads(void)
{
    static const WCHAR name[] = {'K', 'e', 'G', 'e', 't', 'C', 'u', 'r', 'r', 'e',
                                 'n', 't', 'T', 'h', 'r', 'e', 'a', 'd', 0};
    UNICODE_STRING text;
    LARGE_INTEGER soon;
    HANDLE thread;
    PKTHREAD own = KeGetCurrentThread();
    RtlInitUnicodeString(&text, name);
    imported_thread = (PKTHREAD(NTAPI *)(VOID))MmGetSystemRoutineAddress(&text);
    CHECK(imported_thread() == own);
    CHECK(NT_SUCCESS(
        PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, look_at_thread, NULL)));
    ZwClose(thread);
    soon.QuadPart = -10000;
    KeDelayExecutionThread(KernelMode, FALSE, &soon);
    CHECK(seen_thread != NULL && seen_thread != own && KeGetCurrentThread() == own);
}

static void check_shared_page(void)
{
    static const WCHAR root[] = {'C', ':', '\\', 'W', 'i', 'n', 'd', 'o', 'w', 's'};
    UNICODE_STRING text;
    RTL_OSVERSIONINFOW version;
    WCHAR copy[10];
    PVOID to = copy;
    const volatile void *from = SharedUserData->NtSystemRoot;
    ULONG_PTR count = sizeof copy;
    version.dwOSVersionInfoSize = sizeof version;
    CHECK(NT_SUCCESS(RtlGetVersion(&version)));
    CHECK(SharedUserData->NtMajorVersion == version.dwMajorVersion);
    CHECK(SharedUserData->NtMinorVersion == version.dwMinorVersion);
    CHECK(SharedUserData->NtBuildNumber == version.dwBuildNumber);
    CHECK(SharedUserData->NtProductType == NtProductWinNt && SharedUserData->ProductTypeIsValid);
    CHECK(!SharedUserData->KdDebuggerEnabled && SharedUserData->ProcessorFeatures[10]);
    __asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
    CHECK(RtlCompareMemory(copy, root, sizeof root) == sizeof root);
    // A kernel function is given the page.
    RtlInitUnicodeString(&text, SharedUserData->NtSystemRoot);
    CHECK(text.Length == sizeof root && RtlCompareMemory(text.Buffer, root, sizeof root) == 20);
}

static void check_clock(void)
{
    LARGE_INTEGER time, later, ticks;
    ULONG64 interrupts = KeQueryInterruptTime();
    KeQuerySystemTime(&time);
    KeQueryTickCount(&ticks);
    CHECK(time.QuadPart > 130000000000000000 && ticks.QuadPart >= 0);
    CHECK(SharedUserData->SystemTime.High1Time == SharedUserData->SystemTime.High2Time);
    CHECK(KeQueryInterruptTime() >= interrupts);
    __asm__ volatile("hlt"); // until the clock's next interrupt
    KeQuerySystemTime(&later);
    CHECK(later.QuadPart > time.QuadPart);
    KeQueryTickCount(&later);
    CHECK(later.QuadPart == ticks.QuadPart + 1);
}

static volatile LONG calls;

static VOID NTAPI count_call(PKDPC dpc, PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    CHECK(KeGetCurrentIrql() == DISPATCH_LEVEL && context == &calls);
    calls = calls + 1;
}

// What waits for a lower IRQL, or for the time that the driver looks at, runs in between.
static void check_interrupts(void)
{
    static KDPC dpc;
    static KTIMER timer;
    LARGE_INTEGER due;
    KIRQL irql;
    KeInitializeDpc(&dpc, count_call, (PVOID)&calls);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    CHECK(KeInsertQueueDpc(&dpc, NULL, NULL) && calls == 0);
    KeLowerIrql(irql);
    CHECK(calls == 1 && KeGetCurrentIrql() == PASSIVE_LEVEL);
    due.QuadPart = -3 * 156250;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, due, &dpc);
    for (ULONG64 end = KeQueryInterruptTime() + 10 * 156250;
         calls == 1 && KeQueryInterruptTime() < end;) {
    }
    CHECK(calls == 2);
    KeSetTimer(&timer, due, &dpc);
    for (int i = 0; i < 5; i++) {
        __asm__ volatile("hlt");
    }
    CHECK(calls == 3);
}

static void check_ports(void)
{
    UCHAR bytes[5] = {0};
    CHECK(READ_PORT_UCHAR((PUCHAR)0x3F8) == 0xFF);
    CHECK(READ_PORT_USHORT((PUSHORT)0x3F8) == 0xFFFF);
    CHECK(READ_PORT_ULONG((PULONG)0xCFC) == 0xFFFFFFFF);
    WRITE_PORT_UCHAR((PUCHAR)0x80, 1);
    WRITE_PORT_USHORT((PUSHORT)0x80, 1);
    WRITE_PORT_ULONG((PULONG)0xCF8, 0x80000000);
    READ_PORT_BUFFER_UCHAR((PUCHAR)0x1F0, bytes, 4);
    CHECK(bytes[0] == 0xFF && bytes[3] == 0xFF && bytes[4] == 0);
    WRITE_PORT_BUFFER_USHORT((PUSHORT)0x1F0, (PUSHORT)bytes, 2);
}

static void check_processor(void)
{
    ULONG64 before = read_tsc();
    CHECK(read_msr(0x1B) == 0xFEE00900);
    CHECK(read_msr(0x10) > before && read_tsc() > before);
    write_msr(0xC0000103, 5);
    CHECK(read_msr(0xC0000103) == 5);
    write_cr3(read_cr3());
    __asm__ volatile("cli");
    __asm__ volatile("sti");
    __asm__ volatile("wbinvd");
    __asm__ volatile("invlpg (%0)" : : "r"(&before));
}

static void check_cpuid(void)
{
    ULONG a = 0, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    CHECK(a == 0x16 && b == 0x756E6547 && d == 0x49656E69 && c == 0x6C65746E); // GenuineIntel
    a = 1;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    CHECK(a == 0x506E3 && (c >> 31) == 0 && (d >> 26 & 1) == 1);
    a = 0x80000008;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    CHECK(a == 0x3027);
}

// Registers, flags and vectors of the code around them stay what they were.
static void check_surroundings(void)
{
    ULONG64 kept = 0x1122334455667788, result = 0, flags = 0;
    __asm__ volatile("movq %2, %%xmm7\n"
                     "mov %2, %%r10\n"
                     "xor %%eax, %%eax\n"
                     "stc\n"
                     "mov %%cr8, %%rax\n"
                     "sbb %1, %1\n" // the carry is there still
                     "movq %%xmm7, %0\n"
                     "xor %%r10, %0\n"
                     : "=&r"(result), "=&r"(flags)
                     : "r"(kept)
                     : "rax", "r10", "xmm7", "cc");
    CHECK(result == 0 && flags == ~0ull);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_irql();
    check_block();
    check_threads();
    check_shared_page();
    check_clock();
    check_interrupts();
    check_ports();
    check_processor();
    check_cpuid();
    check_surroundings();
}
