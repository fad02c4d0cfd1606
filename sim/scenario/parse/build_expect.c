// SPDX-License-Identifier: MIT
// Expectations.
#include "scenario/format/scalar.h"
#include "scenario/parse/build.h"

#include <stddef.h>
#include <string.h>

// ---- lists ----

// The list itself and how it is compared. NULL when it is bad.
static struct ks_node *unwrap(struct ks_node *node, enum ks_list_mode *out_mode)
{
    if (node->kind == KS_NODE_LIST) {
        return node;
    }
    struct ks_node *inner = node->first;
    if (inner == NULL || inner->bad || inner->key_index < 0) {
        return NULL;
    }
    *out_mode = (enum ks_list_mode)(KS_LIST_CONTAINS + inner->key_index);
    return inner;
}

static void build_pair_list(struct ks_build *build, struct ks_node *node, struct ks_pair *pair)
{
    struct ks_node *list = unwrap(node, &pair->list_mode);
    if (list == NULL) {
        return;
    }
    struct ks_place *places = ks_arena_take(build->arena, list->count, sizeof *places);
    const char **texts = ks_arena_take(build->arena, list->count, sizeof *texts);
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            places[pair->list_count] = item->place;
            texts[pair->list_count++] = item->text;
        }
    }
    pair->is_list = true;
    pair->list = texts;
    pair->list_places = places;
}

static const struct ks_pair *build_pairs(struct ks_build *build, struct ks_node *map,
                                         size_t *out_count);

// Maps are nested no deeper than the key table says: two.
static void build_pair(struct ks_build *build, struct ks_node *value, struct ks_pair *pair)
{
    kldr_status status;
    pair->name = value->key->text;
    pair->name_place = value->key->place;
    pair->place = value->place;
    if (value->kind == KS_NODE_MAP && (value->first == NULL || value->first->key_index < 0)) {
        pair->is_map = true; // not a wrapped list: names to numbers
        pair->pairs = build_pairs(build, value, &pair->pair_count);
        return;
    }
    if (value->kind != KS_NODE_SCALAR) {
        build_pair_list(build, value, pair);
        return;
    }
    pair->text = value->text;
    pair->is_number = ks_scalar_number(value->text, &pair->number);
    if (!pair->is_number && strcmp(pair->name, "value") == 0 &&
        ks_scalar_status(value->text, &status)) {
        pair->is_number = true;
        pair->number = status;
    }
}

static const struct ks_pair *build_pairs(struct ks_build *build, struct ks_node *map,
                                         size_t *out_count)
{
    struct ks_pair *pairs = ks_arena_take(build->arena, map->count, sizeof *pairs);
    size_t count = 0;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad) {
            build_pair(build, value, &pairs[count++]);
        }
    }
    *out_count = count;
    return pairs;
}

static struct ks_list build_list(struct ks_build *build, struct ks_node *node,
                                 enum ks_list_mode plain_mode)
{
    struct ks_list result = {.given = true, .place = node->place, .mode = plain_mode};
    struct ks_node *list = unwrap(node, &result.mode);
    if (list == NULL) {
        return result;
    }
    struct ks_item *items = ks_arena_take(build->arena, list->count, sizeof *items);
    result.items = items;
    for (struct ks_node *node_item = list->first; node_item != NULL; node_item = node_item->next) {
        if (node_item->bad) {
            continue;
        }
        struct ks_item *item = &items[result.item_count++];
        item->place = node_item->place;
        if (node_item->kind == KS_NODE_SCALAR) {
            item->text = node_item->text;
        } else {
            item->fields = build_pairs(build, node_item, &item->field_count);
        }
    }
    return result;
}

static struct ks_map build_map(struct ks_build *build, struct ks_node *map)
{
    struct ks_map result = {.given = true, .place = map->place};
    result.pairs = build_pairs(build, map, &result.pair_count);
    return result;
}

// ---- single values ----

static struct ks_expect_status build_status(const struct ks_node *node)
{
    struct ks_expect_status status = {.given = true, .place = node->place};
    status.any = strcmp(node->text, "any") == 0;
    status.value = status.any ? KLDR_STATUS_SUCCESS : ks_build_status(node);
    return status;
}

static struct ks_expect_number build_result(const struct ks_node *node)
{
    struct ks_expect_number result = {.given = true, .place = node->place};
    if (!ks_scalar_number(node->text, &result.value)) {
        result.value = ks_build_status(node);
    }
    return result;
}

static struct ks_expect_number build_irql(const struct ks_node *node)
{
    struct ks_expect_number irql = {.given = true, .place = node->place};
    const char *name;
    for (size_t level = 0; (name = ks_io_irql_name(level)) != NULL; level++) {
        if (strcmp(name, node->text) == 0) {
            irql.value = level;
            return irql;
        }
    }
    irql.value = ks_build_number(node);
    return irql;
}

static void build_parameters(struct ks_build *build, struct ks_node *list,
                             struct ks_expect_bugcheck *bugcheck)
{
    uint64_t *parameters = ks_arena_take(build->arena, list->count, sizeof *parameters);
    bugcheck->has_parameters = true;
    bugcheck->parameters = parameters;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            if (strcmp(item->text, "any") == 0) {
                bugcheck->any_parameter[bugcheck->parameter_count++] = true;
            } else {
                parameters[bugcheck->parameter_count++] = ks_build_number(item);
            }
        }
    }
}

static struct ks_expect_bugcheck build_bugcheck(struct ks_build *build, struct ks_node *node)
{
    struct ks_expect_bugcheck bugcheck = {.given = true, .place = node->place};
    if (node->kind == KS_NODE_SCALAR) {
        ks_scalar_stop_code(node->text, &bugcheck.code);
        return bugcheck;
    }
    for (struct ks_node *value = node->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_BUGCHECK_CODE:
            ks_scalar_stop_code(value->text, &bugcheck.code);
            break;
        case KS_BUGCHECK_PARAMETERS:
            build_parameters(build, value, &bugcheck);
            break;
        case KS_BUGCHECK_MODULE:
            bugcheck.module = value->text;
            break;
        }
    }
    return bugcheck;
}

// ---- the map ----

// Where a key's list or map is kept. offset 0 (`given`): neither.
struct slot {
    size_t list, map;
};

static const struct slot slots[] = {
    [KS_EXPECT_CALLS] = {offsetof(struct ks_expect, calls), 0},
    [KS_EXPECT_EVENTS] = {offsetof(struct ks_expect, events), 0},
    [KS_EXPECT_PRINTED] = {offsetof(struct ks_expect, printed), 0},
    [KS_EXPECT_MODULES] = {offsetof(struct ks_expect, modules), 0},
    [KS_EXPECT_COUNTS] = {0, offsetof(struct ks_expect, counts)},
    [KS_EXPECT_IMPORTS] = {0, offsetof(struct ks_expect, imports)},
    [KS_EXPECT_STATE] = {0, offsetof(struct ks_expect, state)},
    [KS_EXPECT_UNLOADED] = {offsetof(struct ks_expect, unloaded), 0},
    [KS_EXPECT_RING] = {offsetof(struct ks_expect, ring), 0},
    [KS_EXPECT_NOTIFIED] = {offsetof(struct ks_expect, notified), 0},
    [KS_EXPECT_OPENED] = {offsetof(struct ks_expect, opened), 0},
    [KS_EXPECT_LOG] = {offsetof(struct ks_expect, log), 0},
    [KS_EXPECT_MISSING] = {offsetof(struct ks_expect, missing), 0},
    [KS_EXPECT_ARGUMENT] = {0, offsetof(struct ks_expect, argument)},
    [KS_EXPECT_BOUND] = {0, offsetof(struct ks_expect, bound)},
    [KS_EXPECT_FINDINGS] = {offsetof(struct ks_expect, findings), 0},
    [KS_EXPECT_DEVICE_STACK] = {0, offsetof(struct ks_expect, device_stack)},
    [KS_EXPECT_DEVICES] = {0, offsetof(struct ks_expect, devices)},
    [KS_EXPECT_POOL] = {0, offsetof(struct ks_expect, pool)},
    [KS_EXPECT_OBJECTS] = {0, offsetof(struct ks_expect, objects)},
    [KS_EXPECT_PORT_WRITES] = {offsetof(struct ks_expect, port_writes), 0},
    [KS_EXPECT_MODULE] = {0, 0},
};

static void build_single(struct ks_build *build, struct ks_node *value, struct ks_expect *expect)
{
    switch (value->key_index) {
    case KS_EXPECT_STATUS:
        expect->status = build_status(value);
        break;
    case KS_EXPECT_BUGCHECK:
        expect->bugcheck = build_bugcheck(build, value);
        break;
    case KS_EXPECT_RESULT:
        expect->result = build_result(value);
        break;
    case KS_EXPECT_INFORMATION:
        expect->information = build_result(value);
        break;
    case KS_EXPECT_BYTES:
        expect->bytes = ks_build_expect_bytes(build, value);
        break;
    case KS_EXPECT_FILES:
        ks_build_expect_files(build, value, expect);
        break;
    case KS_EXPECT_IRQL:
        expect->irql = build_irql(value);
        break;
    case KS_EXPECT_FOUND:
        expect->has_found = true;
        expect->found = ks_build_boolean(value);
        expect->found_place = value->place;
        break;
    case KS_EXPECT_MODULE:
        expect->module = (struct ks_text){value->text, value->place};
        break;
    }
}

void ks_build_expect(struct ks_build *build, struct ks_node *map, struct ks_expect *expect)
{
    expect->given = true;
    expect->place = map->place;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad || value->key_index < 0) {
            continue;
        }
        struct slot slot = slots[value->key_index];
        char *base = (char *)expect;
        enum ks_list_mode plain =
            value->key_index == KS_EXPECT_EVENTS ? KS_LIST_ORDERED : KS_LIST_EXACT;
        if (slot.list != 0) {
            struct ks_list list = build_list(build, value, plain);
            memcpy(base + slot.list, &list, sizeof list);
        } else if (slot.map != 0) {
            struct ks_map result = build_map(build, value);
            memcpy(base + slot.map, &result, sizeof result);
        } else {
            build_single(build, value, expect);
        }
    }
}
