// SPDX-License-Identifier: MIT
// Driver objects.

#include "kernel/io/io_driver.h"
#include "kernel/io/io_request.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

struct ks_driver *ks_io_driver_of_module(const struct kldr_world *world, uint32_t module_id)
{
    struct ks_driver *driver = world->drivers;
    while (driver != NULL && driver->module_id != module_id) {
        driver = driver->next;
    }
    return driver;
}

struct ks_driver *ks_io_find_object(const struct kldr_world *world, const char *object_name)
{
    struct ks_driver *driver = world->drivers;
    while (driver != NULL && (driver->gone || !ks_same_name(driver->object_name, object_name))) {
        driver = driver->next;
    }
    return driver;
}

struct ks_driver *ks_io_driver_of_service(const struct kldr_world *world, const char *service)
{
    struct ks_service_plan plan;
    ks_service_plan_init(&world->services, service, &plan);
    struct ks_driver *driver =
        plan.object_name != NULL ? ks_io_find_object(world, plan.object_name) : NULL;
    ks_service_plan_fini(&world->services, &plan);
    return driver;
}

static void free_driver(struct kldr_world *world, struct ks_driver *driver)
{
    if (driver != NULL) {
        world->allocator.release(world->allocator.user, driver->service);
        world->allocator.release(world->allocator.user, driver->object_name);
        world->allocator.release(world->allocator.user, driver->engine_data);
        while (driver->extensions != NULL) {
            struct ks_io_extension *extension = driver->extensions;
            driver->extensions = extension->next;
            world->allocator.release(world->allocator.user, extension);
        }
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

void ks_io_tell_driver(struct kldr_world *world, enum kldr_event_kind kind,
                       const struct ks_driver *driver)
{
    struct kldr_module_info module;
    struct kldr_event event = {
        .kind = kind, .service = driver->service, .module_id = driver->module_id};
    event.module =
        kldr_loader_module(world->loader, driver->module_id, &module) ? module.base_name : NULL;
    kldr_loader_emit(world->loader, &event);
}

// The object outlives the unloading, and with it the image (H12).
static void tell_held(struct kldr_world *world, const struct ks_driver *driver)
{
    struct kldr_module_info module;
    unsigned devices = 0;
    char text[96];
    for (const struct ks_io_device *device = driver->devices; device != NULL;
         device = device->next) {
        devices++;
    }
    snprintf(text, sizeof text, "the driver object is still referenced; device objects left: %u",
             devices);
    if (kldr_loader_module(world->loader, driver->module_id, &module)) {
        ks_world_note(world, "driver-object-held", module.base_name, module.id, text, "H12");
    }
}

struct ks_driver *ks_io_create_driver(struct kldr_world *world, const char *service,
                                      const char *object_name, uint32_t module_id)
{
    struct ks_driver *driver = world->allocator.allocate(world->allocator.user, sizeof *driver);
    if (driver == NULL) {
        return NULL;
    }
    *driver = (struct ks_driver){.module_id = module_id};
    driver->declared = ks_io_is_declared(world, driver);
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
    if (ks_world_has_kernel(world) && !ks_io_driver_make(world, driver)) {
        *link = NULL;
        free_driver(world, driver);
        return NULL;
    }
    ks_io_tell_driver(world, KLDR_EVENT_DRIVER_CREATED, driver);
    return driver;
}

// H12, H13: the last reference of the driver object drops the image's count.
kldr_status ks_io_drop_driver(struct kldr_world *world, struct ks_driver *driver)
{
    struct ks_driver **link = &world->drivers;
    while (*link != driver) {
        link = &(*link)->next;
    }
    *link = driver->next;
    ks_io_tell_driver(world, KLDR_EVENT_DRIVER_DELETED, driver);
    uint32_t module_id = driver->module_id;
    free_driver(world, driver);
    return kldr_loader_unload(world->loader, module_id, KLDR_LOAD_DRIVER);
}

kldr_status ks_io_delete_driver(struct kldr_world *world, struct ks_driver *driver)
{
    struct ks_object *object = driver->object;
    if (object == NULL) {
        return ks_io_drop_driver(world, driver);
    }
    driver->gone = true;
    ks_io_state(world)->unload_status = KLDR_STATUS_SUCCESS;
    ks_ob_make_temporary(world, object);
    if (object->references > 1) {
        tell_held(world, driver);
    }
    ks_ob_dereference(world, object);
    return ks_io_state(world)->unload_status;
}
