// SPDX-License-Identifier: MIT
#define _GNU_SOURCE

#include "engine/native_processor.h"

#include "engine/emulate.h"
#include "engine/native.h"
#include "kernel/ke/ke.h"
#include "world/world_steps.h"

#include <stdlib.h>
#include <string.h>

#if KS_NATIVE

#include <asm/prctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef ARCH_SET_CPUID
#define ARCH_SET_CPUID 0x1012
#endif

// KPCR and KPRCB, as the WDK's headers and public symbol files have them.
#define PCR_SELF            0x018u
#define PCR_CURRENT_PRCB    0x020u
#define PCR_MAJOR_VERSION   0x060u
#define PCR_MINOR_VERSION   0x062u
#define PCR_STALL_SCALE     0x064u
#define PRCB                0x180u
#define PRCB_MXCSR          0x180u
#define PRCB_CURRENT_THREAD 0x188u
#define PRCB_IDLE_THREAD    0x198u
#define PRCB_CPU_TYPE       0x1C0u
#define PRCB_CPU_ID         0x1C1u
#define PRCB_CPU_STEP       0x1C2u
#define PRCB_MHZ            0x1C4u
#define IDLE_THREAD         0xF000u // behind both
#define THREAD_OBJECT       6u
#define MXCSR_DEFAULT       0x1F80u

#define RDTSCP_LENGTH 3u

// ---- the block ----

uint64_t ks_native_processor_block(const struct kldr_world *world)
{
    return world->native->guest.base + KS_GUEST_PROCESSOR;
}

void ks_native_processor_set_thread(struct kldr_world *world, uint64_t thread)
{
    ks_guest_put_number(ks_native_processor_block(world) + PRCB_CURRENT_THREAD, 8, thread);
}

static void fill_block(struct kldr_world *world)
{
    uint64_t block = ks_native_processor_block(world), idle = block + IDLE_THREAD;
    ks_guest_put_number(block + PCR_SELF, 8, block);
    ks_guest_put_number(block + PCR_CURRENT_PRCB, 8, block + PRCB);
    ks_guest_put_number(block + PCR_MAJOR_VERSION, 2, 1);
    ks_guest_put_number(block + PCR_MINOR_VERSION, 2, 1);
    ks_guest_put_number(block + PCR_STALL_SCALE, 4, KS_CPUID_TSC_MHZ);
    ks_guest_put_number(block + PRCB_MXCSR, 4, MXCSR_DEFAULT);
    ks_guest_put_number(block + PRCB_IDLE_THREAD, 8, idle);
    ks_guest_put_number(block + PRCB_CPU_TYPE, 1, 6);
    ks_guest_put_number(block + PRCB_CPU_ID, 1, 1);
    ks_guest_put_number(block + PRCB_CPU_STEP, 2, 0x5E03);
    ks_guest_put_number(block + PRCB_MHZ, 4, KS_CPUID_TSC_MHZ);
    ks_guest_put_number(idle, 1, THREAD_OBJECT);
    ks_native_processor_set_thread(world, idle);
}

kldr_status ks_native_processor_create(struct kldr_world *world)
{
    struct ks_native *native = world->native;
    uint64_t build = 0;
    if (!ks_guest_protect(&native->guest, ks_native_processor_block(world), KS_GUEST_PROCESSOR_SIZE,
                          KS_RIGHTS_WRITE)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_function_variable(world, "NtBuildNumber", &build);
    ks_computer_init(&native->computer, &world->allocator, (uint32_t)build & 0xFFFF);
    ks_guest_shared = native->computer.shared;
    fill_block(world);
    return KLDR_STATUS_SUCCESS;
}

void ks_native_processor_destroy(struct kldr_world *world)
{
    ks_guest_shared = NULL;
    ks_computer_fini(&world->native->computer);
    world->allocator.release(world->allocator.user, world->native->cpuids);
}

// ---- the host's CPU ----

static bool tsc_traps, cpuid_traps;

static bool is_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
}

static void trap_tsc(bool traps)
{
    if (traps != tsc_traps && prctl(PR_SET_TSC, traps ? PR_TSC_SIGSEGV : PR_TSC_ENABLE) == 0) {
        tsc_traps = traps;
    }
}

static void trap_cpuid(bool traps)
{
    if (traps != cpuid_traps && syscall(SYS_arch_prctl, ARCH_SET_CPUID, traps ? 0UL : 1UL) == 0) {
        cpuid_traps = traps;
    }
}

void ks_native_processor_begin(struct kldr_world *world)
{
    ks_native_processor_set_thread(world, ks_ke_current_thread(world));
    syscall(SYS_arch_prctl, ARCH_SET_GS, ks_native_processor_block(world));
    if (ks_emulate_available() && !is_valgrind()) {
        trap_tsc(true);
        trap_cpuid(true);
    }
}

void ks_native_processor_end(void)
{
    trap_tsc(false);
    trap_cpuid(false);
    syscall(SYS_arch_prctl, ARCH_SET_GS, 0UL);
}

// ---- instructions of kldr's own process, such as the C library's clock ----

static void do_tsc(greg_t *registers, unsigned length)
{
    uint32_t low, high, processor = (uint32_t)registers[REG_RCX];
    trap_tsc(false);
    if (length == RDTSCP_LENGTH) {
        __asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(processor));
    } else {
        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    }
    trap_tsc(true);
    registers[REG_RAX] = low;
    registers[REG_RDX] = high;
    if (length == RDTSCP_LENGTH) {
        registers[REG_RCX] = processor;
    }
    registers[REG_RIP] += length;
}

static void do_cpuid(greg_t *registers)
{
    uint32_t a = (uint32_t)registers[REG_RAX], b, c = (uint32_t)registers[REG_RCX], d;
    trap_cpuid(false);
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    trap_cpuid(true);
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

bool ks_native_processor_own(void *context)
{
    static const uint8_t rdtsc[] = {0x0F, 0x31}, rdtscp[] = {0x0F, 0x01, 0xF9},
                         cpuid[] = {0x0F, 0xA2};
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const void *code = (const void *)(uintptr_t)registers[REG_RIP];
    if (registers[REG_TRAPNO] != KS_TRAP_PROTECTION) {
        return false;
    }
    if (tsc_traps && memcmp(code, rdtsc, sizeof rdtsc) == 0) {
        do_tsc(registers, sizeof rdtsc);
    } else if (tsc_traps && memcmp(code, rdtscp, sizeof rdtscp) == 0) {
        do_tsc(registers, sizeof rdtscp);
    } else if (cpuid_traps && memcmp(code, cpuid, sizeof cpuid) == 0) {
        do_cpuid(registers);
    } else {
        return false;
    }
    return true;
}

#else

uint64_t ks_native_processor_block(const struct kldr_world *world)
{
    (void)world;
    return 0;
}

void ks_native_processor_set_thread(struct kldr_world *world, uint64_t thread)
{
    (void)world;
    (void)thread;
}

kldr_status ks_native_processor_create(struct kldr_world *world)
{
    (void)world;
    return KLDR_ERROR_CPU_UNAVAILABLE;
}

void ks_native_processor_destroy(struct kldr_world *world)
{
    (void)world;
}

#endif
