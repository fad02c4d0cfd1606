// SPDX-License-Identifier: MIT
// An image of the scenario with code that a real machine can run.

#include "probe/probe_parts.h"

#include "scenario/run/declared.h"

#include <string.h>

struct image_maker {
    struct ks_probe_maker *maker;
    const struct ks_image *image;
    struct kldr_build_description *description;
    struct kldr_build_code *code; // room for every routine
    size_t count;
    uint32_t counters; // bytes
};

static const struct ks_routine *behaviour_of(const struct ks_image *image, const char *name)
{
    for (size_t i = 0; i < image->routine_count; i++) {
        if (strcmp(image->routines[i].name, name) == 0) {
            return &image->routines[i].routine;
        }
    }
    if (strcmp(name, "DriverEntry") == 0) {
        return &image->driver_entry;
    }
    if (strcmp(name, "DriverUnload") == 0) {
        return &image->driver_unload;
    }
    const char *initialize =
        image->dllinitialize.export_as != NULL ? image->dllinitialize.export_as : "DllInitialize";
    const char *unload =
        image->dllunload.export_as != NULL ? image->dllunload.export_as : "DllUnload";
    if (image->has_dllinitialize && strcmp(name, initialize) == 0) {
        return &image->dllinitialize;
    }
    return image->has_dllunload && strcmp(name, unload) == 0 ? &image->dllunload : NULL;
}

static void add_code(struct image_maker *maker, const char *name)
{
    const struct ks_image *image = maker->image;
    bool entry = strcmp(name, "DriverEntry") == 0;
    struct ks_probe_routine routine = {
        .module = image->base_name,
        .name = name,
        .behaviour = behaviour_of(image, name),
        .sets_unload = entry && !image->driver_unload.absent,
        .print_import = 0,
        .counter = maker->counters,
    };
    maker->counters += 4;
    ks_probe_x64_emit(&maker->maker->arena, &routine, &maker->code[maker->count]);
    maker->maker->out_of_memory =
        maker->maker->out_of_memory || maker->code[maker->count].bytes == NULL;
    maker->count++;
}

static void add_all_code(struct image_maker *maker)
{
    const struct kldr_build_description *description = maker->description;
    bool entry_exported = false;
    for (size_t i = 0; i < description->export_count; i++) {
        const struct kldr_build_export *export = &description->exports[i];
        if (!export->hole && export->forwarder == NULL && !export->data) {
            entry_exported = entry_exported || strcmp(export->name, "DriverEntry") == 0;
            add_code(maker, export->name);
        }
    }
    if (description->entry_point && !entry_exported) {
        add_code(maker, "DriverEntry");
    }
    for (size_t i = 0; i < description->routine_count; i++) {
        add_code(maker, description->routines[i]);
    }
}

// The descriptor for printing comes first, so that it is bound even where the walk ends early (R2).
// The image's own keep their order after it; the kernel's counts are nobody's business.
static bool add_print_import(struct ks_probe_maker *maker,
                             struct kldr_build_description *description)
{
    static const struct kldr_build_function print = {.name = "DbgPrintEx"};
    struct kldr_build_import *imports =
        ks_arena_take(&maker->arena, description->import_count + 1, sizeof *imports);
    if (imports == NULL) {
        return false;
    }
    if (description->import_count > 0) {
        memcpy(imports + 1, description->imports, description->import_count * sizeof *imports);
    }
    description->import_count++;
    imports[0] = (struct kldr_build_import){
        .module = "ntoskrnl.exe", .functions = &print, .function_count = 1};
    description->imports = imports;
    return true;
}

static kldr_status add_everything(struct ks_probe_maker *maker, const struct ks_image *image,
                                  struct kldr_build_description *description)
{
    size_t room = description->export_count + description->routine_count + 1;
    struct image_maker images = {.maker = maker, .image = image, .description = description};
    images.code = ks_arena_take(&maker->arena, room, sizeof *images.code);
    if (images.code == NULL || !add_print_import(maker, description)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    add_all_code(&images);
    description->code = images.code;
    description->code_count = images.count;
    description->code_data_size = images.counters;
    return maker->out_of_memory ? KLDR_ERROR_OUT_OF_MEMORY : KLDR_STATUS_SUCCESS;
}

kldr_status ks_probe_build_image(struct ks_probe_maker *maker, const struct ks_image *image,
                                 struct kldr_built_image *out)
{
    const struct kldr_allocator *allocator = kldr_allocator_default();
    struct ks_declared declared;
    kldr_status status =
        ks_declared_describe(allocator, maker->scenario, image, KLDR_MACHINE_X64, &declared);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    // An image for another machine is there to be refused: none of its code ever runs.
    if (declared.description.machine == KLDR_MACHINE_X64) {
        status = add_everything(maker, image, &declared.description);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        status = kldr_image_build(allocator, &declared.description, out, maker->error);
    }
    allocator->release(allocator->user, declared.block);
    return status;
}
