// SPDX-License-Identifier: MIT
// Devices and requests for users of the library: the same table of functions that steps use.

#include "kernel/io/io_request.h"
#include "world/world_object.h"

#include <kldr/io.h>

#include <string.h>

#define IRP_MJ_READ           0x03
#define IRP_MJ_WRITE          0x04
#define IRP_MJ_DEVICE_CONTROL 0x0E

static kldr_status refuse(struct kldr_error *error, kldr_status status, const char *why)
{
    kldr_error_set(error, status, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT, "%s", why);
    return status;
}

static kldr_status lacks(struct kldr_error *error)
{
    return refuse(error, KLDR_ERROR_NOT_IMPLEMENTED, "this world does not simulate that");
}

// The services of a list that ends with NULL.
static kldr_status list_services(const char *const *names, struct ks_io_service *services,
                                 size_t *out_count, struct kldr_error *error)
{
    size_t count = 0;
    for (; names[count] != NULL; count++) {
        if (count == KS_HARDWARE_DRIVERS) {
            return refuse(error, KLDR_ERROR_BAD_ARGUMENT, "a stack of more than 16 drivers");
        }
        services[count] = (struct ks_io_service){names[count], NULL};
    }
    *out_count = count;
    return count != 0 ? KLDR_STATUS_SUCCESS
                      : refuse(error, KLDR_ERROR_BAD_ARGUMENT, "a device needs a service");
}

kldr_status kldr_world_set_hardware_id(struct kldr_world *world, const char *id,
                                       const char *const *services, struct kldr_error *error)
{
    struct ks_io_service drivers[KS_HARDWARE_DRIVERS];
    size_t count = 0;
    kldr_error_clear(error);
    kldr_status status = list_services(services, drivers, &count, error);
    if (status == KLDR_STATUS_SUCCESS && !ks_hardware_set(&world->hardware, id, drivers, count)) {
        status = refuse(error, KLDR_ERROR_OUT_OF_MEMORY, "the host has no memory left");
    }
    return status;
}

kldr_status kldr_world_add_device(struct kldr_world *world, const char *const *services,
                                  const char *name, struct kldr_error *error)
{
    const struct ks_io_services *table = ks_io_services(world);
    struct ks_io_service drivers[KS_HARDWARE_DRIVERS];
    struct ks_io_add add = {.services = drivers, .start = true};
    kldr_error_clear(error);
    kldr_status status = list_services(services, drivers, &add.service_count, error);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    add.name = name != NULL ? name : services[0];
    return table->add_device != NULL ? table->add_device(world, &add, error) : lacks(error);
}

kldr_status kldr_world_remove_device(struct kldr_world *world, const char *device,
                                     struct kldr_error *error)
{
    const struct ks_io_services *table = ks_io_services(world);
    kldr_error_clear(error);
    return table->remove_device != NULL ? table->remove_device(world, device, false, error)
                                        : lacks(error);
}

static kldr_status request_of(struct kldr_world *world, struct ks_io_request *asked,
                              const struct kldr_request *request, uint64_t *out_information,
                              struct kldr_error *error)
{
    const struct ks_io_services *table = ks_io_services(world);
    struct ks_io_result result = {0};
    kldr_error_clear(error);
    if (table->request == NULL) {
        return lacks(error);
    }
    asked->device = request->device;
    asked->open = true;
    asked->offset = request->offset;
    asked->input = request->input;
    asked->input_size = request->input_size;
    asked->output_size = request->output_size;
    asked->repeat = 1;
    kldr_status status = table->request(world, asked, &result, error);
    size_t count =
        result.byte_count < request->output_size ? result.byte_count : request->output_size;
    if (request->output != NULL && count != 0) {
        memcpy(request->output, result.bytes, count);
    }
    if (out_information != NULL) {
        *out_information = result.information;
    }
    world->allocator.release(world->allocator.user, result.bytes);
    return status;
}

kldr_status kldr_world_read(struct kldr_world *world, const struct kldr_request *request,
                            uint64_t *out_information, struct kldr_error *error)
{
    struct ks_io_request asked = {.major = IRP_MJ_READ};
    return request_of(world, &asked, request, out_information, error);
}

kldr_status kldr_world_write(struct kldr_world *world, const struct kldr_request *request,
                             uint64_t *out_information, struct kldr_error *error)
{
    struct ks_io_request asked = {.major = IRP_MJ_WRITE};
    return request_of(world, &asked, request, out_information, error);
}

kldr_status kldr_world_ioctl(struct kldr_world *world, uint32_t code,
                             const struct kldr_request *request, uint64_t *out_information,
                             struct kldr_error *error)
{
    struct ks_io_request asked = {.major = IRP_MJ_DEVICE_CONTROL, .code = code};
    return request_of(world, &asked, request, out_information, error);
}

kldr_status kldr_world_advance(struct kldr_world *world, uint64_t time, struct kldr_error *error)
{
    const struct ks_io_services *table = ks_io_services(world);
    kldr_error_clear(error);
    return table->advance != NULL ? table->advance(world, time, error) : lacks(error);
}
