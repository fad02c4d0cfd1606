// SPDX-License-Identifier: MIT
#include "engine/native_gate.h"

#include "engine/guest.h"

#if KS_NATIVE

struct ks_native_thread *ks_native_now;

// Nothing of the host's shows in a register when driver code begins or goes on: what it finds there
// is the same on every run.
#define CLEAR_XMM(n) "    xorps %xmm" #n ", %xmm" #n "\n"

// Offsets in struct ks_native_thread: 0 host_sp, 8 gate_frame; both asserted where it is defined.
#define FUNCTION(name)                                                                             \
    ".globl " #name "\n"                                                                           \
    ".hidden " #name "\n"                                                                          \
    ".type " #name ", @function\n" #name ":\n"
#define LABEL(name)                                                                                \
    ".globl " #name "\n"                                                                           \
    ".hidden " #name "\n" #name ":\n"
#define END(name) ".size " #name ", . - " #name "\n"

// clang-format off

// Saves what the host's convention wants kept, goes to the driver's stack, puts the arguments where
// the Microsoft convention has them, and jumps. The way back does not trust any register.
__asm__(
    ".pushsection .text\n"
    ".hidden ks_native_now\n"
    FUNCTION(ks_native_enter)
    "    push %rbp\n"
    "    push %rbx\n"
    "    push %r12\n"
    "    push %r13\n"
    "    push %r14\n"
    "    push %r15\n"
    "    sub $8, %rsp\n"
    "    stmxcsr (%rsp)\n"
    "    mov ks_native_now(%rip), %rax\n"
    "    mov %rsp, (%rax)\n"
    "    mov %rcx, %rbp\n"
    "    mov %r9, %rsp\n"
    "    and $-16, %rsp\n"
    "    lea 1(%rdx), %r10\n"
    "    and $-2, %r10\n"
    "    shl $3, %r10\n"
    "    sub %r10, %rsp\n"
    "    mov $4, %r10d\n"
    "1:  cmp %rdx, %r10\n"
    "    jae 2f\n"
    "    mov (%rsi,%r10,8), %rax\n"
    "    mov %rax, (%rsp,%r10,8)\n"
    "    inc %r10\n"
    "    jmp 1b\n"
    "2:  push %r8\n"
    "    mov %rdi, %rax\n"
    "    mov (%rsi), %rcx\n"
    "    mov 8(%rsi), %rdx\n"
    "    mov 16(%rsi), %r8\n"
    "    mov 24(%rsi), %r9\n"
    "    xor %ebx, %ebx\n"
    "    xor %esi, %esi\n"
    "    xor %edi, %edi\n"
    "    xor %r10d, %r10d\n"
    "    xor %r11d, %r11d\n"
    "    xor %r12d, %r12d\n"
    "    xor %r13d, %r13d\n"
    "    xor %r14d, %r14d\n"
    "    xor %r15d, %r15d\n"
    CLEAR_XMM(0) CLEAR_XMM(1) CLEAR_XMM(2) CLEAR_XMM(3) CLEAR_XMM(4) CLEAR_XMM(5)
    CLEAR_XMM(6) CLEAR_XMM(7) CLEAR_XMM(8) CLEAR_XMM(9) CLEAR_XMM(10) CLEAR_XMM(11)
    CLEAR_XMM(12) CLEAR_XMM(13) CLEAR_XMM(14) CLEAR_XMM(15)
    "    ldmxcsr ks_native_mxcsr(%rip)\n"
    "    jmp *%rax\n"
    END(ks_native_enter)
    FUNCTION(ks_native_leave_gate)
    FUNCTION(ks_native_return_gate)
    "    mov ks_native_now(%rip), %rcx\n"
    "    mov (%rcx), %rsp\n"
    "    pushq $0x202\n"
    "    popfq\n"
    "    emms\n"
    "    ldmxcsr (%rsp)\n"
    "    add $8, %rsp\n"
    "    pop %r15\n"
    "    pop %r14\n"
    "    pop %r13\n"
    "    pop %r12\n"
    "    pop %rbx\n"
    "    pop %rbp\n"
    "    ret\n"
    END(ks_native_leave_gate)
    END(ks_native_return_gate)
    ".popsection\n"
    ".pushsection .rodata\n"
    ".align 4\n"
    "ks_native_mxcsr: .long 0x1f80\n"
    ".popsection\n"
);

// Puts the four arguments in registers into the home space that the caller left for them, so that
// all arguments lie in a row, makes a gate frame, and goes on where ks_native_enter left the host's
// stack.
__asm__(
    ".pushsection .text\n"
    FUNCTION(ks_native_gate)
    "    mov %rsp, %r10\n"
    "    mov %rcx, 8(%rsp)\n"
    "    mov %rdx, 16(%rsp)\n"
    "    mov %r8, 24(%rsp)\n"
    "    mov %r9, 32(%rsp)\n"
    "    push %rbp\n"
    "    push %rbx\n"
    "    push %rsi\n"
    "    push %rdi\n"
    "    push %r12\n"
    "    push %r13\n"
    "    push %r14\n"
    "    push %r15\n"
    "    sub $168, %rsp\n"
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
    "    stmxcsr 160(%rsp)\n"
    "    mov %eax, 164(%rsp)\n"
    LABEL(ks_native_gate_entered)
    "    mov ks_native_now(%rip), %rcx\n"
    "    mov %rsp, 8(%rcx)\n"
    "    mov %rsp, %rbx\n"
    "    mov (%rcx), %rsp\n"
    "    pushq $0x202\n"
    "    popfq\n"
    "    ldmxcsr ks_native_mxcsr(%rip)\n"
    "    mov %eax, %edi\n"
    "    lea 240(%rbx), %rsi\n"
    "    mov %r11, %rdx\n"
    "    call ks_native_dispatch\n"
    "    mov %rbx, %rsp\n"
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
    "    ldmxcsr 160(%rsp)\n"
    "    add $168, %rsp\n"
    "    pop %r15\n"
    "    pop %r14\n"
    "    pop %r13\n"
    "    pop %r12\n"
    "    pop %rdi\n"
    "    pop %rsi\n"
    "    pop %rbx\n"
    "    pop %rbp\n"
    "    xor %ecx, %ecx\n"
    "    xor %edx, %edx\n"
    "    xor %r8d, %r8d\n"
    "    xor %r9d, %r9d\n"
    "    xor %r10d, %r10d\n"
    "    xor %r11d, %r11d\n"
    CLEAR_XMM(0) CLEAR_XMM(1) CLEAR_XMM(2) CLEAR_XMM(3) CLEAR_XMM(4) CLEAR_XMM(5)
    "    ret\n"
    END(ks_native_gate)
    FUNCTION(ks_native_exception_gate)
    "    mov ks_native_now(%rip), %rax\n"
    "    mov (%rax), %rsp\n"
    "    pushq $0x202\n"
    "    popfq\n"
    "    emms\n"
    "    ldmxcsr ks_native_mxcsr(%rip)\n"
    "    xor %ebp, %ebp\n"
    "    call ks_native_on_exception\n"
    "    ud2\n"
    END(ks_native_exception_gate)
    FUNCTION(ks_native_abandon_gate)
    "    call ks_native_abandon\n"
    "    ud2\n"
    END(ks_native_abandon_gate)
    ".popsection\n"
);

// The flags and the address lie below the driver's stack pointer, where the Microsoft convention
// lets nobody keep anything.
__asm__(
    ".pushsection .text\n"
    FUNCTION(ks_native_resume)
    "    mov %rdi, %rax\n"
    "    fxrstor64 160(%rax)\n"
    "    mov 32(%rax), %rcx\n"
    "    mov 128(%rax), %rdx\n"
    "    mov %rdx, -8(%rcx)\n"
    "    mov 136(%rax), %rdx\n"
    "    mov %rdx, -16(%rcx)\n"
    "    lea -16(%rcx), %rsp\n"
    "    mov 8(%rax), %rcx\n"
    "    mov 16(%rax), %rdx\n"
    "    mov 24(%rax), %rbx\n"
    "    mov 40(%rax), %rbp\n"
    "    mov 48(%rax), %rsi\n"
    "    mov 56(%rax), %rdi\n"
    "    mov 64(%rax), %r8\n"
    "    mov 72(%rax), %r9\n"
    "    mov 80(%rax), %r10\n"
    "    mov 88(%rax), %r11\n"
    "    mov 96(%rax), %r12\n"
    "    mov 104(%rax), %r13\n"
    "    mov 112(%rax), %r14\n"
    "    mov 120(%rax), %r15\n"
    "    mov (%rax), %rax\n"
    "    popfq\n"
    "    ret\n"
    LABEL(ks_native_resume_end)
    END(ks_native_resume)
    FUNCTION(ks_native_copy)
    "    mov %rdx, %rcx\n"
    LABEL(ks_native_copy_begin)
    "    rep movsb\n"
    LABEL(ks_native_copy_end)
    "    mov $1, %eax\n"
    "    ret\n"
    LABEL(ks_native_copy_failed)
    "    xor %eax, %eax\n"
    "    ret\n"
    END(ks_native_copy)
    ".popsection\n"
);

// clang-format on

#endif
