// SPDX-License-Identifier: MIT

#include "check/invariants.h"

#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

struct checker {
    const struct kldr_world *world;
    const struct ks_event_log *log;
    const struct kldr_loader *loader;
    char *why;
    size_t size;
};

static bool broken(const struct checker *checker, const char *invariant, const char *module,
                   const char *what)
{
    snprintf(checker->why, checker->size, "invariant %s is broken: %s: %s", invariant, module,
             what);
    return false;
}

static bool is_loader_call(const struct kldr_event *event, const char *routine)
{
    return event->kind == KLDR_EVENT_CALL_BEGIN && event->flag &&
           strcmp(event->symbol, routine) == 0;
}

// How often a module occurs in all import lists.
static int32_t times_imported(const struct checker *checker, uint32_t id)
{
    int32_t times = 0;
    for (uint32_t holder = kldr_loader_first(checker->loader); holder != 0;
         holder = kldr_loader_next(checker->loader, holder)) {
        uint32_t target = 0;
        for (uint32_t i = 0; (target = kldr_loader_import(checker->loader, holder, i)) != 0; i++) {
            times += target == id;
        }
    }
    return times;
}

// V1, with its exceptions: sentinel entries, inactive modules, names that are never counted (R5),
// refused DLLs (one-final: at least 1 with no referrer). A load_image reference counts as 1.
static bool check_count(const struct checker *checker, const struct kldr_module_info *module)
{
    int32_t expected = times_imported(checker, module->id) + module->orphans;
    expected += ks_io_driver_of_module(checker->world, module->id) != NULL;
    expected += ks_id_set_has(&checker->world->load_images, module->id);
    if (module->boot_sentinel || module->inactive || module->never_counted ||
        module->load_count == expected) {
        return true;
    }
    if (module->refused && module->load_count >= expected && module->load_count <= expected + 1) {
        return true;
    }
    char what[96];
    snprintf(what, sizeof what, "LoadCount is %d, its references are %d", (int)module->load_count,
             (int)expected);
    return broken(checker, "V1", module->base_name, what);
}

// A30: a module that is imported while its DllUnload agrees, its DllInitialize fails, or its own
// imports are dropped before its unmap (U3), goes all the same; the list that names it stays. That
// is Windows' mistake (finding dangling-import), not kldr's.
static bool imported_while_leaving(const struct checker *checker, uint32_t holder, uint32_t target)
{
    bool leaving = false;
    for (size_t i = 0; i < ks_event_log_count(checker->log); i++) {
        const struct kldr_event *event = ks_event_log_at(checker->log, i);
        if (event->module_id != target) {
            continue;
        }
        leaving = leaving || is_loader_call(event, "DllInitialize") ||
                  is_loader_call(event, "DllUnload") ||
                  (event->kind == KLDR_EVENT_REF_DROP && event->count == 0);
        if (leaving && event->kind == KLDR_EVENT_REF_ADD && event->importer_id == holder) {
            return true;
        }
    }
    return false;
}

static bool check_module(const struct checker *checker, const struct kldr_module_info *module)
{
    if (module->state != KLDR_MODULE_LOADED) {
        return broken(checker, "V2", module->base_name, "it is neither loaded nor gone");
    }
    uint32_t target = 0;
    struct kldr_module_info held;
    for (uint32_t i = 0; (target = kldr_loader_import(checker->loader, module->id, i)) != 0; i++) {
        if (!kldr_loader_module(checker->loader, target, &held) &&
            !imported_while_leaving(checker, module->id, target)) {
            return broken(checker, "V9", module->base_name,
                          "its import list names a module that is gone");
        }
    }
    return check_count(checker, module);
}

// V7: ids are given in the order of creation.
static bool check_order(const struct checker *checker, uint32_t id,
                        const struct kldr_module_info *module)
{
    uint32_t next = kldr_loader_next(checker->loader, id);
    return next == 0 || next > id ||
           broken(checker, "V7", module->base_name, "it is listed after a later module");
}

static bool check_list(const struct checker *checker)
{
    for (uint32_t id = kldr_loader_first(checker->loader); id != 0;
         id = kldr_loader_next(checker->loader, id)) {
        struct kldr_module_info module;
        kldr_loader_module(checker->loader, id, &module);
        if (!check_order(checker, id, &module) || !check_module(checker, &module)) {
            return false;
        }
    }
    return true;
}

// V3: an instance sees at most one DllInitialize, before any DllUnload.
static bool check_initialize(const struct checker *checker, const struct ks_event_log *log,
                             size_t index)
{
    const struct kldr_event *event = ks_event_log_at(log, index);
    for (size_t i = 0; i < index; i++) {
        const struct kldr_event *before = ks_event_log_at(log, i);
        if (before->module_id == event->module_id &&
            (is_loader_call(before, "DllInitialize") || is_loader_call(before, "DllUnload"))) {
            return broken(checker, "V3", event->module,
                          "DllInitialize was called twice or after DllUnload");
        }
    }
    return true;
}

// V4: DllUnload only when the count is about to reach zero: it has just become 0 (refused:
// zero-retry), or is 1 (one-final).
static bool check_unload(const struct checker *checker, const struct ks_event_log *log,
                         size_t index)
{
    const struct kldr_event *event = ks_event_log_at(log, index);
    bool retry =
        kldr_loader_policy(checker->loader)->value[KLDR_KNOB_REFUSED] == KLDR_REFUSED_ZERO_RETRY;
    for (size_t i = index; i-- > 0;) {
        const struct kldr_event *before = ks_event_log_at(log, i);
        if (before->module_id == event->module_id &&
            (before->kind == KLDR_EVENT_REF_ADD || before->kind == KLDR_EVENT_REF_DROP)) {
            return before->count == (retry ? 0 : 1) ||
                   broken(checker, "V4", event->module,
                          "DllUnload was called although the module is still held");
        }
    }
    return broken(checker, "V4", event->module,
                  "DllUnload was called on a module that nobody ever held");
}

static bool check_call(const struct checker *checker, const struct ks_event_log *log, size_t index)
{
    const struct kldr_event *event = ks_event_log_at(log, index);
    if (is_loader_call(event, "DllInitialize")) {
        return check_initialize(checker, log, index);
    }
    return !is_loader_call(event, "DllUnload") || check_unload(checker, log, index);
}

bool ks_invariants_hold(const struct kldr_world *world, const struct ks_event_log *log, char *why,
                        size_t size)
{
    struct checker checker = {world, log, world->loader, why, size};
    for (size_t i = 0; i < ks_event_log_count(log); i++) {
        if (!check_call(&checker, log, i)) {
            return false;
        }
    }
    return kldr_loader_stopped(world->loader, NULL) || check_list(&checker);
}
