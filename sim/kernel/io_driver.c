// SPDX-License-Identifier: MIT
// The I/O manager's part of loading (facts H): service keys, driver objects, DriverEntry and DriverUnload.
// One driver object holds one count on its image; dropping it never asks DllUnload (U11).

#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define STOP_SYSTEM_THREAD_EXCEPTION 0x7Eu
#define EXCEPTION_ACCESS_VIOLATION   0xC0000005u

// ---- driver objects ----

struct ks_driver *ks_io_driver_of_module(const struct kldr_world *world, uint32_t module_id)
{
    struct ks_driver *driver = world->drivers;
    while (driver != NULL && driver->module_id != module_id) {
        driver = driver->next;
    }
    return driver;
}

static struct ks_driver *find_object(const struct kldr_world *world, const char *object_name)
{
    struct ks_driver *driver = world->drivers;
    while (driver != NULL && !ks_same_name(driver->object_name, object_name)) {
        driver = driver->next;
    }
    return driver;
}

struct ks_driver *ks_io_driver_of_service(const struct kldr_world *world, const char *service)
{
    struct ks_service_plan plan;
    ks_service_plan_init(&world->services, service, &plan);
    struct ks_driver *driver = plan.object_name != NULL ? find_object(world, plan.object_name) : NULL;
    ks_service_plan_fini(&world->services, &plan);
    return driver;
}

static void free_driver(struct kldr_world *world, struct ks_driver *driver)
{
    if (driver != NULL) {
        world->allocator.release(world->allocator.user, driver->service);
        world->allocator.release(world->allocator.user, driver->object_name);
        world->allocator.release(world->allocator.user, driver->engine_data);
        world->allocator.release(world->allocator.user, driver);
    }
}

void ks_io_destroy_drivers(struct kldr_world *world)
{
    while (world->drivers != NULL) {
        struct ks_driver *driver = world->drivers;
        world->drivers = driver->next;
        free_driver(world, driver);
    }
}

static char *copy_text(struct kldr_world *world, const char *text)
{
    char *copy = world->allocator.allocate(world->allocator.user, strlen(text) + 1);
    return copy != NULL ? strcpy(copy, text) : NULL;
}

static void tell_driver(struct kldr_world *world, enum kldr_event_kind kind, const struct ks_driver *driver)
{
    struct kldr_module_info module;
    struct kldr_event event = {.kind = kind, .service = driver->service, .module_id = driver->module_id};
    event.module = kldr_loader_module(world->loader, driver->module_id, &module) ? module.base_name : NULL;
    kldr_loader_emit(world->loader, &event);
}

static struct ks_driver *create_driver(struct kldr_world *world, const char *service, const char *object_name,
                                       uint32_t module_id)
{
    struct ks_driver *driver = world->allocator.allocate(world->allocator.user, sizeof *driver);
    if (driver == NULL) {
        return NULL;
    }
    *driver = (struct ks_driver){.module_id = module_id};
    driver->service = copy_text(world, service);
    driver->object_name = copy_text(world, object_name);
    if (driver->service == NULL || driver->object_name == NULL) {
        free_driver(world, driver);
        return NULL;
    }
    struct ks_driver **link = &world->drivers;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = driver;
    tell_driver(world, KLDR_EVENT_DRIVER_CREATED, driver);
    return driver;
}

// H12, H13: the last reference of the driver object drops the image's count.
static kldr_status delete_driver(struct kldr_world *world, struct ks_driver *driver)
{
    struct ks_driver **link = &world->drivers;
    while (*link != driver) {
        link = &(*link)->next;
    }
    *link = driver->next;
    tell_driver(world, KLDR_EVENT_DRIVER_DELETED, driver);
    uint32_t module_id = driver->module_id;
    free_driver(world, driver);
    return kldr_loader_unload(world->loader, module_id, KLDR_LOAD_DRIVER);
}

// ---- NtLoadDriver ----

struct start {
    struct kldr_world *world;
    const char *service;
    const struct ks_service_plan *plan;
    const char *path;
    uint32_t module_id;
    struct kldr_error *error;
};

// H3, H4, H5, A15: the image loader found the full name listed.
static kldr_status answer_listed(const struct start *start, kldr_status loader_status)
{
    const struct kldr_policy *policy = kldr_loader_policy(start->world->loader);
    if (policy->value[KLDR_KNOB_LOAD_IMPORTED] == KLDR_LOAD_IMPORTED_ALREADY ||
        find_object(start->world, start->plan->object_name) != NULL) {
        return KLDR_STATUS_IMAGE_ALREADY_LOADED;
    }
    if (loader_status == KLDR_STATUS_IMAGE_ALREADY_LOADED_AS_DLL) {
        return loader_status;
    }
    return KLDR_STATUS_OBJECT_NAME_NOT_FOUND; // internally STATUS_DRIVER_FAILED_PRIOR_UNLOAD
}

static void explain_listed(const struct start *start, kldr_status status)
{
    struct kldr_error *error = start->error;
    struct kldr_module_info module;
    if (error == NULL || !kldr_loader_module(start->world->loader, start->module_id, &module)) {
        return;
    }
    bool as_dll = status != KLDR_STATUS_IMAGE_ALREADY_LOADED || module.dependent;
    kldr_error_set(error, status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_ENTRY,
                   as_dll ? "the image is loaded already, but not by this service (H3, H4: reported, unverified)"
                          : "the driver is loaded already (H3)");
    snprintf(error->module, sizeof error->module, "%s", module.base_name);
    if (as_dll) {
        kldr_error_advise(error, "to use an image both ways, start it as a driver before anything imports it (C8)");
    }
}

// H18: the I/O manager's own word for a 32-bit driver on a 64-bit system, where the policy has one.
static kldr_status answer_failed(const struct start *start, kldr_status status)
{
    struct kldr_world *world = start->world;
    struct ks_file *file = NULL;
    struct kldr_image *image = NULL;
    enum kldr_machine machine = KLDR_MACHINE_UNKNOWN;
    if (kldr_loader_policy(world->loader)->value[KLDR_KNOB_X86_STATUS] == KLDR_X86_STATUS_PROTECT ||
        kldr_loader_machine(world->loader) == KLDR_MACHINE_X86 || KLDR_IS_OWN_STATUS(status) ||
        ks_disk_find(world->disk, start->path, &file) != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (kldr_image_create(&world->allocator, file->bytes, file->size, NULL, &image, NULL) == KLDR_STATUS_SUCCESS) {
        machine = kldr_image_info(image)->machine;
        kldr_image_destroy(image);
    }
    return machine == KLDR_MACHINE_X86 ? KLDR_STATUS_DRIVER_BLOCKED_CRITICAL : status;
}

static kldr_status load_image_of(struct start *start)
{
    kldr_status status =
        kldr_loader_load(start->world->loader, start->path, KLDR_LOAD_DRIVER, &start->module_id, start->error);
    if (status == KLDR_STATUS_IMAGE_ALREADY_LOADED || status == KLDR_STATUS_IMAGE_ALREADY_LOADED_AS_DLL) {
        status = answer_listed(start, status);
        explain_listed(start, status);
        return status;
    }
    return status == KLDR_STATUS_SUCCESS ? status : answer_failed(start, status);
}

// H17, A28: an image without entry point.
static kldr_status start_without_entry(const struct start *start, const struct kldr_module_info *module)
{
    const struct kldr_policy *policy = kldr_loader_policy(start->world->loader);
    if (policy->value[KLDR_KNOB_NO_ENTRY_POINT] == KLDR_NO_ENTRY_POINT_SUCCESS) {
        ks_world_note(start->world, "no-entry-point", module->base_name, module->id,
                      "AddressOfEntryPoint is 0: started without a call", "H17");
        return KLDR_STATUS_SUCCESS;
    }
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {EXCEPTION_ACCESS_VIOLATION, module->base, 0, 0};
    return ks_world_stop(start->world, STOP_SYSTEM_THREAD_EXCEPTION, parameters, module->base_name, 0,
                         "AddressOfEntryPoint is 0: the start of the image was called");
}

static kldr_status call_entry(const struct start *start, const struct kldr_module_info *module,
                              struct ks_driver *driver, kldr_status *out_answer)
{
    uint32_t rva = kldr_image_info(module->image)->entry_rva;
    uint64_t result = 0;
    *out_answer = KLDR_STATUS_SUCCESS;
    if (rva == 0) {
        return start_without_entry(start, module);
    }
    if (module->has_dllinitialize) {
        ks_world_note(start->world, "dllinitialize-not-called", module->base_name, module->id,
                      "loaded as a driver: its DllInitialize is not called (N1)", "N1");
    }
    struct ks_call call = {.kind = KS_CALL_DRIVERENTRY, .routine = "DriverEntry", .rva = rva, .driver = driver};
    call.registry_path = start->plan->registry_path;
    kldr_status status = ks_world_run(start->world, module, &call, false, &result);
    *out_answer = (kldr_status)result;
    return status;
}

// H10: the driver object and the image go; DriverUnload is not called; the caller gets DriverEntry's own status (A07).
static kldr_status give_up(const struct start *start, struct ks_driver *driver, kldr_status answer)
{
    if (start->error != NULL) {
        kldr_error_set(start->error, answer, KLDR_ORIGIN_DRIVER, KLDR_STAGE_ENTRY, "DriverEntry failed");
        snprintf(start->error->module, sizeof start->error->module, "%s", start->service);
    }
    kldr_status status = delete_driver(start->world, driver);
    return status == KLDR_STATUS_SUCCESS ? answer : status;
}

static kldr_status start_driver(struct start *start)
{
    struct kldr_world *world = start->world;
    struct kldr_module_info module;
    kldr_status status = load_image_of(start), answer = 0;
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    bool taken = find_object(world, start->plan->object_name) != NULL;
    struct ks_driver *driver =
        taken ? NULL : create_driver(world, start->service, start->plan->object_name, start->module_id);
    if (driver == NULL) {
        // H20: the image goes with all import consequences; DriverEntry never runs.
        status = kldr_loader_unload(world->loader, start->module_id, KLDR_LOAD_DRIVER);
        if (KLDR_IS_OWN_STATUS(status)) {
            return status;
        }
        return taken ? KLDR_STATUS_OBJECT_NAME_COLLISION : KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (!kldr_loader_module(world->loader, start->module_id, &module)) {
        return KLDR_ERROR_INTERNAL;
    }
    status = call_entry(start, &module, driver, &answer);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    driver = ks_io_driver_of_module(world, start->module_id); // DriverEntry may have unloaded itself
    return KLDR_NT_SUCCESS(answer) || driver == NULL ? answer : give_up(start, driver, answer);
}

kldr_status ks_io_load_driver(struct kldr_world *world, const char *service, const char *path_as_spelled,
                              struct kldr_error *error)
{
    struct ks_service_plan plan;
    kldr_error_clear(error);
    ks_service_plan_init(&world->services, service, &plan);
    struct start start = {.world = world, .service = service, .plan = &plan, .error = error};
    kldr_status status = plan.status;
    if (status != KLDR_ERROR_OUT_OF_MEMORY) {
        start.path = path_as_spelled != NULL ? path_as_spelled : plan.image_path;
        if (kldr_loader_find_full(world->loader, plan.plain_name) != 0) {
            status = KLDR_STATUS_IMAGE_ALREADY_LOADED; // H2: before anything else is read
        } else if (status == KLDR_STATUS_SUCCESS) {
            status = start_driver(&start);
        }
    }
    ks_service_plan_fini(&world->services, &plan);
    return status;
}

// "mini" and "mini.sys" mean the same implicit service.
static void implicit_name(const char *service, char name[KLDR_NAME_SIZE])
{
    snprintf(name, KLDR_NAME_SIZE, "%s", service);
    char *dot = strrchr(name, '.');
    if (dot != NULL && ks_same_name(dot, ".sys")) {
        *dot = '\0';
    }
}

kldr_status kldr_world_load(struct kldr_world *world, const char *service, struct kldr_error *error)
{
    char name[KLDR_NAME_SIZE];
    if (ks_service_find(&world->services, service) != NULL) {
        return ks_io_load_driver(world, service, NULL, error);
    }
    char path[KLDR_PATH_SIZE];
    implicit_name(service, name);
    snprintf(path, sizeof path, "\\SystemRoot\\System32\\drivers\\%s.sys", name);
    return ks_io_load_driver(world, name, path, error);
}

// ---- NtUnloadDriver ----

static kldr_status refuse_unload(struct kldr_error *error, const char *why)
{
    kldr_error_set(error, KLDR_STATUS_INVALID_DEVICE_REQUEST, KLDR_ORIGIN_KERNEL, KLDR_STAGE_UNLOAD, "%s (H11)", why);
    return KLDR_STATUS_INVALID_DEVICE_REQUEST;
}

// H11, in this order (A94).
static kldr_status unload_driver(struct kldr_world *world, struct ks_driver *driver, struct kldr_error *error)
{
    struct kldr_module_info module;
    if (!kldr_loader_module(world->loader, driver->module_id, &module)) {
        return KLDR_ERROR_INTERNAL;
    }
    const struct ks_instance *instance = module.cookie;
    const struct ks_engine *engine = instance->file->engine;
    if (engine->has_driver_unload != NULL && !engine->has_driver_unload(instance, driver)) {
        return refuse_unload(error, "the driver has no DriverUnload routine");
    }
    if (engine->is_pnp != NULL && engine->is_pnp(instance, driver)) {
        return refuse_unload(error, "it is a PnP driver, which goes with its devices");
    }
    if (driver->unloading) {
        const struct kldr_policy *policy = kldr_loader_policy(world->loader);
        return policy->value[KLDR_KNOB_SECOND_UNLOAD] == KLDR_SECOND_UNLOAD_SUCCESS ? KLDR_STATUS_SUCCESS
                                                                                    : KLDR_STATUS_DELETE_PENDING;
    }
    driver->unloading = true;
    struct ks_call call = {.kind = KS_CALL_DRIVERUNLOAD, .routine = "DriverUnload", .driver = driver};
    kldr_status status = ks_world_run(world, &module, &call, false, NULL);
    return status == KLDR_STATUS_SUCCESS ? delete_driver(world, driver) : status;
}

kldr_status kldr_world_unload(struct kldr_world *world, const char *service, struct kldr_error *error)
{
    char name[KLDR_NAME_SIZE];
    kldr_error_clear(error);
    snprintf(name, sizeof name, "%s", service);
    if (ks_service_find(&world->services, service) == NULL) {
        implicit_name(service, name);
    }
    struct ks_driver *driver = ks_io_driver_of_service(world, name);
    if (driver == NULL) {
        kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_KERNEL, KLDR_STAGE_UNLOAD,
                       "no driver object of service %.200s; an export driver that was only imported has none (H11)",
                       name);
        return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    return unload_driver(world, driver, error);
}

// ---- the image loader alone (M3) ----

// A base name means the drivers folder.
static const char *full_path(const char *path, char buffer[KLDR_PATH_SIZE])
{
    if (path[0] == '\\') {
        return path;
    }
    snprintf(buffer, KLDR_PATH_SIZE, "\\SystemRoot\\System32\\drivers\\%s", path);
    return buffer;
}

kldr_status ks_io_load_image(struct kldr_world *world, const char *path_as_spelled, struct kldr_error *error)
{
    uint32_t id = 0;
    kldr_status status = kldr_loader_load(world->loader, path_as_spelled, KLDR_LOAD_IMAGE, &id, error);
    if (status == KLDR_STATUS_SUCCESS && !ks_id_set_add(&world->allocator, &world->load_images, id)) {
        kldr_loader_unload(world->loader, id, KLDR_LOAD_IMAGE);
        status = KLDR_ERROR_OUT_OF_MEMORY;
    }
    return status;
}

kldr_status ks_io_unload_image(struct kldr_world *world, const char *path_as_spelled, struct kldr_error *error)
{
    uint32_t id = kldr_loader_find_full(world->loader, path_as_spelled);
    kldr_error_clear(error);
    if (!ks_id_set_has(&world->load_images, id)) {
        kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_KERNEL, KLDR_STAGE_UNLOAD,
                       "no load_image reference on %.400s (A35)", path_as_spelled);
        return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    ks_id_set_remove(&world->load_images, id);
    return kldr_loader_unload(world->loader, id, KLDR_LOAD_IMAGE);
}

kldr_status kldr_world_load_image(struct kldr_world *world, const char *path, struct kldr_error *error)
{
    char buffer[KLDR_PATH_SIZE];
    return ks_io_load_image(world, full_path(path, buffer), error);
}

kldr_status kldr_world_unload_image(struct kldr_world *world, const char *path, struct kldr_error *error)
{
    char buffer[KLDR_PATH_SIZE];
    return ks_io_unload_image(world, full_path(path, buffer), error);
}
