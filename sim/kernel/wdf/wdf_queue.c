// SPDX-License-Identifier: MIT
// Framework queues: default queues of devices, with the three ways of presenting requests.
#include "kernel/wdf/wdf_io.h"

#include "world/world_object.h"

#include <string.h>

#define SIZE_LEAST FIELD_OFFSET(WDF_IO_QUEUE_CONFIG, Settings) // up to version 1.7

// ---- making ----

static bool has_handler(const WDF_IO_QUEUE_CONFIG *config)
{
    return config->EvtIoDefault != NULL || config->EvtIoRead != NULL ||
           config->EvtIoWrite != NULL || config->EvtIoDeviceControl != NULL ||
           config->EvtIoInternalDeviceControl != NULL;
}

static NTSTATUS check_config(const WDF_IO_QUEUE_CONFIG *config)
{
    if (config->Size < SIZE_LEAST || config->Size > sizeof *config || config->Size % 8 != 0) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    bool manual = config->DispatchType == WdfIoQueueDispatchManual;
    if ((unsigned)config->DispatchType > WdfIoQueueDispatchManual ||
        config->DispatchType == WdfIoQueueDispatchInvalid || (manual && has_handler(config))) {
        return STATUS_INVALID_PARAMETER;
    }
    return manual || has_handler(config) ? STATUS_SUCCESS : STATUS_WDF_NO_CALLBACK;
}

// WdfIoQueueCreate(Globals, Device, Config, QueueAttributes, Queue)
uint64_t ks_wdf_queue_create(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct kldr_world *world = call->world;
    struct ks_wdf_object *device = ks_wdf_argument(call, 1, KS_WDF_DEVICE), *object;
    if (device == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    ks_wdf_put_handle(call, 4, 0);
    const WDF_IO_QUEUE_CONFIG *config = ks_guest_pointer(a[2]);
    NTSTATUS status = check_config(config);
    if (status == STATUS_SUCCESS) {
        status = ks_wdf_object_check(call, a[3], KS_WDF_LEVELS);
    }
    if (status == STATUS_SUCCESS && !config->DefaultQueue) {
        return ks_nt_lacking(call, "queues other than the default queue of a framework device");
    }
    if (status == STATUS_SUCCESS && device->data.device->queue != NULL) {
        status = STATUS_UNSUCCESSFUL;
    }
    if (status != STATUS_SUCCESS) {
        return KS_STATUS(status);
    }
    struct ks_wdf_queue *queue = world->allocator.allocate(world->allocator.user, sizeof *queue);
    status = queue != NULL
                 ? ks_wdf_object_make(call, device->client, KS_WDF_QUEUE, a[3], device, &object)
                 : STATUS_INSUFFICIENT_RESOURCES;
    if (status != STATUS_SUCCESS) {
        world->allocator.release(world->allocator.user, queue);
        return KS_STATUS(status);
    }
    *queue = (struct ks_wdf_queue){.device = device};
    memcpy(&queue->config, config, config->Size);
    object->data.queue = queue;
    device->data.device->queue = object;
    ks_wdf_put_handle(call, 4, object->handle);
    return STATUS_SUCCESS;
}

// WdfIoQueueGetDevice(Globals, Queue)
uint64_t ks_wdf_queue_get_device(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_QUEUE);
    return object != NULL && object->data.queue->device != NULL ? object->data.queue->device->handle
                                                                : 0;
}

// ---- requests ----

static bool is_empty(const IO_STACK_LOCATION *location)
{
    return (location->MajorFunction == IRP_MJ_READ && location->Parameters.Read.Length == 0) ||
           (location->MajorFunction == IRP_MJ_WRITE && location->Parameters.Write.Length == 0);
}

// The driver's callback for a request, and its arguments behind queue and request. NULL: none.
static const void *handler_of(const WDF_IO_QUEUE_CONFIG *config, const IO_STACK_LOCATION *location,
                              uint64_t *arguments, size_t *out_count)
{
    const void *function = NULL;
    UCHAR major = location->MajorFunction;
    bool control = major == IRP_MJ_DEVICE_CONTROL || major == IRP_MJ_INTERNAL_DEVICE_CONTROL;
    *out_count = control ? 3 : 1;
    if (control) {
        arguments[0] = location->Parameters.DeviceIoControl.OutputBufferLength;
        arguments[1] = location->Parameters.DeviceIoControl.InputBufferLength;
        arguments[2] = location->Parameters.DeviceIoControl.IoControlCode;
        function = major == IRP_MJ_DEVICE_CONTROL
                       ? (const void *)(uintptr_t)config->EvtIoDeviceControl
                       : (const void *)(uintptr_t)config->EvtIoInternalDeviceControl;
    } else if (major == IRP_MJ_READ) {
        arguments[0] = location->Parameters.Read.Length;
        function = (const void *)(uintptr_t)config->EvtIoRead;
    } else {
        arguments[0] = location->Parameters.Write.Length;
        function = (const void *)(uintptr_t)config->EvtIoWrite;
    }
    if (function == NULL) {
        *out_count = 0;
        function = (const void *)(uintptr_t)config->EvtIoDefault;
    }
    return function;
}

static void present(const struct ks_kernel_call *call, struct ks_wdf_object *object,
                    struct ks_wdf_object *request)
{
    uint64_t arguments[5] = {object->handle, request->handle};
    size_t count;
    const void *function = handler_of(&object->data.queue->config, ks_wdf_request_location(request),
                                      arguments + 2, &count);
    object->data.queue->presented++;
    if (function == NULL) {
        ks_wdf_request_finish(call, request, STATUS_INVALID_DEVICE_REQUEST);
        return;
    }
    ks_nt_call(call->world, (uint64_t)(uintptr_t)function, arguments, count + 2, NULL);
}

static struct ks_wdf_object *next_waiting(struct ks_wdf_queue *queue)
{
    struct ks_wdf_object *request = queue->waiting[0];
    memmove(queue->waiting, queue->waiting + 1,
            --queue->waiting_count * sizeof(struct ks_wdf_object *));
    return request;
}

// Presents what may be; one at a time for a sequential queue, never from inside of itself.
static void pump(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    struct ks_wdf_queue *queue = object->data.queue;
    bool parallel = queue->config.DispatchType == WdfIoQueueDispatchParallel;
    if (queue->presenting || queue->config.DispatchType == WdfIoQueueDispatchManual) {
        return;
    }
    ks_wdf_object_reference(object); // the driver may delete the device meanwhile
    queue->presenting = !parallel;
    while (queue->waiting_count > 0 && (parallel || queue->presented == 0) && !object->deleted) {
        present(call, object, next_waiting(queue));
    }
    queue->presenting = false;
    ks_wdf_object_release(call, object);
}

static bool reserve(struct kldr_world *world, struct ks_wdf_queue *queue)
{
    if (queue->waiting_count < queue->capacity) {
        return true;
    }
    uint32_t capacity = queue->capacity * 2 + 8;
    struct ks_wdf_object **waiting = world->allocator.reallocate(
        world->allocator.user, queue->waiting, capacity * sizeof(struct ks_wdf_object *));
    if (waiting == NULL) {
        return false;
    }
    queue->waiting = waiting;
    queue->capacity = capacity;
    return true;
}

void ks_wdf_queue_take(const struct ks_kernel_call *call, struct ks_wdf_object *object,
                       struct ks_wdf_object *request)
{
    struct ks_wdf_queue *queue = object->data.queue;
    if (is_empty(ks_wdf_request_location(request)) && !queue->config.AllowZeroLengthRequests) {
        ks_wdf_request_finish(call, request, STATUS_SUCCESS);
    } else if (!reserve(call->world, queue)) {
        ks_wdf_request_finish(call, request, STATUS_INSUFFICIENT_RESOURCES);
    } else {
        request->data.request.queue = object;
        queue->waiting[queue->waiting_count++] = request;
        pump(call, object);
    }
}

bool ks_wdf_queue_holds(const struct ks_wdf_object *object, const struct ks_wdf_object *request)
{
    const struct ks_wdf_queue *queue = object->data.queue;
    for (uint32_t i = 0; i < queue->waiting_count; i++) {
        if (queue->waiting[i] == request) {
            return true;
        }
    }
    return false;
}

void ks_wdf_queue_done(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    object->data.queue->presented--;
    pump(call, object);
}

// WdfIoQueueRetrieveNextRequest(Globals, Queue, OutRequest)
uint64_t ks_wdf_queue_retrieve(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_QUEUE);
    if (object == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    struct ks_wdf_queue *queue = object->data.queue;
    ks_wdf_put_handle(call, 2, 0);
    if (queue->config.DispatchType == WdfIoQueueDispatchParallel) {
        return KS_STATUS(STATUS_INVALID_DEVICE_STATE);
    }
    if (queue->waiting_count == 0) {
        return KS_STATUS(STATUS_NO_MORE_ENTRIES);
    }
    queue->presented++;
    ks_wdf_put_handle(call, 2, next_waiting(queue)->handle);
    return STATUS_SUCCESS;
}

// ---- the end ----

// What was not presented is cancelled.
void ks_wdf_queue_end(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    struct ks_wdf_queue *queue = object->data.queue;
    while (queue->waiting_count > 0) {
        struct ks_wdf_object *request = next_waiting(queue);
        request->data.request.queue = NULL;
        if (request->data.request.irp != 0) { // else it ended before the queue
            ks_wdf_request_finish(call, request, STATUS_CANCELLED);
        }
    }
    if (queue->device->data.device->queue == object) {
        queue->device->data.device->queue = NULL;
    }
    queue->device = NULL;
}
