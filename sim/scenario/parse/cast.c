// SPDX-License-Identifier: MIT
// Tables of names. Everything compares without regard to case but exports and work items.
#include "scenario/parse/cast.h"

#include "scenario/format/scalar.h"

#include <stdlib.h>
#include <string.h>

#define SYSTEM_ROOT    "\\SystemRoot\\"
#define WINDOWS        "\\??\\C:\\Windows\\"
#define DRIVERS_FOLDER "\\??\\C:\\Windows\\System32\\drivers\\"
#define EXTENSION      ".sys"

const char *ks_cast_full_path(struct ks_cast *cast, const char *path)
{
    size_t root = strlen(SYSTEM_ROOT);
    if (path[0] != '\\') {
        return ks_arena_join(cast->parse->arena, DRIVERS_FOLDER, path);
    }
    if (strlen(path) > root && ks_names_equal(path, root, SYSTEM_ROOT, root)) {
        return ks_arena_join(cast->parse->arena, WINDOWS, path + root);
    }
    return path;
}

bool ks_cast_is_kernel(const char *module)
{
    const char *base = ks_names_base(module);
    return ks_names_same(base, "ntoskrnl.exe") || ks_names_same(base, "hal.dll");
}

// ---- filling the tables ----

static struct ks_cast_module *add_module(struct ks_cast *cast, const char *base)
{
    struct ks_name *name = ks_names_add(&cast->modules, base, strlen(base));
    if (name->value == NULL) {
        struct ks_cast_module *module = ks_arena_take(cast->parse->arena, 1, sizeof *module);
        module->name = base;
        module->last = &module->images;
        name->value = module;
    }
    return name->value;
}

static void add_image(struct ks_cast *cast, const struct ks_image *image)
{
    struct ks_cast_module *module = add_module(cast, image->base_name);
    struct ks_cast_image *entry = ks_arena_take(cast->parse->arena, 1, sizeof *entry);
    const char *path = ks_cast_full_path(cast, image->path);
    struct ks_name *name = ks_names_add(&cast->paths, path, strlen(path));
    module->path_count += name->value == NULL ? 1 : 0;
    module->real = module->real || image->real;
    cast->real = cast->real || image->real;
    name->value = name->value == NULL ? (void *)(uintptr_t)image : name->value;
    entry->image = image;
    *module->last = entry;
    module->last = &entry->next;
}

static void add_queues(struct ks_cast *cast, const struct ks_routine *routine)
{
    for (size_t i = 0; i < routine->entry_count; i++) {
        const char *queue = routine->entries[i].queue;
        if (queue != NULL) {
            ks_names_add(&cast->queues, queue, strlen(queue));
        }
    }
}

static void add_image_names(struct ks_cast *cast, const struct ks_image *image)
{
    for (size_t i = 0; i < image->import_count; i++) {
        add_module(cast, ks_names_base(image->imports[i].module));
    }
    add_queues(cast, &image->driver_entry);
    add_queues(cast, &image->driver_unload);
    add_queues(cast, &image->dllinitialize);
    add_queues(cast, &image->dllunload);
    for (size_t i = 0; i < image->routine_count; i++) {
        add_queues(cast, &image->routines[i].routine);
    }
}

static void add_services(struct ks_cast *cast, const struct ks_build *build)
{
    for (size_t i = 0; i < cast->scenario->service_count; i++) {
        const struct ks_service *service = &cast->scenario->services[i];
        struct ks_name *name = ks_names_add(&cast->services, service->name, strlen(service->name));
        name->value = (void *)(uintptr_t)service;
    }
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        struct ks_step *step = built->step;
        if (step->action == KS_ACTION_LOAD && step->service != NULL && step->image != NULL) {
            struct ks_name *name = ks_names_add(&cast->made, step->service, strlen(step->service));
            name->value = name->value == NULL ? step : name->value;
        }
    }
}

void ks_cast_init(struct ks_cast *cast, struct ks_build *build)
{
    *cast = (struct ks_cast){.parse = build->parse, .scenario = build->scenario};
    ks_names_init(&cast->paths, build->arena, true);
    ks_names_init(&cast->modules, build->arena, true);
    ks_names_init(&cast->services, build->arena, true);
    ks_names_init(&cast->made, build->arena, true);
    ks_names_init(&cast->queues, build->arena, false);
    for (struct ks_built_image *built = build->images; built != NULL; built = built->next) {
        add_image(cast, built->image);
    }
    for (struct ks_built_image *built = build->images; built != NULL; built = built->next) {
        add_image_names(cast, built->image);
    }
    add_services(cast, build);
}

// ---- modules and routines ----

struct ks_cast_module *ks_cast_module(const struct ks_cast *cast, const char *name)
{
    const char *base = ks_names_base(name);
    struct ks_name *found = ks_names_find(&cast->modules, base, strlen(base));
    return found == NULL ? NULL : found->value;
}

static void add_routine(struct ks_names *names, bool there, const char *name)
{
    if (there && name != NULL) {
        ks_names_add(names, name, strlen(name));
    }
}

static void add_image_routines(struct ks_names *names, const struct ks_image *image)
{
    add_routine(names, !image->driver_entry.absent, "DriverEntry");
    add_routine(names, !image->driver_unload.absent, "DriverUnload");
    add_routine(names, !image->add_device.absent, "AddDevice");
    add_routine(names, image->has_dllinitialize, "DllInitialize");
    add_routine(names, image->has_dllinitialize, image->dllinitialize.export_as);
    add_routine(names, image->has_dllunload, "DllUnload");
    add_routine(names, image->has_dllunload, image->dllunload.export_as);
    for (size_t i = 0; i < image->export_count; i++) {
        add_routine(names, true, image->exports[i].name);
    }
    for (size_t i = 0; i < image->routine_count; i++) {
        add_routine(names, true, image->routines[i].name);
    }
}

static const struct ks_names *routines_of(struct ks_cast *cast, struct ks_cast_module *module)
{
    if (module->routines.arena == NULL) {
        ks_names_init(&module->routines, cast->parse->arena, false);
        for (struct ks_cast_image *entry = module->images; entry != NULL; entry = entry->next) {
            add_image_routines(&module->routines, entry->image);
        }
    }
    return &module->routines;
}

bool ks_cast_has_routine(struct ks_cast *cast, struct ks_cast_module *module, const char *name)
{
    return module->real || module->images == NULL || name[0] == '#' ||
           ks_names_find(routines_of(cast, module), name, strlen(name)) != NULL;
}

static const char *function_text(struct ks_cast *cast, const struct ks_function *function)
{
    return function->name != NULL
               ? function->name
               : ks_diagnose_text(cast->parse, "#%u", (unsigned)function->ordinal);
}

static const struct ks_names *imports_of(struct ks_cast *cast, struct ks_cast_module *module)
{
    if (module->imports.arena != NULL) {
        return &module->imports;
    }
    ks_names_init(&module->imports, cast->parse->arena, false);
    for (struct ks_cast_image *entry = module->images; entry != NULL; entry = entry->next) {
        const struct ks_image *image = entry->image;
        for (size_t i = 0; i < image->import_count; i++) {
            for (size_t f = 0; f < image->imports[i].function_count; f++) {
                const char *text = function_text(cast, &image->imports[i].functions[f]);
                ks_names_add(&module->imports, text, strlen(text));
            }
        }
    }
    return &module->imports;
}

bool ks_cast_has_import(struct ks_cast *cast, struct ks_cast_module *module, const char *name)
{
    struct ks_function function = {.name = name};
    uint64_t ordinal;
    if (name[0] == '#' && ks_scalar_number(name + 1, &ordinal) && ordinal <= UINT16_MAX) {
        function = (struct ks_function){.ordinal = (uint32_t)ordinal};
    }
    const char *text = function_text(cast, &function);
    return module->real || module->images == NULL ||
           ks_names_find(imports_of(cast, module), text, strlen(text)) != NULL;
}

// ---- services ----

static bool has_extension(const char *name)
{
    size_t length = strlen(name);
    size_t extension = strlen(EXTENSION);
    return length > extension && ks_names_same(name + length - extension, EXTENSION);
}

static const char *without_extension(struct ks_cast *cast, const char *name)
{
    return has_extension(name)
               ? ks_arena_copy(cast->parse->arena, name, strlen(name) - strlen(EXTENSION))
               : name;
}

struct ks_cast_module *ks_cast_service_module(const struct ks_cast *cast, const char *service)
{
    struct ks_cast_module *module =
        strchr(service, '\\') == NULL ? ks_cast_module(cast, service) : NULL;
    if ((module == NULL || module->images == NULL) && !has_extension(service)) {
        const char *file = ks_arena_join(cast->parse->arena, service, EXTENSION);
        module = ks_cast_module(cast, file);
    }
    return module == NULL || module->images == NULL ? NULL : module;
}

static const char *find_service(const struct ks_cast *cast, const char *name)
{
    struct ks_name *found = ks_names_find(&cast->services, name, strlen(name));
    if (found == NULL) {
        found = ks_names_find(&cast->made, name, strlen(name));
    }
    return found == NULL ? NULL : found->text;
}

const char *ks_cast_service(struct ks_cast *cast, const char *name)
{
    const char *found = find_service(cast, name);
    if (found == NULL && has_extension(name)) {
        found = find_service(cast, without_extension(cast, name));
    }
    if (found == NULL && ks_cast_service_module(cast, name) != NULL) {
        found = without_extension(cast, name);
    }
    return found;
}

// ---- advice ----

const char *ks_cast_near_module(struct ks_cast *cast, const char *name)
{
    const char *base = ks_names_base(name);
    struct ks_cast_module *whole =
        ks_cast_module(cast, ks_arena_join(cast->parse->arena, base, EXTENSION));
    return ks_diagnose_near(cast->parse,
                            whole != NULL ? whole->name : ks_names_nearest(&cast->modules, base));
}

// A module that is near and has an image; what is only imported cannot be started.
static const char *nearest_image(struct ks_cast *cast, const char *name)
{
    const char *near = ks_names_nearest(&cast->modules, name);
    return near != NULL && ks_cast_module(cast, near)->images != NULL ? near : NULL;
}

const char *ks_cast_near_image(struct ks_cast *cast, const char *path)
{
    const char *base = ks_names_base(path);
    const char *near = nearest_image(cast, base);
    return near == NULL
               ? NULL
               : ks_diagnose_near(cast->parse, ks_cast_module(cast, near)->images->image->key);
}

const char *ks_cast_near_service(struct ks_cast *cast, const char *name)
{
    const char *near = ks_names_nearest(&cast->services, name);
    if (near == NULL) {
        near = ks_names_nearest(&cast->made, name);
    }
    if (near == NULL) {
        near = nearest_image(cast, name);
    }
    if (near == NULL) {
        near = nearest_image(cast, ks_arena_join(cast->parse->arena, name, EXTENSION));
    }
    return near != NULL ? ks_diagnose_near(cast->parse, near)
                        : "a service without an image is declared under `services`";
}

const char *ks_cast_near_routine(struct ks_cast *cast, struct ks_cast_module *module,
                                 const char *name)
{
    return ks_diagnose_near(cast->parse, ks_names_nearest(routines_of(cast, module), name));
}

const char *ks_cast_near_import(struct ks_cast *cast, struct ks_cast_module *module,
                                const char *name)
{
    return ks_diagnose_near(cast->parse, ks_names_nearest(imports_of(cast, module), name));
}
