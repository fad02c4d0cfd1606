// SPDX-License-Identifier: MIT
// Writes numbers into the assembly that a compiler makes of a file: a line "kldr: NAME NUMBER" for
// each. Nothing is run, so it works for any target (compare_layouts.cmake).
#ifndef TEST_DDK_LAYOUT_H
#define TEST_DDK_LAYOUT_H

#define WRITE(name, number) __asm__ volatile("\n.ascii \"kldr: " name " %c0\"" : : "i"(number))
#define SIZE(type)          WRITE(#type, sizeof(type))
#define FIELD(type, field)  WRITE(#type "." #field, offsetof(type, field))
#define VALUE(name)         WRITE(#name, (long long)(name))

#endif
