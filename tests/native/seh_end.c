// SPDX-License-Identifier: MIT
// Exceptions that nothing good comes of: each CASE is built as an image of its own.
#include "try.h"

#define UNHANDLED   1
#define STUBBORN    2
#define ENDLESS     3
#define KERNEL_HALF 4
#define LEVEL       5
#define OVERFLOW    6
#define LOST        7
#define BEYOND      8
#define NO_FRAME    9
#define FOREVER     10

IMPORT void ExRaiseStatus(NTSTATUS status);
IMPORT void RtlRaiseException(EXCEPTION_RECORD *record);
IMPORT void RtlCaptureContext(CONTEXT *context);
IMPORT void RtlRestoreContext(CONTEXT *context, EXCEPTION_RECORD *record);
IMPORT void RtlUnwind(void *frame, void *ip, EXCEPTION_RECORD *record, void *value);
IMPORT ULONG64 MmSystemRangeStart;
IMPORT ULONG64 SehThrough(routine_t *body, void *argument, char **log);

static char story[16], *told = story;

static int filter(EXCEPTION_POINTERS *pointers, void *argument)
{
    (void)pointers;
    (void)argument;
#if CASE == UNHANDLED || CASE == NO_FRAME
    return EXCEPTION_CONTINUE_SEARCH;
#elif CASE == STUBBORN
    return pointers->ExceptionRecord->ExceptionCode == 0xC0000185 ? EXCEPTION_CONTINUE_EXECUTION
                                                                  : EXCEPTION_CONTINUE_SEARCH;
#elif CASE == FOREVER
    return EXCEPTION_CONTINUE_EXECUTION;
#elif CASE == ENDLESS
    ExRaiseStatus((NTSTATUS)0xE0000002);
    return EXCEPTION_CONTINUE_SEARCH;
#else
    return EXCEPTION_EXECUTE_HANDLER;
#endif
}

#if CASE == OVERFLOW
__attribute__((noinline)) static int recurse(volatile int *outer)
{
    volatile int inner[64];
    inner[0] = *outer + 1;
    return recurse(inner) + inner[0];
}
#endif

static ULONG64 body(void *argument)
{
    (void)argument;
#if CASE == UNHANDLED
    EXCEPTION_RECORD record = {0xE0000001, 0, 0, 0, 1, {7}};
    RtlRaiseException(&record);
#elif CASE == STUBBORN || CASE == ENDLESS
    ExRaiseStatus((NTSTATUS)0xC0000185);
#elif CASE == KERNEL_HALF
    *(volatile int *)(MmSystemRangeStart + 0x300000000) = 1;
#elif CASE == LEVEL
    ULONG64 lock = 0;
    KeAcquireSpinLockRaiseToDpc(&lock);
    return *(volatile ULONG *)0x10000;
#elif CASE == OVERFLOW
    volatile int first = 1;
    return (ULONG64)recurse(&first);
#elif CASE == LOST
    __asm__ volatile("lea %0, %%rsp\n\tud2" : : "m"(story));
#elif CASE == BEYOND
    static CONTEXT context;
    RtlCaptureContext(&context);
    context.Rsp += 0x5000;
    RtlRestoreContext(&context, 0);
#elif CASE == NO_FRAME
    volatile ULONG64 here = 0;
    RtlUnwind((void *)((ULONG64)&here & ~15ull), (void *)body, 0, 0);
#elif CASE == FOREVER
    return *(volatile ULONG *)0x10000;
#endif
    return 0;
}

static ULONG64 guarded(void *argument)
{
    return try_except(body, argument, filter);
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    SehThrough(guarded, 0, &told);
    return STATUS_SUCCESS;
}
