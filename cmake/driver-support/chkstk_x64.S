// SPDX-License-Identifier: MIT
// The stack probe that compilers call before they take more than a page of stack: touches each page
// between the stack pointer and the new one (size in rax), in order. It changes r10, r11 and the
// flags only. clang and MSVC call it __chkstk, mingw-w64 ___chkstk_ms.
    .text
    .globl __chkstk
    .globl ___chkstk_ms
__chkstk:
___chkstk_ms:
    leaq 8(%rsp), %r10
    movq %rax, %r11
1:  cmpq $0x1000, %r11
    jb 2f
    subq $0x1000, %r10
    testb %al, (%r10)
    subq $0x1000, %r11
    jmp 1b
2:  subq %r11, %r10
    testb %al, (%r10)
    ret
