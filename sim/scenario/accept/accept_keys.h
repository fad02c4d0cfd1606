// SPDX-License-Identifier: MIT
// The values of an expectation by the name of their key: where they stand, and maps written anew.
#ifndef KS_SCENARIO_ACCEPT_KEYS_H
#define KS_SCENARIO_ACCEPT_KEYS_H

#include "scenario/accept/accept_text.h"
#include "scenario/result.h"

// True when inner lies within outer.
bool ks_accept_keys_inside(const struct ks_place *inner, const struct ks_place *outer);

// Where the value of a key stands; NULL when the key is unknown or not written.
const struct ks_place *ks_accept_keys_place(const struct ks_expect *expect, const char *key);

// The end of the last value that stands within a place; 0 when there is none.
size_t ks_accept_keys_last_end(const struct ks_expect *expect, const struct ks_place *within);

// Appends the whole value of a key in flow style with the edits applied: all entries of a map, the
// changed ones with their new text. Returns false when an edit belongs to no written entry.
bool ks_accept_keys_render(struct ks_text_buffer *out, const struct ks_expect *expect,
                           const char *key, const struct ks_accept_edit *const *edits,
                           size_t edit_count);

#endif
