// SPDX-License-Identifier: MIT
// The framework's dispatch routine, and file objects of framework devices.
#include "kernel/wdf/wdf_io.h"

static void call_file(const struct ks_kernel_call *call, const void *function,
                      const struct ks_wdf_object *file)
{
    const uint64_t arguments[] = {file->handle};
    if (function != NULL) {
        ks_nt_call(call->world, (uint64_t)(uintptr_t)function, arguments, 1, NULL);
    }
}

struct ks_wdf_object *ks_wdf_file_find(const struct ks_wdf_object *device, uint64_t file_object)
{
    struct ks_wdf_object *child = device->first;
    while (child != NULL &&
           (child->type != KS_WDF_FILE || child->data.file.object != file_object)) {
        child = child->sibling;
    }
    return child;
}

void ks_wdf_file_end(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    (void)call;
    object->data.file.device = NULL;
    object->data.file.object = 0;
}

// ---- IRP_MJ_CREATE, CLEANUP, CLOSE ----

static NTSTATUS make_file(const struct ks_kernel_call *call, struct ks_wdf_object *device,
                          uint64_t file_object, struct ks_wdf_object **out_file)
{
    uint64_t attributes = (uint64_t)(uintptr_t)&device->data.device->file_attributes;
    NTSTATUS status =
        ks_wdf_object_make(call, device->client, KS_WDF_FILE, attributes, device, out_file);
    if (status == STATUS_SUCCESS) {
        (*out_file)->data.file.object = file_object;
        (*out_file)->data.file.device = device;
    }
    return status;
}

// The driver's callback completes the request.
static NTSTATUS ask_driver(const struct ks_kernel_call *call, struct ks_wdf_object *device,
                           struct ks_wdf_object *file, uint64_t irp)
{
    struct ks_wdf_object *request = ks_wdf_request_make(call, device, irp);
    if (request == NULL) {
        ks_wdf_object_end(call, file);
        return ks_wdf_complete(call, irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    const uint64_t arguments[] = {device->handle, request->handle, file->handle};
    IoMarkIrpPending((PIRP)ks_guest_pointer(irp));
    ks_nt_call(call->world, (uint64_t)(uintptr_t)device->data.device->files.EvtDeviceFileCreate,
               arguments, 3, NULL);
    return STATUS_PENDING;
}

static NTSTATUS create(const struct ks_kernel_call *call, struct ks_wdf_object *device,
                       uint64_t irp, uint64_t file_object)
{
    const WDF_FILEOBJECT_CONFIG *config = &device->data.device->files;
    struct ks_wdf_object *file;
    if (config->Size == 0 || config->FileObjectClass == WdfFileObjectNotRequired) {
        return ks_wdf_complete(call, irp, STATUS_SUCCESS, 0);
    }
    NTSTATUS status = make_file(call, device, file_object, &file);
    return status == STATUS_SUCCESS && config->EvtDeviceFileCreate != NULL
               ? ask_driver(call, device, file, irp)
               : ks_wdf_complete(call, irp, status, 0);
}

NTSTATUS ks_wdf_file_dispatch(const struct ks_kernel_call *call, struct ks_wdf_object *device,
                              uint64_t irp)
{
    const IO_STACK_LOCATION *location = IoGetCurrentIrpStackLocation((PIRP)ks_guest_pointer(irp));
    uint64_t file_object = (uint64_t)(uintptr_t)location->FileObject;
    UCHAR major = location->MajorFunction;
    if (major == IRP_MJ_CREATE) {
        return create(call, device, irp, file_object);
    }
    struct ks_wdf_object *file = ks_wdf_file_find(device, file_object);
    const WDF_FILEOBJECT_CONFIG *config = &device->data.device->files;
    if (file != NULL && major == IRP_MJ_CLEANUP) {
        call_file(call, (const void *)(uintptr_t)config->EvtFileCleanup, file);
    } else if (file != NULL) {
        call_file(call, (const void *)(uintptr_t)config->EvtFileClose, file);
        ks_wdf_object_end(call, file);
    }
    return ks_wdf_complete(call, irp, STATUS_SUCCESS, 0);
}

// ---- the dispatch routine ----

static NTSTATUS to_queue(const struct ks_kernel_call *call, struct ks_wdf_object *device,
                         uint64_t irp)
{
    struct ks_wdf_object *queue = device->data.device->queue;
    uint64_t in_caller = device->data.device->in_caller;
    struct ks_wdf_object *request =
        queue != NULL || in_caller != 0 ? ks_wdf_request_make(call, device, irp) : NULL;
    if (request == NULL) {
        return ks_wdf_complete(call, irp,
                               queue != NULL || in_caller != 0 ? STATUS_INSUFFICIENT_RESOURCES
                                                               : STATUS_INVALID_DEVICE_REQUEST,
                               0);
    }
    IoMarkIrpPending((PIRP)ks_guest_pointer(irp));
    if (in_caller != 0) {
        const uint64_t arguments[] = {device->handle, request->handle};
        ks_nt_call(call->world, in_caller, arguments, 2, NULL);
    } else {
        ks_wdf_queue_take(call, queue, request);
    }
    return STATUS_PENDING;
}

// Each entry of the dispatch table: (DeviceObject, Irp)
uint64_t ks_wdf_file_of_driver(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *device = ks_wdf_device_of_wdm(call->world, call->arguments[0]);
    uint64_t irp = call->arguments[1];
    switch (IoGetCurrentIrpStackLocation((PIRP)ks_guest_pointer(irp))->MajorFunction) {
    case IRP_MJ_CREATE:
    case IRP_MJ_CLEANUP:
    case IRP_MJ_CLOSE:
        return KS_STATUS(device != NULL
                             ? ks_wdf_file_dispatch(call, device, irp)
                             : ks_wdf_complete(call, irp, STATUS_INVALID_DEVICE_STATE, 0));
    case IRP_MJ_READ:
    case IRP_MJ_WRITE:
    case IRP_MJ_DEVICE_CONTROL:
    case IRP_MJ_INTERNAL_DEVICE_CONTROL:
        if (device != NULL) {
            return KS_STATUS(to_queue(call, device, irp));
        }
        break;
    default:
        break;
    }
    return KS_STATUS(ks_wdf_complete(call, irp, STATUS_INVALID_DEVICE_REQUEST, 0));
}

// WdfDeviceEnqueueRequest(Globals, Device, Request): what EvtIoInCallerContext was given
uint64_t ks_wdf_file_enqueue(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *device = ks_wdf_argument(call, 1, KS_WDF_DEVICE);
    struct ks_wdf_object *request =
        device != NULL ? ks_wdf_argument(call, 2, KS_WDF_REQUEST) : NULL;
    if (request == NULL) {
        return 0;
    }
    if (request->data.request.irp == 0 || device->data.device->queue == NULL ||
        request->data.request.queue != NULL || request->data.request.device != device) {
        return KS_STATUS(STATUS_INVALID_DEVICE_REQUEST);
    }
    ks_wdf_queue_take(call, device->data.device->queue, request);
    return STATUS_SUCCESS;
}

// ---- what drivers ask ----

// WdfFileObjectGetDevice(Globals, FileObject)
uint64_t ks_wdf_file_get_device(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *file = ks_wdf_argument(call, 1, KS_WDF_FILE);
    return file != NULL && file->data.file.device != NULL ? file->data.file.device->handle : 0;
}

// WdfFileObjectWdmGetFileObject(Globals, FileObject)
uint64_t ks_wdf_file_wdm(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *file = ks_wdf_argument(call, 1, KS_WDF_FILE);
    return file != NULL ? file->data.file.object : 0;
}
