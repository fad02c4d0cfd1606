// SPDX-License-Identifier: MIT
#define _GNU_SOURCE

#include "engine/emulate_execute.h"

#include <string.h>
#include <sys/mman.h>

#define PAGE          4096u
#define STATUS_FLAGS  UINT64_C(0x8D5) // carry, parity, adjust, zero, sign, overflow
#define X87_CONTROL   0u              // in the image of the floating-point registers
#define X87_MASKS     0x3Fu
#define MXCSR_MASKS   0x1F80u
#define MXCSR_DEFINED 0xFFFFu

void ks_emulate_enter(struct ks_registers *registers, const uint8_t *code);
void ks_emulate_leave(void);

// Of the registers of the caller's, those that must be kept lie on the stack, with the state of
// floating point. What comes back from the code finds nothing but the stack pointer.
__asm__(".text\n"
        ".globl ks_emulate_enter\n"
        ".hidden ks_emulate_enter\n"
        ".type ks_emulate_enter, @function\n"
        "ks_emulate_enter:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    sub $536, %rsp\n"
        "    mov %rsi, (%rsp)\n"
        "    mov %rdi, 8(%rsp)\n"
        "    fxsave64 16(%rsp)\n"
        "    fxrstor64 160(%rdi)\n"
        "    mov 136(%rdi), %rax\n"
        "    and $0xcd5, %eax\n"
        "    push %rax\n"
        "    popfq\n"
        "    mov (%rdi), %rax\n"
        "    mov 8(%rdi), %rcx\n"
        "    mov 16(%rdi), %rdx\n"
        "    mov 24(%rdi), %rbx\n"
        "    mov 40(%rdi), %rbp\n"
        "    mov 48(%rdi), %rsi\n"
        "    mov 64(%rdi), %r8\n"
        "    mov 72(%rdi), %r9\n"
        "    mov 80(%rdi), %r10\n"
        "    mov 88(%rdi), %r11\n"
        "    mov 96(%rdi), %r12\n"
        "    mov 104(%rdi), %r13\n"
        "    mov 112(%rdi), %r14\n"
        "    mov 120(%rdi), %r15\n"
        "    mov 56(%rdi), %rdi\n"
        "    jmp *(%rsp)\n"
        ".size ks_emulate_enter, . - ks_emulate_enter\n"
        ".globl ks_emulate_leave\n"
        ".hidden ks_emulate_leave\n"
        ".type ks_emulate_leave, @function\n"
        "ks_emulate_leave:\n"
        "    xchg %rdi, 8(%rsp)\n"
        "    mov %rax, (%rdi)\n"
        "    mov %rcx, 8(%rdi)\n"
        "    mov %rdx, 16(%rdi)\n"
        "    mov %rbx, 24(%rdi)\n"
        "    mov %rbp, 40(%rdi)\n"
        "    mov %rsi, 48(%rdi)\n"
        "    mov %r8, 64(%rdi)\n"
        "    mov %r9, 72(%rdi)\n"
        "    mov %r10, 80(%rdi)\n"
        "    mov %r11, 88(%rdi)\n"
        "    mov %r12, 96(%rdi)\n"
        "    mov %r13, 104(%rdi)\n"
        "    mov %r14, 112(%rdi)\n"
        "    mov %r15, 120(%rdi)\n"
        "    mov 8(%rsp), %rax\n"
        "    mov %rax, 56(%rdi)\n"
        "    pushfq\n"
        "    pop %rax\n"
        "    mov %rax, 136(%rdi)\n"
        "    cld\n"
        "    fxsave64 160(%rdi)\n"
        "    fxrstor64 16(%rsp)\n"
        "    add $536, %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size ks_emulate_leave, . - ks_emulate_leave\n");

bool ks_emulate_arena_get(struct ks_emulate_arena *out_arena)
{
    static uint8_t *pages; // for the life of the process
    if (pages == NULL) {
        void *got = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (got == MAP_FAILED) {
            return false;
        }
        pages = got;
    }
    *out_arena = (struct ks_emulate_arena){pages, pages + PAGE};
    return true;
}

// jmp [rip]; where to
static void write_way_back(uint8_t *at)
{
    static const uint8_t jump[6] = {0xFF, 0x25};
    void (*leave)(void) = ks_emulate_leave;
    memcpy(at, jump, sizeof jump);
    memcpy(at + sizeof jump, &leave, sizeof leave);
}

static uint32_t get(const uint8_t *at, unsigned size)
{
    uint32_t value = 0;
    memcpy(&value, at, size);
    return value;
}

// Puts what masks has of value into the control word at.
static void put(uint8_t *at, unsigned size, uint32_t value, uint32_t masks)
{
    uint32_t changed = (get(at, size) & ~masks) | (value & masks);
    memcpy(at, &changed, size);
}

void ks_emulate_execute(const struct ks_emulate_arena *arena, struct ks_registers *registers,
                        const uint8_t *bytes, unsigned length)
{
    uint8_t *control = registers->floats + X87_CONTROL, *mxcsr = registers->floats + KS_FLOAT_MXCSR;
    uint32_t old_control = get(control, 2), old_mxcsr = get(mxcsr, 4);
    uint64_t flags = registers->rflags;
    put(control, 2, X87_MASKS, X87_MASKS);
    put(mxcsr, 4, (old_mxcsr & MXCSR_DEFINED) | MXCSR_MASKS, UINT32_MAX);
    memcpy(arena->code, bytes, length);
    write_way_back(arena->code + length);
    ks_emulate_enter(registers, arena->code);
    registers->rflags = (flags & ~STATUS_FLAGS) | (registers->rflags & STATUS_FLAGS);
    put(control, 2, old_control, X87_MASKS);
    put(mxcsr, 4, old_mxcsr, MXCSR_MASKS);
}
