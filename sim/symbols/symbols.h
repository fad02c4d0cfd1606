// SPDX-License-Identifier: MIT
// Function and source line of an address, from the DWARF that a .sys file carries (clang with lld,
// mingw-w64: -g). Versions 2 to 5, 32-bit, as compilers write them for PE.
//
// The bytes are hostile input: every read is checked and the work is limited. Nothing is kept and
// nothing allocated.
#ifndef KS_SYMBOLS_H
#define KS_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ks_source {
    const char *function; // NULL: not known; lies in the bytes
    const char *file;     // base name; NULL: not known; lies in the bytes
    unsigned line;        // 0: not known
};

// What stands at an RVA, given a whole file. False when nothing is known of it.
bool ks_symbols_find(const void *bytes, size_t size, uint32_t rva, struct ks_source *out_source);

#endif
