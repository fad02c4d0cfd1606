// SPDX-License-Identifier: MIT
// platform_isolate.h for POSIX systems: limits of the process.
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE
#define _DEFAULT_SOURCE

#include "platform_isolate.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

// A sanitizer has memory of its own, and reports on standard error.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static void limit(int what, rlim_t most)
{
    const struct rlimit limits = {most, most};
    setrlimit(what, &limits); // a lower one that is there already is as good
}

static void silence(int descriptor)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) {
        dup2(nowhere, descriptor);
        close(nowhere);
    }
}

// All but the standard streams; whatever kldr was started with.
static void close_others(void)
{
#if defined(__linux__) && defined(SYS_close_range)
    if (!SANITIZED) {
        syscall(SYS_close_range, STDERR_FILENO + 1u, ~0u, 0u); // refused: an older kernel
    }
#endif
}

const char *ks_isolate(const struct ks_isolation *isolation)
{
    close_others();
    if (!SANITIZED) {
        silence(STDERR_FILENO);
    }
#if defined(__linux__)
    if (!SANITIZED) {
        ks_isolate_files();
    }
#endif
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, isolation->seconds);
    if (!SANITIZED) {
        limit(RLIMIT_DATA, (rlim_t)isolation->memory);
        limit(RLIMIT_FSIZE, 0);
        limit(RLIMIT_NOFILE, 0);
#if defined(RLIMIT_NPROC)
        limit(RLIMIT_NPROC, 0); // does not hold for a superuser
#endif
    }
#if defined(__linux__)
    return ks_isolate_rights(isolation, SANITIZED);
#else
    return "this system's rights of a process cannot be given up";
#endif
}
