// SPDX-License-Identifier: MIT
// What drivers of this folder need for exceptions.
#ifndef TEST_TRY_H
#define TEST_TRY_H

#include "driver.h"

#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

typedef struct EXCEPTION_RECORD {
    ULONG ExceptionCode, ExceptionFlags;
    struct EXCEPTION_RECORD *ExceptionRecord;
    void *ExceptionAddress;
    ULONG NumberParameters;
    ULONG64 ExceptionInformation[15];
} EXCEPTION_RECORD;

typedef struct {
    ULONG64 home[6];
    ULONG ContextFlags, MxCsr;
    USHORT segments[6];
    ULONG EFlags;
    ULONG64 debug[6];
    ULONG64 Rax, Rcx, Rdx, Rbx, Rsp, Rbp, Rsi, Rdi, R8, R9, R10, R11, R12, R13, R14, R15, Rip;
    UCHAR rest[0x4D0 - 0x100];
} __attribute__((aligned(16))) CONTEXT;

_Static_assert(sizeof(EXCEPTION_RECORD) == 0x98, "as on x64 Windows");
_Static_assert(sizeof(CONTEXT) == 0x4D0, "as on x64 Windows");
_Static_assert(__builtin_offsetof(CONTEXT, Rip) == 0xF8, "as on x64 Windows");

typedef struct {
    EXCEPTION_RECORD *ExceptionRecord;
    CONTEXT *ContextRecord;
} EXCEPTION_POINTERS;

IMPORT int __C_specific_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                void *dispatcher);

#include "try_frames.h"

#endif
