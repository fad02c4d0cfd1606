// SPDX-License-Identifier: MIT
// Function and source line of an address: from the DWARF that a .sys file carries (clang with lld,
// mingw-w64: -g; versions 2 to 5, 32-bit, as compilers write them for PE), else from the PDB that
// its CodeView record names (link.exe, lld-link: /DEBUG).
//
// The bytes are hostile input: every read is checked and the work is limited.
#ifndef KS_SYMBOLS_H
#define KS_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ks_source {
    const char *function; // NULL: not known
    bool is_nearest;      // function is the public name before the address, which may lie behind it
    uint32_t behind;      // how far behind that name
    const char *file;     // base name; NULL: not known
    unsigned line;        // 0: not known
};

// Reads the PDB number `number`, from 0, of those with this file name that may belong to an image.
// bytes are freed with free(). False: there are no more.
typedef bool ks_symbols_read(void *user, const char *name, unsigned number, uint8_t **out_bytes,
                             size_t *out_size);

struct ks_symbols;

// Of a whole image file and its base name; the bytes are borrowed until ks_symbols_close. read may
// be NULL: then there is no PDB. NULL when memory is out.
struct ks_symbols *ks_symbols_open(const void *bytes, size_t size, const char *name,
                                   ks_symbols_read *read, void *user);
void ks_symbols_close(struct ks_symbols *symbols); // NULL is fine

// What stands at an RVA. The texts are valid until the next question. False when nothing is known
// of it.
bool ks_symbols_find(struct ks_symbols *symbols, uint32_t rva, struct ks_source *out_source);

// Why a PDB that was there is not used; NULL when there is nothing to say.
const char *ks_symbols_complaint(const struct ks_symbols *symbols);

#endif
