// SPDX-License-Identifier: MIT
#include "symbols/cursor.h"

#include <string.h>

struct ks_cursor ks_cursor_from(const struct ks_cursor_part *part, uint64_t offset)
{
    struct ks_cursor cursor = {part->bytes, part->bytes, true};
    if (part->bytes != NULL && offset <= part->size) {
        cursor.at = part->bytes + offset;
        cursor.end = part->bytes + part->size;
        cursor.failed = false;
    }
    return cursor;
}

bool ks_cursor_has(struct ks_cursor *cursor, uint64_t size)
{
    if (!cursor->failed && size > (uint64_t)(cursor->end - cursor->at)) {
        cursor->failed = true;
    }
    return !cursor->failed;
}

struct ks_cursor ks_cursor_take(struct ks_cursor *cursor, uint64_t size)
{
    struct ks_cursor taken = {cursor->at, cursor->at, true};
    if (ks_cursor_has(cursor, size)) {
        taken.end = cursor->at + size;
        taken.failed = false;
        cursor->at += size;
    }
    return taken;
}

uint64_t ks_cursor_number(struct ks_cursor *cursor, unsigned size)
{
    uint64_t number = 0;
    if (!ks_cursor_has(cursor, size)) {
        return 0;
    }
    for (unsigned i = 0; i < size; i++) {
        number |= (uint64_t)cursor->at[i] << (8 * i);
    }
    cursor->at += size;
    return number;
}

uint64_t ks_cursor_uleb(struct ks_cursor *cursor)
{
    uint64_t number = 0;
    uint8_t byte = 0x80;
    for (unsigned shift = 0; (byte & 0x80) != 0 && ks_cursor_has(cursor, 1); shift += 7) {
        byte = *cursor->at++;
        number |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
    }
    return cursor->failed ? 0 : number;
}

int64_t ks_cursor_sleb(struct ks_cursor *cursor)
{
    uint64_t number = 0;
    uint8_t byte = 0x80;
    unsigned shift = 0;
    for (; (byte & 0x80) != 0 && ks_cursor_has(cursor, 1); shift += 7) {
        byte = *cursor->at++;
        number |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
    }
    if ((byte & 0x40) != 0 && shift < 64) {
        number |= ~UINT64_C(0) << shift;
    }
    return cursor->failed ? 0 : (int64_t)number;
}

void ks_cursor_skip(struct ks_cursor *cursor, uint64_t size)
{
    if (ks_cursor_has(cursor, size)) {
        cursor->at += size;
    }
}

const char *ks_cursor_string(struct ks_cursor *cursor)
{
    const uint8_t *begin = cursor->at;
    const uint8_t *end =
        cursor->failed ? NULL : memchr(begin, 0, (size_t)(cursor->end - cursor->at));
    if (end == NULL) {
        cursor->failed = true;
        return "";
    }
    cursor->at = end + 1;
    return (const char *)begin;
}

const char *ks_cursor_string_at(const struct ks_cursor_part *part, uint64_t offset)
{
    struct ks_cursor cursor = ks_cursor_from(part, offset);
    const char *text = ks_cursor_string(&cursor);
    return cursor.failed ? NULL : text;
}

const char *ks_cursor_base_name(const char *path)
{
    const char *base = path;
    for (const char *at = path; at != NULL && *at != '\0'; at++) {
        base = *at == '/' || *at == '\\' ? at + 1 : base;
    }
    return base == NULL || *base == '\0' ? NULL : base;
}
