// SPDX-License-Identifier: MIT
// Who holds a module: import lists, followed up to driver objects and load_image references; and
// references that exist without holding anything.

#include "why/why_parts.h"

#include <string.h>

#define CHAINS_MOST 16

// ---- direct holders ----

unsigned ks_why_times_held(const struct ks_runner *runner, uint32_t holder, uint32_t target)
{
    unsigned times = 0;
    uint32_t id = 0;
    for (uint32_t i = 0; (id = kldr_loader_import(runner->world->loader, holder, i)) != 0; i++) {
        times += id == target;
    }
    return times;
}

static bool has_importer(const struct ks_runner *runner, uint32_t id)
{
    const struct kldr_loader *loader = runner->world->loader;
    uint32_t holder = kldr_loader_first(loader);
    while (holder != 0 && ks_why_times_held(runner, holder, id) == 0) {
        holder = kldr_loader_next(loader, holder);
    }
    return holder != 0;
}

bool ks_why_is_held(const struct ks_runner *runner, uint32_t id)
{
    return ks_io_driver_of_module(runner->world, id) != NULL ||
           ks_id_set_has(&runner->world->load_images, id) || has_importer(runner, id);
}

// ---- chains ----

// A walk from one module up to everybody who holds it, nearest first.
struct walk {
    struct ks_runner *runner;
    struct ks_why *why;
    uint32_t *ids;  // reached, in order
    size_t *parent; // index of whom it was reached from
    size_t count, capacity;
};

static bool reached(const struct walk *walk, uint32_t id)
{
    for (size_t i = 0; i < walk->count; i++) {
        if (walk->ids[i] == id) {
            return true;
        }
    }
    return id == walk->why->module_id;
}

static void reach(struct walk *walk, uint32_t id, size_t parent)
{
    if (walk->count < walk->capacity && !reached(walk, id)) {
        walk->ids[walk->count] = id;
        walk->parent[walk->count++] = parent;
    }
}

static struct ks_why_chain *add_chain(struct ks_runner *runner, struct ks_why_chains *chains)
{
    if (chains->count == CHAINS_MOST) {
        chains->more = true;
        return NULL;
    }
    if (chains->items == NULL) {
        chains->items = ks_arena_take(&runner->arena, CHAINS_MOST, sizeof *chains->items);
    }
    if (chains->items == NULL) {
        runner->out_of_memory = true;
        return NULL;
    }
    struct ks_why_chain *chain = &chains->items[chains->count++];
    *chain = (struct ks_why_chain){.root = KS_WHY_ROOT_NOBODY, .times = 1};
    return chain;
}

// The modules from the direct holder (the end of the walk's path) to the one at index.
static void set_path(struct walk *walk, struct ks_why_chain *chain, size_t index)
{
    size_t length = 1;
    for (size_t i = index; walk->parent[i] != SIZE_MAX; i = walk->parent[i]) {
        length++;
    }
    uint32_t *ids = ks_arena_take(&walk->runner->arena, length, sizeof *ids);
    const char **names = ks_arena_take(&walk->runner->arena, length, sizeof *names);
    if (ids == NULL || names == NULL) {
        walk->runner->out_of_memory = true;
        return;
    }
    for (size_t i = index, at = length; at-- > 0; i = walk->parent[i]) {
        ids[at] = walk->ids[i];
        names[at] = ks_run_text(walk->runner, "%s", ks_observe_name(walk->runner, walk->ids[i]));
    }
    chain->ids = ids;
    chain->names = names;
    chain->count = length;
    chain->times = ks_why_times_held(walk->runner, ids[0], walk->why->module_id);
}

static void add_driver_chain(struct walk *walk, size_t index, const struct ks_driver *driver)
{
    struct ks_why_chain *chain = add_chain(walk->runner, &walk->why->chains);
    if (chain != NULL) {
        chain->root = KS_WHY_ROOT_DRIVER;
        chain->root_name = ks_run_text(walk->runner, "%s", driver->object_name);
        chain->service = ks_run_text(walk->runner, "%s", driver->service);
        if (index != SIZE_MAX) {
            set_path(walk, chain, index);
        }
    }
}

static void add_other_chain(struct walk *walk, size_t index, enum ks_why_root root, uint32_t id)
{
    struct ks_why_chain *chain = add_chain(walk->runner, &walk->why->chains);
    if (chain != NULL) {
        chain->root = root;
        chain->root_name = ks_run_text(walk->runner, "%s", ks_observe_name(walk->runner, id));
        if (index != SIZE_MAX) {
            set_path(walk, chain, index);
        }
    }
}

// The ends that a module is for chains; index SIZE_MAX: the module that is asked about.
static void add_ends(struct walk *walk, size_t index, uint32_t id)
{
    const struct kldr_world *world = walk->runner->world;
    const struct ks_driver *driver = ks_io_driver_of_module(world, id);
    bool by_image = ks_id_set_has(&world->load_images, id);
    struct kldr_module_info info;
    if (driver != NULL) {
        add_driver_chain(walk, index, driver);
    }
    if (by_image) {
        add_other_chain(walk, index, KS_WHY_ROOT_LOAD_IMAGE, id);
    }
    if (driver == NULL && !by_image && index != SIZE_MAX && !has_importer(walk->runner, id) &&
        kldr_loader_module(world->loader, id, &info)) {
        // A load in progress holds its image for the one who asked for it.
        bool in_load = !info.refused && !info.inactive && !info.never_counted &&
                       !info.boot_sentinel && info.orphans == 0 && info.load_count > 0;
        add_other_chain(walk, index, in_load ? KS_WHY_ROOT_LOADING : KS_WHY_ROOT_NOBODY, id);
    }
}

static void reach_importers(struct walk *walk, uint32_t id, size_t parent)
{
    const struct kldr_loader *loader = walk->runner->world->loader;
    for (uint32_t holder = kldr_loader_first(loader); holder != 0;
         holder = kldr_loader_next(loader, holder)) {
        if (ks_why_times_held(walk->runner, holder, id) > 0) {
            reach(walk, holder, parent);
        }
    }
}

// "port.sys is held by mini1.sys, which is held by driver object \Driver\mini1"
static const char *chain_text(struct ks_runner *runner, const struct ks_why *why,
                              const struct ks_why_chain *chain)
{
    const char *text = why->module;
    for (size_t i = 0; i < chain->count; i++) {
        text = ks_run_text(runner, "%s%s %s", text, i == 0 ? " is held by" : ", which is held by",
                           chain->names[i]);
        if (i == 0 && chain->times > 1) {
            text = ks_run_text(runner, "%s (%u times)", text, chain->times);
        }
    }
    const char *held = chain->count == 0 ? " is held by" : ", which is held by";
    switch (chain->root) {
    case KS_WHY_ROOT_DRIVER:
        return ks_run_text(runner, "%s%s driver object %s", text, held, chain->root_name);
    case KS_WHY_ROOT_LOAD_IMAGE:
        return ks_run_text(runner, "%s%s a load_image reference", text, held);
    case KS_WHY_ROOT_LOADING:
        return ks_run_text(runner, "%s, whose load is in progress", text);
    case KS_WHY_ROOT_NOBODY:
        break;
    }
    struct kldr_module_info top;
    struct ks_why_note rule = {NULL, NULL, 0, ""};
    if (chain->count > 0 &&
        kldr_loader_module(runner->world->loader, chain->ids[chain->count - 1], &top)) {
        rule = ks_why_rule_alone(runner, &top);
    }
    return rule.text != NULL ? ks_run_text(runner, "%s, which nothing holds: %s", text, rule.text)
                             : ks_run_text(runner, "%s, which nothing holds", text);
}

void ks_why_find_holders(struct ks_runner *runner, struct ks_why *why)
{
    struct walk walk = {.runner = runner, .why = why};
    const struct kldr_loader *loader = runner->world->loader;
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        walk.capacity++;
    }
    walk.ids = ks_arena_take(&runner->arena, walk.capacity, sizeof *walk.ids);
    walk.parent = ks_arena_take(&runner->arena, walk.capacity, sizeof *walk.parent);
    if (walk.ids == NULL || walk.parent == NULL) {
        runner->out_of_memory = true;
        return;
    }
    add_ends(&walk, SIZE_MAX, why->module_id);
    reach_importers(&walk, why->module_id, SIZE_MAX);
    for (size_t i = 0; i < walk.count; i++) {
        add_ends(&walk, i, walk.ids[i]);
        reach_importers(&walk, walk.ids[i], i);
    }
    for (size_t i = 0; i < why->chains.count; i++) {
        why->chains.items[i].text = chain_text(runner, why, &why->chains.items[i]);
    }
}

// ---- references that hold no count ----

static const struct {
    const char *reason; // of ref.skip
    const char *text;
} loose_kinds[] = {
    {"self", "imports itself: not counted"},
    {"cycle", "imports it in a circle: it was still loading then, so no count was taken"},
    {"forwarder", "reaches it through a forwarder: no count is taken on a forwarder's target"},
    {"never-counted", "imports it under a name that is never counted"},
    {"inactive", "imports it: counting is not active for it"},
    {"boot-sentinel", "imports it: its entry has the boot sentinel, whose count is never touched"},
};

static bool loose_listed(const struct ks_why *why, const char *text)
{
    for (size_t i = 0; i < why->loose.count; i++) {
        if (strcmp(why->loose.items[i].text, text) == 0) {
            return true;
        }
    }
    return false;
}

static void add_loose(struct ks_runner *runner, struct ks_why *why, uint32_t importer,
                      const struct kldr_event *event, const char *what)
{
    const char *text = ks_run_text(runner, "%s %s", ks_observe_name(runner, importer), what);
    if (!loose_listed(why, text)) {
        ks_why_add(runner, &why->loose, event != NULL ? event->step : 0,
                   event != NULL ? event->fact : "B3", text);
    }
}

static void see_skip(struct ks_runner *runner, struct ks_why *why, const struct kldr_event *event)
{
    struct kldr_module_info importer;
    if (event->kind != KLDR_EVENT_REF_SKIP || event->module_id != why->module_id ||
        !kldr_loader_module(runner->world->loader, event->importer_id, &importer)) {
        return;
    }
    for (size_t i = 0; i < sizeof loose_kinds / sizeof loose_kinds[0]; i++) {
        if (strcmp(loose_kinds[i].reason, event->reason) == 0) {
            add_loose(runner, why, event->importer_id, event, loose_kinds[i].text);
        }
    }
}

struct cell_search {
    uint32_t target;
    bool found;
};

static bool see_cell(void *user, const struct kldr_binding *binding)
{
    struct cell_search *search = user;
    search->found = binding->bound && !binding->forwarded && binding->direct_id == search->target;
    return !search->found;
}

static bool was_counted(const struct ks_runner *runner, uint32_t importer, uint32_t target)
{
    for (size_t i = ks_event_log_count(runner->log); i-- > 0;) {
        const struct kldr_event *event = ks_event_log_at(runner->log, i);
        if ((event->kind == KLDR_EVENT_REF_ADD || event->kind == KLDR_EVENT_REF_SKIP) &&
            event->module_id == target && event->importer_id == importer) {
            return true;
        }
    }
    return false;
}

void ks_why_find_loose(struct ks_runner *runner, struct ks_why *why)
{
    const struct kldr_loader *loader = runner->world->loader;
    for (size_t i = 0; i < ks_event_log_count(runner->log); i++) {
        see_skip(runner, why, ks_event_log_at(runner->log, i));
    }
    // Cells of boot images that nothing was said of: the image has no IAT directory.
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        struct cell_search search = {why->module_id, false};
        kldr_loader_bindings(loader, id, see_cell, &search);
        if (search.found && !was_counted(runner, id, why->module_id) &&
            ks_why_times_held(runner, id, why->module_id) == 0) {
            add_loose(runner, why, id, NULL,
                      "imports it and holds no count: its imports were not seen at boot");
        }
    }
}
