// SPDX-License-Identifier: MIT
// The stack probe that compilers call before they take more than a page of stack: touches each page
// between the stack pointer and the new one (size / 16 in x15), in order. It changes x16, x17 and
// the flags only.
    .text
    .globl __chkstk
    .p2align 2
__chkstk:
    mov x17, sp
    lsl x16, x15, #4
1:  subs x16, x16, #0x1000
    b.lo 2f
    sub x17, x17, #0x1000
    ldr xzr, [x17]
    b 1b
2:  add x16, x16, #0x1000
    sub x17, x17, x16
    ldrb wzr, [x17]
    ret
