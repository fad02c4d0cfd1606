// SPDX-License-Identifier: MIT
// Routines: a status, a list with one entry for each call, or a map.
#include "scenario/parse/build.h"

#include <string.h>

static void build_entry_key(struct ks_build *build, struct ks_node *value,
                            struct ks_routine_entry *entry)
{
    switch (value->key_index) {
    case KS_ROUTINE_RAISE:
        entry->has_raise = true;
        entry->raise_code = ks_build_status(value);
        break;
    case KS_ROUTINE_DO:
        build->routine_depth++;
        ks_build_steps(build, value, &entry->steps, &entry->step_count);
        build->routine_depth--;
        break;
    case KS_ROUTINE_KEEP_ARGUMENT:
        entry->keep_argument = ks_build_boolean(value);
        break;
    case KS_ROUTINE_QUEUE:
        entry->queue = value->text;
        break;
    case KS_ROUTINE_INFORMATION:
        entry->has_information = true;
        entry->information = ks_build_number(value);
        break;
    case KS_ROUTINE_BYTES:
        entry->bytes = ks_build_data(build, value);
        break;
    case KS_ROUTINE_PASS_DOWN:
        entry->pass_down = ks_build_boolean(value);
        break;
    }
}

static void set_result(struct ks_routine_entry *entry, const struct ks_node *value, int key)
{
    if (key == KS_ROUTINE_STATUS) {
        entry->status = ks_build_status(value);
    } else {
        entry->has_returns = true;
        entry->returns = ks_build_number(value);
    }
}

// The key that says what is returned, or NULL.
static struct ks_node *find_result(struct ks_node *map)
{
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad &&
            (value->key_index == KS_ROUTINE_STATUS || value->key_index == KS_ROUTINE_RETURNS)) {
            return value;
        }
    }
    return NULL;
}

static void build_entry(struct ks_build *build, struct ks_node *node,
                        struct ks_routine_entry *entry)
{
    entry->place = node->place;
    if (node->kind == KS_NODE_SCALAR) {
        entry->status = ks_build_status(node);
        return;
    }
    for (struct ks_node *value = node->first; value != NULL; value = value->next) {
        if (!value->bad) {
            build_entry_key(build, value, entry);
        }
    }
    struct ks_node *result = find_result(node);
    if (result != NULL && result->kind == KS_NODE_SCALAR) {
        set_result(entry, result, result->key_index);
    }
}

static void build_list(struct ks_build *build, struct ks_node *list, struct ks_routine *routine)
{
    struct ks_routine_entry *entries = ks_arena_take(build->arena, list->count, sizeof *entries);
    routine->entries = entries;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            build_entry(build, item, &entries[routine->entry_count++]);
        }
    }
}

// A map whose status or result is a list: one entry for each, alike in everything else.
static void build_map(struct ks_build *build, struct ks_node *map, struct ks_routine *routine)
{
    struct ks_node *result = find_result(map);
    bool list = result != NULL && result->kind == KS_NODE_LIST && result->count > 0;
    size_t count = list ? result->count : 1;
    struct ks_routine_entry *entries = ks_arena_take(build->arena, count, sizeof *entries);
    routine->entries = entries;
    build_entry(build, map, &entries[0]);
    struct ks_node *item = list ? result->first : NULL;
    for (; item != NULL; item = item->next) {
        if (!item->bad) {
            struct ks_routine_entry *entry = &entries[routine->entry_count++];
            *entry = entries[0];
            set_result(entry, item, result->key_index);
        }
    }
    routine->entry_count = list ? routine->entry_count : 1;
}

static void build_export(struct ks_node *map, struct ks_routine *routine)
{
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_ROUTINE_ACROSS_LOADS:
            routine->across_loads = ks_build_boolean(value);
            break;
        case KS_ROUTINE_EXPORT_AS:
            routine->export_as = value->text;
            break;
        case KS_ROUTINE_FORWARD:
            routine->forward = value->text;
            break;
        }
    }
}

void ks_build_routine(struct ks_build *build, struct ks_node *node, struct ks_routine *out_routine)
{
    struct ks_routine routine = {.place = node->place};
    if (node->kind == KS_NODE_LIST) {
        build_list(build, node, &routine);
    } else if (node->kind == KS_NODE_MAP) {
        build_map(build, node, &routine);
        build_export(node, &routine);
    } else if (strcmp(node->text, "absent") == 0) {
        routine.absent = true;
    } else {
        struct ks_routine_entry *entry = ks_arena_take(build->arena, 1, sizeof *entry);
        build_entry(build, node, entry);
        routine.entries = entry;
        routine.entry_count = 1;
    }
    *out_routine = routine;
}
