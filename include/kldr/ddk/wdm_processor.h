// SPDX-License-Identifier: MIT
// What drivers do on the processor itself: IRQL, current thread, clock, I/O ports.
//
// On 64-bit Windows the clock is read from the page that the kernel shares (SharedUserData), and
// ports are read and written by instructions of x64: no kernel exports functions for them. IRQL and
// current thread are there both ways. With KLDR_DDK_INLINE defined they are inline too, as the WDK
// has them: register CR8 and the processor block. Without it they are imported, which is faster in
// a simulated kernel and needs no emulation.
//
// On other systems all of them are externals that the program supplies.
#ifndef KLDR_DDK_WDM_PROCESSOR_H
#define KLDR_DDK_WDM_PROCESSOR_H

#include "wdm_objects.h"

#if defined(_WIN32) && (defined(_M_X64) || defined(__x86_64__))
#define KLDR_DDK_X64 1
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif
#endif

// ---- the shared page ----

typedef struct _KSYSTEM_TIME {
    ULONG LowPart;
    LONG High1Time;
    LONG High2Time;
} KSYSTEM_TIME, *PKSYSTEM_TIME;

typedef enum _NT_PRODUCT_TYPE {
    NtProductWinNt = 1,
    NtProductLanManNt,
    NtProductServer
} NT_PRODUCT_TYPE,
    *PNT_PRODUCT_TYPE;

#define PROCESSOR_FEATURE_MAX 64

typedef struct _KUSER_SHARED_DATA {
    ULONG TickCountLowDeprecated;
    ULONG TickCountMultiplier;
    volatile KSYSTEM_TIME InterruptTime;
    volatile KSYSTEM_TIME SystemTime;
    volatile KSYSTEM_TIME TimeZoneBias;
    USHORT ImageNumberLow;
    USHORT ImageNumberHigh;
    WCHAR NtSystemRoot[260];
    ULONG MaxStackTraceDepth;
    ULONG CryptoExponent;
    ULONG TimeZoneId;
    ULONG LargePageMinimum;
    ULONG AitSamplingValue;
    ULONG AppCompatFlag;
    ULONGLONG RNGSeedVersion;
    ULONG GlobalValidationRunlevel;
    volatile LONG TimeZoneBiasStamp;
    ULONG NtBuildNumber;
    NT_PRODUCT_TYPE NtProductType;
    BOOLEAN ProductTypeIsValid;
    BOOLEAN Reserved0[1];
    USHORT NativeProcessorArchitecture;
    ULONG NtMajorVersion;
    ULONG NtMinorVersion;
    BOOLEAN ProcessorFeatures[PROCESSOR_FEATURE_MAX];
    ULONG Reserved1;
    ULONG Reserved3;
    volatile ULONG TimeSlip;
    ULONG AlternativeArchitecture;
    ULONG BootId;
    LARGE_INTEGER SystemExpirationDate;
    ULONG SuiteMask;
    BOOLEAN KdDebuggerEnabled;
    UCHAR MitigationPolicies;
    USHORT CyclesPerYield;
    volatile ULONG ActiveConsoleId;
    volatile ULONG DismountCount;
    ULONG ComPlusPackage;
    ULONG LastSystemRITEventTickCount;
    ULONG NumberOfPhysicalPages;
    BOOLEAN SafeBootMode;
    UCHAR VirtualizationFlags;
    UCHAR Reserved12[2];
    ULONG SharedDataFlags;
    ULONG DataFlagsPad[1];
    ULONGLONG TestRetInstruction;
    LONGLONG QpcFrequency;
    ULONG SystemCall;
    ULONG Reserved2;
    ULONGLONG SystemCallPad[2];
    union {
        volatile KSYSTEM_TIME TickCount;
        volatile ULONG64 TickCountQuad;
    };
} KUSER_SHARED_DATA, *PKUSER_SHARED_DATA;

#if defined(_WIN32) && UINTPTR_MAX > 0xffffffffu
#define KI_USER_SHARED_DATA 0xFFFFF78000000000ull
#define SharedUserData      ((KUSER_SHARED_DATA *const)KI_USER_SHARED_DATA)

FORCEINLINE ULONGLONG KeQueryInterruptTime(VOID)
{
    return *(volatile ULONG64 *)(KI_USER_SHARED_DATA + 0x008);
}

FORCEINLINE VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    CurrentTime->QuadPart = *(volatile LONG64 *)(KI_USER_SHARED_DATA + 0x014);
}

FORCEINLINE VOID KeQueryTickCount(PLARGE_INTEGER TickCount)
{
    TickCount->QuadPart = *(volatile LONG64 *)(KI_USER_SHARED_DATA + 0x320);
}
#else
NTKERNELAPI ULONGLONG NTAPI KeQueryInterruptTime(void);
NTKERNELAPI VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
NTKERNELAPI VOID NTAPI KeQueryTickCount(PLARGE_INTEGER TickCount);
#endif

// ---- IRQL, thread, processor ----

#if defined(KLDR_DDK_X64) && defined(KLDR_DDK_INLINE)

FORCEINLINE KIRQL KeGetCurrentIrql(VOID)
{
#if defined(_MSC_VER) && !defined(__clang__)
    return (KIRQL)__readcr8();
#else
    ULONG64 Irql;
    __asm__ volatile("mov %%cr8, %0" : "=r"(Irql) : : "memory");
    return (KIRQL)Irql;
#endif
}

FORCEINLINE VOID KeLowerIrql(KIRQL NewIrql)
{
#if defined(_MSC_VER) && !defined(__clang__)
    __writecr8(NewIrql);
#else
    __asm__ volatile("mov %0, %%cr8" : : "r"((ULONG64)NewIrql) : "memory");
#endif
}

FORCEINLINE KIRQL KfRaiseIrql(KIRQL NewIrql)
{
    KIRQL OldIrql = KeGetCurrentIrql();
    KeLowerIrql(NewIrql);
    return OldIrql;
}

FORCEINLINE KIRQL KeRaiseIrqlToDpcLevel(VOID)
{
    return KfRaiseIrql(DISPATCH_LEVEL);
}

FORCEINLINE PKTHREAD KeGetCurrentThread(VOID)
{
#if defined(_MSC_VER) && !defined(__clang__)
    return (PKTHREAD)__readgsqword(0x188);
#else
    PKTHREAD Thread;
    __asm__ volatile("movq %%gs:0x188, %0" : "=r"(Thread));
    return Thread;
#endif
}

#else
NTHALAPI KIRQL NTAPI KeGetCurrentIrql(void);
NTHALAPI KIRQL FASTCALL KfRaiseIrql(KIRQL NewIrql);
NTHALAPI KIRQL NTAPI KeRaiseIrqlToDpcLevel(void);
NTHALAPI VOID NTAPI KeLowerIrql(KIRQL NewIrql);
NTKERNELAPI PKTHREAD NTAPI KeGetCurrentThread(void);
#endif

#define KeRaiseIrql(NewIrql, OldIrql) (*(OldIrql) = KfRaiseIrql(NewIrql))

#ifdef KLDR_DDK_X64
FORCEINLINE ULONG KeGetCurrentProcessorNumber(VOID)
{
#if defined(_MSC_VER) && !defined(__clang__)
    return (ULONG)__readgsdword(0x1a4);
#else
    ULONG Number;
    __asm__ volatile("movl %%gs:0x1a4, %0" : "=r"(Number));
    return Number;
#endif
}
#endif

// ---- ports ----

#ifdef KLDR_DDK_X64

#if defined(_MSC_VER) && !defined(__clang__)
#define KLDR_DDK_PORT(suffix, type, read, write)                                                   \
    FORCEINLINE type READ_PORT_##suffix(volatile type *Port)                                       \
    {                                                                                              \
        return (type)read((USHORT)(ULONG_PTR)Port);                                                \
    }                                                                                              \
    FORCEINLINE VOID WRITE_PORT_##suffix(volatile type *Port, type Value)                          \
    {                                                                                              \
        write((USHORT)(ULONG_PTR)Port, Value);                                                     \
    }                                                                                              \
    FORCEINLINE VOID READ_PORT_BUFFER_##suffix(volatile type *Port, type *Buffer, ULONG Count)     \
    {                                                                                              \
        read##string((USHORT)(ULONG_PTR)Port, Buffer, Count);                                      \
    }                                                                                              \
    FORCEINLINE VOID WRITE_PORT_BUFFER_##suffix(volatile type *Port, type *Buffer, ULONG Count)    \
    {                                                                                              \
        write##string((USHORT)(ULONG_PTR)Port, Buffer, Count);                                     \
    }
KLDR_DDK_PORT(UCHAR, UCHAR, __inbyte, __outbyte)
KLDR_DDK_PORT(USHORT, USHORT, __inword, __outword)
KLDR_DDK_PORT(ULONG, ULONG, __indword, __outdword)
#else
#define KLDR_DDK_PORT(suffix, type, letter)                                                        \
    FORCEINLINE type READ_PORT_##suffix(volatile type *Port)                                       \
    {                                                                                              \
        type Value;                                                                                \
        __asm__ volatile("in" letter " %1, %0"                                                     \
                         : "=a"(Value)                                                             \
                         : "d"((USHORT)(ULONG_PTR)Port)                                            \
                         : "memory");                                                              \
        return Value;                                                                              \
    }                                                                                              \
    FORCEINLINE VOID WRITE_PORT_##suffix(volatile type *Port, type Value)                          \
    {                                                                                              \
        __asm__ volatile("out" letter " %0, %1"                                                    \
                         :                                                                         \
                         : "a"(Value), "d"((USHORT)(ULONG_PTR)Port)                                \
                         : "memory");                                                              \
    }                                                                                              \
    FORCEINLINE VOID READ_PORT_BUFFER_##suffix(volatile type *Port, type *Buffer, ULONG Count)     \
    {                                                                                              \
        ULONG_PTR Left = Count;                                                                    \
        __asm__ volatile("rep ins" letter                                                          \
                         : "+D"(Buffer), "+c"(Left)                                                \
                         : "d"((USHORT)(ULONG_PTR)Port)                                            \
                         : "memory");                                                              \
    }                                                                                              \
    FORCEINLINE VOID WRITE_PORT_BUFFER_##suffix(volatile type *Port, type *Buffer, ULONG Count)    \
    {                                                                                              \
        ULONG_PTR Left = Count;                                                                    \
        __asm__ volatile("rep outs" letter                                                         \
                         : "+S"(Buffer), "+c"(Left)                                                \
                         : "d"((USHORT)(ULONG_PTR)Port)                                            \
                         : "memory");                                                              \
    }
KLDR_DDK_PORT(UCHAR, UCHAR, "b")
KLDR_DDK_PORT(USHORT, USHORT, "w")
KLDR_DDK_PORT(ULONG, ULONG, "l")
#endif
#undef KLDR_DDK_PORT

#elif !defined(_WIN32)
NTHALAPI UCHAR NTAPI READ_PORT_UCHAR(volatile UCHAR *Port);
NTHALAPI USHORT NTAPI READ_PORT_USHORT(volatile USHORT *Port);
NTHALAPI ULONG NTAPI READ_PORT_ULONG(volatile ULONG *Port);
NTHALAPI VOID NTAPI WRITE_PORT_UCHAR(volatile UCHAR *Port, UCHAR Value);
NTHALAPI VOID NTAPI WRITE_PORT_USHORT(volatile USHORT *Port, USHORT Value);
NTHALAPI VOID NTAPI WRITE_PORT_ULONG(volatile ULONG *Port, ULONG Value);
NTHALAPI VOID NTAPI READ_PORT_BUFFER_UCHAR(volatile UCHAR *Port, PUCHAR Buffer, ULONG Count);
NTHALAPI VOID NTAPI READ_PORT_BUFFER_USHORT(volatile USHORT *Port, PUSHORT Buffer, ULONG Count);
NTHALAPI VOID NTAPI READ_PORT_BUFFER_ULONG(volatile ULONG *Port, PULONG Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_UCHAR(volatile UCHAR *Port, PUCHAR Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_USHORT(volatile USHORT *Port, PUSHORT Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_ULONG(volatile ULONG *Port, PULONG Buffer, ULONG Count);
#endif

#endif
