// SPDX-License-Identifier: MIT
// Replacing stretches of a text without touching the bytes between them.
//
// Replacements are gathered in any order and applied at once. A failed allocation is remembered and
// reported when the result is asked for, so that callers need not look at every call.
#ifndef KS_SCENARIO_ACCEPT_TEXT_H
#define KS_SCENARIO_ACCEPT_TEXT_H

#include "output/text_buffer.h"

#include <kldr/status.h>

struct ks_accept_patch;

// A set of replacements. Zero is the empty one.
struct ks_accept_text {
    struct ks_accept_patch *patches;
    size_t count, capacity;
    bool failed; // memory ran out
};

// Asks for the bytes [begin, end) to become text (copied); begin == end inserts. Insertions at one
// place appear in the order in which they were asked for, after a replacement that ends there.
// Asking twice for the same replacement is asking once.
void ks_accept_text_replace(struct ks_accept_text *edits, size_t begin, size_t end,
                            const struct ks_text_buffer *text);

// Makes the new text; *out_text ends with a NUL that *out_size does not count, and is freed with
// free().
//   KLDR_ERROR_UNSUPPORTED    two replacements overlap; *out_clash is where
//   KLDR_ERROR_OUT_OF_MEMORY
kldr_status ks_accept_text_apply(struct ks_accept_text *edits, const char *text, size_t size,
                                 char **out_text, size_t *out_size, size_t *out_clash);

void ks_accept_text_fini(struct ks_accept_text *edits);

#endif
