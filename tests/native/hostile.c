// SPDX-License-Identifier: MIT
// Drivers that attack the program that runs them: its memory, and, by system calls of the host, the
// host. Each CASE is built as an image of its own.
#include "driver.h"

#define DATA        1 // overwrite kldr's own data
#define LIBRARY     2 // overwrite the C library's data
#define EXIT        3 // raw system calls
#define KILL_PARENT 4
#define CLOSE_ALL   5
#define WRITE_ALL   6
#define OPEN        7
#define CREATE      8
#define SOCKET      9
#define FORK        10
#define EXECUTE     11
#define OLD_CALL    12 // int 0x80
#define BORROWED    13 // through a syscall instruction in the C library
#define DEAF        14 // block all signals and loop
#define FORGE       15 // send a result that kldr did not make
#define KILL        16

#define SYS_WRITE       1
#define SYS_OPEN        2
#define SYS_CLOSE       3
#define SYS_SIGPROCMASK 14
#define SYS_SOCKET      41
#define SYS_FORK        57
#define SYS_EXECVE      59
#define SYS_KILL        62
#define SYS_CREAT       85
#define SYS_GETPPID     110
#define SYS_EXIT_GROUP  231

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path);

volatile int zero;

// ---- system calls of the host ----

static inline ULONG64 call(ULONG64 number, ULONG64 a, ULONG64 b, ULONG64 c, ULONG64 d)
{
    ULONG64 result;
    __asm__ volatile("mov %5, %%r10\n\tsyscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(d)
                     : "rcx", "r10", "r11", "memory");
    return result;
}

// ---- the host's memory ----

// The parts of an ELF file that are used here.
typedef struct {
    UCHAR before[32];
    ULONG64 headers;
    UCHAR between[14];
    USHORT header_size, header_count;
} ELF;

typedef struct {
    ULONG type, flags;
    ULONG64 offset, address, physical, file_size, memory_size, align;
} SEGMENT;

typedef struct {
    ULONG64 tag, value;
} DYNAMIC;

typedef struct LINK {
    ULONG64 base;
    const char *name;
    void *dynamic;
    struct LINK *next;
} LINK;

#define SEGMENT_LOAD    1
#define SEGMENT_DYNAMIC 2
#define SEGMENT_RELRO   0x6474e552u
#define SEGMENT_WRITE   2
#define DYNAMIC_DEBUG   21
#define PAGE            0x1000ull

// An import leads to a stub (mov eax, number; jmp [gate]), the gate lies in kldr's code.
static ULONG64 find_kldr(void)
{
    UCHAR *stub = (UCHAR *)(ULONG64)&DbgPrint;
    ULONG64 at = *(ULONG64 *)(stub + 11 + *(int *)(stub + 7)) & ~(PAGE - 1);
    while (*(ULONG *)at != 0x464C457F) {
        at -= PAGE;
    }
    return at;
}

static SEGMENT *segment(ULONG64 base, ULONG type, ULONG flags)
{
    ELF *elf = (ELF *)base;
    for (int i = 0; i < elf->header_count; i++) {
        SEGMENT *found = (SEGMENT *)(base + elf->headers + (ULONG64)i * elf->header_size);
        if (found->type == type && (found->flags & flags) == flags) {
            return found;
        }
    }
    return 0;
}

// Everything of a program or library that can be written.
static void wipe(ULONG64 base)
{
    SEGMENT *data = segment(base, SEGMENT_LOAD, SEGMENT_WRITE);
    SEGMENT *constant = segment(base, SEGMENT_RELRO, 0);
    volatile UCHAR *at = (UCHAR *)(base + data->address);
    volatile UCHAR *end = at + data->memory_size;
    if (constant != 0) {
        at = (UCHAR *)((base + constant->address + constant->memory_size + PAGE - 1) & ~(PAGE - 1));
    }
    while (at < end) {
        *at++ = 0xCC;
    }
}

static int is_libc(const char *name)
{
    for (; *name != 0; name++) {
        if (name[0] == 'l' && name[1] == 'i' && name[2] == 'b' && name[3] == 'c' &&
            (name[4] == '.' || name[4] == '-')) {
            return 1;
        }
    }
    return 0;
}

// 0: the program is linked statically.
static ULONG64 find_libc(void)
{
    ULONG64 base = find_kldr();
    SEGMENT *segment_found = segment(base, SEGMENT_DYNAMIC, 0);
    DYNAMIC *entry = segment_found != 0 ? (DYNAMIC *)(base + segment_found->address) : 0;
    while (entry != 0 && entry->tag != DYNAMIC_DEBUG && entry->tag != 0) {
        entry++;
    }
    LINK *link = entry != 0 && entry->tag != 0 ? ((LINK **)entry->value)[1] : 0;
    while (link != 0 && !is_libc(link->name)) {
        link = link->next;
    }
    return link != 0 ? link->base : base;
}

// ---- the deeds ----

static NTSTATUS be_hostile(void)
{
#if CASE == DATA
    wipe(find_kldr());
#elif CASE == LIBRARY
    wipe(find_libc());
    DbgPrint("%d\n", 1);
#elif CASE == EXIT
    call(SYS_EXIT_GROUP, 0, 0, 0, 0);
#elif CASE == KILL_PARENT
    call(SYS_KILL, call(SYS_GETPPID, 0, 0, 0, 0), 9, 0, 0);
#elif CASE == KILL
    call(SYS_KILL, 0x7FFFFFFF, 9, 0, 0);
#elif CASE == CLOSE_ALL
    for (ULONG64 i = 0; i < 1024; i++) {
        call(SYS_CLOSE, i, 0, 0, 0);
    }
#elif CASE == WRITE_ALL
    for (ULONG64 i = 0; i < 1024; i++) {
        call(SYS_WRITE, i, (ULONG64) "escaped, escaped, escaped\n", 26, 0);
    }
#elif CASE == OPEN
    call(SYS_OPEN, (ULONG64) "/etc/passwd", 0, 0, 0);
#elif CASE == CREATE
    call(SYS_CREAT, (ULONG64) "kldr-test-escaped", 0644, 0, 0);
#elif CASE == SOCKET
    call(SYS_SOCKET, 2, 1, 0, 0);
#elif CASE == FORK
    call(SYS_FORK, 0, 0, 0, 0);
#elif CASE == EXECUTE
    const char *arguments[] = {"/bin/sh", "-c", "echo escaped >kldr-test-escaped", 0};
    call(SYS_EXECVE, (ULONG64)arguments[0], (ULONG64)arguments, (ULONG64)(arguments + 3), 0);
#elif CASE == OLD_CALL
    __asm__ volatile("int $0x80" : : "a"(1), "b"(0));
#elif CASE == BORROWED
    UCHAR *at = (UCHAR *)find_libc() + segment(find_libc(), SEGMENT_LOAD, 1)->address;
    while (at[0] != 0x0F || at[1] != 0x05 || at[2] != 0xC3) {
        at++;
    }
    __asm__ volatile("call *%4"
                     :
                     : "a"(SYS_CREAT), "D"("kldr-test-escaped"), "S"(0644), "d"(0), "r"(at)
                     : "rcx", "r11", "memory");
#elif CASE == DEAF
    ULONG64 all = ~0ull;
    call(SYS_SIGPROCMASK, 0, (ULONG64)&all, 0, 8);
    while (zero == 0) {
    }
#elif CASE == FORGE
    static const UCHAR result[] = "KLDR\4\0\0\0\20\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0";
    call(SYS_WRITE, 0, (ULONG64)result, sizeof result - 1, 0);
    call(SYS_EXIT_GROUP, 0, 0, 0, 0);
#endif
    return STATUS_SUCCESS;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    (void)call;
    (void)wipe;
    (void)find_libc;
    return be_hostile();
}
