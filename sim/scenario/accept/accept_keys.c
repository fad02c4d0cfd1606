// SPDX-License-Identifier: MIT
// The values of an expectation by the name of their key; see accept_keys.h.
#include "scenario/accept/accept_keys.h"

#include <stddef.h>
#include <string.h>

#define NO_MAP SIZE_MAX

// For each key of an expectation: where its place is, and its map if it is one.
static const struct key {
    const char *name;
    size_t place;
    size_t map;
} keys[] = {
#define SCALAR(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct ks_expect, name.place), NO_MAP                                      \
    }
#define MAP(name)                                                                                  \
    {                                                                                              \
#name, offsetof(struct ks_expect, name.place), offsetof(struct ks_expect, name)            \
    }
    SCALAR(status),
    SCALAR(calls),
    SCALAR(events),
    SCALAR(printed),
    SCALAR(modules),
    SCALAR(unloaded),
    SCALAR(ring),
    SCALAR(opened),
    SCALAR(log),
    SCALAR(missing),
    SCALAR(findings),
    SCALAR(notified),
    MAP(counts),
    MAP(imports),
    MAP(state),
    MAP(argument),
    MAP(bound),
    MAP(device_stack),
    MAP(devices),
    MAP(pool),
    MAP(objects),
    SCALAR(information),
    SCALAR(bytes),
    SCALAR(irql),
    SCALAR(port_writes),
    SCALAR(result),
    SCALAR(module),
    SCALAR(bugcheck),
#undef SCALAR
#undef MAP
    {"found", offsetof(struct ks_expect, found_place), NO_MAP},
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static const struct ks_place *place_of(const struct ks_expect *expect, const struct key *key)
{
    const char *base = (const char *)expect;
    const struct ks_place *place = (const struct ks_place *)(const void *)(base + key->place);

    return place->end > place->begin ? place : NULL;
}

static const struct key *find_key(const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

bool ks_accept_keys_inside(const struct ks_place *inner, const struct ks_place *outer)
{
    return inner->begin >= outer->begin && inner->end <= outer->end;
}

const struct ks_place *ks_accept_keys_place(const struct ks_expect *expect, const char *key)
{
    const struct key *found = find_key(key);

    return found != NULL ? place_of(expect, found) : NULL;
}

size_t ks_accept_keys_last_end(const struct ks_expect *expect, const struct ks_place *within)
{
    size_t end = 0;

    for (size_t i = 0; i < KEY_COUNT; i++) {
        const struct ks_place *place = place_of(expect, &keys[i]);

        if (place != NULL && ks_accept_keys_inside(place, within) && place->end > end) {
            end = place->end;
        }
    }
    return end;
}

// ---- flow style ----

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Plain only where no reader could take it for anything but the text itself.
static bool is_plain(const char *text)
{
    const char *first = text[0] == '-' ? text + 1 : text;

    if (!is_alphanumeric(first[0]) && (first != text || strchr("_\\$", first[0]) == NULL)) {
        return false;
    }
    for (const char *c = first; *c != '\0'; c++) {
        if (!is_alphanumeric(*c) && strchr("_.!\\+-$@/%#", *c) == NULL) {
            return false;
        }
    }
    return first[0] != '\0';
}

static void add_scalar(struct ks_text_buffer *out, const char *text)
{
    if (is_plain(text)) {
        ks_text_buffer_text(out, text);
        return;
    }
    ks_text_buffer_text(out, "'");
    for (const char *c = text; *c != '\0'; c++) {
        ks_text_buffer_bytes(out, c, 1);
        if (*c == '\'') {
            ks_text_buffer_text(out, "'");
        }
    }
    ks_text_buffer_text(out, "'");
}

static void add_value(struct ks_text_buffer *out, const struct ks_pair *pair)
{
    static const char *const wrappers[] = {
        [KS_LIST_CONTAINS] = "{contains: ",
        [KS_LIST_ORDERED] = "{ordered: ",
        [KS_LIST_NONE_OF] = "{none_of: ",
    };

    if (pair->is_map) {
        for (size_t i = 0; i < pair->pair_count; i++) {
            ks_text_buffer_text(out, i == 0 ? "{" : ", ");
            add_scalar(out, pair->pairs[i].name);
            ks_text_buffer_text(out, ": ");
            add_scalar(out, pair->pairs[i].text);
        }
        ks_text_buffer_text(out, pair->pair_count == 0 ? "{}" : "}");
        return;
    }
    if (!pair->is_list) {
        add_scalar(out, pair->text);
        return;
    }
    ks_text_buffer_text(out, pair->list_mode != KS_LIST_EXACT ? wrappers[pair->list_mode] : "");
    ks_text_buffer_text(out, "[");
    for (size_t i = 0; i < pair->list_count; i++) {
        ks_text_buffer_text(out, i != 0 ? ", " : "");
        add_scalar(out, pair->list[i]);
    }
    ks_text_buffer_text(out, pair->list_mode != KS_LIST_EXACT ? "]}" : "]");
}

static const struct ks_accept_edit *edit_of(const struct ks_pair *pair,
                                            const struct ks_accept_edit *const *edits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (edits[i]->place.begin == pair->place.begin) {
            return edits[i];
        }
    }
    return NULL;
}

static bool render_map(struct ks_text_buffer *out, const struct ks_map *map,
                       const struct ks_accept_edit *const *edits, size_t edit_count)
{
    size_t used = 0;

    for (size_t i = 0; i < map->pair_count; i++) {
        const struct ks_pair *pair = &map->pairs[i];
        const struct ks_accept_edit *edit = edit_of(pair, edits, edit_count);

        ks_text_buffer_text(out, i == 0 ? "{ " : ", ");
        add_scalar(out, pair->name);
        ks_text_buffer_text(out, ": ");
        if (edit != NULL) {
            ks_text_buffer_text(out, edit->text);
            used++;
        } else {
            add_value(out, pair);
        }
    }
    ks_text_buffer_text(out, " }");
    return used == edit_count;
}

bool ks_accept_keys_render(struct ks_text_buffer *out, const struct ks_expect *expect,
                           const char *key, const struct ks_accept_edit *const *edits,
                           size_t edit_count)
{
    const struct key *found = find_key(key);

    if (found == NULL || edit_count == 0) {
        return false;
    }
    if (edits[0]->subkey == NULL) {
        ks_text_buffer_text(out, edits[0]->text);
        return edit_count == 1;
    }
    if (found->map == NO_MAP) {
        return false;
    }
    return render_map(out, (const struct ks_map *)(const void *)((const char *)expect + found->map),
                      edits, edit_count);
}
