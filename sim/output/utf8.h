// SPDX-License-Identifier: MIT
// Reading UTF-8 that may be anything: names come out of hostile images.
#ifndef KS_OUTPUT_UTF8_H
#define KS_OUTPUT_UTF8_H

#include <stddef.h>
#include <stdint.h>

// What ks_utf8_next answers for a byte that begins no valid sequence.
#define KS_UTF8_INVALID 0

// The character at *at (at < end) and how many bytes it has, at least 1. Overlong forms,
// surrogates, codes above U+10FFFF and the NUL character are invalid, one byte each.
size_t ks_utf8_next(const char *at, const char *end, uint32_t *out_code);

#endif
