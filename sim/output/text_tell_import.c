// SPDX-License-Identifier: MIT
// Imports and the counts they hold.
#include "output/text_teller.h"

#include <stdlib.h>
#include <string.h>

void ks_tell_import_begin(struct ks_teller *teller, const struct kldr_event *event)
{
    if (teller->import_count == teller->import_capacity) {
        size_t capacity = teller->import_capacity == 0 ? 16 : teller->import_capacity * 2;
        struct ks_open_import *grown = realloc(teller->imports, capacity * sizeof(*grown));
        if (grown == NULL) {
            teller->line.out->failed = true;
            return;
        }
        teller->imports = grown;
        teller->import_capacity = capacity;
    }
    teller->imports[teller->import_count++] = (struct ks_open_import){event, NULL, false};
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '\\');
    return slash == NULL ? path : slash + 1;
}

static void write_folder(struct ks_text_line *line, const char *path)
{
    static const char drivers[] = "\\SystemRoot\\System32\\drivers\\";
    char folder[KLDR_PATH_SIZE];
    size_t length = (size_t)(base_of(path) - path);
    if (length == 0 || length >= sizeof(folder)) {
        ks_text_line_foreign(line, path);
        return;
    }
    memcpy(folder, path, length);
    folder[length] = '\0';
    ks_text_line_foreign(line, ks_teller_same_name(folder, drivers) ? "drivers\\" : folder);
}

// The file of an import is looked for, maybe in a second place.
static void tell_import_open(struct ks_teller *teller, struct ks_open_import *import,
                             const struct kldr_event *event)
{
    bool first = !import->fresh, found = KLDR_NT_SUCCESS(event->status);
    import->fresh = false; // the line itself stands beside the importer's others
    struct ks_text_line *line = ks_teller_begin(teller, import->begin, "import");
    ks_text_line_name(line, import->begin->module);
    ks_text_line_text(line, first ? "not loaded, " : "");
    ks_text_line_text(line, found ? "found in " : "not found in ");
    write_folder(line, event->path);
    if (!found) {
        ks_text_line_status(line, event->status);
    }
    ks_teller_end(teller, found ? KS_STYLE_PLAIN : KS_STYLE_CAUTION);
    import->fresh = true;
}

void ks_tell_open(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_open_import *import = ks_teller_import(teller);
    if (import != NULL && ks_teller_same_name(base_of(event->path), import->begin->module)) {
        tell_import_open(teller, import, event);
    } else if (!KLDR_NT_SUCCESS(event->status)) {
        struct ks_text_line *line = ks_teller_begin(teller, event, "open");
        ks_text_line_foreign(line, event->path);
        ks_text_line_status(line, event->status);
        ks_teller_end(teller, KS_STYLE_CAUTION);
    }
}

static void write_bound(struct ks_text_line *line, uint64_t bound)
{
    ks_text_line_number(line, bound);
    ks_text_line_text(line, bound == 1 ? " function bound" : " functions bound");
}

static void write_import_end(struct ks_text_line *line, const struct kldr_event *event,
                             const struct kldr_event *reference)
{
    const char *how = event->reason == NULL ? "" : event->reason;
    bool skipped = reference != NULL && reference->kind == KLDR_EVENT_REF_SKIP;
    if (strcmp(how, "failed") == 0) {
        ks_text_line_text(line, "failed");
        ks_text_line_status(line, event->status);
        return;
    }
    if (strcmp(how, "stubbed") == 0) {
        ks_text_line_text(line, "stubbed, ");
        write_bound(line, event->value);
        ks_text_line_text(line, " to traps");
        return;
    }
    if (strcmp(how, "already") == 0 && !ks_teller_is_kernel(event->module)) {
        ks_text_line_text(line, "already loaded, ");
    } else if (strcmp(how, "in-progress") == 0) {
        ks_text_line_text(line, "still loading, ");
    }
    write_bound(line, event->value);
    if (skipped && !ks_teller_is_kernel(event->module) &&
        (reference->has & KLDR_EVENT_COUNT_INACTIVE) == 0) {
        ks_text_line_text(line, ", not counted");
        ks_text_line_fact(line, reference->fact);
    }
}

void ks_tell_import_end(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_open_import *import = ks_teller_import(teller);
    const struct kldr_event *reference = NULL;
    if (import != NULL) {
        reference = import->reference;
        teller->import_count--;
    }
    struct ks_text_line *line = ks_teller_begin(teller, event, "import");
    ks_text_line_name(line, event->module);
    write_import_end(line, event, reference);
    if (reference != NULL && !ks_teller_is_kernel(event->module) &&
        (reference->kind == KLDR_EVENT_REF_ADD ||
         (reference->has & KLDR_EVENT_COUNT_INACTIVE) != 0)) {
        ks_text_line_count(line, reference);
    }
    ks_teller_end(teller,
                  (event->has & KLDR_EVENT_HAS_STATUS) != 0 ? KS_STYLE_CAUTION : KS_STYLE_PLAIN);
}

// A missing module was told when its file was not found; a missing export was not.
static bool was_told(struct ks_teller *teller, const struct kldr_event *event)
{
    const struct ks_open_import *import = ks_teller_import(teller);
    return event->symbol == NULL && (event->has & KLDR_EVENT_HAS_ORDINAL) == 0 && import != NULL &&
           import->fresh && ks_teller_same_name(import->begin->module, event->module) &&
           ks_teller_same_name(import->begin->importer, event->importer);
}

void ks_tell_missing(struct ks_teller *teller, const struct kldr_event *event)
{
    if (was_told(teller, event)) {
        return;
    }
    struct ks_text_line *line = ks_teller_begin(teller, event, "missing");
    ks_text_line_foreign(line, event->module);
    if (event->symbol != NULL) {
        ks_text_line_text(line, "!");
        ks_text_line_foreign(line, event->symbol);
    } else if ((event->has & KLDR_EVENT_HAS_ORDINAL) != 0) {
        ks_text_line_text(line, "!#");
        ks_text_line_number(line, event->ordinal);
    }
    ks_text_line_text(line, ", imported by ");
    ks_text_line_foreign(line, event->importer);
    ks_text_line_status(line, event->status);
    ks_teller_end(teller, KS_STYLE_CAUTION);
}

void ks_tell_unbound(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_text_line *line = ks_teller_begin(teller, event, "import");
    ks_text_line_name(line, event->module);
    ks_text_line_text(line, "left unresolved: the descriptors end before it");
    ks_text_line_fact(line, event->fact == NULL ? "R2" : event->fact);
    ks_teller_end(teller, KS_STYLE_CAUTION);
}

// ---- counts ----

void ks_tell_reference(struct ks_teller *teller, const struct kldr_event *event)
{
    struct ks_open_import *import = ks_teller_import(teller);
    if (import != NULL && import->reference == NULL && event->kind != KLDR_EVENT_REF_DROP &&
        ks_teller_same_name(event->holder, import->begin->importer) &&
        ks_teller_same_name(event->module, import->begin->module)) {
        import->reference = event; // told when the import ends
        return;
    }
    if (ks_teller_is_kernel(event->module)) {
        return;
    }
    bool drop = event->kind == KLDR_EVENT_REF_DROP, skip = event->kind == KLDR_EVENT_REF_SKIP;
    struct ks_text_line *line = ks_teller_begin(teller, event,
                                                drop   ? "release"
                                                : skip ? "skip"
                                                       : "hold");
    ks_text_line_name(line, event->module);
    ks_text_line_text(line, "by ");
    ks_text_line_foreign(line, event->holder);
    if (skip) {
        ks_text_line_text(line, ", not counted: ");
        ks_text_line_foreign(line, event->reason);
        ks_text_line_fact(line, event->fact);
    } else {
        ks_text_line_count(line, event);
    }
    ks_teller_end(teller, KS_STYLE_PLAIN);
}

void ks_tell_resident(struct ks_teller *teller, const struct kldr_event *event)
{
    bool refused = event->reason != NULL && strcmp(event->reason, "refused") == 0;
    struct ks_text_line *line = ks_teller_begin(teller, event, "stays");
    ks_text_line_name(line, event->module);
    ks_text_line_text(line, refused ? "DllUnload refused" : "it has no DllUnload");
    ks_text_line_count(line, event);
    ks_text_line_fact(line, event->fact);
    ks_teller_end(teller, KS_STYLE_CAUTION);
}
