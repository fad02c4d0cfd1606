// SPDX-License-Identifier: MIT
// One image: loaded as a driver, and as a DLL by a declared driver that imports one of its exports.
// Each is a run of its own, in a process of its own where code is run.
#include "cli/commands.h"
#include "cli/image_file.h"
#include "cli/survey.h"
#include "platform.h"
#include "world/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- from a result to what is kept ----

static bool of_image(const struct kldr_event *event, const char *name, const char *routine)
{
    return event->kind == KLDR_EVENT_CALL_END && event->symbol != NULL && event->module != NULL &&
           strcmp(event->symbol, routine) == 0 && ks_same_name(event->module, name) &&
           (event->has & KLDR_EVENT_HAS_STATUS) != 0;
}

static void add_finding(struct ks_survey_run *run, const char *kind)
{
    size_t i = 0;
    while (i < run->finding_count && strcmp(run->findings[i].kind, kind) != 0) {
        i++;
    }
    if (i == run->finding_count && i < KS_SURVEY_FINDINGS_MOST) {
        snprintf(run->findings[i].kind, sizeof(run->findings[i].kind), "%s", kind);
        run->finding_count++;
    }
    if (i < run->finding_count) {
        run->findings[i].count++;
    }
}

static void read_stop(const struct kldr_event *event, struct ks_survey_run *run)
{
    snprintf(run->stop_text, sizeof(run->stop_text), "%s", event->text == NULL ? "" : event->text);
    if (event->stack != NULL) {
        snprintf(run->place, sizeof(run->place), "%.*s", (int)strcspn(event->stack, "\n"),
                 event->stack);
    }
}

static void read_events(const struct ks_result *result, const char *name, const char *routine,
                        struct ks_survey_run *run)
{
    size_t count = result->events == NULL ? 0 : ks_event_log_count(result->events);
    for (size_t i = 0; i < count; i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (of_image(event, name, routine)) {
            run->called = true;
            run->status = event->status;
        } else if (of_image(event, name, "DllUnload")) {
            run->has_dllunload = true;
            run->dllunload = event->status;
        } else if (event->kind == KLDR_EVENT_BUGCHECK) {
            read_stop(event, run);
        } else if (event->kind == KLDR_EVENT_FINDING && event->reason != NULL) {
            add_finding(run, event->reason);
        }
    }
}

static void keep_result(const struct ks_load_plan *plan, const struct ks_result *result,
                        const char *routine, struct ks_survey_run *run)
{
    const char *reason = result->reason == NULL ? "" : result->reason;
    run->done = result->outcome != KS_SKIPPED;
    run->outcome = result->outcome;
    run->has_bugcheck = result->has_bugcheck;
    run->bugcheck = result->bugcheck;
    snprintf(run->reason, sizeof(run->reason), "%s", reason);
    read_events(result, plan->images[0].name, routine, run);
    run->has_load = ks_load_plan_status(result, 0, &run->load);
    run->has_unload = run->has_load && KLDR_NT_SUCCESS(run->load) &&
                      ks_load_plan_unload_status(plan, result, 0, &run->unload);
}

// ---- one run ----

static void run_plan(const struct ks_run_settings *settings, const struct ks_load_plan *plan,
                     const char *routine, struct ks_survey_run *run)
{
    struct ks_run_context context;
    struct ks_run_hand hand;
    bool able = ks_run_hand_init(&hand);
    if (ks_run_context_init(&context, settings, &plan->selection) == KS_EXIT_OK && able) {
        keep_result(plan, ks_run_item(&context, &hand, &plan->item), routine, run);
    } else {
        *run = (struct ks_survey_run){.done = true, .outcome = KS_LIMIT};
        snprintf(run->reason, sizeof(run->reason), "not enough memory");
    }
    ks_run_context_fini(&context);
    ks_run_hand_fini(&hand);
}

static void run_image(const struct ks_run_settings *settings, const struct ks_load_image *image,
                      const char *routine, struct ks_survey_run *run)
{
    struct ks_load_plan plan;
    struct ks_variable variable;
    struct ks_run_settings own = *settings;
    enum kldr_profile profile =
        settings->profile_count > 0 ? settings->profiles[0] : KLDR_PROFILE_DOCUMENTED;
    own.variables = &variable;
    run->done = true;
    run->outcome = KS_INVALID;
    if (ks_load_plan_init(&plan, image, 1, profile, &own, run->reason, sizeof(run->reason)) ==
        KS_EXIT_OK) {
        run_plan(&own, &plan, routine, run);
    }
    ks_load_plan_fini(&plan);
}

// ---- what an importer would import ----

// A function of its own is better than a forwarder, and that than what is for the loader.
static unsigned worth(const struct ks_deps_export *entry)
{
    return entry->routine ? 1 : entry->forwarder != NULL ? 2 : 3;
}

static bool choose_export(const struct ks_deps_image *image, struct ks_load_import *out_import)
{
    const struct ks_deps_export *chosen = NULL;
    for (size_t i = 0; i < image->export_count; i++) {
        if (chosen == NULL || worth(&image->exports[i]) > worth(chosen)) {
            chosen = &image->exports[i];
        }
    }
    if (chosen != NULL) {
        *out_import = (struct ks_load_import){chosen->name, chosen->ordinal};
    }
    return chosen != NULL;
}

static void run_both(const struct ks_run_settings *settings, struct ks_survey_item *item)
{
    struct ks_load_image image = {.path = item->image->path, .name = item->image->name};
    struct ks_load_import import;
    run_image(settings, &image, "DriverEntry", &item->as_driver);
    if (item->exports_dllinitialize && choose_export(item->image, &import)) {
        image.import = &import;
        run_image(settings, &image, "DllInitialize", &item->as_dll);
    }
}

void ks_survey_run(const struct ks_run_settings *settings, const char *const *folders,
                   size_t folder_count, struct ks_survey_item *item)
{
    struct ks_run_settings own = *settings;
    const char *path = item->image->path;
    size_t length = ks_platform_folder_length(path);
    const char **all = calloc(folder_count + 1, sizeof(*all));
    char *folder = ks_platform_join("", length == 0 ? "./" : path);
    if (all == NULL || folder == NULL) {
        item->as_driver = (struct ks_survey_run){.done = true, .outcome = KS_LIMIT};
        snprintf(item->as_driver.reason, sizeof(item->as_driver.reason), "not enough memory");
    } else {
        folder[length == 0 ? 2 : length] = '\0';
        all[0] = folder;
        for (size_t i = 0; i < folder_count; i++) {
            all[i + 1] = folders[i];
        }
        if (settings->directory_count == 0) {
            own.directories = all;
            own.directory_count = folder_count + 1;
        }
        run_both(&own, item);
    }
    free(folder);
    free((void *)all);
}
