// SPDX-License-Identifier: MIT
// Requests of steps: buffers as the device wants them, one after the other, or pending under a
// name.

#include "engine/native.h"
#include "kernel/io/io_file.h"
#include "kernel/io/io_pnp.h"
#include "kernel/io/io_steps.h"
#include "kernel/mm/mm_mdl.h"
#include "kernel/nt_text.h"

#include <string.h>

#define TAG_STEP                   0x70657453u // 'Step'
#define STOP_MULTIPLE_IRP_COMPLETE 0x44u

static kldr_status no_such(struct kldr_error *error, const char *name)
{
    kldr_error_set(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT,
                   "there is no request %.200s", name);
    return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
}

// One request under way.
struct sent {
    struct ks_io_own *own;
    uint64_t input, output; // the caller's own buffers
    uint32_t output_size;
};

// ---- buffers ----

static bool take_buffers(struct kldr_world *world, const struct ks_io_request *request,
                         struct sent *sent)
{
    sent->output_size = request->output_size;
    if (request->input_size != 0) {
        sent->input = ks_nt_take(world, request->input_size, TAG_STEP);
        if (sent->input != 0) {
            memcpy(ks_guest_pointer(sent->input), request->input, request->input_size);
        }
    }
    sent->output =
        request->output_size != 0 ? ks_nt_take(world, request->output_size, TAG_STEP) : 0;
    return (request->input_size == 0 || sent->input != 0) &&
           (request->output_size == 0 || sent->output != 0);
}

static void give_buffers(struct kldr_world *world, uint64_t input, uint64_t output)
{
    if (input != 0) {
        ks_nt_give(world, input);
    }
    if (output != 0) {
        ks_nt_give(world, output);
    }
}

static bool set_system_buffer(struct kldr_world *world, IRP *irp, uint64_t input,
                              uint32_t input_size, uint32_t output_size)
{
    uint32_t size = input_size > output_size ? input_size : output_size;
    if (size == 0) {
        return true;
    }
    uint64_t buffer = ks_nt_take(world, size, TAG_STEP);
    if (buffer == 0) {
        return false;
    }
    if (input_size > 0) { // else there need be no input
        memcpy(ks_guest_pointer(buffer), ks_guest_pointer(input), input_size);
    }
    irp->AssociatedIrp.SystemBuffer = ks_guest_pointer(buffer);
    irp->Flags |=
        IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER | (output_size != 0 ? IRP_INPUT_OPERATION : 0u);
    return true;
}

static bool set_mdl(struct kldr_world *world, IRP *irp, uint64_t buffer, uint32_t size, bool write)
{
    irp->MdlAddress = size != 0 ? ks_mm_mdl_make(world, buffer, size) : NULL;
    if (irp->MdlAddress != NULL) {
        ks_mm_mdl_lock(world, irp->MdlAddress, write);
    }
    return size == 0 || irp->MdlAddress != NULL;
}

// As the flags of the top device say.
static bool set_transfer(struct kldr_world *world, struct sent *sent,
                         const struct ks_io_request *request)
{
    IRP *irp = sent->own->irp;
    bool reads = request->major == IRP_MJ_READ;
    uint32_t size = reads ? request->output_size : (uint32_t)request->input_size;
    uint64_t buffer = reads ? sent->output : sent->input;
    ULONG flags = ((const DEVICE_OBJECT *)ks_guest_pointer(sent->own->device))->Flags;
    sent->own->location->Parameters.Read.Length = size;
    sent->own->location->Parameters.Read.ByteOffset.QuadPart = (LONGLONG)request->offset;
    irp->Flags |= reads ? IRP_READ_OPERATION : IRP_WRITE_OPERATION;
    irp->UserBuffer = ks_guest_pointer(buffer);
    if ((flags & DO_BUFFERED_IO) != 0) {
        return set_system_buffer(world, irp, reads ? 0 : buffer, reads ? 0 : size,
                                 reads ? size : 0);
    }
    return (flags & DO_DIRECT_IO) == 0 || set_mdl(world, irp, buffer, size, reads);
}

// As the control code says.
static bool set_control(struct kldr_world *world, struct sent *sent,
                        const struct ks_io_request *request)
{
    IRP *irp = sent->own->irp;
    IO_STACK_LOCATION *location = sent->own->location;
    uint32_t input_size = (uint32_t)request->input_size;
    unsigned method = request->code & 3;
    location->Parameters.DeviceIoControl.IoControlCode = request->code;
    location->Parameters.DeviceIoControl.InputBufferLength = input_size;
    location->Parameters.DeviceIoControl.OutputBufferLength = request->output_size;
    irp->UserBuffer = ks_guest_pointer(sent->output);
    if (method == METHOD_NEITHER) {
        location->Parameters.DeviceIoControl.Type3InputBuffer = ks_guest_pointer(sent->input);
        return true;
    }
    if (method == METHOD_BUFFERED) {
        return set_system_buffer(world, irp, sent->input, input_size, request->output_size);
    }
    return set_system_buffer(world, irp, sent->input, input_size, 0) &&
           set_mdl(world, irp, sent->output, request->output_size, method == METHOD_OUT_DIRECT);
}

static bool fill(struct kldr_world *world, struct sent *sent, const struct ks_io_request *request)
{
    if (request->arguments != NULL) {
        for (size_t i = 0; i < request->argument_count && i < 4; i++) {
            ks_guest_put_number(ks_io_address(&sent->own->location->Parameters.Others.Argument1) +
                                    i * sizeof(PVOID),
                                sizeof(PVOID), request->arguments[i]);
        }
        sent->own->irp->UserBuffer = ks_guest_pointer(sent->output);
        return set_system_buffer(world, sent->own->irp, sent->input, (uint32_t)request->input_size,
                                 request->output_size);
    }
    switch (request->major) {
    case IRP_MJ_READ:
    case IRP_MJ_WRITE:
        return set_transfer(world, sent, request);
    case IRP_MJ_DEVICE_CONTROL:
    case IRP_MJ_INTERNAL_DEVICE_CONTROL:
        return set_control(world, sent, request);
    default:
        sent->own->irp->UserBuffer = ks_guest_pointer(sent->output);
        return set_system_buffer(world, sent->own->irp, sent->input, (uint32_t)request->input_size,
                                 request->output_size);
    }
}

// ---- one request ----

static void end(struct kldr_world *world, struct sent *sent)
{
    struct ks_io_own *own = sent->own;
    if (own != NULL && own->done) {
        IRP *irp = own->irp;
        if ((irp->Flags & IRP_DEALLOCATE_BUFFER) != 0) {
            ks_nt_give(world, ks_io_address(irp->AssociatedIrp.SystemBuffer));
        }
        if (irp->MdlAddress != NULL) {
            ks_mm_mdl_free(world, ks_io_address(irp->MdlAddress));
        }
    }
    if (own == NULL || own->done) { // drivers may still use the buffers of one that is not
        give_buffers(world, sent->input, sent->output);
    }
    if (own != NULL) {
        ks_io_own_end(own);
    }
}

static kldr_status make(struct kldr_world *world, struct ks_object *target,
                        const struct ks_io_request *request, struct sent *sent)
{
    struct ks_io_device *device =
        target->type == KS_OB_FILE ? ks_io_file_device(target) : target->data;
    *sent = (struct sent){0};
    if (!take_buffers(world, request, sent)) {
        give_buffers(world, sent->input, sent->output);
        return KLDR_ERROR_LIMIT;
    }
    sent->own = ks_io_own_make(world, device, request->major, request->minor);
    if (sent->own != NULL && target->type == KS_OB_FILE) {
        sent->own->location->FileObject = ks_guest_pointer(target->body);
        sent->own->irp->Tail.Overlay.OriginalFileObject = ks_guest_pointer(target->body);
        sent->own->irp->RequestorMode = UserMode;
    }
    if (sent->own == NULL || !fill(world, sent, request)) {
        if (sent->own != NULL) {
            sent->own->done = true; // it never went to a driver
        }
        end(world, sent);
        return KLDR_ERROR_LIMIT;
    }
    return KLDR_STATUS_SUCCESS;
}

// What came back, and the request's status.
static kldr_status bring(struct kldr_world *world, const struct sent *sent,
                         struct ks_io_result *result)
{
    const struct ks_io_own *own = sent->own;
    uint64_t size = own->information < sent->output_size ? own->information : sent->output_size;
    world->allocator.release(world->allocator.user, result->bytes);
    *result = (struct ks_io_result){.information = own->information};
    const IRP *irp = own->irp;
    const void *from = (irp->Flags & IRP_INPUT_OPERATION) != 0 ? irp->AssociatedIrp.SystemBuffer
                                                               : ks_guest_pointer(sent->output);
    if (own->done && !NT_ERROR(own->status) && size != 0) {
        result->bytes = world->allocator.allocate(world->allocator.user, (size_t)size);
        if (result->bytes == NULL) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
        memcpy(result->bytes, from, (size_t)size);
        result->byte_count = (size_t)size;
    }
    return (kldr_status)own->status;
}

static kldr_status send_once(struct kldr_world *world, struct ks_object *target,
                             const struct ks_io_request *request, struct ks_io_result *result)
{
    struct sent sent;
    kldr_status status = make(world, target, request, &sent);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    status = ks_io_own_send(sent.own);
    status = status == KLDR_STATUS_SUCCESS ? ks_io_own_wait(sent.own) : status;
    status = status == KLDR_STATUS_SUCCESS ? bring(world, &sent, result) : status;
    end(world, &sent);
    return status;
}

// The request gets a name; its step ends with what the driver answered.
static kldr_status send_named(struct kldr_world *world, struct ks_object *target,
                              const struct ks_io_request *request, struct kldr_error *error)
{
    struct sent sent;
    kldr_status status;
    struct ks_io_step *step = ks_io_steps_add(world, request->as, &status, error);
    if (step == NULL) {
        return status;
    }
    status = make(world, target, request, &sent);
    if (status != KLDR_STATUS_SUCCESS) {
        ks_io_steps_drop(world, step);
        return status;
    }
    step->own = sent.own;
    step->input = sent.input;
    step->output = sent.output;
    step->output_size = sent.output_size;
    status = ks_io_own_send(sent.own);
    return status == KLDR_STATUS_SUCCESS ? (kldr_status)sent.own->status : status;
}

// ---- the step ----

static kldr_status send_all(struct kldr_world *world, struct ks_object *target,
                            const struct ks_io_request *request, struct ks_io_result *out_result,
                            struct kldr_error *error)
{
    if (request->as != NULL) {
        return send_named(world, target, request, error);
    }
    struct ks_io_request each = *request;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (uint32_t i = 0; i < request->repeat && KLDR_NT_SUCCESS(status); i++) {
        status = send_once(world, target, &each, out_result);
        each.offset += request->stride;
    }
    return status;
}

static kldr_status find_target(struct kldr_world *world, const struct ks_io_request *request,
                               struct ks_object **out_target, uint64_t *out_handle,
                               struct kldr_error *error)
{
    const struct ks_io_step *file = ks_io_steps_find(world, request->device, true);
    kldr_status status = KLDR_STATUS_SUCCESS;
    uint64_t handle = file != NULL ? file->file : 0;
    if (file == NULL && !request->open) {
        return ks_io_steps_device(world, request->device, out_target, error);
    }
    if (file == NULL) {
        status = ks_io_steps_open(world, request->device, out_handle, error);
        handle = *out_handle;
    }
    return status == KLDR_STATUS_SUCCESS ? (kldr_status)ks_ob_handle_reference(
                                               world, handle, KS_OB_FILE, 0, false, out_target)
                                         : status;
}

kldr_status ks_io_steps_request(struct kldr_world *world, const struct ks_io_request *request,
                                struct ks_io_result *out_result, struct kldr_error *error)
{
    struct ks_object *target = NULL;
    uint64_t handle = 0;
    kldr_status reason = KLDR_STATUS_SUCCESS;
    kldr_status status = find_target(world, request, &target, &handle, error);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    ks_native_hold(world); // each request is several calls into drivers
    status = send_all(world, target, request, out_result, error);
    ks_native_release(world);
    if (handle != 0) {
        ks_ob_handle_close(world, handle);
    }
    ks_ob_dereference(world, target);
    return kldr_loader_stopped(world->loader, &reason) ? reason : status;
}

// ---- requests that wait ----

kldr_status ks_io_steps_wait(struct kldr_world *world, const char *request,
                             struct ks_io_result *out_result, struct kldr_error *error)
{
    struct ks_io_step *step = ks_io_steps_find(world, request, false);
    if (step == NULL) {
        return no_such(error, request);
    }
    kldr_status status = ks_io_own_wait(step->own);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    struct sent sent = {step->own, step->input, step->output, step->output_size};
    ks_io_steps_drop(world, step);
    status = bring(world, &sent, out_result);
    end(world, &sent);
    return status;
}

kldr_status ks_io_steps_cancel(struct kldr_world *world, const char *request,
                               struct kldr_error *error)
{
    const struct ks_io_step *step = ks_io_steps_find(world, request, false);
    const struct ks_kernel_call call = {.world = world};
    kldr_status reason = KLDR_STATUS_SUCCESS;
    if (step == NULL) {
        return no_such(error, request);
    }
    if (!step->own->done && !ks_io_cancel(&call, step->own->record->address)) {
        ks_io_declared_cancel(world, step->own->irp);
    }
    return kldr_loader_stopped(world->loader, &reason) ? reason : KLDR_STATUS_SUCCESS;
}

kldr_status ks_io_steps_complete(struct kldr_world *world, const char *request,
                                 const struct ks_io_completion *completion,
                                 struct kldr_error *error)
{
    const struct ks_io_step *step = ks_io_steps_find(world, request, false);
    const struct ks_kernel_call call = {.world = world};
    kldr_status reason = KLDR_STATUS_SUCCESS;
    if (step == NULL) {
        return no_such(error, request);
    }
    if (step->own->done) {
        ks_nt_stop(&call, STOP_MULTIPLE_IRP_COMPLETE, step->own->record->address, 0, 0, 0,
                   "a request was completed a second time");
        return KLDR_ERROR_STOPPED;
    }
    kldr_status status = ks_io_declared_complete(world, step->own->irp, completion);
    if (status != KLDR_STATUS_SUCCESS) {
        kldr_error_set(error, status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT,
                       "%.200s: no declared driver has the request", request);
    }
    return kldr_loader_stopped(world->loader, &reason) ? reason : status;
}
