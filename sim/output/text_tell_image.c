// SPDX-License-Identifier: MIT
// Images, routines, drivers, and what is remarked on them.
#include "output/event_keys.h"
#include "output/text_teller.h"

#include <kldr/world.h>

#include <stdio.h>

// ---- images ----

void ks_tell_mapped(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_text_line *line = ks_teller_begin(teller, event, "image");
    ks_text_line_name(line, event->module);
    ks_text_line_text(line, "mapped");
    if (ks_teller_take(teller, KLDR_EVENT_IMAGE_LISTED, event->module) != NULL) {
        ks_text_line_text(line, ", listed");
    }
    const struct kldr_event *reference = ks_teller_take(teller, KLDR_EVENT_REF_ADD, event->module);
    if (reference != NULL) {
        ks_text_line_count(line, reference);
    }
    ks_teller_end(teller, KS_STYLE_PLAIN);
}

void ks_tell_gone(struct ks_teller *teller, const struct kldr_event *event)
{
    bool unmapped = event->kind == KLDR_EVENT_IMAGE_UNMAPPED;
    struct ks_text_line *line = ks_teller_begin(teller, event, "image");
    ks_text_line_name(line, event->module);
    ks_text_line_text(line, unmapped ? "unmapped" : "unlisted");
    if (ks_teller_take(teller, unmapped ? KLDR_EVENT_IMAGE_UNLISTED : KLDR_EVENT_IMAGE_UNMAPPED,
                       event->module) != NULL) {
        ks_text_line_text(line, unmapped ? ", unlisted" : ", unmapped");
    }
    ks_teller_end(teller, KS_STYLE_PLAIN);
}

void ks_tell_already_loaded(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_text_line *line = ks_teller_begin(teller, event, "image");
    ks_text_line_name(line, event->module);
    ks_text_line_text(line, "already loaded");
    ks_text_line_status(line, event->status);
    ks_teller_end(teller, KS_STYLE_PLAIN);
}

// ---- routines ----

static void write_call(struct ks_text_line *line, const struct kldr_event *event)
{
    ks_text_line_foreign(line, event->module);
    ks_text_line_text(line, "!");
    ks_text_line_foreign(line, event->symbol);
    if (event->argument != NULL && !ks_teller_same_name(event->symbol, "DriverEntry")) {
        const char *tail = ks_event_argument_tail(event->argument);
        ks_text_line_text(line, tail != NULL ? "(\"..." : "(\"");
        ks_text_line_foreign(line, tail != NULL ? tail : event->argument);
        ks_text_line_text(line, "\")");
    }
}

static void write_outcome(struct ks_text_line *line, const struct kldr_event *event)
{
    if ((event->has & KLDR_EVENT_HAS_STATUS) != 0) {
        ks_text_line_status(line, event->status);
    } else if ((event->has & KLDR_EVENT_HAS_VALUE) != 0) {
        ks_text_line_text(line, " = ");
        ks_text_buffer_address(&line->text, event->value);
    }
}

void ks_tell_call_begin(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_text_line *line = ks_teller_begin(teller, event, "call");
    const struct kldr_event *next = ks_teller_peek(teller);
    write_call(line, event);
    if (next != NULL && next->kind == KLDR_EVENT_CALL_END) {
        write_outcome(line, next);
        teller->index++;
    } else {
        teller->calls++;
    }
    ks_teller_end(teller, KS_STYLE_PLAIN);
}

void ks_tell_call_end(struct ks_teller *teller, const struct kldr_event *event)
{
    teller->calls -= teller->calls > 0;
    struct ks_text_line *line = ks_teller_begin(teller, event, "return");
    ks_text_line_foreign(line, event->module);
    ks_text_line_text(line, "!");
    ks_text_line_foreign(line, event->symbol);
    write_outcome(line, event);
    ks_teller_end(teller, KS_STYLE_PLAIN);
}

void ks_tell_driver(struct ks_teller *teller, const struct kldr_event *event)
{
    const char *text = event->kind == KLDR_EVENT_DRIVER_DELETED ? "driver object deleted"
                       : event->kind == KLDR_EVENT_DRIVER_RESURRECTED
                           ? "its pending unload is called off"
                           : "unload pending: something still refers to it";
    struct ks_text_line *line = ks_teller_begin(teller, event, "driver");
    ks_text_line_name(line, event->service);
    ks_text_line_text(line, text);
    ks_teller_end(teller, KS_STYLE_PLAIN);
}

// ---- remarks ----

static void tell_text(struct ks_teller *teller, const struct kldr_event *event, const char *keyword,
                      enum ks_style style)
{
    struct ks_text_line *line = ks_teller_begin(teller, event, keyword);
    if (event->module != NULL) {
        ks_text_line_name(line, event->module);
    }
    ks_text_line_foreign(line, event->text);
    ks_text_line_fact(line, event->fact);
    ks_teller_end(teller, style);
}

void ks_tell_log_record(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_text_line *line = ks_teller_begin(teller, event, "log");
    ks_text_line_foreign(line, event->path);
    if (event->missing_module != NULL) {
        ks_text_line_text(line, " cannot find ");
        ks_text_line_foreign(line, event->missing_module);
        ks_text_line_text(line, event->symbol != NULL ? "!" : "");
        ks_text_line_foreign(line, event->symbol != NULL ? event->symbol : "");
    } else {
        ks_text_line_text(line, " failed to load");
    }
    if ((event->has & KLDR_EVENT_HAS_VALUE) != 0) {
        ks_text_line_text(line, ", value ");
        ks_text_buffer_hex(&line->text, event->value, 1);
    }
    ks_teller_end(teller, KS_STYLE_PLAIN);
}

// " x 2, 50 bytes"
static void tell_sum(struct ks_text_line *line, const struct kldr_event *event)
{
    if ((event->has & KLDR_EVENT_HAS_COUNT) != 0 && event->count > 1) {
        ks_text_line_text(line, " x ");
        ks_text_buffer_unsigned(&line->text, (uint64_t)event->count);
    }
    if ((event->has & KLDR_EVENT_HAS_VALUE) != 0) {
        ks_text_line_text(line, ", ");
        ks_text_buffer_unsigned(&line->text, event->value);
        ks_text_line_text(line, event->value == 1 ? " byte" : " bytes");
    }
}

// The stack of a stop, or the places of a finding, below the line.
static void tell_places(struct ks_teller *teller, const struct kldr_event *event)
{
    char indent[64];
    size_t level = ks_teller_level(teller, event);
    snprintf(indent, sizeof indent, "%*s", (int)(level < 20 ? 2 * level + 2 : 42), "");
    ks_event_write_stack(teller->line.out, event, indent);
}

void ks_tell_finding(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_text_line *line = ks_teller_begin(teller, event, "finding");
    ks_text_line_foreign(line, event->reason);
    if (event->module != NULL) {
        ks_text_line_text(line, ": ");
        ks_text_line_foreign(line, event->module);
    }
    if (event->target != NULL) {
        ks_text_line_text(line, " -> ");
        ks_text_line_foreign(line, event->target);
        ks_text_line_text(line, event->symbol != NULL ? "!" : "");
        ks_text_line_foreign(line, event->symbol != NULL ? event->symbol : "");
    }
    if (event->detail != NULL) {
        ks_text_line_text(line, ", ");
        ks_text_line_foreign(line, event->detail);
    }
    if (event->argument != NULL) {
        ks_text_line_text(line, ", ");
        ks_text_line_foreign(line, event->argument);
    }
    tell_sum(line, event);
    ks_text_line_fact(line, event->fact);
    ks_teller_end(teller, KS_STYLE_CAUTION);
    tell_places(teller, event);
}

void ks_tell_bugcheck(struct ks_teller *teller, const struct kldr_event *event)
{
    struct kldr_stop_code_info info;
    struct ks_text_line *line = ks_teller_begin(teller, event, "bugcheck");
    ks_text_buffer_hex(&line->text, event->value, 8);
    if (kldr_stop_code_find((uint32_t)event->value, &info)) {
        ks_text_line_text(line, " ");
        ks_text_line_text(line, info.name);
    }
    for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
        ks_text_line_text(line, i == 0 ? " (" : ", ");
        ks_text_buffer_address(&line->text, event->parameters[i]);
    }
    ks_text_line_text(line, ")");
    if (event->module != NULL) {
        ks_text_line_text(line, " in ");
        ks_text_line_foreign(line, event->module);
        ks_text_line_text(line, "+");
        ks_text_buffer_address(&line->text, event->offset);
    }
    if (event->text != NULL) {
        ks_text_line_text(line, ": ");
        ks_text_line_foreign(line, event->text);
    }
    ks_teller_end(teller, KS_STYLE_BAD);
    tell_places(teller, event);
}

void ks_tell_warning(struct ks_teller *teller, const struct kldr_event *event)
{
    tell_text(teller, event, "warning", KS_STYLE_CAUTION);
}

void ks_tell_print(struct ks_teller *teller, const struct kldr_event *event)
{
    tell_text(teller, event, "print", KS_STYLE_PLAIN);
}

void ks_tell_note(struct ks_teller *teller, const struct kldr_event *event)
{
    tell_text(teller, event, "note", KS_STYLE_FAINT);
}
