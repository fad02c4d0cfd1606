// SPDX-License-Identifier: MIT
// Rules between steps: boot comes first, shutdown last, nothing follows an expected bugcheck,
// handles are closed only when open, files are created only when absent (A28).
#include "scenario/parse/cross_rules.h"

#include <string.h>

static void report(struct ks_cast *cast, struct ks_place place, const char *message)
{
    ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, place, NULL, "%s", message);
}

// ---- boot and shutdown ----

static bool is_listed(const struct ks_step *boot, const char *module)
{
    for (size_t i = 0; i < boot->module_count; i++) {
        if (ks_names_same(ks_names_base(boot->modules[i]), module)) {
            return true;
        }
    }
    return false;
}

// The images of a boot list resolve among themselves (A24).
static void check_boot_imports(struct ks_cast *cast, const struct ks_step *boot)
{
    for (size_t i = 0; i < boot->module_count; i++) {
        const struct ks_cast_module *module = ks_cast_module(cast, boot->modules[i]);
        const struct ks_image *image =
            module == NULL || module->images == NULL ? NULL : module->images->image;
        for (size_t k = 0; image != NULL && k < image->import_count; k++) {
            const char *needed = image->imports[k].module;
            if (!ks_cast_is_kernel(needed) && !is_listed(boot, needed)) {
                ks_diagnose_place(
                    cast->parse, KS_DIAGNOSTIC_REFERENCE, boot->action_place, NULL,
                    "%s imports %s, which is not in the boot list",
                    ks_diagnose_shown(cast->parse, boot->modules[i], strlen(boot->modules[i])),
                    ks_diagnose_shown(cast->parse, needed, strlen(needed)));
                return;
            }
        }
    }
}

static void check_boot_and_shutdown(struct ks_cast *cast, const struct ks_build *build)
{
    const struct ks_scenario *scenario = cast->scenario;
    const struct ks_step *first = scenario->steps;
    const struct ks_step *last =
        scenario->step_count == 0 ? NULL : &scenario->steps[scenario->step_count - 1];
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        const struct ks_step *step = built->step;
        if (step->action == KS_ACTION_BOOT && (built->nested || step != first)) {
            report(cast, step->place, "`boot` must be the first step");
        } else if (step->action == KS_ACTION_BOOT && !cast->parse->names_unsure) {
            check_boot_imports(cast, step);
        }
        if (step->action == KS_ACTION_SHUTDOWN && (built->nested || step != last)) {
            report(cast, step->place, "`shutdown` must be the last step");
        }
    }
}

// ---- bugchecks ----

static bool applies(const struct ks_step *step, enum kldr_profile profile)
{
    for (size_t i = 0; i < step->only_count; i++) {
        if (strcmp(step->only[i], kldr_profile_name(profile)) == 0) {
            return true;
        }
    }
    return step->only_count == 0;
}

// Reports the first step that is done under the profile behind an expected bugcheck.
static bool check_stopped(struct ks_cast *cast, const struct ks_step *steps, size_t count,
                          enum kldr_profile profile)
{
    const struct ks_step *stop = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!applies(&steps[i], profile)) {
            continue;
        }
        if (stop != NULL) {
            ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, steps[i].place, NULL,
                              "no step can follow the bugcheck expected in line %u (profile %s)",
                              (unsigned)ks_step_expect(stop, profile)->bugcheck.place.line,
                              kldr_profile_name(profile));
            return true;
        }
        stop = ks_step_expect(&steps[i], profile)->bugcheck.given ? &steps[i] : NULL;
    }
    return false;
}

// One report for each list of steps is enough, whatever the profile.
static void check_stops(struct ks_cast *cast, const struct ks_step *steps, size_t count)
{
    for (size_t i = 0; i < cast->scenario->profile_count; i++) {
        if (check_stopped(cast, steps, count, cast->scenario->profiles[i])) {
            return;
        }
    }
}

static void check_routine_stops(struct ks_cast *cast, const struct ks_routine *routine)
{
    for (size_t i = 0; i < routine->entry_count; i++) {
        check_stops(cast, routine->entries[i].steps, routine->entries[i].step_count);
    }
}

static void check_bugchecks(struct ks_cast *cast, const struct ks_build *build)
{
    check_stops(cast, cast->scenario->steps, cast->scenario->step_count);
    for (struct ks_built_image *built = build->images; built != NULL; built = built->next) {
        const struct ks_image *image = built->image;
        check_routine_stops(cast, &image->driver_entry);
        check_routine_stops(cast, &image->driver_unload);
        check_routine_stops(cast, &image->dllinitialize);
        check_routine_stops(cast, &image->dllunload);
        for (size_t i = 0; i < image->routine_count; i++) {
            check_routine_stops(cast, &image->routines[i].routine);
        }
    }
}

// ---- handles ----

static void check_handles(struct ks_cast *cast, const struct ks_build *build)
{
    static const char open_somewhere = 1;
    struct ks_names open;
    ks_names_init(&open, cast->parse->arena, true);
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        if (built->step->action == KS_ACTION_OPEN && built->nested) {
            ks_names_add(&open, built->step->target, strlen(built->step->target))->value =
                (void *)(uintptr_t)&open_somewhere;
        }
    }
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        const struct ks_step *step = built->step;
        bool opens = step->action == KS_ACTION_OPEN;
        if (built->nested || step->target == NULL || (!opens && step->action != KS_ACTION_CLOSE)) {
            continue;
        }
        struct ks_name *name = ks_names_add(&open, step->target, strlen(step->target));
        const char *handles = name->value;
        // Inside routines anything may be opened any number of times.
        if (handles == &open_somewhere) {
            continue;
        }
        uintptr_t count = (uintptr_t)handles;
        if (!opens && count == 0) {
            report(cast, step->place, "`close` without an `open` before it");
            continue;
        }
        name->value = (void *)(opens ? count + 2 : count - 2);
    }
}

// ---- the disk ----

static bool changes_disk(const struct ks_step *step)
{
    return step->action == KS_ACTION_CREATE || step->action == KS_ACTION_DELETE ||
           step->action == KS_ACTION_REPLACE;
}

// Whether what is on the disk at a step can be told without running: every change is made in the
// order of the steps and under every profile.
static bool disk_is_certain(const struct ks_build *build)
{
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        if (changes_disk(built->step) && (built->nested || built->step->only_count > 0)) {
            return false;
        }
    }
    return true;
}

static void change_disk(struct ks_cast *cast, struct ks_names *disk, const struct ks_step *step)
{
    const char *path = ks_cast_full_path(cast, step->target);
    if (ks_names_find(&cast->paths, path, strlen(path)) == NULL) {
        return; // it exists nowhere, which has been said
    }
    struct ks_name *file = ks_names_add(disk, path, strlen(path));
    bool creates = step->action == KS_ACTION_CREATE;
    if (creates == (file->value != NULL)) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, step->action_place, NULL,
                          creates ? "`create`: %s is on the disk already"
                                  : "%s is not on the disk at this step",
                          ks_diagnose_shown(cast->parse, step->target, strlen(step->target)));
    }
    file->value = step->action == KS_ACTION_DELETE ? NULL : (void *)(uintptr_t)step;
}

static void check_disk(struct ks_cast *cast, const struct ks_build *build)
{
    struct ks_names disk;
    ks_names_init(&disk, cast->parse->arena, true);
    if (!disk_is_certain(build)) {
        return;
    }
    for (size_t i = 0; i < cast->scenario->image_count; i++) {
        const struct ks_image *image = &cast->scenario->images[i];
        const char *path = ks_cast_full_path(cast, image->path);
        ks_names_add(&disk, path, strlen(path))->value = (void *)(uintptr_t)image;
    }
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        if (changes_disk(built->step) && built->step->target != NULL) {
            change_disk(cast, &disk, built->step);
        }
    }
}

void ks_cross_order(struct ks_cast *cast, struct ks_build *build)
{
    check_boot_and_shutdown(cast, build);
    check_bugchecks(cast, build);
    check_handles(cast, build);
    if (!cast->parse->names_unsure) {
        check_disk(cast, build);
    }
}
