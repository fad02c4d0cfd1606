// SPDX-License-Identifier: MIT
// The comparisons behind kldr_nearest.
#ifndef KL_NEAREST_H
#define KL_NEAREST_H

#include <kldr/nearest.h>

#include <stdbool.h>

#define KL_NEAREST_MAX_LENGTH 255

// Edits between two texts, case ignored: insert, delete, replace, swap neighbours. Returns limit +
// 1 as soon as it is clear that there are more than limit; lengths above KL_NEAREST_MAX_LENGTH
// count as that.
size_t kl_nearest_distance(const char *a, size_t a_length, const char *b, size_t b_length,
                           size_t limit);

// True when the first length bytes of both agree, case ignored.
bool kl_nearest_same(const char *a, const char *b, size_t length);

#endif
