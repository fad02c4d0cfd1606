// SPDX-License-Identifier: MIT
// Entries as text for people, at most 80 columns wide where words allow it.
#include "explain/entry.h"

#include <string.h>

#define LINE_WIDTH   79
#define LABEL_COLUMN 16
#define ROW_COLUMN   28
#define FACT_COLUMN  11

static void spaces(struct ks_text_buffer *buffer, size_t count)
{
    ks_text_buffer_repeat(buffer, ' ', count);
}

// Writes words from column, going on at indent where the line would get too long. Returns the
// column.
static size_t words(struct ks_text_buffer *buffer, const char *text, size_t indent, size_t column)
{
    bool first = true;
    while (*(text += strspn(text, " ")) != '\0') {
        size_t length = strcspn(text, " ");
        if (!first && column + 1 + length > LINE_WIDTH) {
            ks_text_buffer_char(buffer, '\n');
            spaces(buffer, indent);
            column = indent;
        } else if (!first) {
            ks_text_buffer_char(buffer, ' ');
            column++;
        }
        ks_text_buffer_bytes(buffer, text, length);
        column += length;
        text += length;
        first = false;
    }
    return column;
}

static void paragraph(struct ks_text_buffer *buffer, const char *text)
{
    spaces(buffer, 2);
    words(buffer, text, 2, 2);
    ks_text_buffer_char(buffer, '\n');
}

// A left part at indent and a wrapped right part at column; a long left part has a line of its own.
static void two_columns(struct ks_text_buffer *buffer, size_t indent, const char *left,
                        const char *right, size_t column)
{
    size_t at = indent + strlen(left);
    spaces(buffer, indent);
    ks_text_buffer_text(buffer, left);
    if (right[0] != '\0') {
        if (at + 2 > column) {
            ks_text_buffer_char(buffer, '\n');
            at = 0;
        }
        spaces(buffer, column - at);
        words(buffer, right, column, column);
    }
    ks_text_buffer_char(buffer, '\n');
}

static void show_list(struct ks_text_buffer *buffer, const char *label, const char *list)
{
    char text[160] = "", word[40];
    while (ks_explain_next(&list, word, sizeof word)) {
        if (strlen(text) + strlen(word) + 3 < sizeof text) {
            strcat(text, text[0] == '\0' ? "" : ", ");
            strcat(text, word);
        }
    }
    two_columns(buffer, 2, label, text, LABEL_COLUMN + 2);
}

static void show_fields(struct ks_text_buffer *buffer, const struct ks_entry *entry)
{
    bool any = false;
    for (size_t i = 0; i < entry->field_count; i++) {
        const struct ks_entry_field *field = &entry->fields[i];
        if (field->label == NULL) {
            continue;
        }
        if (!any) {
            ks_text_buffer_char(buffer, '\n');
            any = true;
        }
        if (field->form == KS_FIELD_LIST) {
            show_list(buffer, field->label, field->text);
        } else {
            two_columns(buffer, 2, field->label, field->text, LABEL_COLUMN + 2);
        }
    }
}

// "text (note)" beside an id.
static void show_row(struct ks_text_buffer *buffer, size_t indent, const struct ks_entry_row *row,
                     size_t column)
{
    char text[600];
    size_t length = strlen(row->text), note = strlen(row->note);
    if (note == 0 || length + note + 4 > sizeof text) {
        two_columns(buffer, indent, row->id, row->text, column);
        return;
    }
    memcpy(text, row->text, length + 1);
    strcat(text, " (");
    strcat(text, row->note);
    strcat(text, ")");
    two_columns(buffer, indent, row->id, text, column);
}

static size_t row_column(const struct ks_entry *entry, size_t indent)
{
    size_t longest = 0;
    for (size_t i = 0; i < entry->row_count; i++) {
        size_t length = strlen(entry->rows[i].id);
        longest = length > longest ? length : longest;
    }
    size_t column = indent + longest + 2;
    return column < ROW_COLUMN + indent ? column : ROW_COLUMN + indent;
}

static void show_rows(struct ks_text_buffer *buffer, const struct ks_entry *entry)
{
    if (entry->row_count == 0) {
        return;
    }
    ks_text_buffer_char(buffer, '\n');
    size_t indent = 2;
    if (entry->rows_label != NULL) {
        two_columns(buffer, indent, entry->rows_label, "", 0);
        indent = 4;
    }
    size_t column = row_column(entry, indent);
    for (size_t i = 0; i < entry->row_count; i++) {
        show_row(buffer, indent, &entry->rows[i], column);
    }
}

static void show_facts(struct ks_text_buffer *buffer, const char *ids)
{
    char id[16];
    bool any = false;
    while (ks_explain_next(&ids, id, sizeof id)) {
        struct ks_fact fact;
        if (!ks_explain_fact(id, &fact)) {
            continue;
        }
        if (!any) {
            ks_text_buffer_text(buffer, "\n  See also\n");
            any = true;
        }
        struct ks_entry_row row = {fact.id, fact.title,
                                   ks_fact_unverified(id) ? "reported, unverified" : ""};
        show_row(buffer, 4, &row, FACT_COLUMN);
    }
}

void ks_entry_show_text(struct ks_text_buffer *buffer, const struct ks_entry *entry)
{
    ks_text_buffer_text(buffer, entry->kind);
    ks_text_buffer_char(buffer, ' ');
    ks_text_buffer_text(buffer, entry->id);
    if (entry->title[0] != '\0') {
        ks_text_buffer_text(buffer, ": ");
        words(buffer, entry->title, 2, strlen(entry->kind) + strlen(entry->id) + 3);
    }
    ks_text_buffer_char(buffer, '\n');
    if (entry->text[0] != '\0') {
        ks_text_buffer_char(buffer, '\n');
        paragraph(buffer, entry->text);
    }
    show_fields(buffer, entry);
    show_rows(buffer, entry);
    show_facts(buffer, entry->facts);
}

// ---- the overview ----

static void overview_families(struct ks_text_buffer *buffer)
{
    for (size_t f = 0; f < ks_fact_family_count(); f++) {
        const struct ks_fact_family *family = ks_fact_family_at(f);
        const char *first = NULL, *last = NULL;
        for (size_t i = 0; i < ks_fact_count(); i++) {
            if (ks_fact_family(ks_fact_at(i)->id) == family) {
                first = first == NULL ? ks_fact_at(i)->id : first;
                last = ks_fact_at(i)->id;
            }
        }
        char range[24] = "";
        strcat(range, first);
        strcat(range, " to ");
        strcat(range, last);
        two_columns(buffer, 4, range, family->title, 18);
    }
}

static void overview_ids(struct ks_text_buffer *buffer, const struct ks_entry *entry)
{
    size_t column = 4;
    spaces(buffer, column);
    for (size_t i = 0; i < entry->row_count; i++) {
        size_t length = strlen(entry->rows[i].id);
        bool last = i + 1 == entry->row_count;
        if (i > 0 && column + 1 + length + !last > LINE_WIDTH) {
            ks_text_buffer_char(buffer, '\n');
            column = 4;
            spaces(buffer, column);
        } else if (i > 0) {
            ks_text_buffer_char(buffer, ' ');
            column++;
        }
        ks_text_buffer_text(buffer, entry->rows[i].id);
        ks_text_buffer_text(buffer, last ? "\n" : ",");
        column += length + 1;
    }
}

static void overview_heading(struct ks_text_buffer *buffer, const struct ks_entry *entry)
{
    ks_text_buffer_char(buffer, '\n');
    ks_text_buffer_text(buffer, entry->id);
    ks_text_buffer_text(buffer, ": ");
    ks_text_buffer_text(buffer, entry->title);
    ks_text_buffer_char(buffer, '\n');
}

void ks_entry_overview_group(struct ks_text_buffer *buffer, const struct ks_entry *entry)
{
    overview_heading(buffer, entry);
    overview_ids(buffer, entry);
}

void ks_entry_overview_text(struct ks_text_buffer *buffer, struct ks_entry *entry)
{
    ks_text_buffer_text(buffer, "'kldr explain ID' explains one of these. The name of a group, or "
                                "the letters\nof a family of facts, lists its members.\n");
    for (unsigned g = 0; g < KS_GROUP_COUNT; g++) {
        ks_entry_group(entry, (enum ks_group)g);
        if (g == KS_GROUP_FACTS) {
            overview_heading(buffer, entry);
            overview_families(buffer);
        } else {
            ks_entry_overview_group(buffer, entry);
        }
    }
}
