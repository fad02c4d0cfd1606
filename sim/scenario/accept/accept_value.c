// SPDX-License-Identifier: MIT
// Writing a new text in the place of a value; see accept_value.h.
#include "scenario/accept/accept_value.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t line_start(const char *text, size_t at)
{
    while (at != 0 && text[at - 1] != '\n') {
        at--;
    }
    return at;
}

static size_t indentation(const char *text, size_t start)
{
    return strspn(text + start, " ");
}

// A block list may stand as far left as its key, other values may not. True when the value is such
// a list: the nearest line above it that is neither blank nor a comment is indented as it is.
static bool stands_below_its_key(const char *text, size_t begin)
{
    size_t start = line_start(text, begin);
    size_t column = begin - start;

    if (text[begin] != '-' || indentation(text, start) != column) {
        return false;
    }
    while (start != 0) {
        size_t indent;

        start = line_start(text, start - 1);
        indent = indentation(text, start);
        if (text[start + indent] != '#' && !is_blank(text[start + indent])) {
            return indent == column;
        }
    }
    return false;
}

void ks_accept_value_replace(struct ks_accept_text *edits, const struct ks_scenario_file *file,
                             const struct ks_place *place, const char *text)
{
    struct ks_text_buffer flow = {0};
    size_t end = place->end;

    while (end > place->begin && is_blank(file->text[end - 1])) {
        end--;
    }
    ks_text_buffer_text(&flow, stands_below_its_key(file->text, place->begin) ? "  " : "");
    ks_text_buffer_text(&flow, text);
    ks_accept_text_replace(edits, place->begin, end, &flow);
    ks_text_buffer_fini(&flow);
}
