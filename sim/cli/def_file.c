// SPDX-License-Identifier: MIT
// Written after Microsoft's page on module-definition files: statements begin with a keyword in
// capitals, a semicolon begins a comment, a name may stand in quotation marks, EXPORTS is followed
// by one entry per line.
#include "cli/def_file.h"
#include "scenario/parse/def_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERRORS_MOST 50
#define LINE_MOST   16384

enum section { SECTION_NONE, SECTION_EXPORTS, SECTION_OTHER };

struct reader {
    struct ks_def_file *file;
    enum section section;
    unsigned line;
};

static const char blanks[] = " \t\r\f\v";

static void *grow(void *items, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0) { // the room doubles at 0, 1, 2, 4, 8, ...
        return items;
    }
    return realloc(items, (count == 0 ? 1 : count * 2) * size);
}

static char *copy_text(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

static void add_error(struct reader *reader, size_t column, const char *message)
{
    struct ks_def_file *file = reader->file;
    if (file->error_count == ERRORS_MOST) {
        return;
    }
    struct ks_def_error *errors = grow(file->errors, file->error_count, sizeof(*errors));
    if (errors == NULL) {
        file->out_of_memory = true;
        return;
    }
    file->errors = errors;
    struct ks_def_error *error = &errors[file->error_count++];
    error->line = reader->line;
    error->column = (unsigned)column + 1;
    snprintf(error->message, sizeof(error->message), "%s", message);
}

// ---- EXPORTS ----

// Blanks out "= internal" when internal has no dot: another name inside of the image, which is no
// forwarder.
static void remove_alias(char *line)
{
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        return;
    }
    char *name = equals + strspn(equals, "= \t");
    size_t length = strcspn(name, " \t@");
    if (memchr(name, '.', length) == NULL) {
        memset(equals, ' ', (size_t)(name + length - equals));
    }
}

// Puts a name without its quotation marks in their place; the columns stay.
static void remove_quotes(char *line)
{
    for (char *at = line; *at != '\0'; at++) {
        *at = *at == '"' ? ' ' : *at;
    }
}

// CONSTANT is an old word for DATA.
static void modernize(char *line)
{
    char *word = strstr(line, " CONSTANT");
    if (word != NULL) {
        memcpy(word, " DATA    ", 9);
    }
}

static void add_entry(struct reader *reader, const char *text, size_t column)
{
    char line[LINE_MOST];
    struct ks_def_export parts;
    const char *why = "";
    size_t at = 0;
    struct ks_def_file *file = reader->file;
    snprintf(line, sizeof(line), "%s", text);
    remove_quotes(line);
    remove_alias(line);
    modernize(line);
    size_t skipped = strspn(line, blanks), length = strlen(line + skipped);
    while (length > 0 && strchr(blanks, line[skipped + length - 1]) != NULL) {
        length--;
    }
    if (!ks_def_export_parse(line + skipped, length, &parts, &why, &at)) {
        add_error(reader, column + skipped + at, why);
        return;
    }
    struct ks_def_entry *entries = grow(file->entries, file->entry_count, sizeof(*entries));
    if (entries == NULL) {
        file->out_of_memory = true;
        return;
    }
    file->entries = entries;
    struct ks_def_entry *entry = &entries[file->entry_count++];
    *entry = (struct ks_def_entry){.line = reader->line, .ordinal = parts.ordinal};
    entry->noname = parts.noname;
    entry->data = parts.data;
    entry->private_ = parts.private_;
    entry->name = copy_text(line + skipped + parts.name, parts.name_length);
    if (parts.forwarder_length > 0) {
        entry->forwarder = copy_text(line + skipped + parts.forwarder, parts.forwarder_length);
    }
    file->out_of_memory = file->out_of_memory || entry->name == NULL ||
                          (parts.forwarder_length > 0 && entry->forwarder == NULL);
}

// ---- statements ----

// A keyword at the beginning of a line. The text behind it, NULL when it is another one.
static const char *after_keyword(const char *line, const char *keyword)
{
    size_t length = strlen(keyword);
    if (strncmp(line, keyword, length) != 0) {
        return NULL;
    }
    char next = line[length];
    return next == '\0' || next == ' ' || next == '\t' || next == '\r' || next == ':' || next == '"'
               ? line + length
               : NULL;
}

static void set_library(struct reader *reader, const char *text, size_t column)
{
    struct ks_def_file *file = reader->file;
    text += strspn(text, blanks);
    bool quoted = *text == '"';
    text += quoted;
    size_t length = quoted ? strcspn(text, "\"") : strcspn(text, " \t\r");
    if (file->library_line != 0) {
        add_error(reader, column, "a second LIBRARY or NAME line");
        return;
    }
    file->library_line = reader->line;
    file->library = copy_text(text, length);
    file->out_of_memory = file->out_of_memory || file->library == NULL;
}

static bool is_other_statement(const char *line)
{
    static const char *const others[] = {"DESCRIPTION", "STACKSIZE", "HEAPSIZE", "SECTIONS",
                                         "SEGMENTS",    "VERSION",   "STUB",     "CODE",
                                         "DATA",        "IMPORTS",   "EXETYPE",  "PROTMODE"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (after_keyword(line, others[i]) != NULL) {
            return true;
        }
    }
    return false;
}

// One line without its comment, from its first character that is not blank.
static void read_line(struct reader *reader, const char *line, size_t column)
{
    const char *rest = after_keyword(line, "LIBRARY");
    rest = rest != NULL ? rest : after_keyword(line, "NAME");
    if (rest != NULL) {
        set_library(reader, rest, column);
        reader->section = SECTION_NONE;
        return;
    }
    rest = after_keyword(line, "EXPORTS");
    if (rest != NULL) {
        size_t skipped = strspn(rest, blanks);
        reader->section = SECTION_EXPORTS;
        if (rest[skipped] != '\0') {
            add_entry(reader, rest + skipped, column + (size_t)(rest - line) + skipped);
        }
        return;
    }
    if (is_other_statement(line)) {
        reader->section = SECTION_OTHER;
    } else if (reader->section == SECTION_EXPORTS) {
        add_entry(reader, line, column);
    } else if (reader->section == SECTION_NONE) {
        add_error(reader, column, "a statement was expected: LIBRARY, EXPORTS, ...");
    }
}

// Ends a line at its comment; a semicolon in quotation marks is none.
static void cut_comment(char *line)
{
    bool quoted = false;
    for (; *line != '\0'; line++) {
        quoted = *line == '"' ? !quoted : quoted;
        if (*line == ';' && !quoted) {
            *line = '\0';
            return;
        }
    }
}

void ks_def_file_read(const char *text, size_t size, struct ks_def_file *out_file)
{
    struct reader reader = {.file = out_file};
    const char *end = text + size;
    memset(out_file, 0, sizeof(*out_file));
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
    }
    while (text < end && !out_file->out_of_memory) {
        const char *next = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((next == NULL ? end : next) - text);
        char line[LINE_MOST];
        reader.line++;
        if (length >= sizeof(line) || memchr(text, '\0', length) != NULL) {
            add_error(&reader, 0, "this line is too long or not text");
        } else {
            memcpy(line, text, length);
            line[length] = '\0';
            cut_comment(line);
            size_t skipped = strspn(line, blanks);
            if (line[skipped] != '\0') {
                read_line(&reader, line + skipped, skipped);
            }
        }
        text = next == NULL ? end : next + 1;
    }
}

void ks_def_file_fini(struct ks_def_file *file)
{
    for (size_t i = 0; i < file->entry_count; i++) {
        free(file->entries[i].name);
        free(file->entries[i].forwarder);
    }
    free(file->library);
    free(file->entries);
    free(file->errors);
    memset(file, 0, sizeof(*file));
}
