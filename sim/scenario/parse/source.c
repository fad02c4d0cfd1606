// SPDX-License-Identifier: MIT
// Marks move forward except for ends, so the walk from the last place looked up is short.
#include "scenario/parse/source.h"

#include <string.h>

static bool is_ascii(const char *text, size_t size)
{
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            return false;
        }
    }
    for (; i < size; i++) {
        if (((unsigned char)text[i] & 0x80) != 0) {
            return false;
        }
    }
    return true;
}

void ks_source_init(struct ks_source *source, const char *text, size_t size)
{
    size_t start = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    *source = (struct ks_source){
        .text = text,
        .size = size,
        .start = start,
        .ascii = is_ascii(text + start, size - start),
        .byte = start,
        .line = SIZE_MAX,
    };
}

static bool continues_character(const struct ks_source *source, size_t byte)
{
    return byte < source->size && ((unsigned char)source->text[byte] & 0xC0) == 0x80;
}

size_t ks_source_offset(struct ks_source *source, size_t index)
{
    if (source->ascii) {
        return index < source->size - source->start ? source->start + index : source->size;
    }
    while (source->character < index && source->byte < source->size) {
        do {
            source->byte++;
        } while (continues_character(source, source->byte));
        source->character++;
    }
    while (source->character > index && source->byte > source->start) {
        do {
            source->byte--;
        } while (source->byte > source->start && continues_character(source, source->byte));
        source->character--;
    }
    return source->byte;
}

struct ks_place ks_source_place(struct ks_source *source, size_t index, size_t line, size_t column)
{
    size_t begin = ks_source_offset(source, index);
    size_t bytes = column;
    if (!source->ascii) {
        if (source->line != line) {
            source->line = line;
            source->line_start = ks_source_offset(source, index - column);
            ks_source_offset(source, index);
        }
        bytes = begin - source->line_start;
    }
    return (struct ks_place){(uint32_t)line + 1, (uint32_t)bytes + 1, begin, begin};
}

struct ks_place ks_source_place_at(const struct ks_source *source, size_t offset)
{
    struct ks_place place = {1, 1, offset, offset};
    size_t line_start = source->start;
    for (size_t i = source->start; i < offset && i < source->size; i++) {
        char c = source->text[i];
        if (c == '\n' || (c == '\r' && !(i + 1 < source->size && source->text[i + 1] == '\n'))) {
            place.line++;
            line_start = i + 1;
        }
    }
    place.column = offset > line_start ? (uint32_t)(offset - line_start) + 1 : 1;
    return place;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

// An ordinary comment has a blank, another `#` or nothing behind its `#`.
static bool is_comment_sign(const struct ks_source *source, size_t offset)
{
    return offset + 1 >= source->size || is_blank(source->text[offset + 1]) ||
           is_break(source->text[offset + 1]) || source->text[offset + 1] == '#';
}

size_t ks_source_cut(const struct ks_source *source, size_t offset)
{
    size_t i = offset;
    while (i < source->size && is_blank(source->text[i])) {
        i++;
    }
    if (i == offset || i >= source->size || source->text[i] != '#') {
        return 0;
    }
    return is_comment_sign(source, i) ? 0 : i;
}

static size_t find_cut_in_line(const struct ks_source *source, size_t begin, size_t end)
{
    bool some_text = false;
    char quote = '\0';
    for (size_t i = begin; i < end; i++) {
        char c = source->text[i];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '#' && some_text && strchr(" \t[{,", source->text[i - 1]) != NULL) {
            return is_comment_sign(source, i) ? 0 : i;
        } else if ((c == '"' || c == '\'') && i > begin &&
                   strchr(" \t[{,:", source->text[i - 1]) != NULL) {
            quote = c;
        }
        some_text = some_text || !is_blank(c);
    }
    return 0;
}

size_t ks_source_find_cut(const struct ks_source *source, size_t begin, size_t end)
{
    for (size_t line = ks_source_line_begin(source, begin); line < end && line < source->size;) {
        size_t line_end = ks_source_line_end(source, line);
        size_t cut = find_cut_in_line(source, line, line_end);
        if (cut != 0) {
            return cut;
        }
        line = line_end + 1;
    }
    return 0;
}

size_t ks_source_line_begin(const struct ks_source *source, size_t offset)
{
    size_t i = offset < source->size ? offset : source->size;
    while (i > source->start && !is_break(source->text[i - 1])) {
        i--;
    }
    return i;
}

size_t ks_source_line_end(const struct ks_source *source, size_t offset)
{
    size_t i = offset;
    while (i < source->size && !is_break(source->text[i])) {
        i++;
    }
    return i;
}
