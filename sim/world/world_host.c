// SPDX-License-Identifier: MIT
// What a world's loader asks of it: files, memory, calls, and that its events go on.

#include "check/leftovers.h"
#include "engine/debugger.h"
#include "engine/native.h"
#include "kernel/nt_text.h"
#include "kernel/ps/ps_notify.h"
#include "world/world_steps.h"

#include <string.h>

static void *allocate(struct kldr_world *world, size_t size)
{
    void *block = world->allocator.allocate(world->allocator.user, size);
    return block != NULL ? memset(block, 0, size) : NULL;
}

// ---- files and memory ----

static kldr_status open_image(void *user, const char *path, enum kldr_open_purpose purpose,
                              struct kldr_host_file *out_file)
{
    struct kldr_world *world = user;
    struct ks_file *file = NULL;
    (void)purpose; // the simulated disk keeps no trace of who opened what; the loader's events do
    kldr_status status = ks_disk_find(world->disk, path, &file);
    if (status != KLDR_STATUS_SUCCESS && status != KLDR_ERROR_OUT_OF_MEMORY &&
        world->find_missing_file != NULL) {
        file = world->find_missing_file(world, path);
        status = file != NULL ? KLDR_STATUS_SUCCESS : status;
    }
    if (status == KLDR_STATUS_SUCCESS) {
        *out_file = (struct kldr_host_file){file->bytes, file->size, ks_file_retain(file)};
    }
    return status;
}

static void close_image(void *user, struct kldr_host_file *file)
{
    struct kldr_world *world = user;
    ks_file_release(&world->allocator, file->cookie);
}

static void free_instance(struct kldr_world *world, struct ks_instance *instance)
{
    if (instance != NULL) {
        ks_file_release(&world->allocator, instance->file);
        world->allocator.release(world->allocator.user, instance);
    }
}

static kldr_status attach(struct kldr_world *world, const struct kldr_map_request *request,
                          struct ks_instance **out_instance)
{
    struct ks_file *file = NULL;
    kldr_status status = ks_disk_find(world->disk, request->path, &file);
    struct ks_instance *instance =
        status == KLDR_STATUS_SUCCESS ? allocate(world, sizeof *instance) : NULL;
    if (instance == NULL) {
        return status == KLDR_STATUS_SUCCESS ? KLDR_ERROR_OUT_OF_MEMORY : status;
    }
    instance->world = world;
    instance->file = ks_file_retain(file);
    instance->size = request->size;
    status = file->engine->attach != NULL ? file->engine->attach(instance) : KLDR_STATUS_SUCCESS;
    if (status != KLDR_STATUS_SUCCESS) {
        free_instance(world, instance);
        return status;
    }
    *out_instance = instance;
    return KLDR_STATUS_SUCCESS;
}

// Memory of an image: guest memory at its own address where code of images runs.
static kldr_status take_memory(struct kldr_world *world, uint64_t base, uint32_t size,
                               uint8_t **out_memory)
{
    if (world->native != NULL) {
        return ks_native_map(world, base, size, out_memory);
    }
    uint8_t *memory = world->allocator.allocate(world->allocator.user, size);
    if (memory == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *out_memory = memory;
    return KLDR_STATUS_SUCCESS;
}

static void give_memory(struct kldr_world *world, const struct kldr_mapping *mapping)
{
    if (world->native != NULL) {
        ks_debugger_image(KS_DEBUGGER_GONE, ks_world_show_address(world, mapping->base),
                          mapping->base);
        ks_native_unmap(world, mapping->base, mapping->size);
    } else {
        world->allocator.release(world->allocator.user, mapping->memory);
    }
}

static kldr_status place(struct kldr_world *world, const struct kldr_map_request *request,
                         struct kldr_mapping *mapping)
{
    kldr_status status = ks_address_space_place(&world->addresses, request->preferred_base,
                                                request->size, &mapping->base);
    if (status == KLDR_STATUS_SUCCESS) {
        status = take_memory(world, mapping->base, request->size, &mapping->memory);
        if (status != KLDR_STATUS_SUCCESS) {
            ks_address_space_vacate(&world->addresses, mapping->base, 0, NULL);
        }
    }
    return status;
}

static kldr_status map_image(void *user, const struct kldr_map_request *request,
                             struct kldr_mapping *out_mapping)
{
    struct kldr_world *world = user;
    struct ks_instance *instance = NULL;
    struct kldr_mapping mapping = {.size = request->size};
    if (request->size > world->options.limits.memory - world->memory_used) {
        return KLDR_ERROR_LIMIT;
    }
    kldr_status status = attach(world, request, &instance);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    status = place(world, request, &mapping);
    if (status != KLDR_STATUS_SUCCESS) {
        if (instance->file->engine->detach != NULL) {
            instance->file->engine->detach(instance);
        }
        free_instance(world, instance);
        return status;
    }
    instance->base = mapping.base;
    mapping.cookie = instance;
    world->memory_used += request->size;
    *out_mapping = mapping;
    return KLDR_STATUS_SUCCESS;
}

static void unmap_image(void *user, const struct kldr_mapping *mapping, uint32_t module_id,
                        const char *module_name)
{
    struct kldr_world *world = user;
    struct ks_instance *instance = mapping->cookie;
    if (instance->file->engine->detach != NULL) {
        instance->file->engine->detach(instance);
    }
    const struct ks_leftovers_image image = {mapping->base, mapping->base + mapping->size,
                                             module_id, module_name, instance};
    ks_leftovers_report(world, &image);
    ks_address_space_vacate(&world->addresses, mapping->base, module_id,
                            module_id != 0 ? module_name : NULL);
    ks_id_set_remove(&world->load_images, module_id);
    free_instance(world, instance);
    world->memory_used -= mapping->size;
    give_memory(world, mapping);
}

static kldr_status call_routine(void *user, const struct kldr_routine_call *request)
{
    struct kldr_world *world = user;
    bool initialize = request->routine == KLDR_ROUTINE_DLLINITIALIZE;
    struct kldr_module_info module;
    uint64_t result = 0;
    if (!kldr_loader_module(world->loader, request->module_id, &module)) {
        return KLDR_ERROR_INTERNAL;
    }
    struct ks_call call = {.kind = initialize ? KS_CALL_DLLINITIALIZE : KS_CALL_DLLUNLOAD,
                           .rva = request->rva};
    call.routine = initialize ? "DllInitialize" : "DllUnload";
    call.registry_path = request->registry_path;
    kldr_status status = ks_world_run(world, &module, &call, true, &result);
    return status == KLDR_STATUS_SUCCESS ? (kldr_status)result : status;
}

static void image_ready(void *user, uint32_t module_id)
{
    struct kldr_world *world = user;
    struct kldr_module_info module;
    struct ks_instance *instance = ks_world_instance(user, module_id);
    if (instance != NULL && world->native != NULL &&
        kldr_loader_module(world->loader, module_id, &module)) {
        bool is_code = instance->file->engine == &ks_engine_native;
        if (is_code && !ks_native_trap_cpuid(world, &module)) {
            kldr_loader_stop(world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        }
        ks_native_protect(world, &module, is_code);
        ks_debugger_image(KS_DEBUGGER_READY, ks_world_show_address(world, module.base),
                          module.base);
    }
    if (instance != NULL && instance->file->engine->ready != NULL) {
        instance->file->engine->ready(instance, module_id);
    }
    if (instance != NULL && kldr_loader_module(world->loader, module_id, &module)) {
        ks_ps_notify_image(world, &module);
    }
}

static kldr_status core_import(void *user, const struct kldr_core_import *import)
{
    // What is not simulated is no obstacle to code that is only described.
    const struct ks_instance *instance = ks_world_instance(user, import->importer_id);
    const struct ks_engine *engine = instance != NULL ? instance->file->engine : NULL;
    bool real = engine == &ks_engine_none || engine == &ks_engine_native;
    return real && !ks_native_simulates(import->symbol) ? KLDR_ERROR_NOT_IMPLEMENTED
                                                        : KLDR_STATUS_SUCCESS;
}

// The driver framework's loader, of which the disk has no file: kldr's own.
static bool add_core(void *user, const char *name, size_t name_length)
{
    const char *known = ks_kernel_module_name(KS_KERNEL_WDFLDR);
    return name_length == strlen(known) && ks_nt_text_same_part(known, name, name_length, true) &&
           ks_world_add_core(user, KS_KERNEL_WDFLDR) == KLDR_STATUS_SUCCESS;
}

static kldr_status trap_import(void *user, const struct kldr_missing_import *missing,
                               uint64_t *out_address)
{
    return ks_world_add_trap(user, missing, out_address);
}

static kldr_status inject_fault(void *user, enum kldr_fault fault)
{
    return ks_world_inject_fault(user, fault, 0);
}

// ---- events ----

// H6: the file of a newly listed image is compared with those of the others.
static void check_second_copy(struct kldr_world *world, const struct kldr_event *event)
{
    const struct ks_instance *fresh = ks_world_instance(world, event->module_id);
    struct kldr_module_info other;
    for (uint32_t id = kldr_loader_first(world->loader); fresh != NULL && id != event->module_id;
         id = kldr_loader_next(world->loader, id)) {
        const struct ks_instance *instance = ks_world_instance(world, id);
        if (instance != NULL && instance->file->identity == fresh->file->identity &&
            kldr_loader_module(world->loader, id, &other)) {
            ks_findings_report(&world->findings, "second-copy", event->path, event->module_id,
                               other.full_name, NULL, "H6");
            return;
        }
    }
}

static void on_event(void *user, const struct kldr_event *event)
{
    struct kldr_world *world = user;
    struct kldr_event seen = *event;
    seen.depth += world->step_depth;
    seen.step = world->step_number;
    if ((event->has & KLDR_EVENT_HAS_ADDRESS) != 0 || event->kind == KLDR_EVENT_IMAGE_MAPPED) {
        seen.address = ks_world_show_address(world, event->address);
    }
    if (event->kind == KLDR_EVENT_CALL_END) {
        seen.value = ks_world_show_address(world, event->value);
    }
    if (world->options.on_event != NULL) {
        world->options.on_event(world->options.user, &seen);
    }
    ks_findings_observe(&world->findings, event);
    if (event->kind == KLDR_EVENT_IMAGE_LISTED) {
        check_second_copy(world, event);
    }
}

struct kldr_host ks_world_host(struct kldr_world *world)
{
    return (struct kldr_host){
        .user = world,
        .allocator = world->allocator,
        .open_image = open_image,
        .close_image = close_image,
        .map_image = map_image,
        .unmap_image = unmap_image,
        .call_routine = call_routine,
        .image_ready = image_ready,
        .trap_import = trap_import,
        .core_import = core_import,
        .add_core = add_core,
        .inject_fault = inject_fault,
        .on_event = on_event,
    };
}
