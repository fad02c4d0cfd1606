// SPDX-License-Identifier: MIT
// What would let a module go: the references at the ends of its chains, or nothing but a reboot.
// The answer is worked out from the rules; ks_why_try also does it.

#include "why/why_parts.h"

#include <string.h>

static bool is_final(const struct ks_runner *runner)
{
    return runner->result.policy.value[KLDR_KNOB_REFUSED] == KLDR_REFUSED_ONE_FINAL;
}

// ---- what no step can undo ----

// A count that no reference of today accounts for, or an entry whose count means nothing.
static const char *stuck_count(const struct ks_runner *runner, const struct kldr_module_info *info)
{
    if (info->core || info->boot_sentinel) {
        return "U16";
    }
    if (info->inactive) {
        return "C1";
    }
    if (info->orphans > 0) {
        return "R19";
    }
    if (ks_why_times_held(runner, info->id, info->id) > 0) {
        return "B2"; // nt52 counts a self reference found at boot
    }
    if (info->refused && is_final(runner)) {
        return "U8";
    }
    if (info->never_counted && info->dependent) {
        return "R5";
    }
    return NULL;
}

static bool has_own_reference(const struct ks_runner *runner, uint32_t id)
{
    return ks_io_driver_of_module(runner->world, id) != NULL ||
           ks_id_set_has(&runner->world->load_images, id);
}

// Without DllUnload it stays when an import is the last to go; with a driver object or load_image
// reference of its own that can be the last one.
static const char *stuck(const struct ks_runner *runner, const struct kldr_module_info *info)
{
    const char *fact = stuck_count(runner, info);
    if (fact == NULL && !info->has_dllunload && !has_own_reference(runner, info->id)) {
        fact = "U10";
    }
    return fact;
}

static const struct ks_engine *engine_of(const struct ks_runner *runner, uint32_t id)
{
    const struct ks_instance *instance = ks_world_instance(runner->world, id);
    return instance != NULL ? instance->file->engine : NULL;
}

// H11: neither a driver without DriverUnload nor a PnP driver is unloaded by its service.
static const char *stuck_driver(const struct ks_runner *runner, const struct ks_driver *driver)
{
    const struct ks_engine *engine = engine_of(runner, driver->module_id);
    const struct ks_instance *instance = ks_world_instance(runner->world, driver->module_id);
    if (engine == NULL) {
        return NULL;
    }
    if (engine->has_driver_unload != NULL && !engine->has_driver_unload(instance, driver)) {
        return "has no DriverUnload";
    }
    return engine->is_pnp != NULL && engine->is_pnp(instance, driver)
               ? "is a PnP driver, which goes with its devices"
               : NULL;
}

static void add_reboot(struct ks_runner *runner, struct ks_why *why, const char *fact,
                       const char *because)
{
    ks_why_add(runner, &why->release, 0, fact,
               because != NULL ? ks_run_text(runner, "nothing but a reboot: %s", because)
                               : "nothing but a reboot");
}

// Says so and returns true when a module or driver of the chains will not go.
static bool tell_stuck(struct ks_runner *runner, struct ks_why *why,
                       const struct kldr_module_info *info)
{
    const char *fact = stuck(runner, info);
    if (fact == NULL) {
        return false;
    }
    if (info->id == why->module_id) {
        bool later = strcmp(fact, "U10") == 0 && !info->refused;
        add_reboot(runner, why, fact,
                   later ? "when its last importer goes it stays, as it exports no DllUnload"
                         : NULL);
    } else {
        add_reboot(runner, why, fact,
                   ks_run_text(runner, "%s, which holds it, stays loaded", info->base_name));
    }
    return true;
}

static bool any_stuck(struct ks_runner *runner, struct ks_why *why)
{
    struct kldr_module_info info;
    for (size_t i = 0; i < why->chains.count; i++) {
        const struct ks_why_chain *chain = &why->chains.items[i];
        for (size_t j = 0; j < chain->count; j++) {
            if (kldr_loader_module(runner->world->loader, chain->ids[j], &info) &&
                tell_stuck(runner, why, &info)) {
                return true;
            }
        }
        const struct ks_driver *driver = chain->root == KS_WHY_ROOT_DRIVER
                                             ? ks_io_find_object(runner->world, chain->root_name)
                                             : NULL;
        const char *reason = driver != NULL ? stuck_driver(runner, driver) : NULL;
        if (reason != NULL) {
            add_reboot(runner, why, "H11", ks_run_text(runner, "%s %s", chain->root_name, reason));
            return true;
        }
    }
    return false;
}

// ---- actions ----

static bool has_action(const struct ks_why *why, size_t count, const char *target)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(why->actions[i].target, target) == 0) {
            return true;
        }
    }
    return false;
}

static size_t add_chain_actions(struct ks_runner *runner, struct ks_why *why,
                                struct ks_why_action *actions, size_t count,
                                const struct ks_why_chain *chain)
{
    const struct ks_driver *driver = chain->root == KS_WHY_ROOT_DRIVER
                                         ? ks_io_find_object(runner->world, chain->root_name)
                                         : NULL;
    uint32_t end = chain->count > 0 ? chain->ids[chain->count - 1] : why->module_id;
    struct kldr_module_info info;
    if (driver != NULL && !has_action(why, count, chain->service)) {
        bool pending = driver->unload_pending;
        actions[count++] = (struct ks_why_action){pending ? "close" : "unload", chain->service,
                                                  driver->handles > 0};
    } else if (chain->root == KS_WHY_ROOT_LOAD_IMAGE &&
               kldr_loader_module(runner->world->loader, end, &info) &&
               !has_action(why, count, info.full_name)) {
        actions[count++] = (struct ks_why_action){"unload_image",
                                                  ks_run_text(runner, "%s", info.full_name), false};
    }
    return count;
}

// The ends farthest away first: a module's own driver object is its last reference then, which
// needs no DllUnload (H9).
static void find_actions(struct ks_runner *runner, struct ks_why *why)
{
    struct ks_why_action *actions =
        ks_arena_take(&runner->arena, why->chains.count + 1, sizeof *actions);
    size_t count = 0;
    if (actions == NULL) {
        runner->out_of_memory = true;
        return;
    }
    why->actions = actions;
    size_t length = 0;
    for (size_t i = 0; i < why->chains.count; i++) {
        length = why->chains.items[i].count > length ? why->chains.items[i].count : length;
    }
    for (size_t left = length + 1; left-- > 0;) {
        for (size_t i = 0; i < why->chains.count; i++) {
            if (why->chains.items[i].count == left) {
                count = add_chain_actions(runner, why, actions, count, &why->chains.items[i]);
            }
        }
    }
    why->action_count = count;
}

static const char *action_text(struct ks_runner *runner, const struct ks_why_action *action)
{
    if (strcmp(action->verb, "close") == 0) {
        return ks_run_text(runner, "close every handle on %s", action->target);
    }
    if (action->handles) {
        return ks_run_text(runner, "unload %s and close every handle on it", action->target);
    }
    return ks_run_text(runner, "%s %s", action->verb, action->target);
}

static const char *actions_text(struct ks_runner *runner, const struct ks_why *why)
{
    const char *text = "", *verb = "";
    for (size_t i = 0; i < why->action_count; i++) {
        const struct ks_why_action *action = &why->actions[i];
        const char *between = i == 0 ? "" : i + 1 == why->action_count ? " and " : ", ";
        bool same = strcmp(verb, action->verb) == 0 && !action->handles;
        text = ks_run_text(runner, "%s%s%s", text, between,
                           same ? action->target : action_text(runner, action));
        verb = action->handles ? "" : action->verb;
    }
    return text;
}

static bool own_reference_is_last(const struct ks_why *why)
{
    const struct ks_why_chain *first = &why->chains.items[0];
    return first->count == 0;
}

static void tell_actions(struct ks_runner *runner, struct ks_why *why)
{
    const char *text = actions_text(runner, why);
    if (why->chains.more) {
        text = ks_run_text(runner, "%s, and whatever else holds it", text);
    }
    if (own_reference_is_last(why)) {
        ks_why_add(runner, &why->release, 0, why->chains.count > 1 ? "H9" : "U1", text);
    } else {
        bool deep = false;
        for (size_t i = 0; i < why->chains.count; i++) {
            deep = deep || why->chains.items[i].count > 1;
        }
        ks_why_add(runner, &why->release, 0, is_final(runner) ? "U7" : "U5",
                   ks_run_text(runner, "%s; it goes if its DllUnload then agrees%s", text,
                               deep ? ", and those of the DLLs that hold it" : ""));
    }
}

// Nothing that could be given back holds it: what remains is to have DllUnload asked (again).
static void tell_ask_again(struct ks_runner *runner, struct ks_why *why,
                           const struct kldr_module_info *info)
{
    const struct ks_why_chain *first = why->chains.count > 0 ? &why->chains.items[0] : NULL;
    if (first != NULL && first->root == KS_WHY_ROOT_LOADING) {
        ks_why_add(runner, &why->release, 0, "R15",
                   ks_run_text(runner, "the load of %s would have to fail", first->root_name));
    } else if (first != NULL) {
        ks_why_add(runner, &why->release, 0, "U8",
                   ks_run_text(runner,
                               "another importer of %s that comes and goes: its DllUnload is asked "
                               "again then",
                               first->root_name));
    } else if (info->load_count > 0 && !info->refused) {
        ks_why_add(runner, &why->release, 0, "N8",
                   "the load that brought it in would have to fail");
    } else {
        ks_why_add(runner, &why->release, 0,
                   info->refused      ? "U8"
                   : is_final(runner) ? "U7"
                                      : "U5",
                   info->refused
                       ? "another importer that comes and goes: its DllUnload is asked again then"
                       : "an importer that comes and goes: its DllUnload is asked then");
    }
}

void ks_why_find_release(struct ks_runner *runner, struct ks_why *why,
                         const struct kldr_module_info *info)
{
    if (tell_stuck(runner, why, info) || any_stuck(runner, why)) {
        return;
    }
    if (info->state == KLDR_MODULE_LOADING) {
        ks_why_add(runner, &why->release, 0, "L15", "its own load would have to fail");
        return;
    }
    find_actions(runner, why);
    if (why->action_count > 0) {
        tell_actions(runner, why);
    } else {
        tell_ask_again(runner, why, info);
    }
}

// ---- trying it ----

static void perform(struct ks_runner *runner, const struct ks_why_action *action)
{
    struct kldr_world *world = runner->world;
    struct kldr_error error;
    if (strcmp(action->verb, "unload_image") == 0) {
        ks_io_unload_image(world, action->target, &error);
    } else if (strcmp(action->verb, "unload") == 0) {
        kldr_world_unload(world, action->target, &error);
    }
    // Handles are closed in either case: an unload waits for them (H12).
    const struct ks_driver *driver = ks_io_driver_of_service(world, action->target);
    for (uint32_t n = driver != NULL ? driver->handles : 0; n > 0; n--) {
        kldr_world_close(world, action->target, &error);
    }
}

// What keeps it after all.
static const char *still_held(struct ks_runner *runner, const struct kldr_module_info *info)
{
    const struct ks_why *now = ks_why(runner, info->full_name);
    if (now->chains.count > 0) {
        return ks_run_text(runner, "it stays: %s", now->chains.items[0].text);
    }
    return now->rules.count > 0 ? ks_run_text(runner, "it stays: %s", now->rules.items[0].text)
                                : "it stays";
}

void ks_why_try(struct ks_runner *runner, struct ks_why *why)
{
    struct kldr_module_info info;
    if (why->action_count == 0 || kldr_loader_stopped(runner->world->loader, NULL)) {
        return;
    }
    for (size_t i = 0; i < why->action_count; i++) {
        const struct ks_why_action *action = &why->actions[i];
        ks_world_step_begin(runner->world, action->verb, action->target);
        perform(runner, action);
        ks_world_step_end(runner->world, action->verb, action->target, false, 0);
    }
    if (kldr_loader_stopped(runner->world->loader, NULL)) {
        why->tried = "the simulated system stops then";
    } else if (!kldr_loader_module(runner->world->loader, why->module_id, &info)) {
        why->tried = "it goes";
    } else {
        why->tried = still_held(runner, &info);
    }
}
