// SPDX-License-Identifier: MIT
// set_registry: what is written becomes the bytes that the registry holds. Whether data fit their
// type can be told only when both are known.
#include "scenario/format/scalar.h"
#include "scenario/parse/build.h"

#include <string.h>

enum {
    REG_SZ = 1,
    REG_EXPAND_SZ = 2,
    REG_BINARY = 3,
    REG_DWORD = 4,
    REG_MULTI_SZ = 7,
    REG_QWORD = 11
};

static void refuse(struct ks_build *build, struct ks_node *node, const char *what)
{
    ks_diagnose(build->parse, KS_DIAGNOSTIC_REFERENCE, node, NULL, "%s", what);
}

static struct ks_data one_piece(struct ks_build *build, const struct ks_node *node,
                                const uint8_t *bytes, size_t size)
{
    struct ks_piece *piece = ks_arena_take(build->arena, 1, sizeof *piece);
    *piece = (struct ks_piece){.kind = KS_PIECE_BYTES, .bytes = bytes, .size = size};
    return (struct ks_data){.given = true, .place = node->place, .pieces = piece, .piece_count = 1};
}

static struct ks_data number_of(struct ks_build *build, struct ks_node *node, size_t size)
{
    uint64_t number = 0;
    uint8_t *bytes = ks_arena_take(build->arena, size, 1);
    if (node->kind != KS_NODE_SCALAR || !ks_scalar_number(node->text, &number) ||
        (size == 4 && number > UINT32_MAX)) {
        refuse(build, node,
               size == 4 ? "REG_DWORD takes a number of 32 bits"
                         : "REG_QWORD takes a number of 64 bits");
    }
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(number >> (8 * i));
    }
    return one_piece(build, node, bytes, size);
}

// The text and the zero behind it.
static size_t put_text(const struct ks_node *node, uint8_t *bytes)
{
    size_t size = ks_build_wide(node->text, node->length, bytes);
    bytes[size] = bytes[size + 1] = 0;
    return size + 2;
}

static struct ks_data text_of(struct ks_build *build, struct ks_node *node)
{
    if (node->kind != KS_NODE_SCALAR) {
        refuse(build, node, "REG_SZ and REG_EXPAND_SZ take a text");
        return (struct ks_data){0};
    }
    uint8_t *bytes = ks_arena_take(build->arena, 2 * node->length + 2, 1);
    return one_piece(build, node, bytes, put_text(node, bytes));
}

static struct ks_data texts_of(struct ks_build *build, struct ks_node *list)
{
    size_t room = 2, size = 0;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        room += item->kind == KS_NODE_SCALAR ? 2 * item->length + 2 : 0;
    }
    uint8_t *bytes = ks_arena_take(build->arena, room, 1);
    if (list->kind != KS_NODE_LIST) {
        refuse(build, list, "REG_MULTI_SZ takes a list of texts");
    }
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (item->bad) {
            continue;
        }
        if (item->kind != KS_NODE_SCALAR || item->length == 0) {
            refuse(build, item, "REG_MULTI_SZ takes texts that are not empty");
        } else {
            size += put_text(item, bytes + size);
        }
    }
    bytes[size] = bytes[size + 1] = 0;
    return one_piece(build, list, bytes, size + 2);
}

static bool is_bytes(const struct ks_node *node)
{
    const char *why;
    size_t at;
    uint64_t number;
    if (node->kind == KS_NODE_SCALAR) {
        return node->length > 0 && ks_scalar_fits_hex(node->text, node->length, &why, &at);
    }
    bool good = true;
    for (const struct ks_node *item = node->first; node->kind == KS_NODE_LIST && item != NULL;
         item = item->next) {
        good = good && (item->kind != KS_NODE_SCALAR || item->bad ||
                        (ks_scalar_number(item->text, &number) && number <= UINT8_MAX));
    }
    return good;
}

static struct ks_data binary_of(struct ks_build *build, struct ks_node *node)
{
    if (!is_bytes(node)) {
        refuse(build, node,
               "REG_BINARY takes hexadecimal digits in pairs, or a list of bytes and pieces");
        return (struct ks_data){0};
    }
    return ks_build_data(build, node);
}

static uint32_t default_type(const struct ks_node *node)
{
    uint64_t number;
    bool texts = node->kind == KS_NODE_LIST;
    for (const struct ks_node *item = node->first; texts && item != NULL; item = item->next) {
        texts = item->kind == KS_NODE_SCALAR;
    }
    if (node->kind == KS_NODE_SCALAR) {
        return ks_scalar_number(node->text, &number) ? REG_DWORD : REG_SZ;
    }
    return texts ? REG_MULTI_SZ : REG_BINARY;
}

static struct ks_data data_of(struct ks_build *build, struct ks_node *node, uint32_t type)
{
    switch (type) {
    case REG_SZ:
    case REG_EXPAND_SZ:
        return text_of(build, node);
    case REG_MULTI_SZ:
        return texts_of(build, node);
    case REG_BINARY:
        return binary_of(build, node);
    default:
        return number_of(build, node, type == REG_QWORD ? 8 : 4);
    }
}

void ks_build_registry(struct ks_build *build, struct ks_node *map,
                       struct ks_step_registry *registry)
{
    struct ks_node *data = NULL;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_REGISTRY_SERVICE:
            registry->service = value->text;
            registry->service_place = value->place;
            break;
        case KS_REGISTRY_KEY:
            registry->key = value->text;
            break;
        case KS_REGISTRY_VALUE:
            registry->value = value->text;
            break;
        case KS_REGISTRY_TYPE:
            registry->type = ks_irp_words_registry(value->text);
            break;
        case KS_REGISTRY_DATA:
            data = value;
            break;
        case KS_REGISTRY_ABSENT:
            registry->absent = ks_build_boolean(value);
            break;
        }
    }
    if (data != NULL) {
        registry->type = registry->type != 0 ? registry->type : default_type(data);
        registry->data = data_of(build, data, registry->type);
    }
}
