// SPDX-License-Identifier: MIT
// Devices of declared drivers: they come with AddDevice or in DriverEntry, and go.
#include "engine/script_stack.h"

#include <stdio.h>

#define STATUS_NO_SUCH_DEVICE ((kldr_status)0xC000000Eu)

enum { MAJOR_POWER = 22, MAJOR_PNP = 27 };
enum {
    MINOR_START = 0,
    MINOR_QUERY_REMOVE = 1,
    MINOR_REMOVE = 2,
    MINOR_CANCEL_REMOVE = 3,
    MINOR_SURPRISE_REMOVAL = 23
};
enum { MINOR_SET_POWER = 2, MINOR_QUERY_POWER = 3 };

static kldr_status send(struct ks_script_io *io, const struct ks_script_device *device,
                        uint8_t major, uint8_t minor, kldr_status *out_answer)
{
    struct ks_script_sent sent = {0};
    kldr_status status = ks_script_send(io, device, major, minor, &sent);
    *out_answer = sent.status;
    return status;
}

static kldr_status refuse(struct kldr_error *error, kldr_status status, const char *why,
                          const char *name)
{
    kldr_error_set(error, status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT, "%s: %.200s", name, why);
    return status;
}

// ---- going ----

static bool has_device(const struct ks_script_io *io, uint32_t module_id)
{
    for (const struct ks_script_device *device = io->devices; device != NULL;
         device = device->next) {
        for (unsigned level = 0; level < device->level_count; level++) {
            if (device->name != NULL && device->modules[level] == module_id) {
                return true;
            }
        }
    }
    return false;
}

// Drivers without a device are unloaded, the upper ones first.
static kldr_status unload_idle(struct ks_script_io *io, const uint32_t *modules, unsigned count)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    while (count-- > 0 && !KLDR_IS_OWN_STATUS(status)) {
        struct ks_driver *driver = ks_io_driver_of_module(io->world, modules[count]);
        if (driver != NULL && !has_device(io, modules[count])) {
            status = ks_io_unload_idle(io->world, driver);
        }
    }
    return KLDR_IS_OWN_STATUS(status) ? status : KLDR_STATUS_SUCCESS;
}

// IRP_MN_REMOVE_DEVICE, and it is no more.
static kldr_status tear_down(struct ks_script_io *io, struct ks_script_device *device)
{
    const struct ks_script_device copy = *device;
    kldr_status ignored;
    kldr_status status = send(io, device, MAJOR_PNP, MINOR_REMOVE, &ignored);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    ks_script_delete_device(io, device);
    return unload_idle(io, copy.modules, copy.level_count);
}

kldr_status ks_script_io_file_closed(struct ks_script_io *io, struct ks_script_device *device)
{
    return device->gone && ks_script_open_files(io, device) == 0 ? tear_down(io, device)
                                                                 : KLDR_STATUS_SUCCESS;
}

static kldr_status pull_out(struct ks_script_io *io, struct ks_script_device *device)
{
    kldr_status ignored;
    kldr_status status = send(io, device, MAJOR_PNP, MINOR_SURPRISE_REMOVAL, &ignored);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    device->gone = true;
    return ks_script_io_file_closed(io, device);
}

kldr_status ks_script_io_remove_device(struct kldr_world *world, const char *name, bool surprise,
                                       struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    struct ks_script_device *device = io != NULL ? ks_script_find_device(io, name, NULL) : NULL;
    if (io == NULL || device == NULL) {
        return io == NULL ? KLDR_ERROR_OUT_OF_MEMORY : ks_script_no_such(error, "device", name);
    }
    if (device->name == NULL) {
        return refuse(error, KLDR_STATUS_INVALID_DEVICE_REQUEST,
                      "its driver made it itself; only devices of add_device can be removed", name);
    }
    if (device->gone) {
        return refuse(error, STATUS_NO_SUCH_DEVICE, "it has been pulled out", name);
    }
    if (surprise) {
        return pull_out(io, device);
    }
    if (ks_script_open_files(io, device) > 0) {
        return refuse(error, KLDR_STATUS_UNSUCCESSFUL, "a file is open on it", name);
    }
    kldr_status answer, ignored;
    kldr_status status = send(io, device, MAJOR_PNP, MINOR_QUERY_REMOVE, &answer);
    if (status == KLDR_STATUS_SUCCESS && !KLDR_NT_SUCCESS(answer)) {
        status = send(io, device, MAJOR_PNP, MINOR_CANCEL_REMOVE, &ignored);
        return status == KLDR_STATUS_SUCCESS ? answer : status;
    }
    return status == KLDR_STATUS_SUCCESS ? tear_down(io, device) : status;
}

// ---- coming ----

static kldr_status find_drivers(struct kldr_world *world, const struct ks_io_add *add,
                                uint32_t modules[KS_STACK_LEVELS], unsigned *count,
                                struct kldr_error *error)
{
    for (size_t i = 0; i < add->service_count && i < KS_STACK_LEVELS; i++) {
        const struct ks_io_service *service = &add->services[i];
        kldr_status status = KLDR_STATUS_SUCCESS;
        struct ks_driver *driver =
            ks_io_pnp_driver(world, service->name, service->image, &status, error);
        if (driver == NULL) {
            return status;
        }
        if (!ks_io_is_declared(world, driver)) {
            return refuse(error, KLDR_ERROR_CPU_UNAVAILABLE, "its code is not run here",
                          service->name);
        }
        modules[(*count)++] = driver->module_id;
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status call_add_device(struct ks_script_io *io, struct ks_script_device *device,
                                   uint32_t module_id, kldr_status *out_answer)
{
    const struct ks_driver *driver = ks_io_driver_of_module(io->world, module_id);
    *out_answer = KLDR_STATUS_UNSUCCESSFUL; // it went while others of the stack came
    kldr_status status =
        driver != NULL ? ks_io_add_declared(io->world, driver, out_answer) : KLDR_STATUS_SUCCESS;
    if (status == KLDR_STATUS_SUCCESS && KLDR_NT_SUCCESS(*out_answer)) {
        device->modules[device->level_count++] = module_id;
    }
    return status;
}

// AddDevice of all, then the start. A failure takes the device away again.
static kldr_status build_up(struct ks_script_io *io, struct ks_script_device *device,
                            const uint32_t *modules, unsigned count, bool start)
{
    kldr_status answer = KLDR_STATUS_SUCCESS;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (unsigned i = 0; i < count && status == KLDR_STATUS_SUCCESS && KLDR_NT_SUCCESS(answer);
         i++) {
        status = call_add_device(io, device, modules[i], &answer);
    }
    if (status == KLDR_STATUS_SUCCESS && KLDR_NT_SUCCESS(answer) && start) {
        status = send(io, device, MAJOR_PNP, MINOR_START, &answer);
    }
    if (status == KLDR_STATUS_SUCCESS && !KLDR_NT_SUCCESS(answer)) {
        status = tear_down(io, device);
        status = status == KLDR_STATUS_SUCCESS ? unload_idle(io, modules, count) : status;
    }
    return status == KLDR_STATUS_SUCCESS ? answer : status;
}

kldr_status ks_script_io_add_device(struct kldr_world *world, const struct ks_io_add *add,
                                    struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    uint32_t modules[KS_STACK_LEVELS];
    unsigned count = 0;
    if (io == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (ks_script_find_device(io, add->name, NULL) != NULL) {
        return refuse(error, KLDR_STATUS_OBJECT_NAME_COLLISION, "the name is in use", add->name);
    }
    kldr_status status = find_drivers(world, add, modules, &count, error);
    if (status != KLDR_STATUS_SUCCESS) {
        kldr_status left =
            KLDR_IS_OWN_STATUS(status) ? KLDR_STATUS_SUCCESS : unload_idle(io, modules, count);
        return left == KLDR_STATUS_SUCCESS ? status : left;
    }
    struct ks_script_device *device = ks_script_add_device(io, add->name, NULL, NULL);
    return device != NULL ? build_up(io, device, modules, count, add->start)
                          : KLDR_ERROR_OUT_OF_MEMORY;
}

kldr_status ks_script_io_create_device(struct kldr_world *world, struct ks_driver *driver,
                                       const char *name, const char *link, struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    if (io == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (ks_script_find_device(io, name, NULL) != NULL ||
        (link != NULL && ks_script_find_device(io, link, NULL) != NULL)) {
        return refuse(error, KLDR_STATUS_OBJECT_NAME_COLLISION, "the name is in use", name);
    }
    struct ks_script_device *device = ks_script_add_device(io, NULL, name, link);
    if (device == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    device->modules[device->level_count++] = driver->module_id;
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_script_io_power(struct kldr_world *world, const struct ks_io_power *power,
                               struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    struct ks_script_device *device =
        io != NULL ? ks_script_find_device(io, power->device, NULL) : NULL;
    kldr_status answer = KLDR_STATUS_SUCCESS;
    if (io == NULL || device == NULL) {
        return io == NULL ? KLDR_ERROR_OUT_OF_MEMORY
                          : ks_script_no_such(error, "device", power->device);
    }
    kldr_status status =
        send(io, device, MAJOR_POWER, power->query ? MINOR_QUERY_POWER : MINOR_SET_POWER, &answer);
    return status == KLDR_STATUS_SUCCESS ? answer : status;
}
