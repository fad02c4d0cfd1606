// SPDX-License-Identifier: MIT
// platform_isolate.h, the part that Linux has: system calls are filtered by seccomp, the file
// system is shut by Landlock.
//
// The filter knows two kinds of callers by where the calling instruction lies. Code of drivers may
// make no system call at all. All other code may make those that kldr still needs: so a driver that
// jumps into a library gets no further. What is refused becomes the signal SIGSYS, which the
// engine turns into a stop of the simulated system.
#define _GNU_SOURCE

#include "platform_isolate.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__LP64__)

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#if defined(__has_include)
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#define HAS_LANDLOCK 1
#endif
#endif

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1ul << 2)
#endif

#define STREAM 0 // all that is still read and written

// ---- the file system ----

#if defined(HAS_LANDLOCK) && defined(SYS_landlock_create_ruleset)
// The oldest version knows these rights; what it does not know the filter refuses.
void ks_isolate_files(void)
{
    const struct landlock_ruleset_attr rights = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                             LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                             LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                             LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                             LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                             LANDLOCK_ACCESS_FS_MAKE_SYM,
    };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); // without it neither this nor the filter is allowed
    long rules = syscall(SYS_landlock_create_ruleset, &rights, sizeof rights, 0u);
    if (rules >= 0) {
        syscall(SYS_landlock_restrict_self, (int)rules, 0u);
        close((int)rules);
    }
}
#else
void ks_isolate_files(void)
{
}
#endif

// ---- system calls ----

// Whatever their arguments are. Memory, signals, the timer, the clock, the end; and sysinfo, which
// some C libraries ask how large a sort may be.
static const unsigned plain_calls[] = {
    SYS_mmap,          SYS_munmap,
    SYS_mprotect,      SYS_mremap,
    SYS_madvise,       SYS_brk,
    SYS_futex,         SYS_sched_yield,
    SYS_rt_sigaction,  SYS_rt_sigprocmask,
    SYS_rt_sigreturn,  SYS_sigaltstack,
    SYS_timer_create,  SYS_timer_settime,
    SYS_timer_delete,  SYS_timer_gettime,
    SYS_clock_gettime, SYS_clock_nanosleep,
    SYS_nanosleep,     SYS_gettimeofday,
    SYS_time,          SYS_restart_syscall,
    SYS_getpid,        SYS_gettid,
    SYS_arch_prctl,    SYS_getrandom,
    SYS_sysinfo,       SYS_exit,
    SYS_exit_group,
};

#define PLAIN_CALLS (sizeof plain_calls / sizeof plain_calls[0])
#define FILTER_MOST (PLAIN_CALLS * 2 + 40)

struct filter {
    struct sock_filter code[FILTER_MOST];
    unsigned short count;
};

static void add(struct filter *filter, unsigned code, uint32_t value, unsigned if_true,
                unsigned if_false)
{
    filter->code[filter->count++] = (struct sock_filter){
        (unsigned short)code, (unsigned char)if_true, (unsigned char)if_false, value};
}

static void load(struct filter *filter, size_t offset)
{
    add(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

// Returns when the loaded number is value; goes on otherwise.
static void answer_if(struct filter *filter, uint32_t value, uint32_t answer)
{
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    add(filter, BPF_RET | BPF_K, answer, 0, 0);
}

// Allows a call whose first argument is that value.
static void allow_with(struct filter *filter, uint32_t call, uint32_t value)
{
    const uint32_t argument = (uint32_t)offsetof(struct seccomp_data, args);
    load(filter, offsetof(struct seccomp_data, nr));
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3);
    load(filter, argument);
    answer_if(filter, value, SECCOMP_RET_ALLOW);
}

// Another architecture's calls (int 0x80), and those of code in [first, first + size). The range
// is taken in steps of 4 GiB: nothing else is mapped so near to it.
static void refuse_drivers(struct filter *filter, const struct ks_isolation *isolation)
{
    const size_t pointer = offsetof(struct seccomp_data, instruction_pointer);
    uint32_t first = (uint32_t)(isolation->code_first >> 32);
    uint32_t last = (uint32_t)((isolation->code_first + isolation->code_size - 1) >> 32);
    load(filter, offsetof(struct seccomp_data, arch));
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    add(filter, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
    if (isolation->code_size == 0) {
        return;
    }
    load(filter, pointer + 4);
    add(filter, BPF_JMP | BPF_JGE | BPF_K, first, 0, 2);
    add(filter, BPF_JMP | BPF_JGT | BPF_K, last, 1, 0);
    add(filter, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
}

static void allow_own(struct filter *filter)
{
    load(filter, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < PLAIN_CALLS; i++) {
        answer_if(filter, plain_calls[i], SECCOMP_RET_ALLOW);
    }
    allow_with(filter, SYS_read, STREAM);
    allow_with(filter, SYS_write, STREAM);
    allow_with(filter, SYS_prctl, PR_SET_TSC);
    allow_with(filter, SYS_tgkill, (uint32_t)getpid());
    add(filter, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
}

static bool install(const struct filter *filter)
{
    struct sock_fprog program = {filter->count, (struct sock_filter *)(uintptr_t)filter->code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // Without the flag older kernels make the whole process slower.
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                   &program) == 0 ||
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

static bool under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
}

const char *ks_isolate_rights(const struct ks_isolation *isolation, bool sanitized)
{
    struct filter filter = {.count = 0};
    if (under_valgrind()) {
        return "valgrind makes the system calls of all code itself";
    }
    refuse_drivers(&filter, isolation);
    if (sanitized) {
        add(&filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    } else {
        allow_own(&filter);
    }
    if (!install(&filter)) {
        return "this system does not filter system calls (seccomp)";
    }
    return sanitized ? "a sanitizer is built in, so libraries may still make system calls" : "";
}

#else

void ks_isolate_files(void)
{
}

const char *ks_isolate_rights(const struct ks_isolation *isolation, bool sanitized)
{
    (void)isolation;
    (void)sanitized;
    return "system calls are filtered on x86-64 only";
}

#endif
