// SPDX-License-Identifier: MIT
// Replacing stretches of a text without touching the bytes between them, and building small texts.
//
// Replacements are gathered in any order and applied at once. A failed allocation is remembered and
// reported when the result is asked for, so that callers need not look at every call.
#ifndef KS_SCENARIO_ACCEPT_TEXT_H
#define KS_SCENARIO_ACCEPT_TEXT_H

#include <kldr/status.h>

// A text that grows. Zero is the empty one.
struct ks_accept_string {
    char *bytes; // NUL-terminated unless NULL
    size_t length, capacity;
    bool failed; // memory ran out; the text is then incomplete
};

void ks_accept_string_append(struct ks_accept_string *string, const char *bytes, size_t length);
void ks_accept_string_add(struct ks_accept_string *string, const char *text);
void ks_accept_string_fini(struct ks_accept_string *string);

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
                            const char *text);

// Makes the new text; *out_text is freed with free().
//   KLDR_ERROR_UNSUPPORTED    two replacements overlap; *out_clash is where
//   KLDR_ERROR_OUT_OF_MEMORY
kldr_status ks_accept_text_apply(struct ks_accept_text *edits, const char *text, size_t size,
                                 char **out_text, size_t *out_size, size_t *out_clash);

void ks_accept_text_fini(struct ks_accept_text *edits);

#endif
