// SPDX-License-Identifier: MIT
// __security_check_cookie: called before a guarded function returns, with its copy of the cookie in
// rcx. It keeps all registers, the return value among them; the upper 16 bits of a cookie are 0.
    .text
    .globl __security_check_cookie
__security_check_cookie:
    cmpq __security_cookie(%rip), %rcx
    jne 1f
    rolq $16, %rcx
    testw %cx, %cx
    jne 1f
    rorq $16, %rcx
    ret
1:  jmp kldr_driver_report_gsfailure
