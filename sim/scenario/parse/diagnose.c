// SPDX-License-Identifier: MIT
// Diagnostics are rare, so nothing here is kept ready: key paths and texts are made when asked for.
#include "scenario/parse/diagnose.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 60 // bytes of a file's text that a message shows

static const char *format_text(struct ks_parse *parse, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = ks_arena_take(parse->arena, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

const char *ks_diagnose_text(struct ks_parse *parse, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_text(parse, format, arguments);
    va_end(arguments);
    return text;
}

static void add(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_place place,
                const char *key_path, const char *advice, const char *message)
{
    if (parse->diagnostics == NULL) {
        parse->diagnostics =
            ks_arena_take(parse->arena, KS_DIAGNOSTICS_MAX, sizeof *parse->diagnostics);
    }
    parse->diagnostics[parse->diagnostic_count++] = (struct ks_diagnostic){
        .kind = kind,
        .place = place,
        .key_path = key_path,
        .message = message,
        .advice = advice == NULL ? "" : advice,
    };
}

// Whether another diagnostic is wanted.
static bool has_room(struct ks_parse *parse)
{
    parse->truncated = parse->truncated || parse->diagnostic_count == KS_DIAGNOSTICS_MAX;
    return !parse->truncated;
}

// Expectations and descriptions define no names.
static bool defines_names(const struct ks_node *node)
{
    static const char *const others[] = {
        "expect", "expect_by_profile", "profiles", "policy", "limits", "skip",    "checks",
        "name",   "description",       "note",     "only",   "fail",   "machine", "args",
        "status", "as_spelled"};
    for (node = node->is_key ? node->parent : node; node != NULL; node = node->parent) {
        const char *key = node->key == NULL ? NULL : node->key->text;
        for (size_t i = 0; key != NULL && i < sizeof others / sizeof others[0]; i++) {
            if (strcmp(key, others[i]) == 0) {
                return false;
            }
        }
    }
    return true;
}

static void diagnose_node(struct ks_parse *parse, enum ks_diagnostic_kind kind,
                          struct ks_node *node, struct ks_place place, const char *advice,
                          const char *format, va_list arguments)
{
    node->bad = true;
    parse->names_unsure = parse->names_unsure || defines_names(node);
    if (has_room(parse)) {
        add(parse, kind, place, ks_diagnose_key_path(parse, node), advice,
            format_text(parse, format, arguments));
    }
}

void ks_diagnose(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_node *node,
                 const char *advice, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diagnose_node(parse, kind, node, node->place, advice, format, arguments);
    va_end(arguments);
}

void ks_diagnose_inside(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_node *node,
                        struct ks_place place, const char *advice, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diagnose_node(parse, kind, node, place, advice, format, arguments);
    va_end(arguments);
}

// The innermost node that begins at offset, or else that has it inside.
static const struct ks_node *node_at(const struct ks_node *node, size_t offset)
{
    while (node != NULL && node->kind != KS_NODE_SCALAR) {
        const struct ks_node *child = node->first;
        while (child != NULL && offset >= child->place.end && child->place.begin != offset) {
            child = child->next;
        }
        size_t begin = child == NULL        ? 0
                       : child->key == NULL ? child->place.begin
                                            : child->key->place.begin;
        if (child == NULL || offset < begin) {
            return node;
        }
        if (child->key != NULL && offset < child->place.begin) {
            return child->key;
        }
        node = child;
    }
    return node;
}

void ks_diagnose_place(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_place place,
                       const char *advice, const char *format, ...)
{
    if (!has_room(parse)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    const struct ks_node *node = node_at(parse->root, place.begin);
    add(parse, kind, place, node == NULL ? "" : ks_diagnose_key_path(parse, node), advice,
        format_text(parse, format, arguments));
    va_end(arguments);
}

void ks_diagnose_file(struct ks_parse *parse, enum ks_diagnostic_kind kind, struct ks_place place,
                      const char *advice, const char *format, ...)
{
    if (!has_room(parse)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    add(parse, kind, place, "", advice, format_text(parse, format, arguments));
    va_end(arguments);
}

static int compare_place(const void *left, const void *right)
{
    const struct ks_diagnostic *a = left;
    const struct ks_diagnostic *b = right;
    if (a->place.begin != b->place.begin) {
        return a->place.begin < b->place.begin ? -1 : 1;
    }
    return strcmp(a->message, b->message);
}

void ks_diagnose_sort(struct ks_parse *parse)
{
    if (parse->diagnostic_count > 1) {
        qsort(parse->diagnostics, parse->diagnostic_count, sizeof *parse->diagnostics,
              compare_place);
    }
}

// Never cuts a character of several bytes in two.
static size_t shown_length(const char *text, size_t length)
{
    if (length <= SHOWN_MAX) {
        return length;
    }
    length = SHOWN_MAX;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) {
        length--;
    }
    return length;
}

// Control characters (C0, DEL, C1) could do anything to a terminal.
static char *put_shown(char *to, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool c1 = c == 0xC2 && i + 1 < length && (unsigned char)text[i + 1] < 0xA0;
        if (c1) {
            c = (unsigned char)text[++i];
        }
        if (c1 || c < 0x20 || c == 0x7F) {
            to += sprintf(to, "\\x%02X", c);
        } else {
            *to++ = (char)c;
        }
    }
    return to;
}

static const char *between(struct ks_parse *parse, const char *before, const char *text,
                           size_t length, const char *after)
{
    size_t shown = shown_length(text, length);
    char *result =
        ks_arena_take(parse->arena, strlen(before) + 4 * shown + 3 + strlen(after) + 1, 1);
    char *end = result + sprintf(result, "%s", before);
    end = put_shown(end, text, shown);
    sprintf(end, "%s%s", shown < length ? "..." : "", after);
    return result;
}

const char *ks_diagnose_shown(struct ks_parse *parse, const char *text, size_t length)
{
    return between(parse, "`", text, length, "`");
}

const char *ks_diagnose_quoted(struct ks_parse *parse, const char *text, size_t length)
{
    bool single = memchr(text, '\'', length) == NULL;
    return single ? between(parse, "write it in quotes: '", text, length, "'")
                  : between(parse, "write it in quotes: \"", text, length, "\"");
}

const char *ks_diagnose_near(struct ks_parse *parse, const char *near)
{
    return near == NULL ? "" : ks_diagnose_text(parse, "did you mean `%s`?", near);
}

static size_t index_of(const struct ks_node *node)
{
    size_t index = 0;
    for (const struct ks_node *item = node->parent->first; item != node && item != NULL;
         item = item->next) {
        index++;
    }
    return index;
}

// From the value up to the root: the parts are put in front of what is there already.
const char *ks_diagnose_key_path(struct ks_parse *parse, const struct ks_node *node)
{
    const char *path = "";
    if (node->is_key) {
        node = node->parent;
    }
    for (; node != NULL && node->parent != NULL; node = node->parent) {
        const char *dot = path[0] == '\0' || path[0] == '[' ? "" : ".";
        if (node->key == NULL) {
            path = ks_diagnose_text(parse, "[%zu]%s%s", index_of(node), dot, path);
        } else {
            const char *key = node->key->text == NULL ? "?" : node->key->text;
            size_t length = node->key->text == NULL ? 1 : node->key->length;
            path =
                ks_diagnose_text(parse, "%s%s%s", between(parse, "", key, length, ""), dot, path);
        }
    }
    return path;
}
