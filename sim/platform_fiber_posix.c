// SPDX-License-Identifier: MIT
// platform.h for POSIX systems: fibers. Where the compiler lets us, switching is a few instructions
// that save what a called function must keep; elsewhere the system's contexts do it.
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "platform.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__ELF__) && defined(__LP64__)
#define OWN_SWITCH 1
#else
#define OWN_SWITCH 0
#include <ucontext.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
#define WATCHED 0
#endif
#if WATCHED
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

// Without this header valgrind takes a switch for a large change of one stack, and warns.
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif

struct ks_fiber {
    void *memory; // NULL: adopted
    size_t size;  // with the guard page
    void (*run)(void *user);
    void *user;
    const void *bottom; // what the sanitizer knows of the stack
    size_t room;
    void *fake_stack;
    unsigned registered; // valgrind's number
#if OWN_SWITCH
    void *sp;
#else
    ucontext_t context;
#endif
};

// Who went away last, on this thread: read by whoever comes next.
static _Thread_local struct ks_fiber *left, *entered;

// ---- telling the tools ----

static void tell_going(struct ks_fiber *from, const struct ks_fiber *to, bool last)
{
    left = from;
#if WATCHED
    __sanitizer_start_switch_fiber(last ? NULL : &from->fake_stack, to->bottom, to->room);
#else
    (void)to;
    (void)last;
#endif
}

static void tell_come(struct ks_fiber *here)
{
#if WATCHED
    __sanitizer_finish_switch_fiber(here->fake_stack, &left->bottom, &left->room);
#else
    (void)here;
#endif
}

static void tell_made(struct ks_fiber *fiber)
{
#ifdef VALGRIND_STACK_REGISTER
    fiber->registered =
        (unsigned)VALGRIND_STACK_REGISTER(fiber->bottom, (const char *)fiber->bottom + fiber->room);
#else
    (void)fiber;
#endif
}

static void tell_gone(const struct ks_fiber *fiber)
{
#if WATCHED
    ASAN_UNPOISON_MEMORY_REGION(fiber->bottom, fiber->room);
#endif
#ifdef VALGRIND_STACK_DEREGISTER
    VALGRIND_STACK_DEREGISTER(fiber->registered);
#endif
    (void)fiber;
}

// ---- switching ----

static void begin(void)
{
    struct ks_fiber *fiber = entered;
    tell_come(fiber);
    fiber->run(fiber->user);
    abort(); // run came back
}

#if OWN_SWITCH

void ks_fiber_jump(void **out_sp, void *sp);
void ks_fiber_begin(void);

__asm__(".text\n"
        ".hidden ks_fiber_jump\n"
        ".globl ks_fiber_jump\n"
        ".type ks_fiber_jump, @function\n"
        "ks_fiber_jump:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    sub $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    add $8, %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size ks_fiber_jump, . - ks_fiber_jump\n");

void ks_fiber_begin(void)
{
    begin();
}

// The first switch finds what ks_fiber_jump would have left: registers, and where to go on.
static void prepare(struct ks_fiber *fiber)
{
    uint64_t *top = (uint64_t *)(void *)((char *)fiber->memory + fiber->size);
    uint32_t control[2];
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(control[0]), "=m"(control[1]));
    top -= 9; // the last stays: where begin would return to, and what aligns its stack
    memset(top, 0, 9 * sizeof *top);
    top[0] = control[0] | (uint64_t)(control[1] & 0xFFFF) << 32;
    top[7] = (uint64_t)(uintptr_t)ks_fiber_begin;
    fiber->sp = top;
}

static void jump(struct ks_fiber *from, struct ks_fiber *to)
{
    ks_fiber_jump(&from->sp, to->sp);
}

#else

static void prepare(struct ks_fiber *fiber)
{
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = (void *)(uintptr_t)fiber->bottom;
    fiber->context.uc_stack.ss_size = fiber->room;
    fiber->context.uc_link = NULL;
    makecontext(&fiber->context, begin, 0);
}

static void jump(struct ks_fiber *from, struct ks_fiber *to)
{
    swapcontext(&from->context, &to->context);
}

#endif

void ks_fiber_switch(struct ks_fiber *from, struct ks_fiber *to)
{
    entered = to;
    tell_going(from, to, false);
    jump(from, to);
    tell_come(from);
}

void ks_fiber_leave(struct ks_fiber *from, struct ks_fiber *to)
{
    entered = to;
    tell_going(from, to, true);
    jump(from, to);
    abort();
}

// ---- life ----

struct ks_fiber *ks_fiber_adopt(void)
{
    return calloc(1, sizeof(struct ks_fiber));
}

struct ks_fiber *ks_fiber_create(size_t size, void (*run)(void *user), void *user)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct ks_fiber *fiber = calloc(1, sizeof *fiber);
    if (fiber == NULL) {
        return NULL;
    }
    fiber->size = (size + page - 1) / page * page + page;
    fiber->memory = mmap(NULL, fiber->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (fiber->memory == MAP_FAILED) {
        free(fiber);
        return NULL;
    }
    mprotect(fiber->memory, page, PROT_NONE); // running over it is a fault
    fiber->bottom = (char *)fiber->memory + page;
    fiber->room = fiber->size - page;
    fiber->run = run;
    fiber->user = user;
    tell_made(fiber);
    prepare(fiber);
    return fiber;
}

void ks_fiber_destroy(struct ks_fiber *fiber)
{
    if (fiber != NULL && fiber->memory != NULL) {
        tell_gone(fiber);
        munmap(fiber->memory, fiber->size);
    }
    free(fiber);
}
