// SPDX-License-Identifier: MIT
// A walk over node and shape together. Depth is limited by the tree's.
#include "scenario/parse/validate.h"

#include "scenario/parse/names.h"
#include "scenario/parse/validate_keys.h"
#include "scenario/parse/validate_scalar.h"

#include <kldr/nearest.h>
#include <kldr/policy.h>

#include <string.h>

static const char *kind_words(const struct ks_node *node)
{
    return node->kind == KS_NODE_LIST ? "a list" : node->kind == KS_NODE_MAP ? "a map" : "a text";
}

static bool wants_text(const struct ks_shape *shape)
{
    return shape->kind == KS_SHAPE_TEXT ||
           (shape->kind == KS_SHAPE_CHOICE && wants_text(shape->choices[0]));
}

// A text in brackets or braces that is not quoted is a list or a map to YAML.
static const char *wrong_kind_advice(struct ks_parse *parse, const struct ks_node *node,
                                     const struct ks_shape *shape)
{
    char first = parse->source.text[node->place.begin];
    if (shape->kind == KS_SHAPE_NOTHING) {
        return "expectations stand under `expect`";
    }
    if (wants_text(shape) && (first == '[' || first == '{')) {
        return ks_diagnose_quoted(parse, parse->source.text + node->place.begin,
                                  node->place.end - node->place.begin);
    }
    return NULL;
}

static void wrong_kind(struct ks_parse *parse, struct ks_node *node, const struct ks_shape *shape)
{
    ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, wrong_kind_advice(parse, node, shape),
                "expected %s, found %s", shape->what, kind_words(node));
}

// ---- collections ----

static void check_count(struct ks_parse *parse, struct ks_node *node, const struct ks_shape *shape)
{
    if (node->count < shape->min || (shape->max != 0 && node->count > shape->max)) {
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, NULL, "expected %s, found %zu entries",
                    shape->what, node->count);
    }
}

static void check_unique(struct ks_parse *parse, struct ks_node *list)
{
    struct ks_names seen;
    ks_names_init(&seen, parse->arena, false);
    for (struct ks_node *item = list->first; item != NULL && !parse->truncated; item = item->next) {
        if (item->bad || item->kind != KS_NODE_SCALAR) {
            continue;
        }
        struct ks_name *name = ks_names_add(&seen, item->text, item->length);
        if (name->value != NULL) {
            ks_diagnose(parse, KS_DIAGNOSTIC_FORM, item, NULL, "%s is given twice",
                        ks_diagnose_shown(parse, item->text, item->length));
        }
        name->value = item;
    }
}

static void validate_list(struct ks_parse *parse, struct ks_node *node,
                          const struct ks_shape *shape)
{
    check_count(parse, node, shape);
    for (struct ks_node *item = node->first; item != NULL; item = item->next) {
        ks_validate(parse, item, shape->item);
    }
    if (shape->unique && node->count > 1) {
        check_unique(parse, node);
    }
}

static void validate_map(struct ks_parse *parse, struct ks_node *node, const struct ks_shape *shape)
{
    check_count(parse, node, shape);
    ks_validate_duplicates(parse, node, shape->fold);
    for (struct ks_node *child = node->first; child != NULL && !parse->truncated;
         child = child->next) {
        if (!child->key->bad) {
            ks_validate_scalar(parse, child->key, shape->key);
        }
        ks_validate(parse, child, shape->item);
    }
}

static void validate_policy(struct ks_parse *parse, struct ks_node *node)
{
    ks_validate_duplicates(parse, node, KS_FOLD_NOTHING);
    for (struct ks_node *child = node->first; child != NULL && !parse->truncated;
         child = child->next) {
        if (child->kind != KS_NODE_SCALAR) {
            ks_diagnose(parse, KS_DIAGNOSTIC_FORM, child, NULL,
                        "expected a value of the knob, found %s", kind_words(child));
        } else if (!child->bad && !child->key->bad) {
            ks_validate_knob(parse, child);
        }
    }
}

// ---- records ----

static int find_key(const struct ks_shape *shape, const struct ks_node *key)
{
    for (size_t i = 0; i < shape->key_count; i++) {
        const char *name = shape->keys[i].name;
        if (name[0] == key->text[0] && strcmp(name, key->text) == 0) {
            return (int)i;
        }
    }
    return -1;
}

struct key_names {
    const struct ks_key *keys;
};

static const char *key_name_at(void *user, size_t index)
{
    const struct key_names *names = user;
    return names->keys[index].name;
}

static const char *list_keys(struct ks_parse *parse, const struct ks_shape *shape, uint64_t mask)
{
    const char *text = "";
    for (size_t i = 0; i < shape->key_count; i++) {
        if ((mask >> i & 1) != 0) {
            text = ks_diagnose_text(parse, "%s%s`%s`", text, text[0] == '\0' ? "" : ", ",
                                    shape->keys[i].name);
        }
    }
    return text;
}

static void unknown_key(struct ks_parse *parse, struct ks_node *child, const struct ks_shape *shape)
{
    struct key_names names = {shape->keys};
    const char *near = kldr_nearest(child->key->text, shape->key_count, key_name_at, &names);
    const char *advice =
        near != NULL ? ks_diagnose_near(parse, near)
        : shape->key_count > 8
            ? NULL
            : ks_diagnose_text(parse, "known keys: %s", list_keys(parse, shape, UINT64_MAX));
    child->bad = true;
    ks_diagnose(parse, KS_DIAGNOSTIC_FORM, child->key, advice, "unknown key %s",
                ks_diagnose_shown(parse, child->key->text, child->key->length));
}

static uint64_t flagged(const struct ks_shape *shape, uint32_t flag)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < shape->key_count; i++) {
        mask |= (shape->keys[i].flags & flag) != 0 ? UINT64_C(1) << i : 0;
    }
    return mask;
}

static bool is_single(uint64_t mask)
{
    return mask != 0 && (mask & (mask - 1)) == 0;
}

// The given keys that one excludes. Where two exclude each other only one of them is to be
// reported.
static uint64_t excluded(const struct ks_shape *shape, size_t own, uint64_t given)
{
    uint64_t clash = shape->keys[own].excludes & given;
    for (size_t i = own + 1; i < shape->key_count; i++) {
        if ((shape->keys[i].excludes >> own & 1) != 0) {
            clash &= ~(UINT64_C(1) << i);
        }
    }
    return clash;
}

static void check_relations(struct ks_parse *parse, struct ks_node *node,
                            const struct ks_shape *shape, uint64_t given)
{
    for (struct ks_node *child = node->first; child != NULL; child = child->next) {
        if (child->key_index < 0) {
            continue;
        }
        const struct ks_key *key = &shape->keys[child->key_index];
        uint64_t clash = excluded(shape, (size_t)child->key_index, given);
        if (key->needs != 0 && (key->needs & given) == 0) {
            ks_diagnose(parse, KS_DIAGNOSTIC_FORM, child, NULL, "`%s` goes with %s only", key->name,
                        list_keys(parse, shape, key->needs));
        }
        if (clash != 0) {
            ks_diagnose(parse, KS_DIAGNOSTIC_FORM, child, NULL, "`%s` cannot be given beside %s",
                        key->name, list_keys(parse, shape, clash));
        }
    }
}

// unknown: there was an unknown key, which may be a misspelled one of those that seem to be
// missing.
static void check_presence(struct ks_parse *parse, struct ks_node *node,
                           const struct ks_shape *shape, uint64_t given, bool unknown)
{
    uint64_t missing = flagged(shape, KS_KEY_REQUIRED) & ~given;
    uint64_t one_of = flagged(shape, KS_KEY_ONE_OF);
    uint64_t some_of = flagged(shape, KS_KEY_SOME_OF);
    if (missing != 0) {
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, NULL, "the key %s is missing",
                    list_keys(parse, shape, missing));
    }
    if (one_of == 0 || is_single(given & one_of)) {
        // As it should be.
    } else if ((given & one_of) != 0) {
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, NULL, "only one of these can be given: %s",
                    list_keys(parse, shape, given & one_of));
    } else if (!unknown) {
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, NULL, "one of these keys is missing: %s",
                    list_keys(parse, shape, one_of));
    }
    if (some_of != 0 && (given & some_of) == 0 && !unknown) {
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, NULL,
                    "at least one of these keys is missing: %s", list_keys(parse, shape, some_of));
    }
}

static void validate_record(struct ks_parse *parse, struct ks_node *node,
                            const struct ks_shape *shape)
{
    uint64_t given = 0;
    bool twice = false;
    bool unknown = false;
    for (struct ks_node *child = node->first; child != NULL && !parse->truncated;
         child = child->next) {
        if (child->key->bad) {
            continue;
        }
        child->key_index = find_key(shape, child->key);
        if (child->key_index < 0) {
            unknown_key(parse, child, shape);
            unknown = true;
            continue;
        }
        uint64_t bit = UINT64_C(1) << child->key_index;
        twice = twice || (given & bit) != 0;
        given |= bit;
        ks_validate(parse, child, shape->keys[child->key_index].shape);
    }
    if (twice) {
        ks_validate_duplicates(parse, node, KS_FOLD_NOTHING);
    }
    check_presence(parse, node, shape, given, unknown);
    if (!node->bad) {
        check_relations(parse, node, shape, given);
    }
}

// ---- choices ----

static bool takes(const struct ks_shape *shape, const struct ks_node *node)
{
    switch (node->kind) {
    case KS_NODE_SCALAR:
        return ks_validate_is_scalar(shape);
    case KS_NODE_LIST:
        return shape->kind == KS_SHAPE_LIST;
    default:
        return shape->kind > KS_SHAPE_LIST;
    }
}

static bool is_selected(const char *selector, const struct ks_node *map)
{
    for (const struct ks_node *child = map->first; child != NULL; child = child->next) {
        if (child->kind == KS_NODE_SCALAR && child->key->kind == KS_NODE_SCALAR &&
            strcmp(child->key->text, selector) == 0) {
            return true;
        }
    }
    return false;
}

const struct ks_shape *ks_validate_choose(const struct ks_shape *choice, const struct ks_node *node)
{
    bool first_map = true;
    for (const struct ks_shape *const *shape = choice->choices; *shape != NULL; shape++) {
        if (!takes(*shape, node)) {
            continue;
        }
        bool skipped = node->kind == KS_NODE_MAP && choice->selector != NULL && first_map &&
                       !is_selected(choice->selector, node);
        if (!skipped) {
            return *shape;
        }
        first_map = false;
    }
    return NULL;
}

static void validate_choice(struct ks_parse *parse, struct ks_node *node,
                            const struct ks_shape *shape)
{
    const struct ks_shape *chosen = ks_validate_choose(shape, node);
    if (chosen == NULL) {
        wrong_kind(parse, node, shape);
    } else {
        ks_validate(parse, node, chosen);
    }
}

void ks_validate(struct ks_parse *parse, struct ks_node *node, const struct ks_shape *shape)
{
    bool list = node->kind == KS_NODE_LIST;
    bool map = node->kind == KS_NODE_MAP;
    if (parse->truncated) {
        return;
    }
    if (node->kind == KS_NODE_SCALAR) {
        if (!node->bad) {
            ks_validate_scalar(parse, node, shape);
        }
    } else if (shape->kind == KS_SHAPE_CHOICE) {
        validate_choice(parse, node, shape);
    } else if (list && shape->kind == KS_SHAPE_LIST) {
        validate_list(parse, node, shape);
    } else if (map && shape->kind == KS_SHAPE_MAP) {
        validate_map(parse, node, shape);
    } else if (map && shape->kind == KS_SHAPE_RECORD) {
        validate_record(parse, node, shape);
    } else if (map && shape->kind == KS_SHAPE_POLICY) {
        validate_policy(parse, node);
    } else {
        wrong_kind(parse, node, shape);
    }
}
