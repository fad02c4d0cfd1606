// SPDX-License-Identifier: MIT
// The bytes of a scenario file and the way from libyaml's marks, which count characters, to them.
#ifndef KS_SCENARIO_SOURCE_H
#define KS_SCENARIO_SOURCE_H

#include "scenario/model.h"

struct ks_source {
    const char *text;
    size_t size;
    size_t start; // bytes of the byte order mark, which libyaml does not count
    bool ascii;   // one byte for each character
    // Where the last look-up ended: characters and bytes, in step.
    size_t character, byte;
    // The line that line_start was worked out for.
    size_t line, line_start;
};

void ks_source_init(struct ks_source *source, const char *text, size_t size);

// The byte offset of character number index.
size_t ks_source_offset(struct ks_source *source, size_t index);

// line and column of a mark (from 0, in characters) as a place from 1, in bytes. end is set to
// begin.
struct ks_place ks_source_place(struct ks_source *source, size_t index, size_t line, size_t column);

// The place of a byte offset, by counting lines from the beginning: for messages only.
struct ks_place ks_source_place_at(const struct ks_source *source, size_t offset);

// The ` #` that cuts text short: looks at what follows a plain scalar that ends at offset. Returns
// the offset of the
// `#`, or 0 when there is none or it begins an ordinary comment (`#` followed by a blank, `#` or
// the end of the line).
size_t ks_source_cut(const struct ks_source *source, size_t offset);

// The first such place on a line of [begin, end), outside quotes and after some text; 0: none.
size_t ks_source_find_cut(const struct ks_source *source, size_t begin, size_t end);

// Where the line with offset begins, and where it ends (at its line break or the end of the file).
size_t ks_source_line_begin(const struct ks_source *source, size_t offset);
size_t ks_source_line_end(const struct ks_source *source, size_t offset);

#endif
