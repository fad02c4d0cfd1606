// SPDX-License-Identifier: MIT
// Drivers compiled into the test program. Their PE image is made from the C description, so the
// loader treats them as any other; what it binds in the image's cells is then written into the
// drivers' pointer slots. A slot whose exporter is gone, or cannot be called from C, holds one of a
// pool of stop functions, each of which knows why it stops.

#include "engine/host_kernel.h"
#include "engine/host_slots.h"
#include "kernel/io/io_driver.h"
#include "kernel/ke/ke_return.h"

#include "world/world_steps.h"

#include <kldr/image_builder.h>

#include <string.h>

// ---- the image ----

static void *allocate_zeroed(const struct kldr_allocator *allocator, size_t size)
{
    void *block = allocator->allocate(allocator->user, size != 0 ? size : 1);
    return block != NULL ? memset(block, 0, size) : NULL;
}

static void release_host_image(void *user, struct ks_file *file)
{
    const struct kldr_allocator *allocator = user;
    struct ks_host_image *image = (struct ks_host_image *)(uintptr_t)file->description;
    kldr_built_image_free(allocator, &image->built);
    allocator->release(allocator->user, image);
}

static size_t fill_exports(const struct kldr_host_driver *driver, struct kldr_build_export *exports)
{
    size_t count = 0;
    for (size_t i = 0; i < driver->export_count; i++) {
        const struct kldr_host_export *export = &driver->exports[i];
        exports[count].name = export->name;
        exports[count].ordinal = export->ordinal;
        exports[count].data = export->data != NULL;
        exports[count++].forwarder = export->forwarder;
    }
    if (driver->DllInitialize != NULL || driver->wdm.DllInitialize != NULL) {
        exports[count++].name = "DllInitialize";
    }
    if (driver->DllUnload != NULL || driver->wdm.DllUnload != NULL) {
        exports[count++].name = "DllUnload";
    }
    return count;
}

// One descriptor per run of imports from the same module, so that the order of the description is
// the order of the descriptors.
static size_t fill_imports(const struct kldr_host_driver *driver, struct kldr_build_import *imports,
                           struct kldr_build_function *functions)
{
    size_t count = 0;
    for (size_t i = 0; i < driver->import_count; i++) {
        const struct kldr_host_import *import = &driver->imports[i];
        functions[i] =
            (struct kldr_build_function){.name = import->name, .ordinal = import->ordinal};
        if (count == 0 || !ks_same_name(imports[count - 1].module, import->module)) {
            imports[count++] =
                (struct kldr_build_import){.module = import->module, .functions = &functions[i]};
        }
        imports[count - 1].function_count++;
    }
    return count;
}

static kldr_status build_image(const struct kldr_allocator *allocator,
                               const struct kldr_host_driver *driver, enum kldr_machine machine,
                               struct kldr_built_image *out_built, struct kldr_error *error)
{
    size_t exports_size = (driver->export_count + 2) * sizeof(struct kldr_build_export);
    size_t imports_size = driver->import_count * sizeof(struct kldr_build_import);
    size_t functions_size = driver->import_count * sizeof(struct kldr_build_function);
    char *block = allocate_zeroed(allocator, exports_size + imports_size + functions_size);
    if (block == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    struct kldr_build_export *exports = (void *)block;
    struct kldr_build_import *imports = (void *)(block + exports_size);
    struct kldr_build_description description = {
        .name = driver->name, .machine = machine, .exports = exports};
    description.export_count = fill_exports(driver, exports);
    description.imports = imports;
    description.import_count =
        fill_imports(driver, imports, (void *)(block + exports_size + imports_size));
    description.entry_point = driver->DriverEntry != NULL || driver->wdm.DriverEntry != NULL;
    description.no_export_directory = description.export_count == 0;
    kldr_status status = kldr_image_build(allocator, &description, out_built, error);
    allocator->release(allocator->user, block);
    return status;
}

static const struct ks_host_image *image_of(const struct ks_instance *instance)
{
    return instance->file->description;
}

// Served by the simulated kernel.
static bool is_wdm(const struct ks_host_image *image)
{
    const struct kldr_host_wdm *wdm = &image->driver->wdm;
    return wdm->DriverEntry != NULL || wdm->DllInitialize != NULL || wdm->DllUnload != NULL;
}

kldr_status kldr_world_add_host_driver(struct kldr_world *world, const char *path,
                                       const struct kldr_host_driver *driver,
                                       struct kldr_error *error)
{
    const struct kldr_allocator *allocator = &world->allocator;
    struct kldr_built_image built;
    kldr_error_clear(error);
    kldr_status status = build_image(allocator, driver, world->options.machine, &built, error);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    struct ks_host_image *image = allocate_zeroed(allocator, sizeof *image);
    struct ks_file *file = ks_file_create(allocator, path);
    if (image == NULL || file == NULL) {
        allocator->release(allocator->user, image);
        ks_file_release(allocator, file);
        kldr_built_image_free(allocator, &built);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *image = (struct ks_host_image){driver, built};
    if (is_wdm(image)) {
        ks_host_kernel_use(world);
    }
    file->bytes = built.bytes;
    file->size = built.size;
    file->engine = &ks_engine_host;
    file->description = image;
    file->release = release_host_image;
    file->user = (void *)(uintptr_t)allocator;
    return ks_world_add_file(world, file);
}

// ---- names ----

static const char *routine_name(const struct ks_instance *instance, uint32_t rva)
{
    const struct kldr_built_image *built = &image_of(instance)->built;
    for (size_t i = 0; i < built->routine_count; i++) {
        if (built->routines[i].rva == rva) {
            return built->routines[i].name;
        }
    }
    return NULL;
}

static uint32_t routine_rva(const struct ks_instance *instance, const char *name)
{
    const struct kldr_built_image *built = &image_of(instance)->built;
    for (size_t i = 0; i < built->routine_count; i++) {
        if (strcmp(built->routines[i].name, name) == 0) {
            return built->routines[i].rva;
        }
    }
    return 0;
}

static bool has_driver_unload(const struct ks_instance *instance, const struct ks_driver *driver)
{
    const struct kldr_driver_object *object = driver->engine_data;
    const DRIVER_OBJECT *body = ks_io_driver_body(driver);
    if (is_wdm(image_of(instance))) {
        return body != NULL && body->DriverUnload != NULL;
    }
    return object != NULL && object->DriverUnload != NULL;
}

static bool is_pnp(const struct ks_instance *instance, const struct ks_driver *driver)
{
    const DRIVER_EXTENSION *extension = ks_io_driver_extension(driver);
    return is_wdm(image_of(instance)) && extension != NULL && extension->AddDevice != NULL;
}

// ---- running ----

// A registry path as the driver sees it: UTF-16 that is freed after the call, so that keeping it is
// found by the host's own tools (N5).
static bool make_string(const struct kldr_allocator *allocator, const char *text,
                        struct kldr_unicode_string *string)
{
    size_t length = strlen(text);
    uint16_t *buffer = allocate_zeroed(allocator, (length + 1) * sizeof *buffer);
    for (size_t i = 0; buffer != NULL && i < length; i++) {
        buffer[i] = (unsigned char)text[i];
    }
    string->length = (uint16_t)(length * sizeof *buffer);
    string->maximum_length = (uint16_t)(string->length + sizeof *buffer);
    string->buffer = buffer;
    return buffer != NULL;
}

static uint64_t call_routine(const struct ks_host_image *image, const struct ks_call *call)
{
    typedef uintptr_t (*routine)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                 uintptr_t, uintptr_t);
    uintptr_t arguments[8] = {0};
    for (size_t i = 0; i < call->argument_count && i < 8; i++) {
        arguments[i] = (uintptr_t)call->arguments[i];
    }
    for (size_t i = 0; i < image->driver->export_count; i++) {
        const struct kldr_host_export *export = &image->driver->exports[i];
        if (export->function != NULL && strcmp(export->name, call->routine) == 0) {
            return ((routine) export->function)(arguments[0], arguments[1], arguments[2],
                                                arguments[3], arguments[4], arguments[5],
                                                arguments[6], arguments[7]);
        }
    }
    return 0;
}

static uint64_t call_lifecycle(const struct ks_host_image *image, const struct ks_call *call,
                               struct kldr_unicode_string *path)
{
    struct kldr_driver_object *object = call->driver != NULL ? call->driver->engine_data : NULL;
    switch (call->kind) {
    case KS_CALL_DLLINITIALIZE:
        return image->driver->DllInitialize(path);
    case KS_CALL_DLLUNLOAD:
        return image->driver->DllUnload();
    case KS_CALL_DRIVERENTRY:
        return image->driver->DriverEntry(object, path);
    case KS_CALL_DRIVERUNLOAD:
        object->DriverUnload(object);
        return 0;
    default:
        return call_routine(image, call);
    }
}

// The routines as the kernel's headers declare them.
static uint64_t call_wdm(const struct ks_host_image *image, const struct ks_call *call,
                         struct kldr_unicode_string *path)
{
    typedef int32_t (*entry)(void *object, void *path);
    typedef int32_t (*initialize)(void *path);
    typedef int32_t (*dll_unload)(void);
    typedef void (*driver_unload)(void *object);
    const struct kldr_host_wdm *wdm = &image->driver->wdm;
    DRIVER_OBJECT *object = call->driver != NULL ? ks_io_driver_body(call->driver) : NULL;
    switch (call->kind) {
    case KS_CALL_DLLINITIALIZE:
        return (uint32_t)((initialize)wdm->DllInitialize)(path);
    case KS_CALL_DLLUNLOAD:
        return (uint32_t)((dll_unload)wdm->DllUnload)();
    case KS_CALL_DRIVERENTRY:
        return (uint32_t)((entry)wdm->DriverEntry)(object, path);
    case KS_CALL_DRIVERUNLOAD:
        ((driver_unload)(kldr_any_function)object->DriverUnload)(object);
        return 0;
    default:
        return call_routine(image, call);
    }
}

static bool prepare(struct kldr_world *world, const struct ks_call *call, bool wdm,
                    struct kldr_unicode_string *path)
{
    if (call->kind == KS_CALL_DRIVERENTRY && call->driver->engine_data == NULL && !wdm) {
        call->driver->engine_data =
            allocate_zeroed(&world->allocator, sizeof(struct kldr_driver_object));
        if (call->driver->engine_data == NULL) {
            return false;
        }
    }
    return call->registry_path == NULL || make_string(&world->allocator, call->registry_path, path);
}

static kldr_status call_host(struct ks_instance *instance, const struct ks_call *call,
                             uint64_t *out_result)
{
    struct kldr_world *world = instance->world;
    const struct ks_host_image *image = image_of(instance);
    struct kldr_unicode_string path = {0};
    struct ks_host_frame frame;
    if (!prepare(world, call, is_wdm(image), &path)) {
        return KLDR_ERROR_LIMIT;
    }
    const struct ks_ke_kept kept = is_wdm(image) ? ks_ke_keep(world) : (struct ks_ke_kept){0};
    ks_host_frame_push(&frame, world);
    frame.base = instance->base;
    if (setjmp(frame.back) == 0) {
        struct kldr_unicode_string *given = call->registry_path != NULL ? &path : NULL;
        *out_result =
            is_wdm(image) ? call_wdm(image, call, given) : call_lifecycle(image, call, given);
    }
    ks_host_frame_pop(&frame);
    if (is_wdm(image) && call->kind != KS_CALL_ROUTINE) {
        ks_ke_is_kept(world, &kept, KS_KE_OTHER_ROUTINE, frame.base, 0);
    }
    if (path.buffer != NULL) {
        memset(path.buffer, 0xDD, path.maximum_length); // N5: what the DLL kept is dead
        world->allocator.release(world->allocator.user, path.buffer);
    }
    kldr_status reason = KLDR_STATUS_SUCCESS;
    return kldr_loader_stopped(world->loader, &reason) ? reason : KLDR_STATUS_SUCCESS;
}

const struct ks_engine ks_engine_host = {
    .name = "host",
    .runs_code = true,
    .ready = ks_host_bind_slots,
    .detach = ks_host_release_slots,
    .call = call_host,
    .routine_name = routine_name,
    .routine_rva = routine_rva,
    .has_driver_unload = has_driver_unload,
    .is_pnp = is_pnp,
};
