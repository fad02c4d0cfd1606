// SPDX-License-Identifier: MIT
// What expectations see of devices and objects.

#include "engine/native.h"
#include "kernel/io/io_file.h"
#include "kernel/io/io_pnp.h"
#include "kernel/io/io_steps.h"
#include "kernel/ke/ke.h"
#include "kernel/nt_text.h"
#include "world/world_steps.h"

static bool see_levels(struct kldr_world *world, const struct ks_io_device *device, ks_io_see see,
                       void *user)
{
    struct kldr_module_info module;
    while (device->lower != NULL) {
        device = device->lower;
    }
    for (; device != NULL; device = device->upper) {
        if (device->driver != NULL && device->driver->module_id != 0 &&
            kldr_loader_module(world->loader, device->driver->module_id, &module)) {
            see(user, module.base_name, 0);
        }
    }
    return true;
}

bool ks_io_steps_see_stack(struct kldr_world *world, const char *device, ks_io_see see, void *user)
{
    struct ks_object *object = NULL;
    if (ks_io_steps_device(world, device, &object, NULL) != KLDR_STATUS_SUCCESS) {
        return false;
    }
    bool seen = see_levels(world, object->data, see, user);
    ks_ob_dereference(world, object);
    return seen;
}

void ks_io_steps_see_devices(struct kldr_world *world, uint32_t module_id, ks_io_see see,
                             void *user)
{
    const struct ks_driver *driver = ks_io_driver_of_module(world, module_id);
    for (const struct ks_io_device *device = driver != NULL ? driver->devices : NULL;
         device != NULL; device = device->next) {
        char *path = device->object->name != NULL ? ks_ob_path(world, device->object) : NULL;
        see(user, path, 0);
        ks_nt_text_free(world, path);
    }
}

// ---- objects left ----

static bool is_module(const struct kldr_world *world, uint64_t address, const char *name)
{
    struct kldr_module_info module;
    const struct ks_range *gone = ks_address_space_gone(&world->addresses, address);
    if (gone != NULL) {
        return ks_same_name(gone->name, name);
    }
    return address != 0 && ks_native_module_at(world, address, &module) &&
           (ks_same_name(module.base_name, name) || ks_same_name(module.full_name, name));
}

static uint64_t count_devices(const struct kldr_world *world, const char *name)
{
    struct kldr_module_info module;
    uint64_t count = 0;
    for (const struct ks_driver *driver = world->drivers; driver != NULL; driver = driver->next) {
        bool own = kldr_loader_module(world->loader, driver->module_id, &module) &&
                   (ks_same_name(module.base_name, name) || ks_same_name(module.full_name, name));
        for (const struct ks_io_device *d = driver->devices; own && d != NULL; d = d->next) {
            count++;
        }
    }
    return count;
}

static uint64_t count_objects(struct kldr_world *world, enum ks_ob_type type, const char *name)
{
    uint64_t count = 0;
    for (const struct ks_object *object = ks_ob_next(world, NULL); object != NULL;
         object = ks_ob_next(world, object)) {
        count += object->type == type && is_module(world, object->maker, name);
    }
    return count;
}

static bool is_driver(const struct kldr_world *world, const struct ks_io_device *device,
                      const char *name)
{
    struct kldr_module_info module;
    return device != NULL && device->driver != NULL &&
           kldr_loader_module(world->loader, device->driver->module_id, &module) &&
           (ks_same_name(module.base_name, name) || ks_same_name(module.full_name, name));
}

// Files that it opened, and those on stacks that it is the top of.
static uint64_t count_files(struct kldr_world *world, const char *name)
{
    uint64_t count = 0;
    for (const struct ks_object *object = ks_ob_next(world, NULL); object != NULL;
         object = ks_ob_next(world, object)) {
        struct ks_io_device *device = ks_io_file_device(object);
        count += device != NULL && (is_module(world, object->maker, name) ||
                                    is_driver(world, ks_io_attach_top(device), name));
    }
    return count;
}

// Whether a request is at a driver. What the driver says of the current location is not trusted.
static bool is_at(struct kldr_world *world, const struct ks_io_irp *irp, const char *name)
{
    const IRP *body = ks_guest_pointer(irp->address);
    const IO_STACK_LOCATION *locations = (const void *)(body + 1);
    int current = body->CurrentLocation;
    return irp->sent && current >= 1 && current <= body->StackCount &&
           is_driver(world,
                     ks_io_device_find(world, ks_io_address(locations[current - 1].DeviceObject)),
                     name);
}

// Those that it made, and those that are at it.
static uint64_t count_irps(struct kldr_world *world, const char *name)
{
    uint64_t count = 0;
    for (const struct ks_io_irp *irp = ks_io_irp_next(world, NULL); irp != NULL;
         irp = ks_io_irp_next(world, irp)) {
        count += is_module(world, irp->maker, name) || is_at(world, irp, name);
    }
    return count;
}

static uint64_t count_left(struct kldr_world *world, enum ks_ke_left kind, const char *name)
{
    struct ks_ke_remainder left;
    uint64_t count = 0;
    for (size_t i = 0; ks_ke_remainder_at(world, i, &left); i++) {
        count += left.kind == kind && is_module(world, left.maker, name);
    }
    return count;
}

void ks_io_steps_see_objects(struct kldr_world *world, const char *module, ks_io_see see,
                             void *user)
{
    see(user, "device", count_devices(world, module));
    see(user, "symbolic_link", count_objects(world, KS_OB_SYMBOLIC_LINK, module));
    see(user, "file", count_files(world, module));
    see(user, "irp", count_irps(world, module));
    see(user, "thread", count_left(world, KS_KE_LEFT_THREAD, module));
    see(user, "timer", count_left(world, KS_KE_LEFT_TIMER, module));
    see(user, "work_item", count_left(world, KS_KE_LEFT_WORK, module));
}
