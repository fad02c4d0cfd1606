// SPDX-License-Identifier: MIT
// __try for both toolchains: routines that run another one and say what became of it. clang has the
// keywords; for gcc the same frames are written in assembly. Whoever includes this has the kernel's
// types, and the address of __C_specific_handler.
#ifndef TEST_TRY_FRAMES_H
#define TEST_TRY_FRAMES_H

typedef ULONG64 routine_t(void *argument);
typedef int filter_t(EXCEPTION_POINTERS *pointers, void *argument);
typedef void finally_t(int abnormal, void *argument);

#ifdef __clang__

// What the routine returns, or the exception's code when the filter chose to handle it.
__attribute__((noinline)) static ULONG64 try_except(routine_t *body, void *argument,
                                                    filter_t *filter)
{
    ULONG64 result;
    __try {
        result = body(argument);
    } __except (filter((EXCEPTION_POINTERS *)_exception_info(), argument)) {
        result = (ULONG)_exception_code();
    }
    return result;
}

__attribute__((noinline, unused)) static ULONG64 try_finally(routine_t *body, void *argument,
                                                             finally_t *finally)
{
    ULONG64 result = 0;
    __try {
        result = body(argument);
    } __finally {
        finally(_abnormal_termination(), argument);
    }
    return result;
}

#else

ULONG64 try_except(routine_t *body, void *argument, filter_t *filter);
ULONG64 try_finally(routine_t *body, void *argument, finally_t *finally);

__asm__(".text\n"
        ".globl try_except\n"
        ".def try_except; .scl 2; .type 32; .endef\n"
        ".seh_proc try_except\n"
        "try_except:\n"
        "    sub $56, %rsp\n"
        "    .seh_stackalloc 56\n"
        "    .seh_endprologue\n"
        "    .seh_handler __C_specific_handler, @except\n"
        "    .seh_handlerdata\n"
        "    .long 1\n"
        "    .rva 1f, 2f, 4f, 3f\n"
        "    .text\n"
        "    mov %rdx, 40(%rsp)\n"
        "    mov %r8, 48(%rsp)\n"
        "    mov %rcx, %rax\n"
        "    mov %rdx, %rcx\n"
        "1:  call *%rax\n"
        "    nop\n"
        "2:\n"
        "3:  add $56, %rsp\n"
        "    ret\n"
        ".seh_endproc\n"
        "4:  mov 48(%rdx), %rax\n"
        "    mov 40(%rdx), %rdx\n"
        "    jmp *%rax\n"

        ".globl try_finally\n"
        ".def try_finally; .scl 2; .type 32; .endef\n"
        ".seh_proc try_finally\n"
        "try_finally:\n"
        "    push %rbx\n"
        "    .seh_pushreg %rbx\n"
        "    sub $48, %rsp\n"
        "    .seh_stackalloc 48\n"
        "    .seh_endprologue\n"
        "    .seh_handler __C_specific_handler, @except, @unwind\n"
        "    .seh_handlerdata\n"
        "    .long 1\n"
        "    .rva 1f, 2f, 4f\n"
        "    .long 0\n"
        "    .text\n"
        "    mov %rdx, 32(%rsp)\n"
        "    mov %r8, 40(%rsp)\n"
        "    mov %rcx, %rax\n"
        "    mov %rdx, %rcx\n"
        "1:  call *%rax\n"
        "    nop\n"
        "2:  mov %rax, %rbx\n"
        "    xor %ecx, %ecx\n"
        "    mov 32(%rsp), %rdx\n"
        "    call *40(%rsp)\n"
        "    mov %rbx, %rax\n"
        "    add $48, %rsp\n"
        "    pop %rbx\n"
        "    ret\n"
        ".seh_endproc\n"
        "4:  mov 40(%rdx), %rax\n"
        "    mov 32(%rdx), %rdx\n"
        "    jmp *%rax\n");

#endif

#endif
