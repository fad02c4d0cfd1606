// SPDX-License-Identifier: MIT
// The signal handlers look at the interrupted registers, copy them, and change where the thread
// goes on. They touch nothing else.
#define _GNU_SOURCE

#include "engine/native_watch.h"

#include "engine/native.h"

#if KS_NATIVE

#include "platform.h"
#include "world/world_steps.h"

#include <linux/audit.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define ALTERNATE_SIZE 65536
#define TICK_NS        5000000 // between looks at driver code whose time is over
#define FLAGS_CLEARED  0x40500 // alignment check, direction, trap
#define MXCSR_DEFAULT  0x1F80u
#define X87_DEFAULT    0x37Fu
#define HOST_CALL_SIZE 2 // syscall, int 0x80, sysenter

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};

#define FAULT_SIGNALS (sizeof fault_signals / sizeof fault_signals[0])
#define TICK_SIGNAL   SIGVTALRM

// What is changed in the process and put back.
static struct {
    pthread_t owner;
    struct sigaction faults[FAULT_SIGNALS], tick;
    stack_t stack;
    timer_t timer;
    bool has_timer;
    bool held; // between calls, too
} watch;

static struct ks_native_trap trap;
static volatile sig_atomic_t time_over;
static char alternate[ALTERNATE_SIZE];

const struct ks_native_trap *ks_native_trap(void)
{
    return &trap;
}

bool ks_native_time_over(void)
{
    return time_over != 0;
}

static void redirect(greg_t *registers, void (*code)(void), uint64_t sp)
{
    registers[REG_RIP] = (greg_t)(uintptr_t)code;
    registers[REG_RSP] = (greg_t)sp;
    registers[REG_EFL] &= ~(greg_t)FLAGS_CLEARED;
}

static void copy_registers(const ucontext_t *context)
{
    static const int order[KS_REGISTER_COUNT] = {
        REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
        REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    const greg_t *registers = context->uc_mcontext.gregs;
    for (unsigned i = 0; i < KS_REGISTER_COUNT; i++) {
        trap.registers.general[i] = (uint64_t)registers[order[i]];
    }
    trap.registers.rip = (uint64_t)registers[REG_RIP];
    trap.registers.rflags = (uint64_t)registers[REG_EFL];
    trap.registers.gs_base = 0;
    if (context->uc_mcontext.fpregs != NULL) {
        memcpy(trap.registers.floats, context->uc_mcontext.fpregs, KS_FLOAT_SIZE);
    } else {
        memset(trap.registers.floats, 0, KS_FLOAT_SIZE);
        trap.registers.floats[0] = (uint8_t)X87_DEFAULT;
        trap.registers.floats[1] = X87_DEFAULT >> 8;
        trap.registers.floats[KS_FLOAT_MXCSR] = (uint8_t)MXCSR_DEFAULT;
        trap.registers.floats[KS_FLOAT_MXCSR + 1] = MXCSR_DEFAULT >> 8;
    }
}

static bool is_between(uint64_t ip, const char *begin, const char *end)
{
    return ip >= (uint64_t)(uintptr_t)begin && ip < (uint64_t)(uintptr_t)end;
}

// Valgrind's simulated CPU does not tell.
static void guess_vector(const siginfo_t *info, uint64_t ip)
{
    trap.vector = info->si_signo == SIGILL    ? KS_VECTOR_OPCODE
                  : info->si_signo == SIGTRAP ? KS_VECTOR_BREAKPOINT
                                              : KS_VECTOR_PROTECTION;
    if (info->si_signo == SIGSEGV &&
        (info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR)) {
        trap.vector = KS_VECTOR_PAGE_FAULT;
        trap.error = (info->si_code == SEGV_ACCERR ? KS_FAULT_RIGHTS : 0) |
                     (trap.address == ip ? KS_FAULT_EXECUTE : 0);
    }
}

static void fill_host_call(const siginfo_t *info)
{
    trap.vector = KS_VECTOR_HOST_CALL;
    trap.error = (uint32_t)info->si_syscall;
    trap.error |= info->si_arch != AUDIT_ARCH_X86_64 ? KS_HOST_CALL_OLD : 0;
    trap.registers.rip -= HOST_CALL_SIZE; // where the instruction is
    trap.registers.general[KS_RAX] = (uint32_t)info->si_syscall;
}

static void fill_trap(const siginfo_t *info, const ucontext_t *context)
{
    const greg_t *registers = context->uc_mcontext.gregs;
    uint64_t ip = (uint64_t)registers[REG_RIP];
    copy_registers(context);
    trap.vector = (int)registers[REG_TRAPNO];
    trap.error = (uint64_t)registers[REG_ERR];
    trap.address = (uint64_t)(uintptr_t)info->si_addr;
    if (info->si_signo == SIGSYS) {
        fill_host_call(info);
    } else if (trap.vector == 0 && info->si_signo != SIGFPE) {
        guess_vector(info, ip);
    }
    trap.in_kernel = ks_native_now->in_kernel != 0;
    trap.in_gate =
        is_between(ip, (const char *)(uintptr_t)ks_native_gate, ks_native_gate_entered) ||
        is_between(ip, (const char *)(uintptr_t)ks_native_resume, ks_native_resume_end);
    trap.simulated = trap.time_over = false;
}

// Driver code that jumps to where no code may be run: what is there decides the gate's other side.
static bool is_jump(void)
{
    const struct ks_guest *guest = &ks_native_now->innermost->world->native->guest;
    return trap.vector == KS_VECTOR_PAGE_FAULT && (trap.error & KS_FAULT_EXECUTE) != 0 &&
           !trap.in_kernel && ks_guest_holds(guest, trap.registers.rip) &&
           ks_guest_holds(guest, trap.registers.general[KS_RSP]);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const struct ks_native_thread *thread = ks_native_now;
    uint64_t ip = (uint64_t)registers[REG_RIP];
    bool is_own = pthread_equal(watch.owner, pthread_self());
    if (is_own && thread->innermost == NULL && ks_native_processor_own(context)) {
        return;
    }
    if (!is_own || thread->innermost == NULL) {
        signal(number, SIG_DFL); // not about driver code: it happens again, for good
        return;
    }
    if (is_between(ip, ks_native_copy_begin, ks_native_copy_end)) {
        registers[REG_RIP] = (greg_t)(uintptr_t)ks_native_copy_failed;
        return;
    }
    if (!ks_guest_holds(&thread->innermost->world->native->guest, ip) &&
        ks_native_processor_own(context)) {
        return;
    }
    fill_trap(info, context);
    if (trap.in_kernel) {
        redirect(registers, ks_native_abandon_gate,
                 ((uint64_t)registers[REG_RSP] - 1024) & ~UINT64_C(15));
    } else if (is_jump()) {
        registers[REG_RAX] = (greg_t)KS_NATIVE_FOREIGN;
        registers[REG_R11] = registers[REG_RIP];
        redirect(registers, ks_native_gate, trap.registers.general[KS_RSP]);
    } else {
        redirect(registers, ks_native_exception_gate, thread->host_sp);
    }
}

static void on_tick(int number, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const struct ks_native_thread *thread = ks_native_now;
    (void)number;
    (void)info;
    time_over = 1;
    if (thread->innermost != NULL && !thread->in_kernel &&
        ks_guest_holds(&thread->innermost->world->native->guest, (uint64_t)registers[REG_RIP])) {
        copy_registers(context);
        trap.in_kernel = trap.in_gate = false;
        trap.time_over = true;
        redirect(registers, ks_native_exception_gate, thread->host_sp);
    }
}

static void start_timer(const struct kldr_world *world)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TICK_SIGNAL};
    struct itimerspec when = {.it_interval = {0, TICK_NS}};
    uint64_t now = ks_platform_now_ns();
    uint64_t seconds = world->options.limits.seconds != 0 ? world->options.limits.seconds : 30;
    uint64_t left = seconds * UINT64_C(1000000000);
    if (world->deadline != 0) {
        left = world->deadline > now ? world->deadline - now : 1;
    }
    when.it_value.tv_sec = (time_t)(left / UINT64_C(1000000000));
    when.it_value.tv_nsec = (long)(left % UINT64_C(1000000000));
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    watch.has_timer = timer_create(CLOCK_MONOTONIC, &event, &watch.timer) == 0 &&
                      timer_settime(watch.timer, 0, &when, NULL) == 0;
}

static void take_signals(struct kldr_world *world)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    watch.owner = pthread_self();
    time_over = 0;
    sigfillset(&action.sa_mask);
    sigaltstack(&stack, &watch.stack);
    for (size_t i = 0; i < FAULT_SIGNALS; i++) {
        sigaction(fault_signals[i], &action, &watch.faults[i]);
    }
    action.sa_sigaction = on_tick;
    action.sa_flags |= SA_RESTART;
    sigaction(TICK_SIGNAL, &action, &watch.tick);
    start_timer(world);
    ks_native_processor_begin(world);
}

static void give_signals(void)
{
    ks_native_processor_end();
    if (watch.has_timer) {
        timer_delete(watch.timer);
    }
    // A tick that is under way finds no call and does nothing.
    sigaction(TICK_SIGNAL, &watch.tick, NULL);
    for (size_t i = 0; i < FAULT_SIGNALS; i++) {
        sigaction(fault_signals[i], &watch.faults[i], NULL);
    }
    sigaltstack(&watch.stack, NULL);
}

void ks_native_watch_begin(struct kldr_world *world)
{
    if (!watch.held) {
        take_signals(world);
    }
}

void ks_native_watch_end(void)
{
    if (!watch.held) {
        give_signals();
    }
}

void ks_native_hold(struct kldr_world *world)
{
    bool is_free = ks_native_now != NULL && ks_native_now->innermost == NULL;
    if (world->native != NULL && is_free && !watch.held) {
        take_signals(world);
        watch.held = true;
    }
}

void ks_native_release(struct kldr_world *world)
{
    bool is_free = ks_native_now == NULL || ks_native_now->innermost == NULL;
    if (world->native != NULL && is_free && watch.held) {
        watch.held = false;
        give_signals();
    }
}

#endif
