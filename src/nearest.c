// SPDX-License-Identifier: MIT
// Optimal string alignment distance with three rows on the stack, given up as soon as a limit is
// passed.
#include "nearest.h"

#include <stdint.h>
#include <string.h>

static unsigned char lower(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

bool kl_nearest_same(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

// One row of the table: distances of a[0..i] to every prefix of b. Returns the smallest of them.
static size_t fill_row(const char *a, size_t i, const char *b, size_t b_length, size_t *row,
                       const size_t *above, const size_t *two_above)
{
    size_t best = row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
        size_t cost = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
        size_t distance = least(least(above[j], row[j - 1]) + 1, above[j - 1] + cost);
        if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
            lower(a[i - 2]) == lower(b[j - 1]))
            distance = least(distance, two_above[j - 2] + 1);
        row[j] = distance;
        best = least(best, distance);
    }
    return best;
}

size_t kl_nearest_distance(const char *a, size_t a_length, const char *b, size_t b_length,
                           size_t limit)
{
    size_t rows[3][KL_NEAREST_MAX_LENGTH + 1];
    size_t previous_best = 0;

    if (most(a_length, b_length) > KL_NEAREST_MAX_LENGTH ||
        most(a_length, b_length) - least(a_length, b_length) > limit)
        return limit + 1;
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t best =
            fill_row(a, i, b, b_length, rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3]);
        // A swap reaches two rows up, so both rows must be beyond the limit.
        if (best > limit && previous_best > limit)
            return limit + 1;
        previous_best = best;
    }
    return least(rows[a_length % 3][b_length], limit + 1);
}

const char *kldr_nearest(const char *name, size_t count,
                         const char *(*at)(void *user, size_t index), void *user)
{
    size_t length = strlen(name);
    size_t limit = length / 3;
    const char *nearest = NULL;

    for (size_t i = 0; i < count; i++) {
        const char *candidate = at(user, i);
        if (candidate == NULL)
            continue;
        size_t distance = kl_nearest_distance(name, length, candidate, strlen(candidate), limit);
        if (distance > limit)
            continue;
        nearest = candidate;
        if (distance == 0)
            break;
        limit = distance - 1;
    }
    return nearest;
}
