// SPDX-License-Identifier: MIT
// Drivers that do what no driver should: each CASE is built as an image of its own.
#include "driver.h"

#define LOOP          1
#define NOWHERE       2
#define RECURSION     3
#define OWN_CODE      4
#define BREAKPOINT    5
#define NULL_POINTER  7
#define FAST_FAIL     8
#define UNDEFINED     9
#define DIVIDE        10
#define FREE_TWICE    11
#define WRONG_TAG     12
#define STOP          13
#define LACKING       14
#define HOARD         15
#define BAD_ARGUMENT  16
#define PRINT_LOOP    17
#define NOT_CANONICAL 18

IMPORT NTSTATUS CcMdlRead(void);
NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path);

volatile int zero;

__attribute__((noinline)) static int recurse(volatile int *outer)
{
    volatile int inner[64];
    inner[0] = *outer + 1;
    return recurse(inner) + inner[0];
}

static NTSTATUS be_wild(void)
{
#if CASE == LOOP
    while (zero == 0) {
    }
#elif CASE == NOWHERE
    ((void (*)(void))(ULONG64)0x123456789ABC)();
#elif CASE == RECURSION
    volatile int first = 1;
    return recurse(&first);
#elif CASE == OWN_CODE
    *(volatile UCHAR *)(ULONG64)&DriverEntry = 0xC3;
#elif CASE == BREAKPOINT
    __asm__ volatile("int3");
#elif CASE == NULL_POINTER
    return *(volatile int *)(ULONG64)zero;
#elif CASE == FAST_FAIL
    __asm__ volatile("int $0x29" : : "c"(3));
#elif CASE == UNDEFINED
    __asm__ volatile("ud2");
#elif CASE == DIVIDE
    __asm__ volatile("cltd; idivl %1" : : "a"(7), "r"(zero) : "edx");
#elif CASE == FREE_TWICE
    void *block = ExAllocatePoolWithTag(0, 100, TAG);
    ExFreePoolWithTag(block, TAG);
    ExFreePoolWithTag(block, TAG);
#elif CASE == WRONG_TAG
    ExFreePoolWithTag(ExAllocatePoolWithTag(0, 100, TAG), TAG + 1);
#elif CASE == STOP
    KeBugCheckEx(0xDEADDEAD, 1, 2, 3, 4);
#elif CASE == LACKING
    return CcMdlRead();
#elif CASE == HOARD
    while (ExAllocatePoolWithTag(0, 1 << 20, TAG) != 0) {
    }
    return STATUS_UNSUCCESSFUL;
#elif CASE == BAD_ARGUMENT
    DbgPrint("%s\n", (char *)1);
#elif CASE == PRINT_LOOP
    for (;;) {
        DbgPrint("again\n");
    }
#elif CASE == NOT_CANONICAL
    *(volatile int *)0x8000000000000000ull = 1;
#endif
    return STATUS_SUCCESS;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    (void)recurse;
    return be_wild();
}
