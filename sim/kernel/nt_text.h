// SPDX-License-Identifier: MIT
// Texts between kldr, whose own are UTF-8, and drivers, whose are counted UTF-16. A lone surrogate
// is kept as the three bytes that UTF-8 would have for it and U+0000 as C0 80, so that nothing is
// lost on the way.
#ifndef KS_KERNEL_NT_TEXT_H
#define KS_KERNEL_NT_TEXT_H

#include <kldr/world.h>

// Length in UTF-16 units.
size_t ks_nt_text_units(const char *text);
// Writes at most limit units, without an end; returns how many.
size_t ks_nt_text_put(const char *text, uint64_t address, size_t limit);

// A copy of the text at a UNICODE_STRING, of units at an address, of kldr's own. NULL: no memory.
// All of it is touched before memory is taken. ks_nt_text_free frees it.
char *ks_nt_text_of_string(struct kldr_world *world, uint64_t unicode_string);
char *ks_nt_text_of_units(struct kldr_world *world, uint64_t address, size_t units);
char *ks_nt_text_copy(struct kldr_world *world, const char *text);
void ks_nt_text_free(struct kldr_world *world, char *text);

// A UNICODE_STRING in memory of drivers with its text behind it, ended by U+0000; ks_nt_give gives
// it back. 0: no memory, or longer than such a string can be.
uint64_t ks_nt_text_make_string(struct kldr_world *world, const char *text, uint32_t tag);

// Whether two texts are the same; fold: case does not count.
bool ks_nt_text_same(const char *a, const char *b, bool fold);
// The same with the first length bytes of b.
bool ks_nt_text_same_part(const char *a, const char *b, size_t length, bool fold);
// A hash that is the same for texts that differ in case only.
uint32_t ks_nt_text_hash(const char *text, size_t length);

#endif
