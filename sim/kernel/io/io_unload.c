// SPDX-License-Identifier: MIT
// NtUnloadDriver, handles on a driver's device, and PnP start (H11, H12, H16).

#include "kernel/io/io_driver.h"
#include "world/world_steps.h"

#include <stdio.h>

static const struct ks_engine *engine_of(const struct kldr_world *world,
                                         const struct ks_driver *driver)
{
    return ks_world_instance(world, driver->module_id)->file->engine;
}

static bool has_driver_unload(const struct kldr_world *world, const struct ks_driver *driver)
{
    const struct ks_engine *engine = engine_of(world, driver);
    return engine->has_driver_unload == NULL ||
           engine->has_driver_unload(ks_world_instance(world, driver->module_id), driver);
}

static bool is_pnp(const struct kldr_world *world, const struct ks_driver *driver)
{
    const struct ks_engine *engine = engine_of(world, driver);
    return engine->is_pnp != NULL &&
           engine->is_pnp(ks_world_instance(world, driver->module_id), driver);
}

// DriverUnload, then the driver object and its count.
static kldr_status finish(struct kldr_world *world, struct ks_driver *driver)
{
    struct kldr_module_info module;
    const struct ks_instance *instance = ks_world_instance(world, driver->module_id);
    if (!kldr_loader_module(world->loader, driver->module_id, &module)) {
        return KLDR_ERROR_INTERNAL;
    }
    struct ks_call call = {
        .kind = KS_CALL_DRIVERUNLOAD, .routine = "DriverUnload", .driver = driver};
    if (instance->file->engine->routine_rva != NULL) {
        call.rva = instance->file->engine->routine_rva(instance, "DriverUnload");
    }
    driver->unload_pending = false;
    driver->unloading = true;
    kldr_status status = ks_world_run(world, &module, &call, false, NULL);
    return status == KLDR_STATUS_SUCCESS ? ks_io_delete_driver(world, driver) : status;
}

// Open handles put it off (H11, H12).
static kldr_status finish_or_wait(struct kldr_world *world, struct ks_driver *driver)
{
    if (driver->handles == 0 && !ks_io_driver_is_busy(driver)) {
        return finish(world, driver);
    }
    driver->unload_pending = true;
    ks_io_tell_driver(world, KLDR_EVENT_DRIVER_UNLOAD_PENDING, driver);
    return KLDR_STATUS_SUCCESS;
}

void ks_io_finish_unload(struct kldr_world *world, struct ks_driver *driver)
{
    if (driver->unload_pending && driver->handles == 0 && !ks_io_driver_is_busy(driver)) {
        finish(world, driver);
    }
}

static kldr_status refuse(struct kldr_error *error, const char *why)
{
    kldr_error_set(error, KLDR_STATUS_INVALID_DEVICE_REQUEST, KLDR_ORIGIN_KERNEL, KLDR_STAGE_UNLOAD,
                   "%s (H11)", why);
    return KLDR_STATUS_INVALID_DEVICE_REQUEST;
}

// H11, in this order (A94).
static kldr_status unload_driver(struct kldr_world *world, struct ks_driver *driver,
                                 struct kldr_error *error)
{
    if (!has_driver_unload(world, driver)) {
        return refuse(error, "the driver has no DriverUnload routine");
    }
    if (is_pnp(world, driver)) {
        return refuse(error, "it is a PnP driver, which goes with its devices");
    }
    if (driver->unloading || driver->unload_pending) {
        const struct kldr_policy *policy = kldr_loader_policy(world->loader);
        return policy->value[KLDR_KNOB_SECOND_UNLOAD] == KLDR_SECOND_UNLOAD_SUCCESS
                   ? KLDR_STATUS_SUCCESS
                   : KLDR_STATUS_DELETE_PENDING;
    }
    return finish_or_wait(world, driver);
}

// The driver object of a service, declared or implicit. NULL with error set: there is none.
static struct ks_driver *find_driver(struct kldr_world *world, const char *service,
                                     struct kldr_error *error)
{
    char name[KLDR_NAME_SIZE];
    kldr_error_clear(error);
    snprintf(name, sizeof name, "%s", service);
    if (ks_service_find(&world->services, service) == NULL) {
        ks_io_implicit_service(service, name);
    }
    struct ks_driver *driver = ks_io_driver_of_service(world, name);
    if (driver == NULL) {
        kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_KERNEL,
                       KLDR_STAGE_UNLOAD,
                       "no driver object of service %.200s; an export driver that was only "
                       "imported has none (H11)",
                       name);
    }
    return driver;
}

kldr_status kldr_world_unload(struct kldr_world *world, const char *service,
                              struct kldr_error *error)
{
    struct ks_driver *driver = find_driver(world, service, error);
    return driver != NULL ? unload_driver(world, driver, error) : KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
}

// ---- handles ----

kldr_status kldr_world_open(struct kldr_world *world, const char *service, struct kldr_error *error)
{
    struct ks_driver *driver = find_driver(world, service, error);
    if (driver == NULL || driver->unload_pending || driver->unloading) {
        return KLDR_STATUS_OBJECT_NAME_NOT_FOUND; // A15
    }
    driver->handles++;
    return KLDR_STATUS_SUCCESS;
}

kldr_status kldr_world_close(struct kldr_world *world, const char *service,
                             struct kldr_error *error)
{
    struct ks_driver *driver = find_driver(world, service, error);
    if (driver == NULL || driver->handles == 0) {
        return KLDR_ERROR_NOT_FOUND;
    }
    driver->handles--;
    bool now = driver->handles == 0 && driver->unload_pending && !ks_io_driver_is_busy(driver);
    return now ? finish(world, driver) : KLDR_STATUS_SUCCESS;
}

// ---- PnP ----

struct ks_driver *ks_io_pnp_driver(struct kldr_world *world, const char *service,
                                   const char *path_as_spelled, kldr_status *out_status,
                                   struct kldr_error *error)
{
    struct ks_driver *driver = find_driver(world, service, error);
    *out_status = KLDR_STATUS_SUCCESS;
    if (driver == NULL) {
        *out_status = path_as_spelled != NULL
                          ? ks_io_load_driver(world, service, path_as_spelled, error)
                          : kldr_world_load(world, service, error);
        driver = KLDR_NT_SUCCESS(*out_status) ? find_driver(world, service, error) : NULL;
    }
    if (driver != NULL && !is_pnp(world, driver)) {
        *out_status = refuse(error, "it is a legacy driver: it has no AddDevice routine");
        return NULL;
    }
    return driver;
}

kldr_status ks_io_unload_idle(struct kldr_world *world, struct ks_driver *driver)
{
    return has_driver_unload(world, driver) ? finish_or_wait(world, driver) : KLDR_STATUS_SUCCESS;
}

kldr_status ks_io_start_device(struct kldr_world *world, const char *service,
                               const char *path_as_spelled, kldr_status start_status,
                               struct kldr_error *error)
{
    kldr_status status;
    struct ks_driver *driver = ks_io_pnp_driver(world, service, path_as_spelled, &status, error);
    if (driver == NULL || KLDR_NT_SUCCESS(start_status)) {
        return driver == NULL ? status : start_status;
    }
    // H16: unlike after a failing DriverEntry, DriverUnload is called.
    status = ks_io_unload_idle(world, driver);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    return start_status == KLDR_STATUS_PLUGPLAY_NO_DEVICE ? KLDR_STATUS_SUCCESS : start_status;
}
