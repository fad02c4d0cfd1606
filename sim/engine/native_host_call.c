// SPDX-License-Identifier: MIT
// Code of a driver made a system call of the host, and the process has given up the right to it.
#include "engine/native_watch.h"

#include "engine/native.h"
#include "world/world_steps.h"

#include <stdio.h>

#if KS_NATIVE

#include <sys/syscall.h>

#define STOP_HOST_CALL 0xE0000010u

// The calls that an attack is made of.
static const struct {
    uint32_t number;
    const char *name;
} names[] = {
    {SYS_read, "read"},
    {SYS_write, "write"},
    {SYS_open, "open"},
    {SYS_close, "close"},
    {SYS_mmap, "mmap"},
    {SYS_mprotect, "mprotect"},
    {SYS_munmap, "munmap"},
    {SYS_rt_sigaction, "rt_sigaction"},
    {SYS_rt_sigprocmask, "rt_sigprocmask"},
    {SYS_ioctl, "ioctl"},
    {SYS_getpid, "getpid"},
    {SYS_socket, "socket"},
    {SYS_connect, "connect"},
    {SYS_sendto, "sendto"},
    {SYS_clone, "clone"},
    {SYS_fork, "fork"},
    {SYS_vfork, "vfork"},
    {SYS_execve, "execve"},
    {SYS_exit, "exit"},
    {SYS_kill, "kill"},
    {SYS_unlink, "unlink"},
    {SYS_rename, "rename"},
    {SYS_creat, "creat"},
    {SYS_ptrace, "ptrace"},
    {SYS_getppid, "getppid"},
    {SYS_prctl, "prctl"},
    {SYS_exit_group, "exit_group"},
    {SYS_tgkill, "tgkill"},
    {SYS_openat, "openat"},
    {SYS_process_vm_writev, "process_vm_writev"},
};

static const char *name_of(uint64_t number)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == number) {
            return names[i].name;
        }
    }
    return "";
}

void ks_native_stop_host_call(struct kldr_world *world, const struct ks_native_trap *trap)
{
    uint64_t number = trap->error & UINT32_MAX;
    bool old = (trap->error & KS_HOST_CALL_OLD) != 0;
    const char *name = old ? "" : name_of(number);
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {number, trap->registers.rip, old};
    char text[KLDR_DETAIL_SIZE];
    snprintf(text, sizeof text, "%smade system call %llu%s%s%s of the host%s",
             trap->in_kernel ? "a kernel function " : "", (unsigned long long)number,
             name[0] != '\0' ? " (" : "", name, name[0] != '\0' ? ")" : "",
             old ? "'s 32-bit programs" : "");
    ks_native_stop(world, ks_native_place(world, &trap->registers), STOP_HOST_CALL, parameters,
                   text);
}

#endif
