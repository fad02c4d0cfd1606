// SPDX-License-Identifier: MIT
// Names in steps: they must exist (A77), and loads learn here which image their service stands for
// (A23).
#include "scenario/parse/cross_check.h"

#include "scenario/format/scalar.h"
#include "scenario/parse/cross_rules.h"

#include <string.h>

#define DRIVERS_FOLDER "\\SystemRoot\\System32\\drivers\\"

static const char *shown(struct ks_cast *cast, const char *text)
{
    return ks_diagnose_shown(cast->parse, text, strlen(text));
}

void ks_cross_module(struct ks_cast *cast, const char *name, struct ks_place place)
{
    if (!cast->parse->truncated && !ks_cast_is_kernel(name) && ks_cast_module(cast, name) == NULL) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, place,
                          ks_cast_near_module(cast, name), "no module %s in this scenario",
                          shown(cast, name));
    }
}

void ks_cross_service(struct ks_cast *cast, const char *name, struct ks_place place)
{
    if (!cast->parse->truncated && ks_cast_service(cast, name) == NULL) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, place,
                          ks_cast_near_service(cast, name),
                          "no service %s, and no image of that name", shown(cast, name));
    }
}

void ks_cross_routine(struct ks_cast *cast, const char *module_name, const char *routine,
                      struct ks_place place)
{
    struct ks_cast_module *module = ks_cast_module(cast, module_name);
    ks_cross_module(cast, module_name, place);
    if (!cast->parse->truncated && module != NULL && !ks_cast_has_routine(cast, module, routine)) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, place,
                          ks_cast_near_routine(cast, module, routine),
                          "%s has no routine or export %s", shown(cast, module->name),
                          shown(cast, routine));
    }
}

void ks_cross_module_routine(struct ks_cast *cast, const char *text, struct ks_place place)
{
    size_t length = ks_scalar_module_length(text);
    const char *module = ks_arena_copy(cast->parse->arena, text, length);
    ks_cross_routine(cast, module, text + length + 1, place);
}

// ---- loads ----

// What a load step's `image` means when it is not taken literally: a bare name is in the drivers
// folder, another relative path below \SystemRoot (H2).
static const char *image_path(struct ks_cast *cast, const char *image)
{
    if (image[0] == '\\') {
        return image;
    }
    return ks_arena_join(cast->parse->arena,
                         strchr(image, '\\') == NULL ? DRIVERS_FOLDER : "\\SystemRoot\\", image);
}

static const struct ks_image *in_drivers_folder(struct ks_cast *cast,
                                                const struct ks_cast_module *module)
{
    const char *path = ks_cast_full_path(cast, module->name);
    struct ks_name *found = ks_names_find(&cast->paths, path, strlen(path));
    return found == NULL ? NULL : found->value;
}

static void resolve_implicit(struct ks_cast *cast, struct ks_step *step)
{
    struct ks_cast_module *module = ks_cast_service_module(cast, step->service);
    if (module == NULL) {
        return;
    }
    const struct ks_image *image =
        module->path_count == 1 ? module->images->image : in_drivers_folder(cast, module);
    if (image == NULL) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, step->service_place,
                          "write {service: ..., image: PATH}", "%s is the base name of %zu images",
                          shown(cast, module->name), module->path_count);
        return;
    }
    step->image = image->path;
    step->service = ks_cast_service(cast, step->service);
}

static void resolve_by_service(struct ks_cast *cast, struct ks_step *step)
{
    const char *name = ks_cast_service(cast, step->service);
    if (name == NULL) {
        return;
    }
    struct ks_name *made = ks_names_find(&cast->made, name, strlen(name));
    if (ks_names_find(&cast->services, name, strlen(name)) != NULL) {
        step->service = name;
    } else if (made != NULL) {
        const struct ks_step *maker = made->value;
        step->service = name;
        step->as_spelled = maker->as_spelled;
        step->image = maker->as_spelled ? maker->image : image_path(cast, maker->image);
    } else {
        resolve_implicit(cast, step);
    }
}

void ks_cross_resolve_service(struct ks_cast *cast, struct ks_step_service *service)
{
    struct ks_step load = {.service = service->name, .service_place = service->place};
    resolve_by_service(cast, &load);
    service->name = load.service;
    service->image = load.image;
}

static const char *service_of_image(struct ks_cast *cast, const char *image)
{
    const char *base = ks_names_base(image);
    size_t length = strlen(base);
    bool extension = length > 4 && ks_names_same(base + length - 4, ".sys");
    return ks_arena_copy(cast->parse->arena, base, extension ? length - 4 : length);
}

static void check_load(struct ks_cast *cast, struct ks_step *step)
{
    if (step->image != NULL) {
        ks_cross_module(cast, step->image, step->image_place);
    } else if (step->service != NULL) {
        ks_cross_service(cast, step->service, step->service_place);
    }
}

static void resolve_load(struct ks_cast *cast, struct ks_step *step)
{
    if (step->image == NULL && step->service != NULL) {
        resolve_by_service(cast, step);
        return;
    }
    if (step->image == NULL) {
        return;
    }
    if (step->service == NULL) {
        step->service = service_of_image(cast, step->image);
    }
    if (!step->as_spelled) {
        step->image = image_path(cast, step->image);
    }
}

// ---- steps ----

static void check_path(struct ks_cast *cast, const struct ks_step *step)
{
    const char *path = ks_cast_full_path(cast, step->target);
    if (ks_names_find(&cast->paths, path, strlen(path)) == NULL) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, step->action_place,
                          ks_cast_near_image(cast, step->target), "no image %s in this scenario",
                          shown(cast, step->target));
    }
}

static void check_queued(struct ks_cast *cast, const struct ks_step *step)
{
    if (!cast->real && ks_names_find(&cast->queues, step->target, strlen(step->target)) == NULL) {
        ks_diagnose_place(
            cast->parse, KS_DIAGNOSTIC_REFERENCE, step->action_place,
            ks_diagnose_near(cast->parse, ks_names_nearest(&cast->queues, step->target)),
            "no routine queues a work item %s", shown(cast, step->target));
    }
}

static void check_boot_names(struct ks_cast *cast, const struct ks_step *step)
{
    for (size_t i = 0; i < step->module_count; i++) {
        ks_cross_module(cast, step->modules[i], step->action_place);
    }
}

static void check_step_names(struct ks_cast *cast, struct ks_step *step)
{
    switch (step->action) {
    case KS_ACTION_LOAD:
        check_load(cast, step);
        break;
    case KS_ACTION_UNLOAD:
    case KS_ACTION_OPEN:
    case KS_ACTION_CLOSE:
    case KS_ACTION_START_DEVICE:
        ks_cross_service(cast, step->target, step->action_place);
        break;
    case KS_ACTION_LOAD_IMAGE:
    case KS_ACTION_UNLOAD_IMAGE:
        ks_cross_module(cast, step->target, step->action_place);
        break;
    case KS_ACTION_BOOT:
        check_boot_names(cast, step);
        break;
    case KS_ACTION_CALL:
        ks_cross_routine(cast, step->call_module, step->call_routine, step->action_place);
        break;
    case KS_ACTION_DELETE:
        check_path(cast, step);
        break;
    case KS_ACTION_RUN_QUEUED:
        check_queued(cast, step);
        break;
    default:
        break;
    }
}

// A service is known by one name from here on.
static void resolve_step(struct ks_cast *cast, struct ks_step *step)
{
    bool service = step->action == KS_ACTION_UNLOAD || step->action == KS_ACTION_OPEN ||
                   step->action == KS_ACTION_CLOSE || step->action == KS_ACTION_START_DEVICE;
    if (step->action == KS_ACTION_LOAD) {
        resolve_load(cast, step);
    } else if (service && step->target != NULL) {
        const char *name = ks_cast_service(cast, step->target);
        step->target = name == NULL ? step->target : name;
    }
}

void ks_cross_check(struct ks_build *build)
{
    struct ks_parse *parse = build->parse;
    struct ks_cast cast;
    ks_cast_init(&cast, build);
    ks_cross_images(&cast, build);
    for (struct ks_built_step *built = build->steps; built != NULL && !parse->truncated;
         built = built->next) {
        if (!parse->names_unsure) {
            check_step_names(&cast, built->step);
            ks_cross_expectations(&cast, built->step);
        }
    }
    for (struct ks_built_step *built = build->steps; built != NULL && !parse->truncated;
         built = built->next) {
        resolve_step(&cast, built->step);
    }
    if (!parse->names_unsure) {
        ks_cross_io(&cast, build);
    }
    ks_cross_order(&cast, build);
}
