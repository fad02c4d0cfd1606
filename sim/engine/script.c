// SPDX-License-Identifier: MIT

#include "engine/script.h"

#include "kernel/io/io_request.h"
#include "world/world_steps.h"

#include <stdlib.h>
#include <string.h>

#define STOP_SYSTEM_THREAD_EXCEPTION 0x7Eu
#define MAJOR_COUNT                  28 // IRP_MJ_MAXIMUM_FUNCTION + 1

// What one instance of a declared image remembers.
struct script_state {
    bool kept_argument;
    uint64_t dispatch[MAJOR_COUNT]; // what DriverEntry put there: addresses, 0 for nothing
    uint32_t calls[];               // by index into built.routines
};

// ---- the file ----

static void release_script(void *user, struct ks_file *file)
{
    const struct kldr_allocator *allocator = user;
    struct ks_script *script = (struct ks_script *)(uintptr_t)file->description;
    kldr_built_image_free(allocator, &script->built);
    allocator->release(allocator->user, script->calls_across);
    allocator->release(allocator->user, script);
}

static void *allocate_zeroed(const struct kldr_allocator *allocator, size_t size)
{
    void *block = allocator->allocate(allocator->user, size);
    return block != NULL ? memset(block, 0, size) : NULL;
}

struct ks_file *ks_script_file_create(const struct kldr_allocator *allocator,
                                      const struct ks_image *image, struct kldr_built_image *built,
                                      const struct ks_script_host *host)
{
    struct ks_file *file = ks_file_create(allocator, image->key);
    struct ks_script *script = allocate_zeroed(allocator, sizeof *script);
    uint32_t *calls = allocate_zeroed(allocator, (built->routine_count + 1) * sizeof *calls);
    if (file == NULL || script == NULL || calls == NULL) {
        allocator->release(allocator->user, calls);
        allocator->release(allocator->user, script);
        ks_file_release(allocator, file);
        kldr_built_image_free(allocator, built);
        return NULL;
    }
    *script = (struct ks_script){image, *built, calls, host};
    file->bytes = built->bytes;
    file->size = built->size;
    file->engine = &ks_engine_script;
    file->description = script;
    file->release = release_script;
    file->user = (void *)(uintptr_t)allocator;
    return file;
}

static struct ks_script *script_of(const struct ks_instance *instance)
{
    return (struct ks_script *)(uintptr_t)instance->file->description;
}

// ---- instances ----

static kldr_status attach(struct ks_instance *instance)
{
    size_t size =
        sizeof(struct script_state) + script_of(instance)->built.routine_count * sizeof(uint32_t);
    instance->state = allocate_zeroed(&instance->world->allocator, size);
    return instance->state != NULL ? KLDR_STATUS_SUCCESS : KLDR_ERROR_OUT_OF_MEMORY;
}

static void detach(struct ks_instance *instance)
{
    instance->world->allocator.release(instance->world->allocator.user, instance->state);
    instance->state = NULL;
}

// ---- names ----

static size_t index_at(const struct ks_script *script, uint32_t rva)
{
    size_t index = 0;
    while (index < script->built.routine_count && script->built.routines[index].rva != rva) {
        index++;
    }
    return index;
}

static const char *exported_name(const struct ks_routine *routine, const char *name)
{
    return routine->export_as != NULL ? routine->export_as : name;
}

// What the scenario says of a routine; NULL when it says nothing.
static const struct ks_routine *routine_named(const struct ks_image *image, const char *name)
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
    if (strcmp(name, "AddDevice") == 0) {
        return &image->add_device;
    }
    if (image->has_dllinitialize &&
        strcmp(name, exported_name(&image->dllinitialize, "DllInitialize")) == 0) {
        return &image->dllinitialize;
    }
    if (image->has_dllunload && strcmp(name, exported_name(&image->dllunload, "DllUnload")) == 0) {
        return &image->dllunload;
    }
    return NULL;
}

static const char *routine_name(const struct ks_instance *instance, uint32_t rva)
{
    const struct ks_script *script = script_of(instance);
    size_t index = index_at(script, rva);
    return index < script->built.routine_count ? script->built.routines[index].name : NULL;
}

static uint32_t routine_rva(const struct ks_instance *instance, const char *name)
{
    const struct ks_script *script = script_of(instance);
    for (size_t i = 0; i < script->built.routine_count; i++) {
        if (strcmp(script->built.routines[i].name, name) == 0) {
            return script->built.routines[i].rva;
        }
    }
    return 0;
}

static bool has_driver_unload(const struct ks_instance *instance, const struct ks_driver *driver)
{
    (void)driver;
    return !script_of(instance)->image->driver_unload.absent;
}

static bool is_pnp(const struct ks_instance *instance, const struct ks_driver *driver)
{
    (void)driver;
    return script_of(instance)->image->flag_pnp;
}

const struct ks_image *ks_script_image(const struct ks_instance *instance)
{
    return script_of(instance)->image;
}

// ---- what DriverEntry sets up ----

uint64_t ks_script_dispatch(const struct ks_instance *instance, unsigned major)
{
    const struct script_state *state = instance->state;
    return major < MAJOR_COUNT ? state->dispatch[major] : 0;
}

// A routine of a module that is not loaded leaves nothing there.
static void fill_dispatch(struct ks_instance *instance)
{
    const struct ks_image *image = script_of(instance)->image;
    struct script_state *state = instance->state;
    for (size_t i = 0; i < image->dispatch_count; i++) {
        const struct ks_dispatch *entry = &image->dispatch[i];
        uint64_t address = 0;
        ks_world_find_routine(instance->world, entry->module, entry->routine, &address);
        state->dispatch[entry->major] = address;
    }
}

static kldr_status set_up(struct ks_instance *instance, const struct ks_call *call)
{
    const struct ks_image *image = script_of(instance)->image;
    const struct ks_io_services *services = ks_io_services(instance->world);
    kldr_status status = KLDR_STATUS_SUCCESS;
    fill_dispatch(instance);
    for (size_t i = 0; i < image->device_count && KLDR_NT_SUCCESS(status); i++) {
        status = services->create_device(instance->world, call->driver, image->devices[i].name,
                                         image->devices[i].link, NULL);
    }
    return status;
}

static void delete_devices(struct kldr_world *world, uint32_t module_id)
{
    const struct ks_io_services *services = ks_io_services(world);
    struct ks_driver *driver = ks_io_driver_of_module(world, module_id);
    if (driver != NULL && services->delete_devices != NULL) {
        services->delete_devices(world, driver);
    }
}

// ---- running ----

// The entry for this call: one per call, the last one repeats.
static const struct ks_routine_entry *next_entry(struct ks_instance *instance,
                                                 const struct ks_routine *routine, size_t index)
{
    struct ks_script *script = script_of(instance);
    struct script_state *state = instance->state;
    uint32_t number = 0;
    if (index < script->built.routine_count) {
        uint32_t *counter =
            routine->across_loads ? &script->calls_across[index] : &state->calls[index];
        number = (*counter)++;
    }
    size_t last = routine->entry_count - 1;
    return &routine->entries[number < last ? number : last];
}

// N5: the buffer is freed when DllInitialize returns. A routine that kept the pointer reads what is
// poisoned now.
static void keep_argument(struct ks_instance *instance, const struct ks_call *call)
{
    struct script_state *state = instance->state;
    struct kldr_world *world = instance->world;
    if (state->kept_argument) {
        ks_world_note(world, "dead-argument", call->module, call->module_id,
                      "reads the registry path it kept: the buffer is freed and poisoned", "N5");
        return;
    }
    state->kept_argument = true;
    ks_findings_report(&world->findings, "kept-argument", call->module, call->module_id, NULL, NULL,
                       "N5");
}

static kldr_status raise(struct ks_instance *instance, const struct ks_call *call, uint32_t code)
{
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {code, instance->base + call->rva, 0, 0};
    return ks_world_stop(instance->world, STOP_SYSTEM_THREAD_EXCEPTION, parameters, call->module,
                         call->rva, "an exception was raised that nobody handles");
}

static kldr_status answer_request(struct kldr_world *world, const struct ks_script *script,
                                  const struct ks_routine_entry *entry, struct ks_io_answer *answer)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    *answer = (struct ks_io_answer){.declared = true, .pass_down = entry->pass_down};
    answer->status = entry->has_returns ? (kldr_status)entry->returns : entry->status;
    if (entry->bytes.given) {
        status = script->host->make_data(world, &entry->bytes, &answer->bytes, &answer->byte_count);
    }
    answer->information = entry->has_information ? entry->information : answer->byte_count;
    return status;
}

static kldr_status run_entry(struct ks_instance *instance, const struct ks_call *call,
                             const struct ks_routine_entry *entry, ks_perform_steps perform)
{
    struct kldr_world *world = instance->world;
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (entry->keep_argument) {
        keep_argument(instance, call);
    }
    if (entry->step_count > 0) {
        status = perform(world, call, entry->steps, entry->step_count);
    }
    // The image may be gone by now: instance must not be used below unless the module is still
    // listed.
    struct ks_instance *still = ks_world_instance(world, call->module_id);
    if (status == KLDR_STATUS_SUCCESS && entry->queue != NULL) {
        status = ks_world_queue(world, entry->queue, call);
    }
    if (status == KLDR_STATUS_SUCCESS && entry->has_raise && still != NULL) {
        status = raise(still, call, entry->raise_code);
    }
    return status;
}

static kldr_status call_routine(struct ks_instance *instance, const struct ks_call *call,
                                uint64_t *out_result)
{
    struct ks_script *script = script_of(instance);
    size_t index = index_at(script, call->rva);
    const char *name =
        index < script->built.routine_count ? script->built.routines[index].name : call->routine;
    const struct ks_routine *routine =
        routine_named(script->image, call->kind == KS_CALL_DRIVERUNLOAD ? "DriverUnload" : name);
    static const struct ks_routine_entry nothing;
    struct kldr_world *world = instance->world;
    const struct ks_routine_entry *entry = &nothing;
    kldr_status status = KLDR_STATUS_SUCCESS;
    *out_result = 0;
    if (call->kind == KS_CALL_DRIVERENTRY) {
        kldr_status made = set_up(instance, call);
        if (!KLDR_NT_SUCCESS(made)) {
            *out_result = made;
            delete_devices(world, call->module_id);
            return KLDR_IS_OWN_STATUS(made) ? made : KLDR_STATUS_SUCCESS;
        }
    }
    if (routine != NULL && routine->entry_count > 0) {
        entry = next_entry(instance, routine, index);
        status = run_entry(instance, call, entry, script->host->perform);
        *out_result = entry->has_returns ? entry->returns : entry->status;
    }
    if (call->kind == KS_CALL_DRIVERUNLOAD ||
        (call->kind == KS_CALL_DRIVERENTRY && !KLDR_NT_SUCCESS((kldr_status)*out_result))) {
        delete_devices(world, call->module_id);
    }
    // The image may be gone by now; its file, and so the script, are not.
    return status == KLDR_STATUS_SUCCESS && call->answer != NULL
               ? answer_request(world, script, entry, call->answer)
               : status;
}

const struct ks_engine ks_engine_script = {
    .name = "script",
    .runs_code = true,
    .attach = attach,
    .detach = detach,
    .call = call_routine,
    .routine_name = routine_name,
    .routine_rva = routine_rva,
    .has_driver_unload = has_driver_unload,
    .is_pnp = is_pnp,
};
