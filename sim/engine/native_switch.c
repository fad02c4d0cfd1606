// SPDX-License-Identifier: MIT
// The way into driver code and out of it: two stacks, two calling conventions, and the signals that
// bring a call back which cannot come back by itself.
//
// What the signal handler does: it looks at the interrupted registers, fills the fault record and
// changes where the thread goes on. It touches nothing else.
#define _GNU_SOURCE

#include "engine/native.h"

#if KS_NATIVE

#include "platform.h"
#include "world/world_steps.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define ALTERNATE_SIZE 65536
#define TICK_NS        5000000 // between looks at driver code whose time is over
#define INVALID_OPCODE 6
#define PROTECTION     13
#define PAGE_FAULT     14
#define ERROR_EXECUTE  0x10

// One call into the guest. The frames of nested calls are linked.
struct frame {
    struct frame *outer;
    struct kldr_world *world;
    uint64_t host_sp, driver_sp; // of the outer call
    bool in_kernel;              // the outer call is in a kernel function
    uint64_t caller;
    uint64_t result;
    sigjmp_buf back;
    struct ks_native_fault fault;
};

// Read and written by the code below as well.
extern uint64_t ks_native_host_sp, ks_native_driver_sp;
uint64_t ks_native_host_sp, ks_native_driver_sp;

uint64_t ks_native_enter(uint64_t function, const uint64_t *arguments, uint64_t count, uint64_t sp);
void ks_native_gate(void);
uint64_t ks_native_dispatch(uint32_t index, const uint64_t *arguments, uint64_t target);
void ks_native_unwind(void);

static struct frame *innermost;
static volatile sig_atomic_t in_kernel, time_over;
static volatile uint64_t kernel_caller;
static pthread_t owner;

// ks_native_enter saves what the host's convention wants kept, leaves its own stack, puts the
// arguments where the Microsoft convention has them and calls. The way back does not trust any
// register.
//
// ks_native_gate is where kernel stubs lead: eax has the function's number, r11 a target. It puts
// the four arguments in registers into the home space that the caller left for them, so that all
// arguments lie in a row, keeps what that convention wants kept and the host's does not, and goes
// on where ks_native_enter left the host's stack.
__asm__(".text\n"
        ".hidden ks_native_host_sp\n"
        ".hidden ks_native_driver_sp\n"
        ".globl ks_native_enter\n"
        ".hidden ks_native_enter\n"
        ".type ks_native_enter, @function\n"
        "ks_native_enter:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    sub $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    mov %rsp, ks_native_host_sp(%rip)\n"
        "    mov %rcx, %rsp\n"
        "    mov %rdx, %r10\n"
        "    cmp $4, %r10\n"
        "    jae 1f\n"
        "    mov $4, %r10d\n"
        "1:  inc %r10\n"
        "    and $-2, %r10\n"
        "    shl $3, %r10\n"
        "    sub %r10, %rsp\n"
        "    mov $4, %r10d\n"
        "2:  cmp %rdx, %r10\n"
        "    jae 3f\n"
        "    mov (%rsi,%r10,8), %rax\n"
        "    mov %rax, (%rsp,%r10,8)\n"
        "    inc %r10\n"
        "    jmp 2b\n"
        "3:  mov %rdi, %rax\n"
        "    mov (%rsi), %rcx\n"
        "    mov 8(%rsi), %rdx\n"
        "    mov 16(%rsi), %r8\n"
        "    mov 24(%rsi), %r9\n"
        "    call *%rax\n"
        "    cld\n"
        "    mov ks_native_host_sp(%rip), %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    add $8, %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size ks_native_enter, . - ks_native_enter\n"
        ".globl ks_native_gate\n"
        ".hidden ks_native_gate\n"
        ".type ks_native_gate, @function\n"
        "ks_native_gate:\n"
        "    mov %rcx, 8(%rsp)\n"
        "    mov %rdx, 16(%rsp)\n"
        "    mov %r8, 24(%rsp)\n"
        "    mov %r9, 32(%rsp)\n"
        "    push %rbp\n"
        "    mov %rsp, %rbp\n"
        "    push %rdi\n"
        "    push %rsi\n"
        "    sub $160, %rsp\n"
        "    movups %xmm6, (%rsp)\n"
        "    movups %xmm7, 16(%rsp)\n"
        "    movups %xmm8, 32(%rsp)\n"
        "    movups %xmm9, 48(%rsp)\n"
        "    movups %xmm10, 64(%rsp)\n"
        "    movups %xmm11, 80(%rsp)\n"
        "    movups %xmm12, 96(%rsp)\n"
        "    movups %xmm13, 112(%rsp)\n"
        "    movups %xmm14, 128(%rsp)\n"
        "    movups %xmm15, 144(%rsp)\n"
        "    cld\n"
        "    mov %eax, %edi\n"
        "    lea 16(%rbp), %rsi\n"
        "    mov %r11, %rdx\n"
        "    mov %rsp, ks_native_driver_sp(%rip)\n"
        "    mov ks_native_host_sp(%rip), %rsp\n"
        "    call ks_native_dispatch\n"
        "    lea -176(%rbp), %rsp\n"
        "    movups (%rsp), %xmm6\n"
        "    movups 16(%rsp), %xmm7\n"
        "    movups 32(%rsp), %xmm8\n"
        "    movups 48(%rsp), %xmm9\n"
        "    movups 64(%rsp), %xmm10\n"
        "    movups 80(%rsp), %xmm11\n"
        "    movups 96(%rsp), %xmm12\n"
        "    movups 112(%rsp), %xmm13\n"
        "    movups 128(%rsp), %xmm14\n"
        "    movups 144(%rsp), %xmm15\n"
        "    add $160, %rsp\n"
        "    pop %rsi\n"
        "    pop %rdi\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size ks_native_gate, . - ks_native_gate\n");

uint64_t ks_native_gate_address(void)
{
    return (uint64_t)(uintptr_t)ks_native_gate;
}

// Everything the innermost call did is abandoned.
void ks_native_unwind(void)
{
    siglongjmp(innermost->back, 1);
}

uint64_t ks_native_dispatch(uint32_t index, const uint64_t *arguments, uint64_t target)
{
    struct kldr_world *world = innermost->world;
    kernel_caller = arguments[-1];
    in_kernel = 1;
    uint64_t result = 0;
    if (index == KS_NATIVE_FOREIGN) {
        if (!ks_native_call_foreign(world, target, arguments, &result)) {
            in_kernel = 0;
            ks_native_unwind(); // the jump was the fault that the record tells of
        }
        innermost->fault.signal = 0;
    } else if (!time_over) {
        result = ks_native_serve(world, index, arguments);
    }
    in_kernel = 0;
    if (time_over) {
        innermost->fault.time_over = true;
        ks_native_unwind();
    }
    if (kldr_loader_stopped(world->loader, NULL)) {
        ks_native_unwind();
    }
    return result;
}

// ---- signals ----

static void redirect(greg_t *registers, uint64_t ip, uint64_t sp)
{
    registers[REG_RIP] = (greg_t)ip;
    registers[REG_RSP] = (greg_t)sp;
    registers[REG_EFL] &= ~(greg_t)0x500; // direction and trap flags
}

// Goes on in ks_native_unwind: above what a kernel function has on the host's stack, or, from
// driver code, where that was left.
static void come_back(greg_t *registers)
{
    uint64_t sp =
        in_kernel ? ((uint64_t)registers[REG_RSP] - 1024) & ~UINT64_C(15) : ks_native_host_sp;
    in_kernel = 0;
    redirect(registers, (uint64_t)(uintptr_t)ks_native_unwind, sp - 8);
}

static void fill_fault(struct ks_native_fault *fault, const siginfo_t *info,
                       const greg_t *registers)
{
    fault->signal = info->si_signo;
    fault->trap = (int)registers[REG_TRAPNO];
    fault->ip = (uint64_t)registers[REG_RIP];
    fault->sp = (uint64_t)registers[REG_RSP];
    fault->cx = (uint64_t)registers[REG_RCX];
    fault->error = (uint64_t)registers[REG_ERR];
    fault->address = (uint64_t)(uintptr_t)info->si_addr;
    if (fault->trap == 0 && info->si_signo == SIGSEGV &&
        (info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR)) {
        fault->trap = PAGE_FAULT; // valgrind's simulated CPU does not tell
        fault->error = fault->address == fault->ip ? ERROR_EXECUTE : 0;
    }
    fault->in_kernel = in_kernel != 0;
    fault->caller = kernel_caller;
    bool decoded = fault->trap == INVALID_OPCODE || fault->trap == PROTECTION; // it was fetched
    for (unsigned i = 0; decoded && i < sizeof fault->code; i++) {
        if (i > 0 && ((fault->ip + i) & 0xFFF) == 0) {
            break; // the next page may not be there
        }
        fault->code[i] = *(const volatile uint8_t *)(uintptr_t)(fault->ip + i);
    }
}

// Driver code that jumps to where no code may be run: what is there decides the gate's other side.
static bool is_jump(const struct ks_native_fault *fault)
{
    const struct ks_guest *guest = &innermost->world->native->guest;
    return fault->trap == PAGE_FAULT && (fault->error & ERROR_EXECUTE) != 0 && !fault->in_kernel &&
           ks_guest_holds(guest, fault->ip) && ks_guest_holds(guest, fault->sp);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (innermost == NULL || !pthread_equal(owner, pthread_self())) {
        signal(number, SIG_DFL); // not about driver code: it happens again, for good
        return;
    }
    fill_fault(&innermost->fault, info, registers);
    if (is_jump(&innermost->fault)) {
        registers[REG_RAX] = (greg_t)KS_NATIVE_FOREIGN;
        registers[REG_R11] = registers[REG_RIP];
        redirect(registers, ks_native_gate_address(), innermost->fault.sp);
        return;
    }
    come_back(registers);
}

static void on_tick(int number, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    (void)number;
    (void)info;
    if (innermost == NULL) {
        return;
    }
    time_over = 1;
    if (!in_kernel &&
        ks_guest_holds(&innermost->world->native->guest, (uint64_t)registers[REG_RIP])) {
        innermost->fault.time_over = true;
        innermost->fault.ip = (uint64_t)registers[REG_RIP];
        come_back(registers);
    }
}

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};

#define FAULT_SIGNALS (sizeof fault_signals / sizeof fault_signals[0])
#define TICK_SIGNAL   SIGVTALRM

// What the outermost call changes in the process and puts back.
struct watch {
    struct sigaction faults[FAULT_SIGNALS], tick;
    stack_t stack;
    timer_t timer;
    bool has_timer;
};

static char alternate[ALTERNATE_SIZE];

static void start_timer(struct watch *watch, const struct kldr_world *world)
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
    watch->has_timer = timer_create(CLOCK_MONOTONIC, &event, &watch->timer) == 0 &&
                       timer_settime(watch->timer, 0, &when, NULL) == 0;
}

static void start_watch(struct watch *watch, const struct kldr_world *world)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    owner = pthread_self();
    in_kernel = time_over = 0;
    sigfillset(&action.sa_mask);
    sigaltstack(&stack, &watch->stack);
    for (size_t i = 0; i < FAULT_SIGNALS; i++) {
        sigaction(fault_signals[i], &action, &watch->faults[i]);
    }
    action.sa_sigaction = on_tick;
    action.sa_flags |= SA_RESTART;
    sigaction(TICK_SIGNAL, &action, &watch->tick);
    start_timer(watch, world);
}

static void end_watch(struct watch *watch)
{
    if (watch->has_timer) {
        timer_delete(watch->timer);
    }
    // A tick that is under way finds no call and does nothing.
    sigaction(TICK_SIGNAL, &watch->tick, NULL);
    for (size_t i = 0; i < FAULT_SIGNALS; i++) {
        sigaction(fault_signals[i], &watch->faults[i], NULL);
    }
    sigaltstack(&watch->stack, NULL);
}

// ---- calling ----

static bool enter(struct frame *frame, uint64_t function, const uint64_t *arguments, size_t count,
                  uint64_t sp)
{
    if (sigsetjmp(frame->back, 0) != 0) {
        return false;
    }
    frame->result = ks_native_enter(function, arguments, count, sp);
    return true;
}

kldr_status ks_native_enter_guest(struct kldr_world *world, uint64_t function,
                                  const uint64_t *arguments, size_t count, uint64_t *out_result,
                                  struct ks_native_fault *out_fault)
{
    struct watch watch;
    bool outermost = innermost == NULL;
    struct frame frame = {.outer = innermost, .world = world};
    frame.host_sp = ks_native_host_sp;
    frame.driver_sp = ks_native_driver_sp;
    frame.in_kernel = in_kernel != 0;
    frame.caller = kernel_caller;
    uint64_t sp =
        outermost ? world->native->stack_end - 64 : (ks_native_driver_sp - 64) & ~UINT64_C(15);
    if (outermost) {
        start_watch(&watch, world);
    }
    innermost = &frame;
    in_kernel = 0;
    bool came_back = enter(&frame, function, arguments, count, sp);
    innermost = frame.outer;
    in_kernel = frame.in_kernel;
    kernel_caller = frame.caller;
    ks_native_host_sp = frame.host_sp;
    ks_native_driver_sp = frame.driver_sp;
    if (outermost) {
        end_watch(&watch);
    }
    if (came_back) {
        *out_result = frame.result;
        return KLDR_STATUS_SUCCESS;
    }
    *out_fault = frame.fault;
    return KLDR_ERROR_STOPPED;
}

#else

kldr_status ks_native_enter_guest(struct kldr_world *world, uint64_t function,
                                  const uint64_t *arguments, size_t count, uint64_t *out_result,
                                  struct ks_native_fault *out_fault)
{
    (void)world;
    (void)function;
    (void)arguments;
    (void)count;
    (void)out_result;
    (void)out_fault;
    return KLDR_ERROR_CPU_UNAVAILABLE;
}

uint64_t ks_native_gate_address(void)
{
    return 0;
}

#endif
