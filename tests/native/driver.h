// SPDX-License-Identifier: MIT
// Just enough of the kernel's types to compile the test drivers with any C compiler for x64
// Windows.
#ifndef TEST_DRIVER_H
#define TEST_DRIVER_H

typedef int NTSTATUS;
typedef unsigned int ULONG;
typedef unsigned short USHORT;
typedef unsigned long long ULONG64;
typedef unsigned short WCHAR;
typedef unsigned char UCHAR;

typedef struct {
    USHORT Length, MaximumLength;
    WCHAR *Buffer;
} UNICODE_STRING;

typedef struct {
    USHORT Length, MaximumLength;
    char *Buffer;
} ANSI_STRING;

typedef struct DRIVER_OBJECT {
    UCHAR before[0x38];
    UNICODE_STRING DriverName;
    UCHAR between[0x20];
    void (*DriverUnload)(struct DRIVER_OBJECT *driver);
    void *MajorFunction[28];
} DRIVER_OBJECT;

_Static_assert(sizeof(DRIVER_OBJECT) == 0x150, "as on x64 Windows");

#define STATUS_SUCCESS      ((NTSTATUS)0)
#define STATUS_UNSUCCESSFUL ((NTSTATUS)0xC0000001)
#define IMPORT              __declspec(dllimport)
#define TAG                 0x74736554u // 'Test'

IMPORT ULONG DbgPrint(const char *format, ...);
IMPORT ULONG DbgPrintEx(ULONG component, ULONG level, const char *format, ...);
IMPORT ULONG vDbgPrintEx(ULONG component, ULONG level, const char *format,
                         __builtin_va_list arguments);
IMPORT void *ExAllocatePool(int type, ULONG64 size);
IMPORT void *ExAllocatePool2(ULONG64 flags, ULONG64 size, ULONG tag);
IMPORT void *ExAllocatePoolWithTag(int type, ULONG64 size, ULONG tag);
IMPORT void ExFreePool(void *block);
IMPORT void ExFreePoolWithTag(void *block, ULONG tag);
IMPORT void RtlInitUnicodeString(UNICODE_STRING *to, const WCHAR *text);
IMPORT void RtlInitAnsiString(ANSI_STRING *to, const char *text);
IMPORT void RtlInitString(ANSI_STRING *to, const char *text);
IMPORT void RtlCopyUnicodeString(UNICODE_STRING *to, const UNICODE_STRING *from);
IMPORT NTSTATUS RtlAppendUnicodeToString(UNICODE_STRING *to, const WCHAR *from);
IMPORT NTSTATUS RtlAppendUnicodeStringToString(UNICODE_STRING *to, const UNICODE_STRING *from);
IMPORT int RtlCompareUnicodeString(const UNICODE_STRING *a, const UNICODE_STRING *b, UCHAR fold);
IMPORT UCHAR RtlEqualUnicodeString(const UNICODE_STRING *a, const UNICODE_STRING *b, UCHAR fold);
IMPORT ULONG64 RtlCompareMemory(const void *a, const void *b, ULONG64 size);
IMPORT NTSTATUS RtlGetVersion(void *info);
IMPORT void *MmGetSystemRoutineAddress(UNICODE_STRING *name);
IMPORT void KeBugCheck(ULONG code);
IMPORT void KeBugCheckEx(ULONG code, ULONG64 a, ULONG64 b, ULONG64 c, ULONG64 d);
IMPORT UCHAR KeAcquireSpinLockRaiseToDpc(ULONG64 *lock);
IMPORT void KeReleaseSpinLock(ULONG64 *lock, UCHAR irql);
IMPORT void KeInitializeEvent(void *event, int type, UCHAR state);
IMPORT int KeSetEvent(void *event, int increment, UCHAR wait);
IMPORT int KeResetEvent(void *event);
IMPORT void KeClearEvent(void *event);
IMPORT int KeReadStateEvent(void *event);

#endif
