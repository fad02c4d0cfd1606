// SPDX-License-Identifier: MIT
// Duplicate keys. Small maps, which nearly all are, are compared key by key.
#include "scenario/parse/validate_keys.h"

#include "scenario/parse/names.h"

#include <string.h>

// Maps up to this size are searched without a table.
#define FEW_KEYS 12

static size_t folded_length(enum ks_fold fold, const struct ks_node *key)
{
    if (fold != KS_FOLD_MODULE) {
        return fold == KS_FOLD_ALL ? key->length : 0;
    }
    const char *mark = memchr(key->text, '!', key->length);
    return mark == NULL ? key->length : (size_t)(mark - key->text);
}

static bool same_key(enum ks_fold fold, const struct ks_node *left, const struct ks_node *right)
{
    size_t folded = folded_length(fold, left);
    return left->length == right->length && folded == folded_length(fold, right) &&
           ks_names_equal(left->text, folded, right->text, folded) &&
           memcmp(left->text + folded, right->text + folded, left->length - folded) == 0;
}

static void report_duplicate(struct ks_parse *parse, struct ks_node *child,
                             const struct ks_node *earlier)
{
    bool exact = strcmp(child->key->text, earlier->key->text) == 0;
    child->bad = true;
    ks_diagnose(parse, KS_DIAGNOSTIC_YAML, child->key,
                exact ? NULL : "case makes no difference in these names",
                exact ? "the key %s is given twice, first in line %u"
                      : "the key %s differs only in case from the one in line %u",
                ks_diagnose_shown(parse, child->key->text, child->key->length),
                (unsigned)earlier->key->place.line);
}

static const struct ks_node *find_earlier(const struct ks_node *map, const struct ks_node *child,
                                          enum ks_fold fold)
{
    const struct ks_node *earlier = map->first;
    while (earlier != child &&
           !(earlier->key->kind == KS_NODE_SCALAR && same_key(fold, earlier->key, child->key))) {
        earlier = earlier->next;
    }
    return earlier == child ? NULL : earlier;
}

// For large maps: the folded part of the key in lower case, and the rest as it is.
static const char *folded_key(struct ks_parse *parse, enum ks_fold fold, const struct ks_node *key)
{
    char *copy = ks_arena_copy(parse->arena, key->text, key->length);
    size_t folded = folded_length(fold, key);
    for (size_t i = 0; i < folded; i++) {
        copy[i] = copy[i] >= 'A' && copy[i] <= 'Z' ? (char)(copy[i] + ('a' - 'A')) : copy[i];
    }
    return copy;
}

static void check_many_keys(struct ks_parse *parse, struct ks_node *map, enum ks_fold fold)
{
    struct ks_names seen;
    ks_names_init(&seen, parse->arena, false);
    for (struct ks_node *child = map->first; child != NULL && !parse->truncated;
         child = child->next) {
        if (child->key->kind != KS_NODE_SCALAR) {
            continue;
        }
        struct ks_name *name =
            ks_names_add(&seen, folded_key(parse, fold, child->key), child->key->length);
        if (name->value != NULL) {
            report_duplicate(parse, child, name->value);
        } else {
            name->value = child;
        }
    }
}

void ks_validate_duplicates(struct ks_parse *parse, struct ks_node *map, enum ks_fold fold)
{
    if (map->count > FEW_KEYS) {
        check_many_keys(parse, map, fold);
        return;
    }
    for (struct ks_node *child = map->first; child != NULL; child = child->next) {
        if (child->key->kind == KS_NODE_SCALAR) {
            const struct ks_node *earlier = find_earlier(map, child, fold);
            if (earlier != NULL) {
                report_duplicate(parse, child, earlier);
            }
        }
    }
}
