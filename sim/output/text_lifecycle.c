// SPDX-License-Identifier: MIT
// Events are told one after the other, with a look ahead: what belongs together (mapped, listed and
// counted; begun and ended at once) becomes one line.
#include "output/text_lifecycle.h"
#include "output/text_teller.h"

#include <stdlib.h>
#include <string.h>

#define NAME_LEAST 9
#define NAME_MOST  24
#define LEVEL_MOST ((size_t)256)

bool ks_teller_same_name(const char *left, const char *right)
{
    if (left == NULL || right == NULL) {
        return false;
    }
    for (;; left++, right++) {
        char a = *left, b = *right;
        a = a >= 'A' && a <= 'Z' ? (char)(a - 'A' + 'a') : a;
        b = b >= 'A' && b <= 'Z' ? (char)(b - 'A' + 'a') : b;
        if (a != b || a == '\0') {
            return a == b;
        }
    }
}

bool ks_teller_is_kernel(const char *module)
{
    return ks_teller_same_name(module, "ntoskrnl.exe") || ks_teller_same_name(module, "hal.dll");
}

// The event after the one being told; NULL at the end.
const struct kldr_event *ks_teller_peek(const struct ks_teller *teller)
{
    size_t next = teller->index + 1;
    return next < ks_event_log_count(teller->log) ? ks_event_log_at(teller->log, next) : NULL;
}

// Takes the next event into the line under way when it is of this kind and module.
const struct kldr_event *ks_teller_take(struct ks_teller *teller, enum kldr_event_kind kind,
                                        const char *module)
{
    const struct kldr_event *next = ks_teller_peek(teller);
    if (next == NULL || next->kind != kind || !ks_teller_same_name(next->module, module)) {
        return NULL;
    }
    teller->index++;
    return next;
}

size_t ks_teller_level(const struct ks_teller *teller, const struct kldr_event *event)
{
    size_t level = teller->steps + teller->calls;
    for (size_t i = 0; i < teller->import_count; i++) {
        level += teller->imports[i].fresh;
    }
    level = level > event->depth ? level : event->depth;
    return level < LEVEL_MOST ? level : LEVEL_MOST; // deeper, no line could be read
}

struct ks_text_line *ks_teller_begin(struct ks_teller *teller, const struct kldr_event *event,
                                     const char *keyword)
{
    ks_text_line_begin(&teller->line, ks_teller_level(teller, event), keyword);
    return &teller->line;
}

void ks_teller_end(struct ks_teller *teller, enum ks_style style)
{
    ks_text_line_end(&teller->line, style);
}

struct ks_open_import *ks_teller_import(struct ks_teller *teller)
{
    return teller->import_count == 0 ? NULL : &teller->imports[teller->import_count - 1];
}

// ---- steps ----

// How a step is told when it is over; NULL for steps that only look.
static const char *past_tense(const char *action)
{
    static const struct {
        const char *action, *past;
    } words[] = {
        {"load", "loaded"},
        {"unload", "unloaded"},
        {"load_image", "loaded"},
        {"unload_image", "unloaded"},
        {"call", "called"},
        {"lookup", "looked up"},
        {"boot", "booted"},
        {"open", "opened"},
        {"close", "closed"},
        {"start_device", "started"},
        {"delete", "deleted"},
        {"replace", "replaced"},
        {"create", "created"},
        {"run_queued", "ran"},
        {"add_device", "added"},
        {"remove_device", "removed"},
        {"power", "powered"},
        {"open_file", "opened"},
        {"close_file", "closed"},
        {"read", "read"},
        {"write", "written"},
        {"ioctl", "ioctl"},
        {"irp", "irp"},
        {"wait", "waited for"},
        {"cancel", "cancelled"},
        {"complete", "completed"},
        {"advance", "advanced by"},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].action, action) == 0) {
            return words[i].past;
        }
    }
    return NULL;
}

static void write_step(struct ks_teller *teller, const struct kldr_event *event, const char *word)
{
    struct ks_text_line *line = &teller->line;
    size_t level = ks_teller_level(teller, event);
    ks_text_buffer_repeat(&line->text, ' ', level * 2);
    ks_text_line_text(line, word);
    if (event->target != NULL) {
        ks_text_line_text(line, " ");
        ks_text_line_foreign(line, event->target);
    }
}

static void write_step_end(struct ks_teller *teller, const struct kldr_event *event)
{
    bool has_status = (event->has & KLDR_EVENT_HAS_STATUS) != 0;
    if (has_status) {
        ks_text_line_status(&teller->line, event->status);
    }
    ks_teller_end(teller, has_status && !KLDR_NT_SUCCESS(event->status) ? KS_STYLE_CAUTION
                                                                        : KS_STYLE_PLAIN);
}

void ks_tell_step_begin(struct ks_teller *teller, const struct kldr_event *event)
{
    const struct ks_scenario *scenario = teller->result->scenario;
    const struct kldr_event *next = ks_teller_peek(teller);
    write_step(teller, event, event->text);
    if (teller->steps == 0 && event->step > 0 && event->step <= scenario->step_count &&
        scenario->steps[event->step - 1].note != NULL) {
        ks_text_line_text(&teller->line, "    # ");
        ks_text_line_foreign(&teller->line, scenario->steps[event->step - 1].note);
    } else if (next != NULL && next->kind == KLDR_EVENT_STEP_END) {
        teller->index++;
        write_step_end(teller, next);
        return;
    }
    ks_teller_end(teller, KS_STYLE_STRONG);
    teller->steps++;
}

void ks_tell_step_end(struct ks_teller *teller, const struct kldr_event *event)
{
    const char *past = event->text == NULL ? NULL : past_tense(event->text);
    bool failed = (event->has & KLDR_EVENT_HAS_STATUS) != 0 && !KLDR_NT_SUCCESS(event->status);
    teller->steps -= teller->steps > 0;
    if (past == NULL) {
        return;
    }
    write_step(teller, event, failed ? event->text : past);
    ks_text_line_text(&teller->line, failed ? " failed" : "");
    write_step_end(teller, event);
}

// How each kind is told. What is not here is in the trace only: listed, notified, bound, driver
// created.
static void (*const tell[KLDR_EVENT_KIND_COUNT])(struct ks_teller *, const struct kldr_event *) = {
    [KLDR_EVENT_STEP_BEGIN] = ks_tell_step_begin,
    [KLDR_EVENT_STEP_END] = ks_tell_step_end,
    [KLDR_EVENT_IMAGE_OPEN] = ks_tell_open,
    [KLDR_EVENT_IMAGE_MAPPED] = ks_tell_mapped,
    [KLDR_EVENT_IMAGE_UNMAPPED] = ks_tell_gone,
    [KLDR_EVENT_IMAGE_UNLISTED] = ks_tell_gone,
    [KLDR_EVENT_IMAGE_ALREADY_LOADED] = ks_tell_already_loaded,
    [KLDR_EVENT_IMAGE_RESIDENT] = ks_tell_resident,
    [KLDR_EVENT_IMAGE_WARNING] = ks_tell_warning,
    [KLDR_EVENT_IMPORT_BEGIN] = ks_tell_import_begin,
    [KLDR_EVENT_IMPORT_END] = ks_tell_import_end,
    [KLDR_EVENT_IMPORT_UNBOUND] = ks_tell_unbound,
    [KLDR_EVENT_IMPORT_MISSING] = ks_tell_missing,
    [KLDR_EVENT_REF_ADD] = ks_tell_reference,
    [KLDR_EVENT_REF_DROP] = ks_tell_reference,
    [KLDR_EVENT_REF_SKIP] = ks_tell_reference,
    [KLDR_EVENT_CALL_BEGIN] = ks_tell_call_begin,
    [KLDR_EVENT_CALL_END] = ks_tell_call_end,
    [KLDR_EVENT_DRIVER_DELETED] = ks_tell_driver,
    [KLDR_EVENT_DRIVER_UNLOAD_PENDING] = ks_tell_driver,
    [KLDR_EVENT_DRIVER_RESURRECTED] = ks_tell_driver,
    [KLDR_EVENT_DEBUG_PRINT] = ks_tell_print,
    [KLDR_EVENT_LOG_RECORD] = ks_tell_log_record,
    [KLDR_EVENT_NOTE] = ks_tell_note,
    [KLDR_EVENT_FINDING] = ks_tell_finding,
    [KLDR_EVENT_BUGCHECK] = ks_tell_bugcheck,
};

static size_t name_width(const struct ks_scenario *scenario)
{
    size_t width = NAME_LEAST;
    for (size_t i = 0; i < scenario->image_count; i++) {
        size_t length = strlen(scenario->images[i].base_name);
        if (length > width && length <= NAME_MOST) {
            width = length;
        }
    }
    return width + 2;
}

void ks_text_lifecycle(struct ks_text_buffer *buffer, const struct ks_result *result, bool color)
{
    struct ks_teller teller = {.result = result, .log = result->events};
    if (result->events == NULL) {
        return;
    }
    ks_text_line_init(&teller.line, buffer, name_width(result->scenario), color);
    for (; teller.index < ks_event_log_count(teller.log); teller.index++) {
        const struct kldr_event *event = ks_event_log_at(teller.log, teller.index);
        if (tell[event->kind] != NULL) {
            tell[event->kind](&teller, event);
        }
    }
    ks_text_line_fini(&teller.line);
    free(teller.imports);
}
