// SPDX-License-Identifier: MIT
// A chained hash table in an arena. Names come from scenario files, so the order that anybody sees
// is the order of insertion.
#include "scenario/parse/names.h"

#include <kldr/nearest.h>

#include <string.h>

#define FIRST_BUCKETS  16
#define NEAREST_OF_MAX 2000 // names a misspelled one is compared with

static unsigned char folded(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static uint32_t hash_of(const struct ks_names *names, const char *text, size_t length)
{
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < length; i++) {
        hash ^= names->fold ? folded(text[i]) : (unsigned char)text[i];
        hash *= UINT32_C(16777619);
    }
    return hash;
}

bool ks_names_equal(const char *left, size_t left_length, const char *right, size_t right_length)
{
    if (left_length != right_length) {
        return false;
    }
    for (size_t i = 0; i < left_length; i++) {
        if (folded(left[i]) != folded(right[i])) {
            return false;
        }
    }
    return true;
}

bool ks_names_same(const char *left, const char *right)
{
    return ks_names_equal(left, strlen(left), right, strlen(right));
}

const char *ks_names_base(const char *path)
{
    const char *slash = strrchr(path, '\\');
    return slash == NULL ? path : slash + 1;
}

void ks_names_init(struct ks_names *names, struct ks_arena *arena, bool fold)
{
    *names = (struct ks_names){.arena = arena, .fold = fold};
    names->last = &names->first;
}

static bool is_name(const struct ks_names *names, const struct ks_name *name, const char *text,
                    size_t length)
{
    return names->fold ? ks_names_equal(name->text, name->length, text, length)
                       : name->length == length && memcmp(name->text, text, length) == 0;
}

static struct ks_name *find(const struct ks_names *names, const char *text, size_t length,
                            uint32_t hash)
{
    if (names->bucket_count == 0) {
        return NULL;
    }
    struct ks_name *name = names->buckets[hash & (names->bucket_count - 1)];
    while (name != NULL && !(name->hash == hash && is_name(names, name, text, length))) {
        name = name->chain;
    }
    return name;
}

struct ks_name *ks_names_find(const struct ks_names *names, const char *text, size_t length)
{
    return find(names, text, length, hash_of(names, text, length));
}

static void hang(struct ks_names *names, struct ks_name *name)
{
    struct ks_name **bucket = &names->buckets[name->hash & (names->bucket_count - 1)];
    name->chain = *bucket;
    *bucket = name;
}

static void grow(struct ks_names *names)
{
    names->bucket_count = names->bucket_count == 0 ? FIRST_BUCKETS : names->bucket_count * 2;
    names->buckets = ks_arena_take(names->arena, names->bucket_count, sizeof(struct ks_name *));
    for (struct ks_name *name = names->first; name != NULL; name = name->next) {
        hang(names, name);
    }
}

struct ks_name *ks_names_add(struct ks_names *names, const char *text, size_t length)
{
    uint32_t hash = hash_of(names, text, length);
    struct ks_name *name = find(names, text, length, hash);
    if (name != NULL) {
        return name;
    }
    if (names->count >= names->bucket_count) {
        grow(names);
    }
    name = ks_arena_take(names->arena, 1, sizeof *name);
    name->text = text;
    name->length = length;
    name->hash = hash;
    *names->last = name;
    names->last = &name->next;
    names->count++;
    hang(names, name);
    return name;
}

// kldr_nearest asks for the names in order.
static const char *next_name(void *user, size_t index)
{
    const struct ks_name **next = user;
    (void)index;
    const char *text = *next == NULL ? NULL : (*next)->text;
    *next = *next == NULL ? NULL : (*next)->next;
    return text;
}

const char *ks_names_nearest(const struct ks_names *names, const char *text)
{
    const struct ks_name *next = names->first;
    size_t count = names->count < NEAREST_OF_MAX ? names->count : NEAREST_OF_MAX;
    return kldr_nearest(text, count, next_name, &next);
}
