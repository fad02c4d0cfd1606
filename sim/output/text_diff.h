// SPDX-License-Identifier: MIT
// What was wanted and what was got, as lines that show where they differ.
#ifndef KS_OUTPUT_TEXT_DIFF_H
#define KS_OUTPUT_TEXT_DIFF_H

#include "output/text_buffer.h"

// wanted and got are YAML flow text. Short ones are shown as "wanted" and "got"; lists and maps
// that are long become one entry per line, with '-' for what is wanted and missing, '+' for what is
// there and not wanted.
void ks_text_diff(struct ks_text_buffer *buffer, const char *wanted, const char *got,
                  const char *indent, bool color);

#endif
