// SPDX-License-Identifier: MIT

#include "scenario/run/observe.h"

#include <stdio.h>
#include <string.h>

// ---- collecting ----

static struct ks_seen_item *add_item(struct ks_runner *runner, struct ks_seen *seen)
{
    if (seen->count == seen->capacity) {
        size_t capacity = seen->capacity == 0 ? 16 : seen->capacity * 2;
        struct ks_seen_item *items = ks_arena_take(&runner->arena, capacity, sizeof *items);
        if (items == NULL) {
            runner->out_of_memory = true;
            return NULL;
        }
        if (seen->count > 0) {
            memcpy(items, seen->items, seen->count * sizeof *items);
        }
        seen->items = items;
        seen->capacity = capacity;
    }
    struct ks_seen_item *item = &seen->items[seen->count++];
    *item = (struct ks_seen_item){0};
    return item;
}

static void add_text(struct ks_runner *runner, struct ks_seen *seen, const char *text,
                     const char *alternative)
{
    struct ks_seen_item *item = add_item(runner, seen);
    if (item != NULL) {
        item->text = text != NULL ? text : "";
        item->alternative = alternative;
    }
}

void ks_observe_add_text(struct ks_runner *runner, struct ks_seen *seen, const char *text)
{
    add_text(runner, seen, ks_run_text(runner, "%s", text), NULL);
}

static void add_field(struct ks_seen_item *item, const char *name, const char *text)
{
    if (item != NULL && text != NULL && item->field_count < KS_SEEN_FIELDS) {
        item->fields[item->field_count++] = (struct ks_seen_field){name, text, 0};
    }
}

static void add_number(struct ks_seen_item *item, const char *name, uint64_t number)
{
    if (item != NULL && item->field_count < KS_SEEN_FIELDS) {
        item->fields[item->field_count++] = (struct ks_seen_field){name, NULL, number};
    }
}

// ---- from one event ----

// "image.mapped a.sys", in the words of A41.
static const char *event_text(struct ks_runner *runner, const struct kldr_event *event)
{
    const char *name = kldr_event_name(event->kind), *subject = event->module;
    switch (event->kind) {
    case KLDR_EVENT_CALL_BEGIN:
    case KLDR_EVENT_CALL_END:
        return ks_run_text(runner, "%s %s!%s", name, event->module, event->symbol);
    case KLDR_EVENT_STEP_BEGIN:
    case KLDR_EVENT_STEP_END:
        return event->target != NULL
                   ? ks_run_text(runner, "%s %s %s", name, event->text, event->target)
                   : ks_run_text(runner, "%s %s", name, event->text);
    case KLDR_EVENT_IMAGE_OPEN:
        subject = event->path;
        break;
    case KLDR_EVENT_IMPORT_BEGIN:
    case KLDR_EVENT_IMPORT_END:
    case KLDR_EVENT_IMPORT_BOUND:
    case KLDR_EVENT_IMPORT_UNBOUND:
    case KLDR_EVENT_IMPORT_MISSING:
        subject = event->importer;
        break;
    case KLDR_EVENT_DRIVER_CREATED:
    case KLDR_EVENT_DRIVER_DELETED:
    case KLDR_EVENT_DRIVER_UNLOAD_PENDING:
    case KLDR_EVENT_DRIVER_RESURRECTED:
        subject = event->service;
        break;
    case KLDR_EVENT_FINDING:
        return ks_run_text(runner, "%s %s", name, event->reason);
    default:
        break;
    }
    return subject != NULL ? ks_run_text(runner, "%s %s", name, subject) : name;
}

// The other way to write the same event: a path by its base name.
static const char *event_alternative(struct ks_runner *runner, const struct kldr_event *event)
{
    const char *backslash =
        event->kind == KLDR_EVENT_IMAGE_OPEN ? strrchr(event->path, '\\') : NULL;
    return backslash != NULL
               ? ks_run_text(runner, "%s %s", kldr_event_name(event->kind), backslash + 1)
               : NULL;
}

static void add_log(struct ks_runner *runner, struct ks_seen *seen, const struct kldr_event *event)
{
    struct ks_seen_item *item = add_item(runner, seen);
    add_field(item, "image", event->path);
    add_field(item, "missing_module", event->missing_module);
    add_field(item, "missing_procedure", event->symbol);
    if (event->has & KLDR_EVENT_HAS_VALUE) {
        add_number(item, "value", event->value);
    }
}

static void add_missing(struct ks_runner *runner, struct ks_seen *seen,
                        const struct kldr_event *event)
{
    struct ks_seen_item *item = add_item(runner, seen);
    add_field(item, "importer", event->importer);
    add_field(item, "module", event->module);
    add_field(item, "export", event->symbol);
    if (event->has & KLDR_EVENT_HAS_ORDINAL) {
        add_number(item, "ordinal", event->ordinal);
    }
}

static void add_finding(struct ks_runner *runner, struct ks_seen *seen,
                        const struct kldr_event *event)
{
    struct ks_seen_item *item = add_item(runner, seen);
    add_field(item, "kind", event->reason);
    add_field(item, "module", event->module);
    add_field(item, "target", event->target);
    add_field(item, "export", event->symbol);
    add_field(item, "tag", event->argument);
    if (event->has & KLDR_EVENT_HAS_VALUE) {
        add_number(item, "bytes", event->value);
    }
    if (event->has & KLDR_EVENT_HAS_COUNT) {
        add_number(item, "count", (uint64_t)event->count);
    }
    if (strcmp(event->reason, "uncounted-reference") == 0) {
        add_field(item, "reason", event->detail);
    }
}

static void observe_event(struct ks_runner *runner, struct ks_seen *seen, enum ks_view view,
                          const struct kldr_event *event)
{
    enum kldr_event_kind kind = event->kind;
    if (view == KS_VIEW_EVENTS) {
        add_text(runner, seen, event_text(runner, event), event_alternative(runner, event));
    } else if (view == KS_VIEW_CALLS && kind == KLDR_EVENT_CALL_BEGIN) {
        add_text(runner, seen, ks_run_text(runner, "%s!%s", event->module, event->symbol),
                 ks_run_text(runner, "%s!%s", event->path, event->symbol));
    } else if (view == KS_VIEW_PRINTED && kind == KLDR_EVENT_DEBUG_PRINT) {
        add_text(runner, seen, event->text, NULL);
    } else if (view == KS_VIEW_UNLOADED && kind == KLDR_EVENT_IMAGE_UNMAPPED && event->flag) {
        add_text(runner, seen, event->module, NULL);
    } else if (view == KS_VIEW_NOTIFIED && kind == KLDR_EVENT_IMAGE_NOTIFY) {
        add_text(runner, seen, event->module, event->path);
    } else if (view == KS_VIEW_OPENED && kind == KLDR_EVENT_IMAGE_OPEN &&
               event->status == KLDR_STATUS_SUCCESS) {
        const char *backslash = strrchr(event->path, '\\');
        add_text(runner, seen, event->path, backslash != NULL ? backslash + 1 : NULL);
    } else if (view == KS_VIEW_LOG && kind == KLDR_EVENT_LOG_RECORD) {
        add_log(runner, seen, event);
    } else if (view == KS_VIEW_MISSING && kind == KLDR_EVENT_IMPORT_MISSING) {
        add_missing(runner, seen, event);
    } else if (view == KS_VIEW_FINDINGS && kind == KLDR_EVENT_FINDING) {
        add_finding(runner, seen, event);
    }
}

// ---- from the module list ----

static struct ks_seen observe_modules(struct ks_runner *runner)
{
    struct ks_seen seen = {0};
    const struct kldr_loader *loader = runner->world->loader;
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        struct kldr_module_info module;
        if (kldr_loader_module(loader, id, &module) && !module.core) {
            const char *name = ks_observe_name(runner, id);
            const char *other = name == module.base_name ? module.full_name : module.base_name;
            add_text(runner, &seen, ks_run_text(runner, "%s", name),
                     ks_run_text(runner, "%s", other));
        }
    }
    return seen;
}

static struct ks_seen observe_ring(struct ks_runner *runner)
{
    struct ks_seen seen = {0};
    for (size_t i = 0; i < runner->ring_count; i++) {
        add_text(runner, &seen, runner->ring[(runner->ring_first + i) % KS_RING_SIZE], NULL);
    }
    return seen;
}

static struct ks_seen observe_port_writes(struct ks_runner *runner, size_t first)
{
    struct ks_seen seen = {0};
    const struct ks_port_write *writes = NULL;
    size_t count = ks_io_services(runner->world)->port_writes(runner->world, &writes);
    for (size_t i = first; i < count; i++) {
        struct ks_seen_item *item = add_item(runner, &seen);
        add_number(item, "port", writes[i].port);
        add_number(item, "value", writes[i].value);
        add_number(item, "width", writes[i].width);
    }
    return seen;
}

struct ks_seen ks_observe(struct ks_runner *runner, enum ks_view view,
                          const struct ks_step_outcome *outcome)
{
    struct ks_seen seen = {0};
    if (view == KS_VIEW_MODULES) {
        return observe_modules(runner);
    }
    if (view == KS_VIEW_RING) {
        return observe_ring(runner);
    }
    if (view == KS_VIEW_PORT_WRITES) {
        return observe_port_writes(runner, outcome->first_port_write);
    }
    for (size_t i = outcome->first_event; i < outcome->end_event; i++) {
        observe_event(runner, &seen, view, ks_event_log_at(runner->log, i));
    }
    return seen;
}

struct ks_seen ks_observe_imports(struct ks_runner *runner, uint32_t module_id)
{
    struct ks_seen seen = {0};
    uint32_t target = 0;
    for (uint32_t i = 0; (target = kldr_loader_import(runner->world->loader, module_id, i)) != 0;
         i++) {
        struct kldr_module_info module;
        if (kldr_loader_module(runner->world->loader, target, &module) && !module.core) {
            add_text(runner, &seen, ks_run_text(runner, "%s", ks_observe_name(runner, target)),
                     ks_run_text(runner, "%s", module.full_name));
        }
    }
    return seen;
}

// ---- modules by name ----

uint32_t ks_observe_module(const struct ks_runner *runner, const char *name, bool *out_ambiguous)
{
    const struct kldr_loader *loader = runner->world->loader;
    uint32_t found = kldr_loader_find_full(loader, name);
    unsigned times = 0;
    *out_ambiguous = false;
    for (uint32_t id = kldr_loader_first(loader); found == 0 && id != 0;
         id = kldr_loader_next(loader, id)) {
        struct kldr_module_info module;
        if (kldr_loader_module(loader, id, &module) && ks_same_name(module.base_name, name)) {
            times++;
        }
    }
    *out_ambiguous = times > 1;
    return found != 0 ? found : kldr_loader_find(loader, name);
}

const char *ks_observe_name(const struct ks_runner *runner, uint32_t module_id)
{
    const struct kldr_loader *loader = runner->world->loader;
    struct kldr_module_info module, other;
    if (!kldr_loader_module(loader, module_id, &module)) {
        return "?";
    }
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        if (id != module_id && kldr_loader_module(loader, id, &other) &&
            ks_same_name(other.base_name, module.base_name)) {
            return module.full_name;
        }
    }
    return module.base_name;
}

static bool is_held(const struct ks_runner *runner, uint32_t module_id)
{
    const struct kldr_loader *loader = runner->world->loader;
    for (uint32_t holder = kldr_loader_first(loader); holder != 0;
         holder = kldr_loader_next(loader, holder)) {
        uint32_t target = 0;
        for (uint32_t i = 0; (target = kldr_loader_import(loader, holder, i)) != 0; i++) {
            if (target == module_id) {
                return true;
            }
        }
    }
    return ks_io_driver_of_module(runner->world, module_id) != NULL ||
           ks_id_set_has(&runner->world->load_images, module_id);
}

const char *ks_observe_state(const struct ks_runner *runner, uint32_t module_id)
{
    struct kldr_module_info module;
    if (!kldr_loader_module(runner->world->loader, module_id, &module)) {
        return "absent";
    }
    if (module.state == KLDR_MODULE_LOADING) {
        return "loading";
    }
    const struct ks_driver *driver = ks_io_driver_of_module(runner->world, module_id);
    if (driver != NULL && driver->unload_pending) {
        return "unload-pending";
    }
    bool may_stay = module.refused || !module.has_dllunload || module.inactive ||
                    module.never_counted || module.boot_sentinel;
    return may_stay && !is_held(runner, module_id) ? "resident" : "loaded";
}
