// SPDX-License-Identifier: MIT
// Between the two files that write the text.
#ifndef KS_DEPS_TEXT_PARTS_H
#define KS_DEPS_TEXT_PARTS_H

#include "deps/deps_write.h"

#define KS_DEPS_TEXT_COLUMN 40
#define KS_DEPS_TEXT_WIDTH  100

// Blanks up to a column, two at least.
void ks_deps_text_pad(struct ks_text_buffer *out, size_t used, size_t column);
// "1 function", "2 functions"
void ks_deps_text_count(struct ks_text_buffer *out, size_t count, const char *noun);

// The kernel's functions by what kldr makes of them.
void ks_deps_text_kernel(struct ks_text_buffer *out, const struct ks_deps *deps);
// Who uses which export.
void ks_deps_text_exports(struct ks_text_buffer *out, const struct ks_deps *deps);

#endif
