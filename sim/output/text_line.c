// SPDX-License-Identifier: MIT
#include "output/text_line.h"
#include "explain/explain.h"

#include <string.h>

#define KEYWORD_WIDTH 8
#define COUNT_COLUMN  57

void ks_text_line_init(struct ks_text_line *line, struct ks_text_buffer *out, size_t name_width,
                       bool color)
{
    line->out = out;
    line->name_width = name_width;
    line->color = color;
    ks_text_buffer_init(&line->text, NULL);
}

void ks_text_line_fini(struct ks_text_line *line)
{
    ks_text_buffer_fini(&line->text);
}

void ks_text_line_begin(struct ks_text_line *line, size_t level, const char *keyword)
{
    size_t length = strlen(keyword);
    ks_text_buffer_repeat(&line->text, ' ', level * 2);
    ks_text_buffer_text(&line->text, keyword);
    ks_text_buffer_repeat(&line->text, ' ', length < KEYWORD_WIDTH ? KEYWORD_WIDTH - length : 1);
}

void ks_text_line_name(struct ks_text_line *line, const char *name)
{
    size_t before = line->text.size;
    ks_text_buffer_visible(&line->text, name == NULL ? "?" : name);
    size_t length = line->text.size - before;
    size_t width = line->name_width;
    ks_text_buffer_repeat(&line->text, ' ', length + 2 <= width ? width - length : 2);
}

void ks_text_line_text(struct ks_text_line *line, const char *text)
{
    ks_text_buffer_text(&line->text, text);
}

void ks_text_line_foreign(struct ks_text_line *line, const char *text)
{
    ks_text_buffer_visible(&line->text, text == NULL ? "?" : text);
}

void ks_text_line_number(struct ks_text_line *line, uint64_t number)
{
    ks_text_buffer_unsigned(&line->text, number);
}

void ks_text_line_status(struct ks_text_line *line, kldr_status status)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    ks_text_buffer_text(&line->text, " = ");
    ks_text_buffer_text(&line->text, status == KLDR_STATUS_SUCCESS
                                         ? kldr_status_name(status)
                                         : kldr_status_format(status, text));
}

void ks_text_line_count(struct ks_text_line *line, const struct kldr_event *event)
{
    bool inactive = (event->has & KLDR_EVENT_COUNT_INACTIVE) != 0;
    if (!inactive && (event->has & KLDR_EVENT_HAS_COUNT) == 0) {
        return;
    }
    size_t column = line->text.size;
    ks_text_buffer_repeat(&line->text, ' ', column + 2 <= COUNT_COLUMN ? COUNT_COLUMN - column : 2);
    ks_text_buffer_text(&line->text, "count ");
    if (inactive) {
        ks_text_buffer_text(&line->text, "inactive");
    } else {
        ks_text_buffer_signed(&line->text, event->count);
    }
}

void ks_text_line_fact(struct ks_text_line *line, const char *fact)
{
    char cite[KS_FACT_CITE_SIZE];
    if (fact != NULL) {
        ks_text_buffer_text(&line->text, "  (");
        ks_text_buffer_visible(&line->text, ks_fact_cite(fact, cite));
        ks_text_buffer_char(&line->text, ')');
    }
}

void ks_text_line_end(struct ks_text_line *line, enum ks_style style)
{
    struct ks_text_buffer *text = &line->text;
    bool color = line->color && style != KS_STYLE_PLAIN;
    while (text->size > 0 && text->bytes[text->size - 1] == ' ') {
        text->size--;
    }
    ks_text_style(line->out, color, style);
    ks_text_buffer_bytes(line->out, text->bytes, text->size);
    ks_text_style(line->out, color, KS_STYLE_PLAIN);
    ks_text_buffer_char(line->out, '\n');
    line->out->failed = line->out->failed || text->failed;
    text->size = 0;
}
