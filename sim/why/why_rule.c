// SPDX-License-Identifier: MIT
// Which rule keeps a module that is loaded, and what became of its DllUnload.

#include "why/why_parts.h"

#include <string.h>

static bool is_final(const struct ks_runner *runner)
{
    return runner->result.policy.value[KLDR_KNOB_REFUSED] == KLDR_REFUSED_ONE_FINAL;
}

// ---- the last refusal ----

static const struct kldr_event *last_event(const struct ks_runner *runner,
                                           enum kldr_event_kind kind, uint32_t module_id)
{
    for (size_t i = ks_event_log_count(runner->log); i-- > 0;) {
        const struct kldr_event *event = ks_event_log_at(runner->log, i);
        if (event->kind == kind && event->module_id == module_id) {
            return event;
        }
    }
    return NULL;
}

static struct ks_why_note refusal_note(struct ks_runner *runner,
                                       const struct kldr_module_info *info)
{
    const struct kldr_event *event = last_event(runner, KLDR_EVENT_IMAGE_RESIDENT, info->id);
    unsigned step = event != NULL ? event->step : 0;
    if (!info->has_dllunload) {
        return (struct ks_why_note){
            "it exports no DllUnload, so it stays when its last importer goes", "U10", step, ""};
    }
    const char *text = is_final(runner)
                           ? "its DllUnload refused; the count stays at 1 and it is never asked "
                             "again"
                           : "its DllUnload refused; it stays with a count of 0";
    return (struct ks_why_note){text, is_final(runner) ? "U7" : "U5", step, ""};
}

// ---- rules ----

struct ks_why_note ks_why_rule_alone(struct ks_runner *runner, const struct kldr_module_info *info)
{
    if (info->core) {
        return (struct ks_why_note){"it is a kernel image, which is never unloaded", "U16", 0, ""};
    }
    if (info->boot_sentinel) {
        return (struct ks_why_note){
            "its entry has the boot sentinel: its count is not known and never touched", "B4", 0,
            ""};
    }
    if (info->inactive) {
        return (struct ks_why_note){"counting is not active for it, as it lacks DllInitialize or "
                                    "DllUnload: it stays until shutdown",
                                    "C1", 0, ""};
    }
    if (info->refused) {
        return refusal_note(runner, info);
    }
    if (info->never_counted) {
        return (struct ks_why_note){
            "it was imported under a name that is never counted: its count belongs to nobody and "
            "never comes down",
            "R5", 0, ""};
    }
    if (info->orphans > 0) {
        return (struct ks_why_note){
            "an importer counted it and lost its import list: that count is never dropped", "R19",
            0, ""};
    }
    if (ks_why_times_held(runner, info->id, info->id) > 0) {
        return (struct ks_why_note){
            "it holds a count on itself, found at boot, which is never dropped while it is there",
            "B2", 0, ""};
    }
    return (struct ks_why_note){NULL, NULL, 0, ""};
}

static void add_note(struct ks_runner *runner, struct ks_why_notes *notes,
                     const struct ks_why_note *note)
{
    if (note->text != NULL) {
        ks_why_add(runner, notes, note->step, note->fact, note->text);
    }
}

static void find_pending(struct ks_runner *runner, struct ks_why *why)
{
    const struct ks_driver *driver = ks_io_driver_of_module(runner->world, why->module_id);
    if (driver != NULL && driver->unload_pending) {
        ks_why_add(
            runner, &why->rules, 0, "H12",
            ks_run_text(runner, "its unload is pending: %u %s open on the device of service %s",
                        (unsigned)driver->handles,
                        driver->handles == 1 ? "handle is" : "handles are", driver->service));
    }
}

static void find_counting_rules(struct ks_runner *runner, struct ks_why *why)
{
    bool imported = false, by_driver = false, by_image = false;
    for (size_t i = 0; i < why->chains.count; i++) {
        const struct ks_why_chain *chain = &why->chains.items[i];
        imported = imported || chain->count > 0;
        by_driver = by_driver || (chain->count == 0 && chain->root == KS_WHY_ROOT_DRIVER);
        by_image = by_image || (chain->count == 0 && chain->root == KS_WHY_ROOT_LOAD_IMAGE);
    }
    if (by_driver) {
        ks_why_add(runner, &why->rules, 0, "H12",
                   "its driver object holds one count until the object is deleted");
    }
    if (by_image) {
        ks_why_add(runner, &why->rules, 0, "M3",
                   "a load_image reference holds one count until unload_image gives it back");
    }
    if (imported) {
        ks_why_add(runner, &why->rules, 0, "R8",
                   "each import descriptor that names it holds one count while its importer is "
                   "loaded");
    }
}

// Nothing holds it, and no rule keeps it for good.
static void find_fresh(struct ks_runner *runner, struct ks_why *why,
                       const struct kldr_module_info *info)
{
    if (info->load_count > 0) {
        ks_why_add(
            runner, &why->rules, 0, "R14",
            "its first count belongs to the load that brought it in and that is not done yet");
    } else {
        ks_why_add(runner, &why->rules, 0, "U1",
                   "nothing holds a count on it, and nothing was dropped that would make it go");
    }
}

void ks_why_find_rules(struct ks_runner *runner, struct ks_why *why,
                       const struct kldr_module_info *info)
{
    const struct ks_why_note alone = ks_why_rule_alone(runner, info);
    if (info->state == KLDR_MODULE_LOADING) {
        ks_why_add(runner, &why->rules, 0, "L13", "its load is still in progress");
    }
    if (!info->core) {
        find_pending(runner, why);
        find_counting_rules(runner, why);
    }
    add_note(runner, &why->rules, &alone);
    if (why->rules.count == 0) {
        find_fresh(runner, why, info);
    }
    if (info->refused && is_final(runner) && ks_why_is_held(runner, info->id)) {
        ks_why_add(runner, &why->rules, 0, "U8",
                   "after that refusal its count can never be 1 again when an import is dropped: "
                   "DllUnload is never retried");
    }
}

// ---- DllUnload ----

static bool is_dllunload(const struct ks_why *why, const struct kldr_event *event)
{
    return event->kind == KLDR_EVENT_CALL_END && event->module_id == why->module_id &&
           (event->has & KLDR_EVENT_HAS_FLAG) != 0 && event->flag &&
           strcmp(event->symbol, "DllUnload") == 0;
}

static bool agreed(const struct ks_runner *runner, kldr_status status)
{
    return runner->result.policy.value[KLDR_KNOB_UNLOAD_SUCCESS] == KLDR_SUCCESS_EXACT
               ? status == KLDR_STATUS_SUCCESS
               : KLDR_NT_SUCCESS(status);
}

static void tell_call(struct ks_runner *runner, struct ks_why *why, const struct kldr_event *event)
{
    char status[KLDR_STATUS_TEXT_SIZE];
    bool yes = agreed(runner, event->status);
    bool exact = runner->result.policy.value[KLDR_KNOB_UNLOAD_SUCCESS] == KLDR_SUCCESS_EXACT;
    ks_why_add(runner, &why->dllunload, event->step, exact ? "C5" : "U9",
               ks_run_text(runner, "it was called and returned %s: %s",
                           kldr_status_format(event->status, status),
                           yes ? "it agreed to go" : "it refused"));
}

static bool only_driver_holds(const struct ks_why *why)
{
    return why->chains.count == 1 && why->chains.items[0].count == 0 &&
           why->chains.items[0].root != KS_WHY_ROOT_LOADING;
}

// It is loaded and was never asked.
static void tell_not_asked(struct ks_runner *runner, struct ks_why *why,
                           const struct kldr_module_info *info)
{
    if (info->core || info->boot_sentinel) {
        ks_why_add(runner, &why->dllunload, 0, info->core ? "U16" : "U4",
                   "it was not called: the count of such an image is never dropped");
    } else if (info->inactive) {
        ks_why_add(runner, &why->dllunload, 0, "C1",
                   "it was not called: counting is not active for this module");
    } else if (!info->has_dllunload) {
        ks_why_add(runner, &why->dllunload, 0, "U10",
                   "it was not called: the module exports no routine of that exact name");
    } else if (only_driver_holds(why)) {
        ks_why_add(runner, &why->dllunload, 0, "U11",
                   "it was not called and will not be: only the drop of an import asks it, and no "
                   "import holds the module");
    } else if (ks_why_is_held(runner, why->module_id)) {
        ks_why_add(runner, &why->dllunload, 0, is_final(runner) ? "U7" : "U5",
                   "it was not called: the last count has not been dropped yet");
    } else {
        ks_why_add(runner, &why->dllunload, 0, "U11",
                   "it was not called: no import that held a count was dropped");
    }
}

void ks_why_find_dllunload(struct ks_runner *runner, struct ks_why *why)
{
    struct kldr_module_info info;
    for (size_t i = 0; i < ks_event_log_count(runner->log); i++) {
        const struct kldr_event *event = ks_event_log_at(runner->log, i);
        if (is_dllunload(why, event)) {
            tell_call(runner, why, event);
        }
    }
    if (why->dllunload.count == 0 &&
        kldr_loader_module(runner->world->loader, why->module_id, &info)) {
        tell_not_asked(runner, why, &info);
    }
}
