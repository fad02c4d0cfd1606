// SPDX-License-Identifier: MIT
// Files and requests in worlds of declared drivers only. Nothing runs beside a step: a request that
// stays pending waits for `complete` or `cancel`.
#include "engine/script_stack.h"

#include <stdio.h>
#include <string.h>

#define STATUS_NO_SUCH_DEVICE ((kldr_status)0xC000000Eu)
#define STATUS_CANCELLED      ((kldr_status)0xC0000120u)

enum { MAJOR_CREATE = 0, MAJOR_CLOSE = 2, MAJOR_CLEANUP = 18 };

// ---- files ----

// A handle on a device that a DriverEntry made keeps its driver (H12).
static void hold(struct ks_script_io *io, const struct ks_script_device *device)
{
    struct ks_driver *driver = ks_io_driver_of_module(io->world, device->modules[0]);
    if (device->name == NULL && driver != NULL) {
        driver->handles++;
    }
}

static kldr_status let_go(struct ks_script_io *io, const struct ks_script_device *device)
{
    const struct ks_driver *driver = ks_io_driver_of_module(io->world, device->modules[0]);
    if (device->name != NULL || driver == NULL) {
        return KLDR_STATUS_SUCCESS;
    }
    char service[KLDR_NAME_SIZE];
    snprintf(service, sizeof service, "%s", driver->service);
    kldr_status status = kldr_world_close(io->world, service, NULL);
    return KLDR_IS_OWN_STATUS(status) ? status : KLDR_STATUS_SUCCESS;
}

static kldr_status open_device(struct ks_script_io *io, struct ks_script_device *device,
                               const char *name, struct kldr_error *error)
{
    struct ks_script_sent sent = {0};
    const struct ks_driver *driver = ks_io_driver_of_module(io->world, device->modules[0]);
    if (device->gone || (device->name == NULL && driver != NULL && driver->unload_pending)) {
        kldr_error_set(error, STATUS_NO_SUCH_DEVICE, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT,
                       "%.200s is going away", name);
        return STATUS_NO_SUCH_DEVICE;
    }
    kldr_status status = ks_script_send(io, device, MAJOR_CREATE, 0, &sent);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (!KLDR_NT_SUCCESS(sent.status)) {
        kldr_error_set(error, sent.status, KLDR_ORIGIN_DRIVER, KLDR_STAGE_ENTRY,
                       "%.200s could not be opened: IRP_MJ_CREATE failed", name);
        kldr_error_advise(error, "give the driver IRP_MJ_CREATE in its `dispatch`, or send the "
                                 "request with `open: false`");
        return sent.status;
    }
    hold(io, device);
    return KLDR_STATUS_SUCCESS;
}

static kldr_status close_device(struct ks_script_io *io, struct ks_script_device *device)
{
    struct ks_script_sent ignored;
    kldr_status status = ks_script_send(io, device, MAJOR_CLEANUP, 0, &ignored);
    if (status == KLDR_STATUS_SUCCESS) {
        status = ks_script_send(io, device, MAJOR_CLOSE, 0, &ignored);
    }
    return status == KLDR_STATUS_SUCCESS ? let_go(io, device) : status;
}

static kldr_status collision(struct kldr_error *error, const char *name)
{
    kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_COLLISION, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT,
                   "the name %.200s is in use", name);
    return KLDR_STATUS_OBJECT_NAME_COLLISION;
}

kldr_status ks_script_io_open_file(struct kldr_world *world, const char *name, const char *as,
                                   struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    struct ks_script_device *device = io != NULL ? ks_script_find_device(io, name, NULL) : NULL;
    if (io == NULL || device == NULL) {
        return io == NULL ? KLDR_ERROR_OUT_OF_MEMORY : ks_script_no_such(error, "device", name);
    }
    if (ks_script_find_device(io, as, NULL) != NULL) {
        return collision(error, as);
    }
    struct ks_script_file *file = world->allocator.allocate(world->allocator.user, sizeof *file);
    char *copy = ks_script_copy(world, as);
    kldr_status status = file != NULL && copy != NULL ? open_device(io, device, name, error)
                                                      : KLDR_ERROR_OUT_OF_MEMORY;
    if (status != KLDR_STATUS_SUCCESS) {
        world->allocator.release(world->allocator.user, file);
        world->allocator.release(world->allocator.user, copy);
        return status;
    }
    *file = (struct ks_script_file){.next = io->files, .name = copy, .device = device};
    io->files = file;
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_script_io_close_file(struct kldr_world *world, const char *name,
                                    struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    struct ks_script_file *file = NULL;
    if (io == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_script_find_device(io, name, &file);
    if (file == NULL) {
        return ks_script_no_such(error, "open file", name);
    }
    struct ks_script_device *device = file->device;
    struct ks_script_file **link = &io->files;
    while (*link != file) {
        link = &(*link)->next;
    }
    *link = file->next;
    world->allocator.release(world->allocator.user, file->name);
    world->allocator.release(world->allocator.user, file);
    bool gone = device->gone;
    kldr_status status = close_device(io, device);
    return status == KLDR_STATUS_SUCCESS && gone ? ks_script_io_file_closed(io, device) : status;
}

// ---- requests ----

static struct ks_script_irp *find_irp(const struct ks_script_io *io, const char *name)
{
    struct ks_script_irp *irp = io->irps;
    while (irp != NULL && !ks_same_name(irp->name, name)) {
        irp = irp->next;
    }
    return irp;
}

// A request that failed brings no bytes back. False: no memory.
static bool bring(struct ks_script_io *io, uint32_t room, const struct ks_script_sent *sent,
                  struct ks_io_result *out_result)
{
    bool failed = sent->status >> 30 == 3;
    return ks_script_bring(io, failed ? 0 : room, sent->information, sent->bytes, sent->byte_count,
                           out_result);
}

// The request gets a name. NULL: no memory.
static struct ks_script_irp *keep(struct ks_script_io *io, const struct ks_io_request *request,
                                  const struct ks_script_sent *sent)
{
    struct kldr_world *world = io->world;
    struct ks_script_irp *irp = world->allocator.allocate(world->allocator.user, sizeof *irp);
    char *name = ks_script_copy(world, request->as);
    if (irp == NULL || name == NULL) {
        world->allocator.release(world->allocator.user, irp);
        world->allocator.release(world->allocator.user, name);
        return NULL;
    }
    *irp = (struct ks_script_irp){.next = io->irps,
                                  .name = name,
                                  .module_id = sent->module_id,
                                  .output_size = request->output_size,
                                  .completed = sent->status != KLDR_STATUS_PENDING,
                                  .status = sent->status};
    io->irps = irp;
    return irp->completed && !bring(io, irp->output_size, sent, &irp->result) ? NULL : irp;
}

static kldr_status wait_for_ever(struct ks_script_io *io)
{
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {0};
    return ks_world_stop(io->world, KLDR_ERROR_HANG, parameters, NULL, 0,
                         "a request is waited for that nobody is left to complete: give it a name "
                         "with `as`, and end it with `complete` or `cancel`");
}

// Once. *out_answer is the request's status.
static kldr_status send_once(struct ks_script_io *io, const struct ks_script_device *device,
                             const struct ks_io_request *request, struct ks_io_result *out_result,
                             kldr_status *out_answer)
{
    struct ks_script_sent sent = {0};
    kldr_status status = ks_script_send(io, device, request->major, request->minor, &sent);
    *out_answer = sent.status;
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (request->as != NULL) {
        return keep(io, request, &sent) != NULL ? KLDR_STATUS_SUCCESS : KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (sent.status == KLDR_STATUS_PENDING) {
        return wait_for_ever(io);
    }
    return bring(io, request->output_size, &sent, out_result) ? KLDR_STATUS_SUCCESS
                                                              : KLDR_ERROR_OUT_OF_MEMORY;
}

static kldr_status send_all(struct ks_script_io *io, const struct ks_script_device *device,
                            const struct ks_io_request *request, struct ks_io_result *out_result,
                            kldr_status *out_answer)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    *out_answer = KLDR_STATUS_SUCCESS;
    for (uint32_t i = 0;
         i < request->repeat && status == KLDR_STATUS_SUCCESS && KLDR_NT_SUCCESS(*out_answer);
         i++) {
        status = send_once(io, device, request, out_result, out_answer);
    }
    return status;
}

kldr_status ks_script_io_request(struct kldr_world *world, const struct ks_io_request *request,
                                 struct ks_io_result *out_result, struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    struct ks_script_file *file = NULL;
    if (io == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    struct ks_script_device *device = ks_script_find_device(io, request->device, &file);
    if (device == NULL) {
        return ks_script_no_such(error, "device", request->device);
    }
    if (request->as != NULL && find_irp(io, request->as) != NULL) {
        return collision(error, request->as);
    }
    bool opens = request->open && file == NULL;
    kldr_status answer = KLDR_STATUS_SUCCESS;
    kldr_status status =
        opens ? open_device(io, device, request->device, error) : KLDR_STATUS_SUCCESS;
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    status = send_all(io, device, request, out_result, &answer);
    if (status == KLDR_STATUS_SUCCESS && opens) {
        status = close_device(io, device);
    }
    return status == KLDR_STATUS_SUCCESS ? answer : status;
}

// ---- requests that wait ----

static kldr_status find_pending(struct ks_script_io *io, const char *name,
                                struct ks_script_irp **out_irp, struct kldr_error *error)
{
    *out_irp = io != NULL ? find_irp(io, name) : NULL;
    if (*out_irp != NULL) {
        return KLDR_STATUS_SUCCESS;
    }
    return io == NULL ? KLDR_ERROR_OUT_OF_MEMORY : ks_script_no_such(error, "request", name);
}

// Hands its result over; the name is free again.
static kldr_status take(struct ks_script_io *io, struct ks_script_irp *irp,
                        struct ks_io_result *out_result)
{
    const struct kldr_allocator *allocator = &io->world->allocator;
    struct ks_script_irp **link = &io->irps;
    kldr_status status = irp->status;
    while (*link != irp) {
        link = &(*link)->next;
    }
    *link = irp->next;
    *out_result = irp->result;
    allocator->release(allocator->user, irp->name);
    allocator->release(allocator->user, irp);
    return status;
}

kldr_status ks_script_io_wait(struct kldr_world *world, const char *name,
                              struct ks_io_result *out_result, struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    struct ks_script_irp *irp;
    kldr_status status = find_pending(io, name, &irp, error);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    return irp->completed ? take(io, irp, out_result) : wait_for_ever(io);
}

static kldr_status finish(struct ks_script_io *io, struct ks_script_irp *irp,
                          const struct ks_io_completion *completion)
{
    irp->completed = true;
    irp->status = completion->status;
    const struct ks_script_sent sent = {.status = completion->status,
                                        .information = completion->information,
                                        .bytes = completion->bytes,
                                        .byte_count = completion->byte_count};
    return bring(io, irp->output_size, &sent, &irp->result) ? KLDR_STATUS_SUCCESS
                                                            : KLDR_ERROR_OUT_OF_MEMORY;
}

kldr_status ks_script_io_cancel(struct kldr_world *world, const char *name,
                                struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    struct ks_script_irp *irp;
    kldr_status status = find_pending(io, name, &irp, error);
    return status != KLDR_STATUS_SUCCESS || irp->completed
               ? status
               : finish(io, irp, &(struct ks_io_completion){.status = STATUS_CANCELLED});
}

kldr_status ks_script_io_complete(struct kldr_world *world, const char *name,
                                  const struct ks_io_completion *completion,
                                  struct kldr_error *error)
{
    struct ks_script_io *io = ks_script_io(world);
    struct ks_script_irp *irp;
    kldr_status status = find_pending(io, name, &irp, error);
    if (status == KLDR_STATUS_SUCCESS && irp->completed) {
        const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {0};
        return ks_world_stop(world, 0x44, parameters, NULL, 0,
                             "a request was completed a second time");
    }
    return status == KLDR_STATUS_SUCCESS ? finish(io, irp, completion) : status;
}
