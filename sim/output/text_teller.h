// SPDX-License-Identifier: MIT
// Who tells the lifecycle, and how each kind of event is told. Only text_lifecycle.c and the
// text_tell_*.c files include it.
#ifndef KS_OUTPUT_TEXT_TELLER_H
#define KS_OUTPUT_TEXT_TELLER_H

#include "output/text_line.h"

// An import whose end has not been told.
struct ks_open_import {
    const struct kldr_event *begin;
    const struct kldr_event *reference; // what became of its count; NULL: nothing was told
    bool fresh;                         // a file was looked for: what follows happens below it
};

struct ks_teller {
    const struct ks_result *result;
    const struct ks_event_log *log;
    size_t index; // of the event being told
    struct ks_text_line line;
    struct ks_open_import *imports;
    size_t import_count, import_capacity;
    size_t steps, calls; // begun and not ended
};

// Case ignored; NULL is like nothing.
bool ks_teller_same_name(const char *left, const char *right);
bool ks_teller_is_kernel(const char *module);
// The event after the one being told; NULL at the end.
const struct kldr_event *ks_teller_peek(const struct ks_teller *teller);
// Takes the next event into the line under way when it is of this kind and module.
const struct kldr_event *ks_teller_take(struct ks_teller *teller, enum kldr_event_kind kind,
                                        const char *module);
// How deep in steps, routines and imports, or in loads and unloads, the event lies.
size_t ks_teller_level(const struct ks_teller *teller, const struct kldr_event *event);
struct ks_text_line *ks_teller_begin(struct ks_teller *teller, const struct kldr_event *event,
                                     const char *keyword);
void ks_teller_end(struct ks_teller *teller, enum ks_style style);
// The innermost import whose end has not been told; NULL when there is none.
struct ks_open_import *ks_teller_import(struct ks_teller *teller);

void ks_tell_step_begin(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_step_end(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_import_begin(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_import_end(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_open(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_missing(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_unbound(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_reference(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_resident(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_mapped(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_gone(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_already_loaded(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_call_begin(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_call_end(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_driver(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_log_record(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_finding(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_bugcheck(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_warning(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_print(struct ks_teller *teller, const struct kldr_event *event);
void ks_tell_note(struct ks_teller *teller, const struct kldr_event *event);

#endif
