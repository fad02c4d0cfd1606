// SPDX-License-Identifier: MIT
// Privileged instructions for drivers of any compiler but MSVC, which has them as intrinsics.
#ifndef KLDR_TESTS_PROCESSOR_H
#define KLDR_TESTS_PROCESSOR_H

#define KLDR_DDK_INLINE 1
#include <ntddk.h>

static inline ULONG64 read_cr3(void)
{
    ULONG64 value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

static inline void write_cr3(ULONG64 value)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(value));
}

static inline void write_cr8(ULONG64 value)
{
    __asm__ volatile("mov %0, %%cr8" : : "r"(value));
}

static inline ULONG64 read_msr(ULONG index)
{
    ULONG low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return (ULONG64)high << 32 | low;
}

static inline void write_msr(ULONG index, ULONG64 value)
{
    __asm__ volatile("wrmsr" : : "c"(index), "a"((ULONG)value), "d"((ULONG)(value >> 32)));
}

static inline ULONG64 read_tsc(void)
{
    ULONG low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (ULONG64)high << 32 | low;
}

static inline ULONG64 read_gs(ULONG offset)
{
    ULONG64 value;
    __asm__ volatile("movq %%gs:(%1), %0" : "=r"(value) : "r"((ULONG64)offset));
    return value;
}

#endif
