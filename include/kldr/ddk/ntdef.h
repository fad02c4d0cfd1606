// SPDX-License-Identifier: MIT
// Basic types of kernel code: integers, strings, lists, calling convention.
//
// These headers are for drivers: clang for *-pc-windows-msvc, mingw-w64, MSVC. Names and layouts
// are those of Windows, so that the same source also builds with the WDK. The compiler of another
// system accepts them as well, for the same source in a test program. What differs there:
//
//   - ULONG and LONG are int, as long has 64 bits on most other systems;
//   - WCHAR is char16_t: write u"text", which Windows compilers take too, not L"text";
//   - NTAPI, DECLSPEC_IMPORT and DECLSPEC_EXPORT are empty, unless defined before;
//   - kernel functions are ordinary externals for the program to supply, and the wide functions of
//     the C library (wcslen ...) are not declared, because the host has others of those names;
//   - the host engine passes a struct kldr_driver_object (host_driver.h), no DRIVER_OBJECT.
#ifndef KLDR_DDK_NTDEF_H
#define KLDR_DDK_NTDEF_H

#define KLDR_DDK 1

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "sal.h"

#if defined(_MSC_VER) && !defined(__clang__)
#define FORCEINLINE       static __forceinline
#define DECLSPEC_NORETURN __declspec(noreturn)
#define DECLSPEC_ALIGN(x) __declspec(align(x))
#else
#define FORCEINLINE       static inline __attribute__((always_inline, unused))
#define DECLSPEC_NORETURN __attribute__((__noreturn__))
#define DECLSPEC_ALIGN(x) __attribute__((aligned(x)))
#endif

#ifdef _WIN32
#ifndef DECLSPEC_IMPORT
#define DECLSPEC_IMPORT __declspec(dllimport)
#endif
#ifndef DECLSPEC_EXPORT
#define DECLSPEC_EXPORT __declspec(dllexport)
#endif
#if !defined(NTAPI) && (defined(_M_IX86) || defined(__i386__))
#define NTAPI    __stdcall
#define FASTCALL __fastcall
#define CDECL    __cdecl
#endif
#else
#ifndef DECLSPEC_IMPORT
#define DECLSPEC_IMPORT
#endif
#ifndef DECLSPEC_EXPORT
#define DECLSPEC_EXPORT
#endif
#endif
#ifndef NTAPI
#define NTAPI
#endif
#ifndef FASTCALL
#define FASTCALL
#endif
#ifndef CDECL
#define CDECL
#endif

#define NTKERNELAPI  DECLSPEC_IMPORT
#define NTSYSAPI     DECLSPEC_IMPORT
#define NTSYSCALLAPI DECLSPEC_IMPORT
#define NTHALAPI     DECLSPEC_IMPORT

#ifndef CONST
#define CONST const
#endif
#ifndef VOID
#define VOID void
#endif

typedef void *PVOID, *LPVOID;
typedef char CHAR, *PCHAR, *PSTR, CCHAR;
typedef const char *PCSTR, *PCCH;
typedef unsigned char UCHAR, *PUCHAR, BYTE, BOOLEAN, *PBOOLEAN;
typedef signed char SCHAR;
typedef short SHORT, *PSHORT, CSHORT;
typedef unsigned short USHORT, *PUSHORT, WORD;
#ifdef _WIN32
typedef long LONG, *PLONG;
typedef unsigned long ULONG, *PULONG, DWORD;
typedef wchar_t WCHAR;
#else
typedef int32_t LONG, *PLONG;
typedef uint32_t ULONG, *PULONG, DWORD;
typedef uint_least16_t WCHAR; // char16_t of <uchar.h>, which not every system has
#endif
typedef WCHAR *PWCHAR, *PWCH, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWCH, *PCWSTR, *LPCWSTR;
typedef int INT, *PINT;
typedef unsigned int UINT, *PUINT;
typedef int32_t INT32, LONG32;
typedef uint32_t UINT32, ULONG32;
typedef uint8_t UINT8;
typedef uint16_t UINT16;
typedef int64_t LONGLONG, LONG64, INT64, *PLONGLONG, *PLONG64;
typedef uint64_t ULONGLONG, ULONG64, UINT64, DWORD64, *PULONGLONG, *PULONG64;
typedef intptr_t INT_PTR, LONG_PTR, *PLONG_PTR, SSIZE_T;
typedef uintptr_t UINT_PTR, ULONG_PTR, *PULONG_PTR, SIZE_T, *PSIZE_T;
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;
typedef PVOID HANDLE, *PHANDLE;
typedef LONG NTSTATUS, *PNTSTATUS;
typedef ULONG ACCESS_MASK, *PACCESS_MASK;
typedef ULONG LCID, LOGICAL;

#define TRUE  1
#define FALSE 0
#ifndef NULL
#define NULL ((void *)0)
#endif
#define MAXUSHORT 0xffff
#define MAXULONG  0xffffffff
#define MAXLONG   0x7fffffff

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID;
typedef const GUID *LPCGUID;

typedef union _LARGE_INTEGER {
    struct {
        ULONG LowPart;
        LONG HighPart;
    };
    struct {
        ULONG LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER, PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef union _ULARGE_INTEGER {
    struct {
        ULONG LowPart;
        ULONG HighPart;
    };
    struct {
        ULONG LowPart;
        ULONG HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

// Lengths are in bytes; Buffer need not be terminated.
typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING, OEM_STRING, *POEM_STRING;
typedef const STRING *PCSTRING, *PCANSI_STRING;

typedef struct _UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWCH Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

#define UNICODE_NULL ((WCHAR)0)
#define ANSI_NULL    ((CHAR)0)

// Initialises a STRING or a UNICODE_STRING from a literal.
#define RTL_CONSTANT_STRING(s)                                                                     \
    {                                                                                              \
        sizeof(s) - sizeof((s)[0]), sizeof(s), (s)                                                 \
    }
#define DECLARE_CONST_UNICODE_STRING(name, text)                                                   \
    const WCHAR name##_buffer[] = text;                                                            \
    const UNICODE_STRING name = {sizeof(text) - sizeof(WCHAR), sizeof(text),                       \
                                 (PWCH)(ULONG_PTR)name##_buffer}

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct _OBJECT_ATTRIBUTES {
    ULONG Length;
    HANDLE RootDirectory;
    PUNICODE_STRING ObjectName;
    ULONG Attributes;
    PVOID SecurityDescriptor;
    PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;

#define OBJ_INHERIT          0x00000002
#define OBJ_PERMANENT        0x00000010
#define OBJ_EXCLUSIVE        0x00000020
#define OBJ_CASE_INSENSITIVE 0x00000040
#define OBJ_OPENIF           0x00000080
#define OBJ_OPENLINK         0x00000100
#define OBJ_KERNEL_HANDLE    0x00000200

#define InitializeObjectAttributes(p, name, flags, root, security)                                 \
    ((p)->Length = sizeof(OBJECT_ATTRIBUTES), (p)->RootDirectory = (root),                         \
     (p)->ObjectName = (name), (p)->Attributes = (flags), (p)->SecurityDescriptor = (security),    \
     (p)->SecurityQualityOfService = NULL)

#define NT_SUCCESS(status)     ((NTSTATUS)(status) >= 0)
#define NT_INFORMATION(status) (((ULONG)(status) >> 30) == 1)
#define NT_WARNING(status)     (((ULONG)(status) >> 30) == 2)
#define NT_ERROR(status)       (((ULONG)(status) >> 30) == 3)

#define FIELD_OFFSET(type, field)               ((LONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field) ((type *)((PCHAR)(address)-offsetof(type, field)))
#define RTL_NUMBER_OF(array)                    (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array)                        RTL_NUMBER_OF(array)
#define UNREFERENCED_PARAMETER(p)               ((void)(p))
#define DBG_UNREFERENCED_PARAMETER(p)           ((void)(p))
#define MAKEULONGLONG(low, high)                ((ULONGLONG)(ULONG)(low) | (ULONGLONG)(ULONG)(high) << 32)

#include "ntstatus.h"

#endif
