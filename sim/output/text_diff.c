// SPDX-License-Identifier: MIT
#include "output/text_diff.h"
#include "output/text_style.h"

#include <stdlib.h>
#include <string.h>

#define SHORT_SIZE  60  // texts up to this length stay in one line
#define MAX_ENTRIES 400 // longer lists are shown whole, one below the other

struct entries {
    const char **start; // into the text
    size_t *length;
    size_t count;
};

// The end of a quoted scalar that begins at text; its closing quote included.
static const char *skip_quoted(const char *text)
{
    char quote = *text++;
    while (*text != '\0' && *text != quote) {
        if (quote == '"' && *text == '\\' && text[1] != '\0') {
            text++;
        }
        text++;
    }
    return *text == '\0' ? text : text + 1;
}

// The end of the entry that begins at text: a comma or the closing bracket of the container.
static const char *entry_end(const char *text)
{
    size_t depth = 0;
    while (*text != '\0') {
        if (*text == '"' || *text == '\'') {
            text = skip_quoted(text);
            continue;
        }
        if (*text == '[' || *text == '{') {
            depth++;
        } else if (depth > 0 && (*text == ']' || *text == '}')) {
            depth--;
        } else if (depth == 0 && (*text == ',' || *text == ']' || *text == '}')) {
            break;
        }
        text++;
    }
    return text;
}

static void entries_free(struct entries *entries)
{
    free(entries->start);
    free(entries->length);
    memset(entries, 0, sizeof(*entries));
}

// Takes "[a, b]" or "{a: 1, b: 2}" apart. False when it is neither, too long, or memory is out.
static bool entries_split(const char *text, struct entries *out_entries)
{
    size_t length = strlen(text);
    bool list = length >= 2 && text[0] == '[' && text[length - 1] == ']';
    bool map = length >= 2 && text[0] == '{' && text[length - 1] == '}';
    struct entries entries = {calloc(MAX_ENTRIES, sizeof(*entries.start)),
                              calloc(MAX_ENTRIES, sizeof(*entries.length)), 0};
    bool ok = (list || map) && entries.start != NULL && entries.length != NULL;
    const char *at = text + 1;
    while (ok && at < text + length - 1) {
        at += strspn(at, " ");
        const char *end = entry_end(at);
        if (entries.count == MAX_ENTRIES) {
            ok = false;
        } else if (end > at) {
            entries.start[entries.count] = at;
            entries.length[entries.count++] = (size_t)(end - at);
        }
        at = *end == '\0' ? end : end + 1;
    }
    if (!ok) {
        entries_free(&entries);
        return false;
    }
    *out_entries = entries;
    return true;
}

static bool same(const struct entries *left, size_t i, const struct entries *right, size_t j)
{
    return left->length[i] == right->length[j] &&
           memcmp(left->start[i], right->start[j], left->length[i]) == 0;
}

// Lengths of the longest common subsequences of all tails; (left + 1) * (right + 1) numbers.
static unsigned short *common_tails(const struct entries *left, const struct entries *right)
{
    size_t width = right->count + 1;
    unsigned short *tails = calloc((left->count + 1) * width, sizeof(*tails));
    for (size_t i = left->count; tails != NULL && i-- > 0;) {
        for (size_t j = right->count; j-- > 0;) {
            unsigned short down = tails[(i + 1) * width + j], across = tails[i * width + j + 1];
            unsigned short longest = down > across ? down : across;
            if (same(left, i, right, j)) {
                longest = (unsigned short)(tails[(i + 1) * width + j + 1] + 1);
            }
            tails[i * width + j] = longest;
        }
    }
    return tails;
}

struct diff {
    struct ks_text_buffer *buffer;
    const char *indent;
    bool color;
};

static void write_entry(const struct diff *diff, char mark, const struct entries *entries,
                        size_t index)
{
    enum ks_style style = mark == '-' ? KS_STYLE_GOOD : mark == '+' ? KS_STYLE_BAD : KS_STYLE_PLAIN;
    struct ks_text_buffer *buffer = diff->buffer;
    ks_text_buffer_text(buffer, diff->indent);
    ks_text_style(buffer, diff->color, style);
    ks_text_buffer_text(buffer, "  ");
    ks_text_buffer_char(buffer, mark);
    ks_text_buffer_char(buffer, ' ');
    ks_text_buffer_bytes(buffer, entries->start[index], entries->length[index]);
    ks_text_style(buffer, diff->color && style != KS_STYLE_PLAIN, KS_STYLE_PLAIN);
    ks_text_buffer_char(buffer, '\n');
}

static bool write_lines(const struct diff *diff, const struct entries *wanted,
                        const struct entries *got)
{
    unsigned short *tails = common_tails(wanted, got);
    size_t width = got->count + 1, i = 0, j = 0;
    if (tails == NULL) {
        return false;
    }
    ks_text_buffer_text(diff->buffer, diff->indent);
    ks_text_buffer_text(diff->buffer, "wanted (-) and got (+)\n");
    while (i < wanted->count || j < got->count) {
        if (i < wanted->count && j < got->count && same(wanted, i, got, j)) {
            write_entry(diff, ' ', wanted, i);
            i++;
            j++;
        } else if (j == got->count ||
                   (i < wanted->count && tails[(i + 1) * width + j] >= tails[i * width + j + 1])) {
            write_entry(diff, '-', wanted, i++);
        } else {
            write_entry(diff, '+', got, j++);
        }
    }
    free(tails);
    return true;
}

static void write_whole(const struct diff *diff, const char *label, enum ks_style style,
                        const char *text)
{
    if (text[0] == '\0') {
        return;
    }
    ks_text_buffer_text(diff->buffer, diff->indent);
    ks_text_buffer_text(diff->buffer, label);
    ks_text_style(diff->buffer, diff->color, style);
    ks_text_buffer_visible(diff->buffer, text);
    ks_text_style(diff->buffer, diff->color, KS_STYLE_PLAIN);
    ks_text_buffer_char(diff->buffer, '\n');
}

void ks_text_diff(struct ks_text_buffer *buffer, const char *wanted, const char *got,
                  const char *indent, bool color)
{
    struct diff diff = {buffer, indent, color};
    struct entries wanted_entries = {NULL, NULL, 0}, got_entries = {NULL, NULL, 0};
    bool is_long = strlen(wanted) > SHORT_SIZE || strlen(got) > SHORT_SIZE;
    bool lines = is_long && wanted[0] == got[0] && entries_split(wanted, &wanted_entries) &&
                 entries_split(got, &got_entries) &&
                 write_lines(&diff, &wanted_entries, &got_entries);
    if (!lines) {
        write_whole(&diff, "wanted  ", KS_STYLE_GOOD, wanted);
        write_whole(&diff, "got     ", KS_STYLE_BAD, got);
    }
    entries_free(&wanted_entries);
    entries_free(&got_entries);
}
