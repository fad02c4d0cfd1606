// SPDX-License-Identifier: MIT
// A reader over the words of one entry.
#include "scenario/parse/def_export.h"

#include <string.h>

struct cursor {
    const char *text;
    size_t length, at;
    const char *why; // set when something is wrong at `at`
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->at < cursor->length && is_blank(cursor->text[cursor->at])) {
        cursor->at++;
    }
}

// The end of the word that begins here. A `=` ends a word as well.
static size_t word_end(const struct cursor *cursor)
{
    size_t end = cursor->at;
    while (end < cursor->length && !is_blank(cursor->text[end]) && cursor->text[end] != '=') {
        end++;
    }
    return end;
}

static bool fail(struct cursor *cursor, size_t at, const char *why)
{
    cursor->at = at;
    cursor->why = why;
    return false;
}

static bool take_word(struct cursor *cursor, const char *word)
{
    size_t end = word_end(cursor);
    if (end - cursor->at != strlen(word) ||
        memcmp(cursor->text + cursor->at, word, end - cursor->at) != 0) {
        return false;
    }
    cursor->at = end;
    skip_blanks(cursor);
    return true;
}

static bool is_ordinal_word(const char *text, size_t length)
{
    size_t digits = 1;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9') {
        digits++;
    }
    return length > 0 && text[0] == '@' && digits == length;
}

static bool read_name(struct cursor *cursor, struct ks_def_export *export)
{
    size_t end = word_end(cursor);
    export->name = cursor->at;
    export->name_length = end - cursor->at;
    if (export->name_length == 0) {
        return fail(cursor, cursor->at, "a name is missing");
    }
    if (cursor->text[cursor->at] == '#' ||
        is_ordinal_word(cursor->text + cursor->at, export->name_length)) {
        return fail(cursor, cursor->at, "an entry begins with a name, the ordinal follows as @7");
    }
    cursor->at = end;
    skip_blanks(cursor);
    return true;
}

bool ks_def_export_check_forwarder(const char *text, size_t length, const char **out_why,
                                   size_t *out_at)
{
    const char *dot = memchr(text, '.', length);
    for (size_t i = 0; i < length; i++) {
        if (is_blank(text[i]) || text[i] == '=') {
            *out_why = "a forwarder is one word: module.Function";
            *out_at = i;
            return false;
        }
    }
    *out_why = "a forwarder names a module and a function: module.Function";
    *out_at = 0;
    return dot != NULL && dot != text && dot + 1 != text + length;
}

static bool read_forwarder(struct cursor *cursor, struct ks_def_export *export)
{
    if (cursor->at >= cursor->length || cursor->text[cursor->at] != '=') {
        return true;
    }
    cursor->at++;
    skip_blanks(cursor);
    size_t end = word_end(cursor);
    size_t wrong = 0;
    const char *why = NULL;
    export->forwarder = cursor->at;
    export->forwarder_length = end - cursor->at;
    if (!ks_def_export_check_forwarder(cursor->text + cursor->at, end - cursor->at, &why, &wrong)) {
        return fail(cursor, cursor->at + wrong, why);
    }
    cursor->at = end;
    skip_blanks(cursor);
    return true;
}

static bool read_ordinal(struct cursor *cursor, struct ks_def_export *export)
{
    if (cursor->at >= cursor->length || cursor->text[cursor->at] != '@') {
        return true;
    }
    size_t at = cursor->at++;
    skip_blanks(cursor);
    uint32_t ordinal = 0;
    size_t end = word_end(cursor);
    for (size_t i = cursor->at; i < end; i++) {
        char c = cursor->text[i];
        if (c < '0' || c > '9') {
            return fail(cursor, i, "the ordinal behind @ is a decimal number");
        }
        ordinal = ordinal > UINT16_MAX ? ordinal : ordinal * 10 + (uint32_t)(c - '0');
    }
    if (ordinal == 0 || ordinal > UINT16_MAX) {
        return fail(cursor, at, "an ordinal is a number from 1 to 65535");
    }
    export->ordinal = ordinal;
    cursor->at = end;
    skip_blanks(cursor);
    export->noname = take_word(cursor, "NONAME");
    return true;
}

static bool read_attributes(struct cursor *cursor, struct ks_def_export *export)
{
    for (;;) {
        if (!export->data && take_word(cursor, "DATA")) {
            export->data = true;
        } else if (!export->private_ && take_word(cursor, "PRIVATE")) {
            export->private_ = true;
        } else {
            return cursor->at == cursor->length;
        }
    }
}

static bool explain_rest(struct cursor *cursor, const struct ks_def_export *export)
{
    const char *rest = cursor->text + cursor->at;
    if (*rest == '@') {
        return fail(cursor, cursor->at, "the ordinal stands before DATA and PRIVATE, and once");
    }
    if (*rest == '=') {
        return fail(cursor, cursor->at, "a forwarder stands right behind the name");
    }
    if (strncmp(rest, "NONAME", 6) == 0 && export->ordinal == 0) {
        return fail(cursor, cursor->at, "NONAME needs an ordinal before it");
    }
    return fail(cursor, cursor->at, "expected the end, @ordinal, NONAME, DATA or PRIVATE");
}

bool ks_def_export_parse(const char *text, size_t length, struct ks_def_export *out_export,
                         const char **out_why, size_t *out_at)
{
    struct cursor cursor = {.text = text, .length = length};
    struct ks_def_export export = {0};
    skip_blanks(&cursor);
    bool good = read_name(&cursor, &export) && read_forwarder(&cursor, &export) &&
                read_ordinal(&cursor, &export);
    if (good && !read_attributes(&cursor, &export)) {
        good = explain_rest(&cursor, &export);
    }
    if (!good) {
        *out_why = cursor.why;
        *out_at = cursor.at;
        return false;
    }
    *out_export = export;
    return true;
}
