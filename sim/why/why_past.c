// SPDX-License-Identifier: MIT
// Modules that are not there: how the last instance went, or why none came. Read from the events,
// newest first.

#include "why/why_parts.h"

#include <string.h>

#define CHAIN_MOST 32

// The events of a run, and the name that is asked about.
struct past {
    struct ks_runner *runner;
    struct ks_why *why;
    const char *name; // base name or full path
};

static const struct kldr_event *event_at(const struct past *past, size_t index)
{
    return ks_event_log_at(past->runner->log, index);
}

static bool is_named(const struct past *past, const char *path)
{
    const char *base = strrchr(path, '\\');
    return ks_same_name(path, past->name) ||
           (past->name[0] != '\\' && ks_same_name(base != NULL ? base + 1 : path, past->name));
}

// The index of the newest event of a kind for a module, below end. SIZE_MAX: none.
static size_t find_before(const struct past *past, enum kldr_event_kind kind, uint32_t module_id,
                          size_t end)
{
    for (size_t i = end; i-- > 0;) {
        const struct kldr_event *event = event_at(past, i);
        if (event->kind == kind && event->module_id == module_id) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void add(const struct past *past, const struct kldr_event *event, const char *fact,
                const char *text)
{
    ks_why_add(past->runner, &past->why->rules, event->step, fact, text);
}

static const char *status_text(const struct past *past, kldr_status status)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    return ks_run_text(past->runner, "%s", kldr_status_format(status, text));
}

// ---- why a load failed ----

// What the resolution of importer could not find, below end and in the same step. NULL: nothing.
static const char *missing_text(const struct past *past, uint32_t importer, size_t begin,
                                size_t end)
{
    for (size_t i = begin; i < end; i++) {
        const struct kldr_event *event = event_at(past, i);
        if (event->kind != KLDR_EVENT_IMPORT_MISSING || event->importer_id != importer) {
            continue;
        }
        const char *status = status_text(past, event->status);
        if (event->symbol != NULL) {
            return ks_run_text(past->runner, "it imports %s!%s, which is not exported: %s",
                               event->module, event->symbol, status);
        }
        if (event->has & KLDR_EVENT_HAS_ORDINAL) {
            return ks_run_text(past->runner, "it imports %s!#%u, which is not exported: %s",
                               event->module, (unsigned)event->ordinal, status);
        }
        return ks_run_text(past->runner, "it imports %s, which was not found: %s", event->module,
                           status);
    }
    return NULL;
}

// The import of importer whose load failed.
static const char *failed_import_text(const struct past *past, uint32_t importer, size_t begin,
                                      size_t end)
{
    for (size_t i = end; i-- > begin;) {
        const struct kldr_event *event = event_at(past, i);
        if (event->kind == KLDR_EVENT_IMPORT_END && event->importer_id == importer &&
            strcmp(event->reason, "failed") == 0) {
            return ks_run_text(past->runner, "its import of %s failed: %s", event->module,
                               status_text(past, event->status));
        }
    }
    return NULL;
}

// Why a listed module was taken off the list before it was loaded (L15).
static const char *load_failure(const struct past *past, uint32_t id, size_t begin, size_t end)
{
    const char *text = missing_text(past, id, begin, end);
    text = text != NULL ? text : failed_import_text(past, id, begin, end);
    return text != NULL ? text : "its load could not be completed";
}

// ---- how a module went ----

static bool is_dllunload_end(const struct kldr_event *event, uint32_t id)
{
    return event->kind == KLDR_EVENT_CALL_END && event->module_id == id && event->flag &&
           strcmp(event->symbol, "DllUnload") == 0;
}

// The value that the routine of a module last returned below end; NULL when it did not run.
static const struct kldr_event *call_end(const struct past *past, uint32_t id, const char *routine,
                                         size_t begin, size_t end)
{
    for (size_t i = end; i-- > begin;) {
        const struct kldr_event *event = event_at(past, i);
        if (event->kind == KLDR_EVENT_CALL_END && event->module_id == id &&
            strcmp(event->symbol, routine) == 0) {
            return event;
        }
    }
    return NULL;
}

// Why a driver object, or the reference that stood for one, was dropped.
static void tell_driver_went(struct past *past, const struct kldr_event *drop, size_t listed,
                             size_t index)
{
    const struct kldr_event *entry = call_end(past, drop->module_id, "DriverEntry", listed, index);
    const struct kldr_event *unload =
        call_end(past, drop->module_id, "DriverUnload", listed, index);
    if (entry != NULL && unload == NULL) {
        add(past, drop, "H10",
            ks_run_text(past->runner, "DriverEntry of %s returned %s, so its image was unloaded",
                        drop->module, status_text(past, entry->status)));
    } else if (unload != NULL) {
        add(past, drop, "H12",
            ks_run_text(past->runner, "the driver object of %s was deleted after DriverUnload",
                        drop->module));
    } else {
        add(past, drop, "H18",
            ks_run_text(past->runner, "%s was not allowed to start, so its image was unloaded",
                        drop->module));
    }
}

static void tell_drop(struct past *past, const struct kldr_event *drop, size_t listed, size_t index)
{
    if (strcmp(drop->reason, "dllinitialize-failed") == 0) {
        const struct kldr_event *call =
            call_end(past, drop->module_id, "DllInitialize", listed, index);
        add(past, drop, "N8",
            ks_run_text(past->runner,
                        "DllInitialize of %s returned %s, so it was removed without DllUnload",
                        drop->module, status_text(past, call != NULL ? call->status : 0)));
    } else if (strcmp(drop->reason, "import") == 0) {
        add(past, drop, "U4",
            ks_run_text(past->runner, "%s dropped its import of %s, the last one", drop->holder,
                        drop->module));
    } else if (strcmp(drop->holder, "load_image") == 0) {
        add(past, drop, "U1",
            ks_run_text(past->runner, "unload_image gave back the last reference on %s",
                        drop->module));
    } else {
        tell_driver_went(past, drop, listed, index);
    }
}

// The reason why a holder let go, up to where it began.
static void tell_chain(struct past *past, uint32_t id, size_t end)
{
    for (unsigned i = 0; i < CHAIN_MOST; i++) {
        size_t drop = find_before(past, KLDR_EVENT_REF_DROP, id, end);
        size_t listed = find_before(past, KLDR_EVENT_IMAGE_LISTED, id, end);
        listed = listed == SIZE_MAX ? 0 : listed;
        if (drop == SIZE_MAX || drop < listed) {
            size_t ready = find_before(past, KLDR_EVENT_IMAGE_NOTIFY, id, end);
            if (ready == SIZE_MAX) {
                add(past, event_at(past, listed), i == 0 ? "L15" : "R15",
                    ks_run_text(past->runner, "the load of %s failed: %s",
                                event_at(past, listed)->module,
                                load_failure(past, id, listed, end)));
            }
            return;
        }
        tell_drop(past, event_at(past, drop), listed, drop);
        if (strcmp(event_at(past, drop)->reason, "import") != 0) {
            return;
        }
        id = event_at(past, drop)->importer_id;
        end = drop;
    }
}

static void tell_dllunload(struct past *past, uint32_t id, size_t end)
{
    struct ks_why_notes *notes = &past->why->dllunload;
    size_t listed = find_before(past, KLDR_EVENT_IMAGE_LISTED, id, end);
    bool asked = false;
    for (size_t i = listed == SIZE_MAX ? 0 : listed; i < end; i++) {
        asked = asked || is_dllunload_end(event_at(past, i), id);
    }
    size_t drop = find_before(past, KLDR_EVENT_REF_DROP, id, end);
    bool has_drop = drop != SIZE_MAX && (listed == SIZE_MAX || drop > listed);
    if (asked) {
        ks_why_find_dllunload(past->runner, past->why);
    } else if (!has_drop) {
        ks_why_add(past->runner, notes, 0, "L15", "it was not called: the load was not complete");
    } else if (strcmp(event_at(past, drop)->reason, "dllinitialize-failed") == 0) {
        ks_why_add(past->runner, notes, 0, "N8", "it was not called: DllInitialize had failed");
    } else {
        ks_why_add(past->runner, notes, 0, "U11",
                   "it was not called: the last reference was no import, and only the drop of an "
                   "import asks it");
    }
}

static bool own_load_failed(const struct past *past, uint32_t id, size_t end)
{
    size_t drop = find_before(past, KLDR_EVENT_REF_DROP, id, end);
    size_t listed = find_before(past, KLDR_EVENT_IMAGE_LISTED, id, end);
    if (drop == SIZE_MAX || (listed != SIZE_MAX && drop < listed)) {
        return true;
    }
    const struct kldr_event *event = event_at(past, drop);
    const struct kldr_event *entry =
        call_end(past, id, "DriverEntry", listed == SIZE_MAX ? 0 : listed, drop);
    const struct kldr_event *unload =
        call_end(past, id, "DriverUnload", listed == SIZE_MAX ? 0 : listed, drop);
    return strcmp(event->reason, "dllinitialize-failed") == 0 ||
           (strcmp(event->reason, "unload") == 0 && strcmp(event->holder, "load_image") != 0 &&
            unload == NULL && (entry == NULL || !KLDR_NT_SUCCESS(entry->status)));
}

static void tell_went(struct past *past, size_t unlisted)
{
    const struct kldr_event *event = event_at(past, unlisted);
    past->why->module_id = event->module_id;
    past->why->module = ks_run_text(past->runner, "%s", event->module);
    past->why->presence =
        own_load_failed(past, event->module_id, unlisted) ? KS_WHY_FAILED : KS_WHY_WENT;
    tell_chain(past, event->module_id, unlisted);
    tell_dllunload(past, event->module_id, unlisted);
}

// ---- loads that never got so far ----

// The failing status of the load that opened the file: of the next import that failed, or of the
// step.
static const struct kldr_event *failed_end(const struct past *past, size_t index)
{
    for (size_t i = index; i < ks_event_log_count(past->runner->log); i++) {
        const struct kldr_event *event = event_at(past, i);
        bool import = event->kind == KLDR_EVENT_IMPORT_END && is_named(past, event->module);
        bool step = event->kind == KLDR_EVENT_STEP_END;
        if ((import || step) && (event->has & KLDR_EVENT_HAS_STATUS) != 0 &&
            !KLDR_NT_SUCCESS(event->status)) {
            return event;
        }
    }
    return NULL;
}

// Who imports a file that is not there; nothing when a step asked for it.
static void tell_importer(struct past *past, size_t index)
{
    for (size_t i = index; i < ks_event_log_count(past->runner->log); i++) {
        const struct kldr_event *event = event_at(past, i);
        if (event->kind == KLDR_EVENT_STEP_END) {
            return;
        }
        if (event->kind == KLDR_EVENT_IMPORT_MISSING && is_named(past, event->module)) {
            add(past, event, NULL, ks_run_text(past->runner, "%s imports it", event->importer));
            return;
        }
    }
}

static void tell_not_opened(struct past *past, size_t index)
{
    const struct kldr_event *event = event_at(past, index);
    past->why->presence = KS_WHY_FAILED;
    if (!KLDR_NT_SUCCESS(event->status)) {
        add(past, event, "L8",
            ks_run_text(past->runner, "its file could not be opened: %s: %s", event->path,
                        status_text(past, event->status)));
        tell_importer(past, index);
        return;
    }
    const struct kldr_event *end = failed_end(past, index);
    add(past, event, "L9",
        end != NULL ? ks_run_text(past->runner,
                                  "its file was opened, but is no image that can be "
                                  "loaded: %s",
                                  status_text(past, end->status))
                    : "its file was opened, but no image was made of it");
}

static bool was_listed_after(const struct past *past, size_t index)
{
    for (size_t i = index + 1; i < ks_event_log_count(past->runner->log); i++) {
        const struct kldr_event *event = event_at(past, i);
        if (event->kind == KLDR_EVENT_IMAGE_OPEN || event->kind == KLDR_EVENT_STEP_END) {
            return false;
        }
        if (event->kind == KLDR_EVENT_IMAGE_LISTED) {
            return is_named(past, event->module) || past->name[0] == '\\';
        }
    }
    return false;
}

// A name with a folder speaks of the instance that was opened under that path.
static bool is_instance(const struct past *past, size_t unlisted)
{
    const struct kldr_event *event = event_at(past, unlisted);
    if (past->name[0] != '\\') {
        return ks_same_name(event->module, past->name);
    }
    size_t listed = find_before(past, KLDR_EVENT_IMAGE_LISTED, event->module_id, unlisted);
    for (size_t i = listed == SIZE_MAX ? 0 : listed; i-- > 0;) {
        if (event_at(past, i)->kind == KLDR_EVENT_IMAGE_OPEN) {
            return is_named(past, event_at(past, i)->path);
        }
    }
    return false;
}

void ks_why_find_past(struct ks_runner *runner, struct ks_why *why)
{
    struct past past = {runner, why, why->module};
    for (size_t i = ks_event_log_count(runner->log); i-- > 0;) {
        const struct kldr_event *event = event_at(&past, i);
        if (event->kind == KLDR_EVENT_IMAGE_UNLISTED && is_instance(&past, i)) {
            tell_went(&past, i);
            return;
        }
        if (event->kind == KLDR_EVENT_IMAGE_OPEN && is_named(&past, event->path) &&
            !was_listed_after(&past, i)) {
            tell_not_opened(&past, i);
            return;
        }
    }
    why->presence = KS_WHY_NEVER;
    ks_why_add(runner, &why->rules, 0, NULL,
               "no step started it, and nothing that was loaded imports it");
}
