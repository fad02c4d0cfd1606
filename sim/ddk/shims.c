// SPDX-License-Identifier: MIT
// The kernel's functions for drivers that the host's compiler made: one for each row of the table,
// under its own name, with as many arguments as it has.
//
// They are declared here as taking and giving numbers of 64 bits, while the kernel's headers
// declare them with their real types. On the calling conventions of 64-bit hosts both come to the
// same: an integer or a pointer in each place, the rest of a narrow one undefined, as the functions
// expect. The C library's names are left to the host's own.

#include "kernel/functions.h"

#include <kldr/host_kernel.h>

// On Windows the program's run-time library has these itself.
#ifdef _WIN32
#define RtlCaptureContext        kldr_left_RtlCaptureContext
#define RtlCaptureStackBackTrace kldr_left_RtlCaptureStackBackTrace
#define RtlLookupFunctionEntry   kldr_left_RtlLookupFunctionEntry
#define RtlPcToFileHeader        kldr_left_RtlPcToFileHeader
#define RtlRaiseException        kldr_left_RtlRaiseException
#define RtlRestoreContext        kldr_left_RtlRestoreContext
#define RtlUnwind                kldr_left_RtlUnwind
#define RtlUnwindEx              kldr_left_RtlUnwindEx
#define RtlVirtualUnwind         kldr_left_RtlVirtualUnwind
#define RtlCompareMemory         kldr_left_RtlCompareMemory
#define RtlCopyMemory            kldr_left_RtlCopyMemory
#define RtlFillMemory            kldr_left_RtlFillMemory
#define RtlMoveMemory            kldr_left_RtlMoveMemory
#define RtlZeroMemory            kldr_left_RtlZeroMemory
#endif

static uint64_t serve(uint32_t *number, const char *name, const uint64_t *arguments)
{
    if (*number == 0) {
        *number = kldr_host_kernel_find(name);
    }
    return kldr_host_kernel_call(*number, arguments);
}

#define BODY(name, ...)                                                                            \
    {                                                                                              \
        static uint32_t number;                                                                    \
        const uint64_t arguments[] = {__VA_ARGS__};                                                \
        return serve(&number, #name, arguments);                                                   \
    }

typedef uint64_t u;

// clang-format off
#define SHIM(name, parameters, ...) u name parameters; u name parameters BODY(name, __VA_ARGS__)
#define SHIM_0(name) SHIM(name, (void), 0)
#define SHIM_1(name) SHIM(name, (u a), a)
#define SHIM_2(name) SHIM(name, (u a, u b), a, b)
#define SHIM_3(name) SHIM(name, (u a, u b, u c), a, b, c)
#define SHIM_4(name) SHIM(name, (u a, u b, u c, u d), a, b, c, d)
#define SHIM_5(name) SHIM(name, (u a, u b, u c, u d, u e), a, b, c, d, e)
#define SHIM_6(name) SHIM(name, (u a, u b, u c, u d, u e, u f), a, b, c, d, e, f)
#define SHIM_7(name) SHIM(name, (u a, u b, u c, u d, u e, u f, u g), a, b, c, d, e, f, g)
#define SHIM_8(name) SHIM(name, (u a, u b, u c, u d, u e, u f, u g, u h), a, b, c, d, e, f, g, h)
#define SHIM_9(name) SHIM(name, (u a, u b, u c, u d, u e, u f, u g, u h, u i), \
    a, b, c, d, e, f, g, h, i)
#define SHIM_10(name) SHIM(name, (u a, u b, u c, u d, u e, u f, u g, u h, u i, u j), \
    a, b, c, d, e, f, g, h, i, j)
#define SHIM_11(name) SHIM(name, (u a, u b, u c, u d, u e, u f, u g, u h, u i, u j, u k), \
    a, b, c, d, e, f, g, h, i, j, k)
#define SHIM_12(name) SHIM(name, (u a, u b, u c, u d, u e, u f, u g, u h, u i, u j, u k, u l), \
    a, b, c, d, e, f, g, h, i, j, k, l)
#define SHIM_13(name) \
    SHIM(name, (u a, u b, u c, u d, u e, u f, u g, u h, u i, u j, u k, u l, u m), \
    a, b, c, d, e, f, g, h, i, j, k, l, m)
#define SHIM_14(name) \
    SHIM(name, (u a, u b, u c, u d, u e, u f, u g, u h, u i, u j, u k, u l, u m, u n), \
    a, b, c, d, e, f, g, h, i, j, k, l, m, n)
#define SHIM_15(name) \
    SHIM(name, (u a, u b, u c, u d, u e, u f, u g, u h, u i, u j, u k, u l, u m, u n, u o), \
    a, b, c, d, e, f, g, h, i, j, k, l, m, n, o)

#define KS_FUNCTION(name, function, arguments, status, source) SHIM_##arguments(name)
#include "kernel/functions/cm.inc"
#include "kernel/functions/ex.inc"
#include "kernel/functions/fsrtl.inc"
#include "kernel/functions/hal.inc"
#include "kernel/functions/io.inc"
#include "kernel/functions/ke.inc"
#include "kernel/functions/mm.inc"
#include "kernel/functions/ob.inc"
#include "kernel/functions/po.inc"
#include "kernel/functions/ps.inc"
#include "kernel/functions/rtl.inc"
#include "kernel/functions/se.inc"
#include "kernel/functions/zw.inc"
#undef KS_FUNCTION
// clang-format on

SHIM_3(DbgSetDebugFilterState)
SHIM_2(DbgQueryDebugFilterState)
SHIM_2(DbgSetDebugPrintCallback)
SHIM_0(DbgBreakPoint)
SHIM_1(InitializeSListHead)
