// SPDX-License-Identifier: MIT
// The table of functions of worlds with declared drivers only, and what can be seen in them.
#include "engine/script_stack.h"
#include "kernel/io/io_services.h"

#include <string.h>

static bool is_module(const struct ks_script_io *io, uint32_t module_id, const char *name)
{
    struct kldr_module_info module;
    return kldr_loader_module(io->world->loader, module_id, &module) &&
           (ks_same_name(module.base_name, name) || ks_same_name(module.full_name, name));
}

static bool see_stack(struct kldr_world *world, const char *name, ks_io_see see, void *user)
{
    struct ks_script_io *io = ks_script_io(world);
    const struct ks_script_device *device =
        io != NULL ? ks_script_find_device(io, name, NULL) : NULL;
    for (unsigned level = 0; device != NULL && level < device->level_count; level++) {
        struct kldr_module_info module;
        if (kldr_loader_module(world->loader, device->modules[level], &module)) {
            see(user, module.base_name, 0);
        }
    }
    return device != NULL;
}

static void see_devices(struct kldr_world *world, uint32_t module_id, ks_io_see see, void *user)
{
    const struct ks_script_io *io = ks_script_io(world);
    for (const struct ks_script_device *device = io != NULL ? io->devices : NULL; device != NULL;
         device = device->next) {
        for (unsigned level = 0; level < device->level_count; level++) {
            if (device->modules[level] == module_id) {
                see(user, device->object, 0);
            }
        }
    }
}

// Declared drivers allocate nothing.
static void see_pool(struct kldr_world *world, const char *module, ks_io_see see, void *user)
{
    (void)world, (void)module, (void)see, (void)user;
}

static void see_objects(struct kldr_world *world, const char *module, ks_io_see see, void *user)
{
    const struct ks_script_io *io = ks_script_io(world);
    uint64_t devices = 0, links = 0, files = 0, irps = 0;
    for (const struct ks_script_device *device = io != NULL ? io->devices : NULL; device != NULL;
         device = device->next) {
        for (unsigned level = 0; level < device->level_count; level++) {
            bool own = is_module(io, device->modules[level], module);
            bool top = level + 1 == device->level_count;
            devices += own;
            links += own && device->link != NULL;
            files += own && top ? ks_script_open_files(io, device) : 0;
        }
    }
    for (const struct ks_script_irp *irp = io != NULL ? io->irps : NULL; irp != NULL;
         irp = irp->next) {
        irps += !irp->completed && is_module(io, irp->module_id, module);
    }
    see(user, "device", devices);
    see(user, "symbolic_link", links);
    see(user, "file", files);
    see(user, "irp", irps);
}

// Nothing waits for the clock here, so that moving it on is all there is to do.
static kldr_status advance(struct kldr_world *world, uint64_t time, struct kldr_error *error)
{
    (void)world, (void)time, (void)error;
    return KLDR_STATUS_SUCCESS;
}

// Declared drivers do not change it.
static unsigned irql(struct kldr_world *world)
{
    (void)world;
    return 0;
}

const struct ks_io_services ks_io_services_declared = {
    .name = "declared",
    .add_device = ks_script_io_add_device,
    .remove_device = ks_script_io_remove_device,
    .power = ks_script_io_power,
    .create_device = ks_script_io_create_device,
    .open_file = ks_script_io_open_file,
    .close_file = ks_script_io_close_file,
    .request = ks_script_io_request,
    .wait = ks_script_io_wait,
    .cancel = ks_script_io_cancel,
    .complete = ks_script_io_complete,
    .advance = advance,
    .set_registry = ks_io_around_set_registry,
    .see_stack = see_stack,
    .see_devices = see_devices,
    .see_pool = see_pool,
    .see_objects = see_objects,
    .irql = irql,
};
