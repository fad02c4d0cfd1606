// SPDX-License-Identifier: MIT
// What a driver can find out about its own stack, and do to it: each line that is printed is a
// claim that did not hold.
#include "try.h"

typedef struct {
    ULONG begin, end, data;
} RUNTIME_FUNCTION;

IMPORT void RtlCaptureContext(CONTEXT *context) __attribute__((returns_twice));
IMPORT void RtlRestoreContext(CONTEXT *context, EXCEPTION_RECORD *record);
IMPORT RUNTIME_FUNCTION *RtlLookupFunctionEntry(ULONG64 pc, ULONG64 *base, void *history);
IMPORT void *RtlVirtualUnwind(ULONG kind, ULONG64 base, ULONG64 pc, RUNTIME_FUNCTION *function,
                              CONTEXT *context, void **data, ULONG64 *frame, void *pointers);
IMPORT void RtlUnwind(void *frame, void *ip, EXCEPTION_RECORD *record, void *value);
IMPORT void RtlUnwindEx(void *frame, void *ip, EXCEPTION_RECORD *record, void *value,
                        CONTEXT *context, void *history);
IMPORT void _local_unwind(void *frame, void *ip);
IMPORT void *RtlPcToFileHeader(void *pc, void **base);
IMPORT USHORT RtlCaptureStackBackTrace(ULONG skip, ULONG count, void **trace, ULONG *hash);
IMPORT ULONG RtlWalkFrameChain(void **trace, ULONG count, ULONG flags);
IMPORT void RtlRaiseStatus(NTSTATUS status);

#define CHECK(claim)                                                                               \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            DbgPrint("%d: %s\n", __LINE__, #claim);                                                \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

#define NOINLINE __attribute__((noinline))
#define FRAMES   16

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path);

static int failures;
static volatile int rounds, cleaned;
static CONTEXT here, target;
static ULONG64 target_frame;

static void check_headers(void)
{
    void *own = 0, *kernel = 0, *none = &own;
    CHECK(RtlPcToFileHeader((void *)DriverEntry, &own) == own && *(USHORT *)own == 0x5A4D);
    CHECK(RtlPcToFileHeader((void *)__C_specific_handler, &kernel) == kernel && kernel != own);
    CHECK(RtlPcToFileHeader((void *)RtlUnwind, &kernel) == kernel && kernel != 0);
    CHECK(RtlPcToFileHeader(0, &none) == 0 && none == 0);
}

static void check_entries(void)
{
    ULONG64 base = 0, pc = (ULONG64)check_headers + 4;
    void *image;
    RUNTIME_FUNCTION *function = RtlLookupFunctionEntry(pc, &base, 0);
    CHECK(function != 0 && base == (ULONG64)RtlPcToFileHeader((void *)pc, &image));
    CHECK(function->begin <= pc - base && function->end > pc - base);
    CHECK(RtlLookupFunctionEntry(0x1000, &base, 0) == 0);
}

// One frame further, as a driver that walks its own stack does it.
static int walk(CONTEXT *context, ULONG64 *frame)
{
    void *data;
    ULONG64 base = 0;
    RUNTIME_FUNCTION *function = RtlLookupFunctionEntry(context->Rip, &base, 0);
    if (function == 0) {
        *frame = context->Rsp;
        context->Rip = *(ULONG64 *)context->Rsp;
        context->Rsp += 8;
    } else {
        RtlVirtualUnwind(0, base, context->Rip, function, context, &data, frame, 0);
    }
    return context->Rip != 0;
}

NOINLINE static void check_trace(int depth)
{
    void *trace[FRAMES], *skipped[FRAMES], *chain[FRAMES];
    ULONG64 frame, walked[FRAMES];
    ULONG hash = 0, count = 0;
    if (depth > 0) {
        check_trace(depth - 1);
        CHECK(cleaned == 0); // so that this is no jump
        return;
    }
    USHORT number = RtlCaptureStackBackTrace(0, FRAMES, trace, &hash);
    RtlCaptureContext(&here);
    do {
        walked[count++] = here.Rip;
    } while (count < FRAMES && walk(&here, &frame));
    CHECK(number == count && number >= 6 && number < FRAMES && hash != 0);
    for (ULONG i = 1; i < count; i++) {
        CHECK((ULONG64)trace[i] == walked[i]);
    }
    CHECK(RtlCaptureStackBackTrace(2, FRAMES, skipped, 0) == number - 2 && skipped[0] == trace[2]);
    CHECK(RtlCaptureStackBackTrace(0, 2, skipped, 0) == 2);
    CHECK(RtlWalkFrameChain(chain, FRAMES, 0) == number && chain[3] == trace[3]);
    CHECK(RtlWalkFrameChain(chain, FRAMES, 1) == 0);
}

static void check_restoring(void)
{
    rounds = 0;
    RtlCaptureContext(&here);
    if (rounds++ < 3) {
        RtlRestoreContext(&here, 0);
    }
    CHECK(rounds == 4);
}

static void clean(int abnormal, void *argument)
{
    (void)argument;
    cleaned += abnormal;
}

static ULONG64 go_back(void *argument)
{
    (void)argument;
    switch (rounds) {
    case 1:
        RtlUnwind((void *)target_frame, (void *)target.Rip, 0, 0);
    case 2:
        RtlUnwindEx((void *)target_frame, (void *)target.Rip, 0, 0, &here, 0);
    default:
        _local_unwind((void *)target_frame, (void *)target.Rip);
    }
    return 0;
}

static ULONG64 between(void *argument)
{
    return try_finally(go_back, argument, clean);
}

static void check_unwinding(void)
{
    rounds = cleaned = 0;
    RtlCaptureContext(&target);
    if (rounds++ < 3) {
        here = target;
        walk(&here, &target_frame);
        try_finally(between, 0, clean);
        CHECK(!"came back");
    }
    CHECK(rounds == 4 && cleaned == 6);
    cleaned = 0;
}

static ULONG64 raise(void *argument)
{
    (void)argument;
    RtlRaiseStatus((NTSTATUS)0xC0000001);
    return 0;
}

static int handle(EXCEPTION_POINTERS *pointers, void *argument)
{
    (void)argument;
    return pointers->ExceptionRecord->ExceptionCode == 0xC0000001;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    check_headers();
    check_entries();
    check_trace(3);
    check_restoring();
    check_unwinding();
    CHECK(try_except(raise, 0, handle) == 0xC0000001);
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

void *memcpy(void *to, const void *from, ULONG64 size)
{
    for (ULONG64 i = 0; i < size; i++) {
        ((volatile char *)to)[i] = ((const char *)from)[i];
    }
    return to;
}
