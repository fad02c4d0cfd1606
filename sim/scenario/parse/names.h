// SPDX-License-Identifier: MIT
// A set of names, each with something attached. Names compare exactly or without regard to the case
// of ASCII letters, as the set was made.
#ifndef KS_SCENARIO_NAMES_H
#define KS_SCENARIO_NAMES_H

#include "scenario/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct ks_name {
    const char *text; // as first written
    size_t length;
    uint32_t hash;
    void *value;
    struct ks_name *next; // in the order of insertion
    struct ks_name *chain;
};

struct ks_names {
    struct ks_arena *arena;
    bool fold; // case is ignored
    struct ks_name **buckets;
    size_t bucket_count; // a power of two, or 0
    size_t count;
    struct ks_name *first, **last;
};

void ks_names_init(struct ks_names *names, struct ks_arena *arena, bool fold);

// The entry of that name, or NULL.
struct ks_name *ks_names_find(const struct ks_names *names, const char *text, size_t length);

// The entry of that name; a new one, with value NULL, when there was none. text is borrowed.
struct ks_name *ks_names_add(struct ks_names *names, const char *text, size_t length);

// The name nearest to a text, for messages; NULL when none is near.
const char *ks_names_nearest(const struct ks_names *names, const char *text);

// Comparing without regard to the case of ASCII letters.
bool ks_names_equal(const char *left, size_t left_length, const char *right, size_t right_length);
bool ks_names_same(const char *left, const char *right);

// What follows the last backslash of a path.
const char *ks_names_base(const char *path);

#endif
