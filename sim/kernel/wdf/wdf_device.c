// SPDX-License-Identifier: MIT
// Framework devices: control devices, which a driver makes without a device of Plug and Play.
#include "kernel/wdf/wdf_io.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

static uint64_t address(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

struct ks_wdf_object *ks_wdf_device_of_wdm(struct kldr_world *world, uint64_t device_object)
{
    struct ks_wdf_state *state = ks_wdf_state(world);
    for (struct ks_wdf_client *client = state->clients; client != NULL; client = client->next) {
        for (struct ks_wdf_object *o = client->objects; o != NULL; o = o->next) {
            if (o->type == KS_WDF_DEVICE && o->data.device->object == device_object) {
                return o;
            }
        }
    }
    return NULL;
}

// ---- making ----

static NTSTATUS make_wdm(const struct ks_kernel_call *call, const struct ks_wdf_object *object,
                         const struct ks_wdf_init *init)
{
    struct ks_wdf_device *device = object->data.device;
    DEVICE_OBJECT *made = NULL;
    const uint64_t arguments[] = {object->client->driver_object,
                                  0,
                                  init->name,
                                  init->type,
                                  init->characteristics,
                                  init->exclusive,
                                  address(&made)};
    NTSTATUS status = (NTSTATUS)ks_io_run(call, "IoCreateDevice", arguments);
    if (NT_SUCCESS(status)) {
        device->object = address(made);
        made->Flags |= init->io_type == WdfDeviceIoBuffered ? DO_BUFFERED_IO
                       : init->io_type == WdfDeviceIoDirect ? DO_DIRECT_IO
                                                            : 0u;
    }
    return status;
}

static NTSTATUS make(const struct ks_kernel_call *call, struct ks_wdf_client *client,
                     const struct ks_wdf_init *init, struct ks_wdf_object **out_object)
{
    struct kldr_world *world = call->world;
    struct ks_wdf_device *device = world->allocator.allocate(world->allocator.user, sizeof *device);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (device != NULL) {
        *device = (struct ks_wdf_device){.io_type = init->io_type,
                                         .in_caller = init->in_caller,
                                         .files = init->files,
                                         .file_attributes = init->file_attributes,
                                         .request_attributes = init->request_attributes};
        status =
            ks_wdf_object_make(call, client, KS_WDF_DEVICE, call->arguments[2], NULL, out_object);
    }
    if (status != STATUS_SUCCESS) {
        world->allocator.release(world->allocator.user, device);
        return status;
    }
    (*out_object)->data.device = device;
    status = make_wdm(call, *out_object, init);
    if (!NT_SUCCESS(status)) {
        ks_wdf_object_free(world, *out_object);
    }
    return status;
}

// WdfDeviceCreate(Globals, DeviceInit, DeviceAttributes, Device)
uint64_t ks_wdf_device_create(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_client *client = ks_wdf_client(call);
    struct ks_wdf_object *object;
    if (client == NULL || !ks_wdf_given(call, 2, (const unsigned[]){1, 3})) {
        return 0;
    }
    const uint64_t inner[] = {a[0], ks_guest_number(a[1], sizeof(PVOID))};
    const struct ks_kernel_call init_call = {call->world, inner, call->caller};
    struct ks_wdf_init *init = ks_wdf_init_argument(&init_call, 1);
    if (init == NULL) {
        return 0;
    }
    ks_wdf_put_handle(call, 3, 0);
    NTSTATUS status = ks_wdf_object_check(call, a[2], KS_WDF_PARENT | KS_WDF_LEVELS);
    if (status == STATUS_SUCCESS) {
        status = make(call, client, init, &object);
    }
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(a[1], sizeof(PVOID), 0);
        ks_wdf_init_free(call->world, client, init);
        ks_wdf_put_handle(call, 3, object->handle);
    }
    return KS_STATUS(status);
}

// WdfDeviceCreateSymbolicLink(Globals, Device, SymbolicLinkName)
uint64_t ks_wdf_device_create_link(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_DEVICE);
    if (object == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    struct ks_io_device *device = ks_io_device_find(world, object->data.device->object);
    char *name = device != NULL ? ks_ob_path(world, device->object) : NULL;
    char *link = ks_nt_text_of_string(world, call->arguments[2]);
    uint64_t target = name != NULL ? ks_nt_text_make_string(world, name, KS_WDF_TAG) : 0;
    uint64_t copy = link != NULL ? ks_nt_text_make_string(world, link, KS_WDF_TAG) : 0;
    bool named = name != NULL && name[0] != '\0';
    ks_nt_text_free(world, name);
    ks_nt_text_free(world, link);
    const uint64_t arguments[] = {copy, target};
    NTSTATUS status = !named ? STATUS_INVALID_DEVICE_STATE
                      : target != 0 && copy != 0
                          ? (NTSTATUS)ks_io_run(call, "IoCreateSymbolicLink", arguments)
                          : STATUS_INSUFFICIENT_RESOURCES;
    ks_nt_give(world, target);
    if (!NT_SUCCESS(status) || object->data.device->link != 0) {
        ks_nt_give(world, copy);
        return NT_SUCCESS(status) ? ks_nt_lacking(call, "two symbolic links of a framework device")
                                  : KS_STATUS(status);
    }
    object->data.device->link = copy;
    return STATUS_SUCCESS;
}

// WdfControlFinishInitializing(Globals, Device): from now on it can be opened
uint64_t ks_wdf_device_finish(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_DEVICE);
    if (object != NULL) {
        DEVICE_OBJECT *device = ks_guest_pointer(object->data.device->object);
        object->data.device->finished = true;
        device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    }
    return 0;
}

// ---- the end ----

void ks_wdf_device_end(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    struct ks_wdf_device *device = object->data.device;
    if (device->link != 0) {
        ks_io_run(call, "IoDeleteSymbolicLink", &device->link);
        ks_nt_give(call->world, device->link);
        device->link = 0;
    }
    if (device->object != 0) {
        const uint64_t arguments[] = {device->object};
        device->object = 0;
        ks_io_run(call, "IoDeleteDevice", arguments);
    }
}

// ---- what drivers ask ----

// WdfDeviceWdmGetDeviceObject(Globals, Device)
uint64_t ks_wdf_device_wdm(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_DEVICE);
    return object != NULL ? object->data.device->object : 0;
}

// WdfWdmDeviceGetWdfDeviceHandle(Globals, DeviceObject)
uint64_t ks_wdf_device_of(const struct ks_kernel_call *call)
{
    if (!ks_wdf_given(call, 1, (const unsigned[]){1})) {
        return 0;
    }
    const struct ks_wdf_object *object = ks_wdf_device_of_wdm(call->world, call->arguments[1]);
    return object != NULL ? object->handle : 0;
}

// WdfDeviceGetDriver(Globals, Device)
uint64_t ks_wdf_device_get_driver(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_DEVICE);
    return object != NULL && object->client->driver != NULL ? object->client->driver->handle : 0;
}

// WdfDeviceGetDefaultQueue(Globals, Device)
uint64_t ks_wdf_device_get_queue(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_DEVICE);
    return object != NULL && object->data.device->queue != NULL ? object->data.device->queue->handle
                                                                : 0;
}
