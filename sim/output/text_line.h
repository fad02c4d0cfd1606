// SPDX-License-Identifier: MIT
// One line of the lifecycle: "image   port.sys   mapped, listed                    count 1".
#ifndef KS_OUTPUT_TEXT_LINE_H
#define KS_OUTPUT_TEXT_LINE_H

#include "output/text_style.h"

struct ks_text_line {
    struct ks_text_buffer *out;
    struct ks_text_buffer text; // the line under way
    size_t name_width;          // column of what follows a name
    bool color;
};

void ks_text_line_init(struct ks_text_line *line, struct ks_text_buffer *out, size_t name_width,
                       bool color);
void ks_text_line_fini(struct ks_text_line *line);

// Begins a line with a keyword in its column.
void ks_text_line_begin(struct ks_text_line *line, size_t level, const char *keyword);
// The module's or service's name and the space to the next column.
void ks_text_line_name(struct ks_text_line *line, const char *name);
void ks_text_line_text(struct ks_text_line *line, const char *text);
// A text that somebody else wrote.
void ks_text_line_foreign(struct ks_text_line *line, const char *text);
void ks_text_line_number(struct ks_text_line *line, uint64_t number);
// " = STATUS_SUCCESS"; anything but success also as a number.
void ks_text_line_status(struct ks_text_line *line, kldr_status status);
// "count 1" in its column, when the event has one.
void ks_text_line_count(struct ks_text_line *line, const struct kldr_event *event);
// "  (U7, reported, unverified)"; nothing when fact is NULL.
void ks_text_line_fact(struct ks_text_line *line, const char *fact);
// style colours the whole line.
void ks_text_line_end(struct ks_text_line *line, enum ks_style style);

#endif
