// SPDX-License-Identifier: MIT
// NtLoadDriver (H1 to H5, H10, H17, H18, H20) and the start of boot drivers.

#include "kernel/io/io_driver.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define STOP_SYSTEM_THREAD_EXCEPTION 0x7Eu
#define EXCEPTION_ACCESS_VIOLATION   0xC0000005u

struct start {
    struct kldr_world *world;
    const char *service;
    const struct ks_service_plan *plan;
    const char *path;
    uint32_t module_id;
    bool resurrected; // an unload that was pending is called off (H3)
    struct kldr_error *error;
};

// H3, H4, H5, A15: the image loader found the full name listed.
static kldr_status answer_listed(const struct start *start, kldr_status loader_status)
{
    struct kldr_world *world = start->world;
    struct ks_driver *driver = ks_io_find_object(world, start->plan->object_name);
    if (driver != NULL && driver->unload_pending) {
        driver->unload_pending = false;
        ks_io_tell_driver(world, KLDR_EVENT_DRIVER_RESURRECTED, driver);
        return KLDR_STATUS_SUCCESS;
    }
    if (driver != NULL || kldr_loader_policy(world->loader)->value[KLDR_KNOB_LOAD_IMPORTED] ==
                              KLDR_LOAD_IMPORTED_ALREADY) {
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
    kldr_error_set(
        error, status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_ENTRY,
        as_dll
            ? "the image is loaded already, but not by this service (H3, H4: reported, unverified)"
            : "the driver is loaded already (H3)");
    snprintf(error->module, sizeof error->module, "%s", module.base_name);
    if (as_dll) {
        kldr_error_advise(
            error,
            "to use an image both ways, start it as a driver before anything imports it (C8)");
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
    if (kldr_image_create(&world->allocator, file->bytes, file->size, NULL, &image, NULL) ==
        KLDR_STATUS_SUCCESS) {
        machine = kldr_image_info(image)->machine;
        kldr_image_destroy(image);
    }
    return machine == KLDR_MACHINE_X86 ? KLDR_STATUS_DRIVER_BLOCKED_CRITICAL : status;
}

static kldr_status load_image_of(struct start *start)
{
    kldr_status status = kldr_loader_load(start->world->loader, start->path, KLDR_LOAD_DRIVER,
                                          &start->module_id, start->error);
    // A DllInitialize may return these values as well; only a listed image comes with its id.
    if (start->module_id != 0 && (status == KLDR_STATUS_IMAGE_ALREADY_LOADED ||
                                  status == KLDR_STATUS_IMAGE_ALREADY_LOADED_AS_DLL)) {
        status = answer_listed(start, status);
        start->resurrected = status == KLDR_STATUS_SUCCESS;
        if (!start->resurrected) {
            explain_listed(start, status);
        }
        return status;
    }
    return status == KLDR_STATUS_SUCCESS ? status : answer_failed(start, status);
}

// H17, A28: an image without entry point.
static kldr_status start_without_entry(const struct start *start,
                                       const struct kldr_module_info *module)
{
    const struct kldr_policy *policy = kldr_loader_policy(start->world->loader);
    if (policy->value[KLDR_KNOB_NO_ENTRY_POINT] == KLDR_NO_ENTRY_POINT_SUCCESS) {
        ks_world_note(start->world, "no-entry-point", module->base_name, module->id,
                      "AddressOfEntryPoint is 0: started without a call", "H17");
        return KLDR_STATUS_SUCCESS;
    }
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {EXCEPTION_ACCESS_VIOLATION, module->base, 0,
                                                        0};
    return ks_world_stop(start->world, STOP_SYSTEM_THREAD_EXCEPTION, parameters, module->base_name,
                         0, "AddressOfEntryPoint is 0: the start of the image was called");
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
    struct ks_call call = {
        .kind = KS_CALL_DRIVERENTRY, .routine = "DriverEntry", .rva = rva, .driver = driver};
    call.registry_path = start->plan->registry_path;
    kldr_status status = ks_world_run(start->world, module, &call, false, &result);
    *out_answer = (kldr_status)result;
    return status;
}

// H10: the driver object and the image go; DriverUnload is not called; the caller gets
// DriverEntry's own status (A07).
static kldr_status give_up(const struct start *start, struct ks_driver *driver, kldr_status answer)
{
    if (start->error != NULL) {
        kldr_error_set(start->error, answer, KLDR_ORIGIN_DRIVER, KLDR_STAGE_ENTRY,
                       "DriverEntry failed");
        snprintf(start->error->module, sizeof start->error->module, "%s", start->service);
    }
    kldr_status status = ks_io_delete_driver(start->world, driver);
    return status == KLDR_STATUS_SUCCESS ? answer : status;
}

// H18: the driver database is asked after the image was loaded; its dependencies have been
// initialized by then.
static bool is_blocked(const struct start *start)
{
    struct kldr_module_info module;
    const struct kldr_world *world = start->world;
    if (!kldr_loader_module(world->loader, start->module_id, &module)) {
        return false;
    }
    for (size_t i = 0; i < world->blocked_count; i++) {
        if (ks_same_name(world->blocked[i], module.base_name) ||
            ks_same_name(world->blocked[i], module.full_name)) {
            return true;
        }
    }
    return false;
}

// The image goes with all import consequences; DriverEntry never runs.
static kldr_status drop_image(const struct start *start, kldr_status answer)
{
    kldr_status status =
        kldr_loader_unload(start->world->loader, start->module_id, KLDR_LOAD_DRIVER);
    return KLDR_IS_OWN_STATUS(status) ? status : answer;
}

static kldr_status run_entry(const struct start *start, struct ks_driver *driver)
{
    struct kldr_module_info module;
    kldr_status answer = KLDR_STATUS_SUCCESS;
    if (!kldr_loader_module(start->world->loader, start->module_id, &module)) {
        return KLDR_ERROR_INTERNAL;
    }
    kldr_status status = call_entry(start, &module, driver, &answer);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    driver = ks_io_driver_of_module(start->world, start->module_id); // it may have unloaded itself
    if (KLDR_NT_SUCCESS(answer) && driver != NULL) {
        ks_io_driver_started(start->world, driver);
    }
    return KLDR_NT_SUCCESS(answer) || driver == NULL ? answer : give_up(start, driver, answer);
}

static kldr_status start_driver(struct start *start)
{
    struct kldr_world *world = start->world;
    kldr_status status = load_image_of(start);
    if (status != KLDR_STATUS_SUCCESS || start->resurrected) {
        return status;
    }
    if (is_blocked(start)) {
        kldr_error_set(start->error, KLDR_STATUS_DRIVER_BLOCKED, KLDR_ORIGIN_KERNEL,
                       KLDR_STAGE_ENTRY, "the driver database refuses the image (H18)");
        return drop_image(start, KLDR_STATUS_DRIVER_BLOCKED);
    }
    if (ks_io_find_object(world, start->plan->object_name) != NULL) {
        return drop_image(start, KLDR_STATUS_OBJECT_NAME_COLLISION); // H20
    }
    struct ks_driver *driver =
        ks_io_create_driver(world, start->service, start->plan->object_name, start->module_id);
    return driver != NULL ? run_entry(start, driver) : drop_image(start, KLDR_ERROR_OUT_OF_MEMORY);
}

kldr_status ks_io_start_boot_driver(struct kldr_world *world, uint32_t module_id)
{
    struct ks_service_plan plan;
    struct kldr_module_info module;
    char service[KLDR_NAME_SIZE];
    if (!kldr_loader_module(world->loader, module_id, &module)) {
        return KLDR_STATUS_SUCCESS; // an earlier driver's failing DriverEntry took it along
    }
    ks_io_implicit_service(module.base_name, service);
    ks_service_plan_init(&world->services, service, &plan);
    struct start start = {
        .world = world, .service = service, .plan = &plan, .module_id = module_id};
    kldr_status status = plan.status;
    if (status != KLDR_ERROR_OUT_OF_MEMORY) {
        struct ks_driver *driver = ks_io_create_driver(world, service, plan.object_name, module_id);
        status = driver != NULL ? run_entry(&start, driver) : KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_service_plan_fini(&world->services, &plan);
    return KLDR_IS_OWN_STATUS(status) ? status : KLDR_STATUS_SUCCESS;
}

kldr_status ks_io_load_driver(struct kldr_world *world, const char *service,
                              const char *path_as_spelled, struct kldr_error *error)
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

void ks_io_implicit_service(const char *service, char name[KLDR_NAME_SIZE])
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
    ks_io_implicit_service(service, name);
    snprintf(path, sizeof path, "\\SystemRoot\\System32\\drivers\\%s.sys", name);
    return ks_io_load_driver(world, name, path, error);
}
