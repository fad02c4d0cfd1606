// SPDX-License-Identifier: MIT
// Error records: filling them, and making one line of text of them.
#include "error.h"

#include <stdio.h>
#include <string.h>

// Text being put together in a buffer that may be too small: length is what the whole text has.
struct writer {
    char *text;
    size_t size;
    size_t length;
};

KLDR_PRINTF_LIKE(2, 3) static void add(struct writer *writer, const char *format, ...)
{
    size_t used = writer->length < writer->size ? writer->length : writer->size;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(used < writer->size ? writer->text + used : NULL, writer->size - used,
                           format, arguments);
    va_end(arguments);
    if (length > 0)
        writer->length += (size_t)length;
}

void kldr_error_clear(struct kldr_error *error)
{
    if (error != NULL)
        *error = (struct kldr_error){0};
}

void kl_error_set_list(struct kldr_error *error, kldr_status status, enum kldr_origin origin,
                       enum kldr_stage stage, const char *format, va_list arguments)
{
    if (error == NULL)
        return;
    error->status = status;
    error->origin = origin;
    error->stage = stage;
    vsnprintf(error->detail, sizeof error->detail, format, arguments);
}

void kldr_error_set(struct kldr_error *error, kldr_status status, enum kldr_origin origin,
                    enum kldr_stage stage, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    kl_error_set_list(error, status, origin, stage, format, arguments);
    va_end(arguments);
}

// What was going on with the image that is named next.
static const char *stage_phrase(enum kldr_stage stage)
{
    static const char *const phrases[] = {
        [KLDR_STAGE_NONE] = "",
        [KLDR_STAGE_OPEN] = " opening",
        [KLDR_STAGE_CHECK] = " checking",
        [KLDR_STAGE_MAP] = " mapping",
        [KLDR_STAGE_RESOLVE] = " resolving the imports of",
        [KLDR_STAGE_INITIALIZE] = " initializing",
        [KLDR_STAGE_ENTRY] = " starting",
        [KLDR_STAGE_UNLOAD] = " unloading",
        [KLDR_STAGE_INPUT] = " reading",
    };
    return phrases[stage];
}

// "file:line:column: ", as far as they are known.
static void add_place(struct writer *writer, const struct kldr_error *error)
{
    if (error->file[0] == '\0')
        return;
    add(writer, "%s:", error->file);
    if (error->line != 0)
        add(writer, "%u:", error->line);
    if (error->line != 0 && error->column != 0)
        add(writer, "%u:", error->column);
    add(writer, " ");
}

// "mini.sys -> port.sys!PortFoo": who asked, for what.
static void add_names(struct writer *writer, const struct kldr_error *error)
{
    if (error->importer[0] != '\0' && error->module[0] != '\0')
        add(writer, "%s -> ", error->importer);
    add(writer, "%s", error->module[0] != '\0' ? error->module : error->importer);
    if (error->has_ordinal)
        add(writer, "!#%lu", (unsigned long)error->ordinal);
    else if (error->symbol[0] != '\0')
        add(writer, "!%s", error->symbol);
}

// The meaning of the status, for records without detail.
static const char *meaning_of(kldr_status status)
{
    struct kldr_status_info info;
    return kldr_status_find(status, &info) ? info.meaning : "";
}

size_t kldr_error_format(const struct kldr_error *error, char *text, size_t size)
{
    struct writer writer = {text, size, 0};
    const char *why = error->detail[0] != '\0' ? error->detail : meaning_of(error->status);
    bool named = error->module[0] != '\0' || error->importer[0] != '\0';

    if (size != 0)
        text[0] = '\0';
    add_place(&writer, error);
    size_t start = writer.length;
    // Somebody who wrote a wrong line wants to read what is wrong with it; the status adds nothing
    // to that.
    if (error->stage != KLDR_STAGE_INPUT || why[0] == '\0') {
        char status[KLDR_STATUS_TEXT_SIZE];
        add(&writer, "%s", kldr_status_format(error->status, status));
        if (named)
            add(&writer, "%s", stage_phrase(error->stage));
    }
    if (named) {
        add(&writer, "%s", writer.length == start ? "" : " ");
        add_names(&writer, error);
    }
    if (why[0] != '\0')
        add(&writer, "%s%s", writer.length == start ? "" : ": ", why);
    if (error->rva != 0)
        add(&writer, " (at RVA 0x%lX)", (unsigned long)error->rva);
    if (error->advice[0] != '\0')
        add(&writer, "; try: %s", error->advice);
    return writer.length;
}
