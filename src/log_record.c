// SPDX-License-Identifier: MIT

#include "log_record.h"

#include <stdio.h>
#include <string.h>

#define RECORD_TEXT_LIMIT 255 // bytes of UTF-16 (L19, A64)

// The four statuses whose record says what cannot be found; all others say "failed to load" (L18,
// L19).
static bool names_what_is_missing(kldr_status status)
{
    return status == KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND ||
           status == KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND ||
           status == KLDR_STATUS_OBJECT_NAME_NOT_FOUND || status == KLDR_STATUS_PROCEDURE_NOT_FOUND;
}

// Bytes of UTF-16 that UTF-8 text takes.
static size_t utf16_size(const char *text)
{
    size_t units = 0;
    for (const unsigned char *byte = (const unsigned char *)text; *byte != 0; byte++) {
        units += (*byte & 0xC0u) != 0x80u; // every character but its continuation bytes
        units += *byte >= 0xF0u;           // a surrogate pair
    }
    return units * 2;
}

struct record {
    const char *image, *module, *symbol; // module and symbol may be NULL
    bool has_value;
    uint64_t value;
};

static void write_record(struct kl_context *context, const struct record *record)
{
    char text[3 * KLDR_PATH_SIZE];
    if (record->module == NULL) {
        snprintf(text, sizeof text, "%.512s failed to load", record->image);
    } else {
        snprintf(text, sizeof text, "%.512s cannot find %.512s%s%.256s", record->image,
                 record->module, record->symbol != NULL ? " " : "",
                 record->symbol != NULL ? record->symbol : "");
    }
    if (utf16_size(text) > RECORD_TEXT_LIMIT) {
        return;
    }
    struct kldr_event event = {
        .kind = KLDR_EVENT_LOG_RECORD, .path = record->image, .text = text, .fact = "L19"};
    event.module = kl_module_base_of(record->image);
    event.missing_module = record->module;
    event.symbol = record->symbol;
    event.value = record->value;
    event.has = record->has_value ? KLDR_EVENT_HAS_VALUE : 0u;
    kl_context_emit(context, &event);
}

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void record_level(struct kl_context *context, const struct kl_session *session,
                         const struct kl_log_level *level)
{
    struct record record = {.image = level->image};
    if (level->in_resolution && names_what_is_missing(level->original)) {
        record.module = session->failure.module;
        record.symbol = text_or_null(session->failure.symbol);
        record.value = session->failure.value;
        record.has_value = level->original == KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND;
    } else {
        record.value = level->original;
        record.has_value = true;
    }
    write_record(context, &record);
}

static void record_root(struct kl_context *context, const struct kl_session *session,
                        const struct kl_log_level *level)
{
    struct record record = {.image = level->image};
    if (session->has_root && names_what_is_missing(level->original)) {
        record.module = session->root_module;
        record.symbol = text_or_null(session->root_symbol);
        record.value = session->root_value;
        record.has_value = level->original == KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND;
    } else {
        record.value = level->original;
        record.has_value = true;
    }
    write_record(context, &record);
}

void kl_log_record_failure(struct kl_context *context, const struct kl_session *session,
                           const struct kl_log_level *level)
{
    if (!kl_context_listened(context) || KLDR_IS_OWN_STATUS(level->original)) {
        return;
    }
    switch (kl_context_knob(context, KLDR_KNOB_EVENT_LOG)) {
    case KLDR_EVENT_LOG_PER_LEVEL:
        record_level(context, session, level);
        break;
    case KLDR_EVENT_LOG_ONE:
        if (level->outermost) {
            record_root(context, session, level);
        }
        break;
    default:
        break;
    }
}
