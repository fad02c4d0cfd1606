// SPDX-License-Identifier: MIT
// Structured exceptions as a driver sees them: each line that is printed is a claim that did not
// hold.
#include "try.h"

IMPORT void ExRaiseStatus(NTSTATUS status);
IMPORT void ExRaiseAccessViolation(void);
IMPORT void ExRaiseDatatypeMisalignment(void);
IMPORT void RtlRaiseException(EXCEPTION_RECORD *record);
IMPORT void ProbeForRead(const volatile void *address, ULONG64 length, ULONG alignment);
IMPORT void ProbeForWrite(volatile void *address, ULONG64 length, ULONG alignment);
IMPORT void *memmove(void *to, const void *from, ULONG64 size);
IMPORT ULONG64 MmUserProbeAddress;
IMPORT ULONG64 SehThrough(routine_t *body, void *argument, char **log);

#define CHECK(claim)                                                                               \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            DbgPrint("%d: %s\n", __LINE__, #claim);                                                \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

#define NESTED_CALL 0x10
#define NOWHERE     ((void *)0x10000)
#define NOINLINE    __attribute__((noinline))

static int failures;
static char story[64], *told = story;
static EXCEPTION_RECORD seen;
static CONTEXT context;
static volatile int good = 7, zero;

static void tell(char what)
{
    *told++ = what;
    *told = 0;
}

static int told_is(const char *wanted)
{
    const char *at = story;
    while (*at != 0 && *at == *wanted) {
        at++;
        wanted++;
    }
    int same = *at == *wanted;
    told = story;
    *told = 0;
    return same;
}

static void copy(void *to, const void *from, ULONG64 size)
{
    for (ULONG64 i = 0; i < size; i++) {
        ((volatile char *)to)[i] = ((const char *)from)[i];
    }
}

// ---- filters ----

static int handle(EXCEPTION_POINTERS *pointers, void *argument)
{
    (void)argument;
    copy(&seen, pointers->ExceptionRecord, sizeof seen);
    copy(&context, pointers->ContextRecord, sizeof context);
    tell('F');
    return EXCEPTION_EXECUTE_HANDLER;
}

static int pass(EXCEPTION_POINTERS *pointers, void *argument)
{
    (void)pointers;
    (void)argument;
    tell('p');
    return EXCEPTION_CONTINUE_SEARCH;
}

static int repair(EXCEPTION_POINTERS *pointers, void *argument)
{
    (void)argument;
    tell('r');
    pointers->ContextRecord->Rcx = (ULONG64)&good;
    return EXCEPTION_CONTINUE_EXECUTION;
}

// It is asked about its own exception too, as one that is nested.
static int raise_in_filter(EXCEPTION_POINTERS *pointers, void *argument)
{
    (void)argument;
    if ((pointers->ExceptionRecord->ExceptionFlags & NESTED_CALL) != 0) {
        tell('N');
        return EXCEPTION_CONTINUE_SEARCH;
    }
    tell('x');
    ExRaiseStatus((NTSTATUS)0xE0000002);
    return EXCEPTION_CONTINUE_SEARCH;
}

static void clean(int abnormal, void *argument)
{
    (void)argument;
    tell(abnormal ? 'c' : 'n');
}

static void raise_in_finally(int abnormal, void *argument)
{
    (void)argument;
    tell(abnormal ? 'y' : 'n');
    ExRaiseStatus((NTSTATUS)0xE0000003);
}

// ---- bodies ----

// mov (%rcx), %eax: the address stays in the register that a filter may change.
NOINLINE static ULONG64 read_at(void *address)
{
    int value;
    __asm__ volatile("movl (%1), %0" : "=a"(value) : "c"(address));
    return (ULONG64)value;
}

NOINLINE static ULONG64 write_at(void *address)
{
    *(volatile int *)address = 1;
    return 0;
}

NOINLINE static ULONG64 call_at(void *address)
{
    ((void (*)(void))address)();
    return 1;
}

static ULONG64 divide(void *argument)
{
    (void)argument;
    __asm__ volatile("cltd; idivl %1" : : "a"(7), "r"(zero) : "edx");
    return 0;
}

static ULONG64 undefined(void *argument)
{
    (void)argument;
    __asm__ volatile("ud2");
    return 0;
}

static ULONG64 breakpoint(void *argument)
{
    (void)argument;
    __asm__ volatile("int3");
    return 0;
}

static ULONG64 assertion(void *argument)
{
    (void)argument;
    __asm__ volatile("int $0x2c");
    return 0;
}

static ULONG64 raise_status(void *argument)
{
    (void)argument;
    ExRaiseStatus((NTSTATUS)0xC0000185);
    return 0;
}

static ULONG64 raise_record(void *record)
{
    RtlRaiseException(record);
    return 99;
}

static ULONG64 raise_violation(void *argument)
{
    (void)argument;
    ExRaiseAccessViolation();
    return 0;
}

static ULONG64 raise_misalignment(void *argument)
{
    (void)argument;
    ExRaiseDatatypeMisalignment();
    return 0;
}

static ULONG64 copy_from(void *address)
{
    char room[16];
    memmove(room, address, sizeof room);
    return 0;
}

struct probe {
    void *address;
    ULONG64 length;
    ULONG alignment;
};

static ULONG64 probe_read(void *argument)
{
    struct probe *probe = argument;
    ProbeForRead(probe->address, probe->length, probe->alignment);
    return 0;
}

static ULONG64 probe_write(void *argument)
{
    struct probe *probe = argument;
    ProbeForWrite(probe->address, probe->length, probe->alignment);
    return 0;
}

// ---- claims ----

static void check_faults(void)
{
    CHECK(try_except(read_at, (void *)&good, handle) == 7 && told_is(""));
    CHECK(try_except(read_at, NOWHERE, handle) == 0xC0000005 && told_is("F"));
    CHECK(seen.ExceptionFlags == 0 && seen.NumberParameters == 2 && seen.ExceptionRecord == 0);
    CHECK(seen.ExceptionInformation[0] == 0 && seen.ExceptionInformation[1] == 0x10000);
    CHECK((ULONG64)seen.ExceptionAddress >= (ULONG64)read_at);
    CHECK((ULONG64)seen.ExceptionAddress < (ULONG64)read_at + 16);
    CHECK(context.Rip == (ULONG64)seen.ExceptionAddress && context.Rcx == 0x10000);
    CHECK(try_except(write_at, NOWHERE, handle) == 0xC0000005 && told_is("F"));
    CHECK(seen.ExceptionInformation[0] == 1);
    CHECK(try_except(call_at, NOWHERE, handle) == 0xC0000005 && told_is("F"));
    CHECK(seen.ExceptionInformation[0] == 8 && seen.ExceptionAddress == NOWHERE);
    CHECK(try_except(read_at, (void *)0x8000000000000000, handle) == 0xC0000005 && told_is("F"));
    CHECK(seen.ExceptionInformation[1] == ~0ull);
    CHECK(try_except(divide, 0, handle) == 0xC0000094 && told_is("F"));
    CHECK(try_except(undefined, 0, handle) == 0xC000001D && told_is("F"));
    CHECK(try_except(breakpoint, 0, handle) == 0x80000003 && told_is("F"));
    CHECK(*(UCHAR *)seen.ExceptionAddress == 0xCC);
    CHECK(try_except(assertion, 0, handle) == 0xC0000420 && told_is("F"));
}

static void check_raising(void)
{
    EXCEPTION_RECORD record = {0xE0000001, 0, 0, 0, 2, {11, 22}};
    CHECK(try_except(raise_status, 0, handle) == 0xC0000185 && told_is("F"));
    CHECK(seen.ExceptionFlags == 1 && (ULONG64)seen.ExceptionAddress > (ULONG64)raise_status);
    CHECK(try_except(raise_record, &record, handle) == 0xE0000001 && told_is("F"));
    CHECK(seen.NumberParameters == 2 && seen.ExceptionInformation[1] == 22);
    CHECK((ULONG64)seen.ExceptionAddress > (ULONG64)raise_record);
    CHECK(try_except(raise_violation, 0, handle) == 0xC0000005 && told_is("F"));
    CHECK(try_except(raise_misalignment, 0, handle) == 0x80000002 && told_is("F"));
    CHECK(try_except(raise_record, &record, repair) == 99 && told_is("r"));
    CHECK(try_except(read_at, NOWHERE, repair) == 7 && told_is("r"));
}

static void check_kernel_functions(void)
{
    struct probe probe = {NOWHERE, 8, 4};
    CHECK(try_except(copy_from, NOWHERE, handle) == 0xC0000005 && told_is("F"));
    CHECK(seen.ExceptionAddress == (void *)memmove && seen.ExceptionInformation[1] == 0x10000);
    CHECK(context.Rip > (ULONG64)copy_from && context.Rip < (ULONG64)copy_from + 64);
    CHECK(try_except(probe_read, &probe, handle) == 0 && told_is(""));
    CHECK(try_except(probe_write, &probe, handle) == 0xC0000005 && told_is("F"));
    CHECK(seen.ExceptionInformation[0] == 0 || seen.ExceptionInformation[0] == 1);
    probe.address = (void *)0x10002;
    CHECK(try_except(probe_read, &probe, handle) == 0x80000002 && told_is("F"));
    probe.address = (void *)&good;
    CHECK(try_except(probe_read, &probe, handle) == 0xC0000005 && told_is("F"));
    CHECK(try_except(probe_write, &probe, handle) == 0xC0000005 && told_is("F"));
    CHECK((ULONG64)probe.address >= MmUserProbeAddress);
    probe.address = (void *)0x10000;
    probe.length = ~0ull;
    CHECK(try_except(probe_read, &probe, handle) == 0xC0000005 && told_is("F"));
    probe.length = 0;
    CHECK(try_except(probe_read, &probe, handle) == 0 && told_is(""));
}

// ---- several frames ----

static ULONG64 inner_passes(void *argument)
{
    tell('1');
    return try_except(raise_status, argument, pass);
}

static ULONG64 inner_cleans(void *argument)
{
    tell('1');
    return try_finally(inner_passes, argument, clean);
}

static ULONG64 outer_cleans(void *argument)
{
    return try_finally(inner_cleans, argument, clean);
}

static ULONG64 quiet(void *argument)
{
    (void)argument;
    tell('q');
    return 5;
}

static ULONG64 filter_raises(void *argument)
{
    return try_except(raise_status, argument, raise_in_filter);
}

static ULONG64 finally_raises(void *argument)
{
    return try_finally(raise_status, argument, raise_in_finally);
}

static ULONG64 handled_inside(void *argument)
{
    ULONG64 code = try_except(finally_raises, argument, handle);
    tell(code == 0xE0000003 ? '3' : '?');
    return code;
}

static ULONG64 two_finally(void *argument)
{
    return try_finally(finally_raises, argument, clean);
}

static ULONG64 through_another_module(void *argument)
{
    return SehThrough(raise_status, argument, &told);
}

static void check_frames(void)
{
    CHECK(try_finally(quiet, 0, clean) == 5 && told_is("qn"));
    CHECK(try_except(outer_cleans, 0, handle) == 0xC0000185 && told_is("11pFcc"));
    CHECK(try_except(filter_raises, 0, handle) == 0xE0000002 && told_is("xNF"));
    CHECK((seen.ExceptionFlags & NESTED_CALL) == 0);
    CHECK(handled_inside(0) == 0xE0000003 && told_is("FyF3"));
    CHECK(try_except(two_finally, 0, handle) == 0xE0000003 && told_is("FyFc"));
    CHECK(try_except(through_another_module, 0, handle) == 0xC0000185 && told_is("aFb"));
}

#ifdef __clang__

// All in one function, so that its scope table has several rows.
static ULONG64 one_function(int way)
{
    ULONG64 result = 0;
    __try {
        __try {
            __try {
                tell('1');
                raise_status(0);
            } __except (pass(0, 0)) {
                tell('?');
            }
        } __finally {
            tell('2');
        }
    } __except (way == 0 ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
        result = (ULONG)_exception_code();
        tell('3');
    }
    return result;
}

static ULONG64 pass_one_function(void *argument)
{
    (void)argument;
    return one_function(1);
}

static void check_keywords(void)
{
    CHECK(one_function(0) == 0xC0000185 && told_is("1p23"));
    CHECK(try_except(pass_one_function, 0, handle) == 0xC0000185 && told_is("1pF2"));
}

#else

static void check_keywords(void)
{
}

#endif

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    check_faults();
    check_raising();
    check_kernel_functions();
    check_frames();
    check_keywords();
    return failures == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
