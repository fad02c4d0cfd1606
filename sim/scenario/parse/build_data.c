// SPDX-License-Identifier: MIT
// Bytes that a scenario writes down. All but files of the host are made here; those are read when a
// scenario runs.
#include "scenario/format/scalar.h"
#include "scenario/parse/build.h"

#include <string.h>

// ---- texts and numbers ----

static struct ks_piece bytes_piece(const uint8_t *bytes, size_t size)
{
    return (struct ks_piece){.kind = KS_PIECE_BYTES, .bytes = bytes, .size = size};
}

static struct ks_piece hex_piece(struct ks_build *build, const struct ks_node *node)
{
    uint8_t *bytes = ks_arena_take(build->arena, node->length / 2 + 1, 1);
    size_t size = 0;
    for (const char *c = node->text; *c != '\0'; c += c[0] == ' ' ? 1 : 2) {
        if (c[0] != ' ') {
            bytes[size++] = (uint8_t)(ks_scalar_hex_digit(c[0]) << 4 | ks_scalar_hex_digit(c[1]));
        }
    }
    return bytes_piece(bytes, size);
}

// One character of a text in UTF-8, which the YAML reader has checked; *at moves behind it.
static uint32_t next_character(const unsigned char **at)
{
    const unsigned char *c = *at;
    unsigned more = c[0] < 0x80 ? 0 : c[0] < 0xE0 ? 1 : c[0] < 0xF0 ? 2 : 3;
    uint32_t value = more == 0 ? c[0] : c[0] & (0x3Fu >> more);
    for (unsigned i = 1; i <= more; i++) {
        value = value << 6 | (c[i] & 0x3Fu);
    }
    *at = c + more + 1;
    return value;
}

static size_t put_wide(uint8_t *to, uint32_t unit)
{
    to[0] = (uint8_t)unit;
    to[1] = (uint8_t)(unit >> 8);
    return 2;
}

size_t ks_build_wide(const char *text, size_t length, uint8_t *out_bytes)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + length;
    size_t size = 0;
    while (at < end) {
        uint32_t value = next_character(&at);
        if (value >= 0x10000) {
            size += put_wide(out_bytes + size, 0xD800 + ((value - 0x10000) >> 10));
            value = 0xDC00 + ((value - 0x10000) & 0x3FF);
        }
        size += put_wide(out_bytes + size, value);
    }
    return size;
}

static struct ks_piece wide_piece(struct ks_build *build, const struct ks_node *node)
{
    uint8_t *bytes = ks_arena_take(build->arena, 2 * node->length + 1, 1);
    return bytes_piece(bytes, ks_build_wide(node->text, node->length, bytes));
}

static void put_number(uint8_t *bytes, size_t size, const struct ks_node *node)
{
    uint64_t number = ks_build_number(node);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(number >> (8 * i));
    }
}

static struct ks_piece numbers_piece(struct ks_build *build, const struct ks_node *node,
                                     size_t size)
{
    uint8_t *bytes = ks_arena_take(build->arena, node->count + 1, size);
    size_t count = 0;
    if (node->kind == KS_NODE_SCALAR) {
        put_number(bytes, size, node);
        return bytes_piece(bytes, size);
    }
    for (const struct ks_node *item = node->first; item != NULL; item = item->next) {
        if (!item->bad) {
            put_number(bytes + size * count++, size, item);
        }
    }
    return bytes_piece(bytes, size * count);
}

// ---- pieces ----

static void build_piece(struct ks_build *build, const struct ks_node *map, struct ks_piece *piece)
{
    size_t length = 0;
    for (const struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_PIECE_KEY_TEXT:
            *piece = bytes_piece((const uint8_t *)value->text, value->length);
            break;
        case KS_PIECE_KEY_WIDE:
            *piece = wide_piece(build, value);
            break;
        case KS_PIECE_KEY_U16:
        case KS_PIECE_KEY_U32:
        case KS_PIECE_KEY_U64:
            *piece =
                numbers_piece(build, value, (size_t)2 << (value->key_index - KS_PIECE_KEY_U16));
            break;
        case KS_PIECE_KEY_FILL:
            *piece =
                (struct ks_piece){.kind = KS_PIECE_FILL, .fill = (uint8_t)ks_build_number(value)};
            break;
        case KS_PIECE_KEY_LENGTH:
            length = (size_t)ks_build_number(value);
            break;
        case KS_PIECE_KEY_FILE:
            *piece = (struct ks_piece){.kind = KS_PIECE_FILE, .file = {value->text, value->place}};
            break;
        }
    }
    piece->size = piece->kind == KS_PIECE_FILL ? length : piece->size;
}

static void build_item(struct ks_build *build, const struct ks_node *item, struct ks_piece *piece)
{
    if (item->kind == KS_NODE_MAP) {
        build_piece(build, item, piece);
    } else {
        *piece = numbers_piece(build, item, 1);
    }
}

static void note_file(struct ks_build *build, const struct ks_data *data)
{
    bool file = false;
    for (size_t i = 0; i < data->piece_count; i++) {
        file = file || data->pieces[i].kind == KS_PIECE_FILE;
    }
    if (file) {
        struct ks_built_data *built = ks_arena_take(build->arena, 1, sizeof *built);
        *built = (struct ks_built_data){.data = *data};
        *build->last_file_data = built;
        build->last_file_data = &built->next;
    }
}

struct ks_data ks_build_data(struct ks_build *build, const struct ks_node *node)
{
    struct ks_data data = {.given = true, .place = node->place};
    size_t room = node->count + 1; // never 0: pieces tell data apart
    struct ks_piece *pieces = ks_arena_take(build->arena, room, sizeof *pieces);
    data.pieces = pieces;
    if (node->kind == KS_NODE_SCALAR) {
        pieces[data.piece_count++] = hex_piece(build, node);
    } else if (node->kind == KS_NODE_MAP) {
        build_piece(build, node, &pieces[data.piece_count++]);
    } else {
        for (const struct ks_node *item = node->first; item != NULL; item = item->next) {
            if (!item->bad) {
                build_item(build, item, &pieces[data.piece_count++]);
            }
        }
    }
    note_file(build, &data);
    return data;
}

// ---- expected bytes ----

static void build_at(struct ks_build *build, const struct ks_node *map,
                     struct ks_expect_bytes *expect)
{
    struct ks_bytes_at *at = ks_arena_take(build->arena, map->count, sizeof *at);
    expect->mode = KS_BYTES_AT;
    expect->at = at;
    for (const struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad) {
            at[expect->at_count++] =
                (struct ks_bytes_at){ks_build_number(value->key), ks_build_data(build, value)};
        }
    }
}

struct ks_expect_bytes ks_build_expect_bytes(struct ks_build *build, const struct ks_node *node)
{
    struct ks_expect_bytes expect = {.given = true, .place = node->place};
    const struct ks_node *wrapped = node->kind == KS_NODE_MAP ? node->first : NULL;
    if (wrapped != NULL && wrapped->key_index == KS_PIECE_KEY_AT && !wrapped->bad) {
        build_at(build, wrapped, &expect);
    } else if (wrapped != NULL && wrapped->key_index == KS_PIECE_KEY_CONTAINS && !wrapped->bad) {
        expect.mode = KS_BYTES_CONTAINS;
        expect.data = ks_build_data(build, wrapped);
    } else {
        expect.data = ks_build_data(build, node);
    }
    return expect;
}

void ks_build_expect_files(struct ks_build *build, const struct ks_node *map,
                           struct ks_expect *expect)
{
    struct ks_expect_file *files = ks_arena_take(build->arena, map->count, sizeof *files);
    expect->files = files;
    expect->file_count = 0; // of another map that this one replaces
    for (const struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad || value->key->bad) {
            continue;
        }
        bool absent = value->kind == KS_NODE_SCALAR && strcmp(value->text, "absent") == 0;
        struct ks_expect_file *file = &files[expect->file_count++];
        *file = (struct ks_expect_file){value->key->text, value->place, absent, {0}};
        if (!absent) {
            file->bytes = ks_build_expect_bytes(build, value);
        }
    }
}
