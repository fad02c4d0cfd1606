// SPDX-License-Identifier: MIT
// The known name nearest to a misspelled one, for messages.
#ifndef KLDR_NEAREST_H
#define KLDR_NEAREST_H

#include <stddef.h>

// Returns the candidate nearest to name by edit distance (insert, delete, replace, swap neighbours;
// case ignored), or NULL when none is near: at most one edit in three letters is near. The first of
// equally near ones wins. at gives candidate number index (from 0); it may return NULL to leave one
// out. Names longer than 255 bytes are never near.
const char *kldr_nearest(const char *name, size_t count,
                         const char *(*at)(void *user, size_t index), void *user);

#endif
