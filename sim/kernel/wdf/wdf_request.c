// SPDX-License-Identifier: MIT
// Framework requests: parameters, buffers, completion.
#include "kernel/wdf/wdf_io.h"

#include "kernel/io/io_irp.h"

#define METHOD(code) ((code)&3u)

static IRP *irp_of(const struct ks_wdf_object *request)
{
    return ks_guest_pointer(request->data.request.irp);
}

IO_STACK_LOCATION *ks_wdf_request_location(const struct ks_wdf_object *request)
{
    return IoGetCurrentIrpStackLocation(irp_of(request));
}

NTSTATUS ks_wdf_complete(const struct ks_kernel_call *call, uint64_t address, NTSTATUS status,
                         uint64_t information)
{
    const struct ks_io_actor actor = {call->world, call->caller};
    IRP *irp = ks_guest_pointer(address);
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = (ULONG_PTR)information;
    ks_io_complete(&actor, address);
    return status;
}

struct ks_wdf_object *ks_wdf_request_make(const struct ks_kernel_call *call,
                                          struct ks_wdf_object *device, uint64_t irp)
{
    struct ks_wdf_object *request;
    uint64_t attributes = (uint64_t)(uintptr_t)&device->data.device->request_attributes;
    if (ks_wdf_object_make(call, device->client, KS_WDF_REQUEST, attributes, device, &request) !=
        STATUS_SUCCESS) {
        return NULL;
    }
    request->data.request.irp = irp;
    request->data.request.device = device;
    irp_of(request)->IoStatus.Information = 0;
    return request;
}

void ks_wdf_request_finish(const struct ks_kernel_call *call, struct ks_wdf_object *request,
                           NTSTATUS status)
{
    uint64_t irp = request->data.request.irp;
    struct ks_wdf_object *queue = request->data.request.queue;
    uint64_t information = irp_of(request)->IoStatus.Information;
    bool refused =
        ks_wdf_request_location(request)->MajorFunction == IRP_MJ_CREATE && !NT_SUCCESS(status);
    struct ks_wdf_object *file = refused ? ks_wdf_request_file(request) : NULL;
    ks_wdf_request_end(call, request);
    if (queue != NULL) {
        ks_wdf_object_reference(queue);
    }
    if (file != NULL) {
        ks_wdf_object_end(call, file);
    }
    ks_wdf_object_reference(request); // whoever hears of the completion may delete the device
    ks_wdf_complete(call, irp, status, information);
    ks_wdf_object_end(call, request);
    ks_wdf_object_release(call, request);
    if (queue != NULL) {
        ks_wdf_queue_done(call, queue);
        ks_wdf_object_release(call, queue);
    }
}

void ks_wdf_request_end(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    (void)call;
    object->data.request.irp = 0;
    object->data.request.queue = NULL;
}

struct ks_wdf_object *ks_wdf_request_file(const struct ks_wdf_object *request)
{
    const IO_STACK_LOCATION *location = ks_wdf_request_location(request);
    return ks_wdf_file_find(request->data.request.device,
                            (uint64_t)(uintptr_t)location->FileObject);
}

// A request that the driver has not completed. NULL: the system has stopped.
static struct ks_wdf_object *argument(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = ks_wdf_argument(call, 1, KS_WDF_REQUEST);
    if (request != NULL && request->data.request.irp == 0) {
        ks_wdf_violation(call, WDF_REQUEST_FATAL_ERROR, WDF_REQUEST_FATAL_ERROR_NULL_IRP,
                         request->handle, "used a framework request that is completed");
        return NULL;
    }
    return request;
}

// ---- completion ----

static uint64_t complete(const struct ks_kernel_call *call, struct ks_wdf_object *request)
{
    const struct ks_wdf_object *queue = request->data.request.queue;
    if (queue != NULL && ks_wdf_queue_holds(queue, request)) {
        return ks_nt_lacking(call, "a completion of a framework request that waits in a queue");
    }
    ks_wdf_request_finish(call, request, (NTSTATUS)call->arguments[2]);
    return 0;
}

// WdfRequestComplete(Globals, Request, Status), and with a priority boost that nobody sees
uint64_t ks_wdf_request_complete(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    return request != NULL ? complete(call, request) : 0;
}

// WdfRequestCompleteWithInformation(Globals, Request, Status, Information)
uint64_t ks_wdf_request_complete_information(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    if (request != NULL) {
        irp_of(request)->IoStatus.Information = (ULONG_PTR)call->arguments[3];
    }
    return request != NULL ? complete(call, request) : 0;
}

// WdfRequestSetInformation(Globals, Request, Information)
uint64_t ks_wdf_request_set_information(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    if (request != NULL) {
        irp_of(request)->IoStatus.Information = (ULONG_PTR)call->arguments[2];
    }
    return 0;
}

// WdfRequestGetInformation(Globals, Request)
uint64_t ks_wdf_request_get_information(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    return request != NULL ? irp_of(request)->IoStatus.Information : 0;
}

// ---- what it is ----

// WdfRequestGetParameters(Globals, Request, Parameters)
uint64_t ks_wdf_request_parameters(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    if (request == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    WDF_REQUEST_PARAMETERS *out = ks_guest_pointer(call->arguments[2]);
    const IO_STACK_LOCATION *location = ks_wdf_request_location(request);
    *out = (WDF_REQUEST_PARAMETERS){.Size = sizeof *out,
                                    .MinorFunction = location->MinorFunction,
                                    .Type = (WDF_REQUEST_TYPE)location->MajorFunction};
    if (location->MajorFunction == IRP_MJ_READ) {
        out->Parameters.Read.Length = location->Parameters.Read.Length;
        out->Parameters.Read.Key = location->Parameters.Read.Key;
        out->Parameters.Read.DeviceOffset = location->Parameters.Read.ByteOffset.QuadPart;
    } else if (location->MajorFunction == IRP_MJ_WRITE) {
        out->Parameters.Write.Length = location->Parameters.Write.Length;
        out->Parameters.Write.Key = location->Parameters.Write.Key;
        out->Parameters.Write.DeviceOffset = location->Parameters.Write.ByteOffset.QuadPart;
    } else if (location->MajorFunction != IRP_MJ_CREATE) {
        out->Parameters.DeviceIoControl.OutputBufferLength =
            location->Parameters.DeviceIoControl.OutputBufferLength;
        out->Parameters.DeviceIoControl.InputBufferLength =
            location->Parameters.DeviceIoControl.InputBufferLength;
        out->Parameters.DeviceIoControl.IoControlCode =
            location->Parameters.DeviceIoControl.IoControlCode;
        out->Parameters.DeviceIoControl.Type3InputBuffer =
            location->Parameters.DeviceIoControl.Type3InputBuffer;
    }
    return 0;
}

// WdfRequestWdmGetIrp(Globals, Request)
uint64_t ks_wdf_request_wdm(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    return request != NULL ? request->data.request.irp : 0;
}

// WdfRequestGetIoQueue(Globals, Request)
uint64_t ks_wdf_request_get_queue(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    return request != NULL && request->data.request.queue != NULL
               ? request->data.request.queue->handle
               : 0;
}

// WdfRequestGetFileObject(Globals, Request)
uint64_t ks_wdf_request_get_file(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    struct ks_wdf_object *file = request != NULL ? ks_wdf_request_file(request) : NULL;
    return file != NULL ? file->handle : 0;
}

// WdfRequestGetRequestorMode(Globals, Request)
uint64_t ks_wdf_request_get_mode(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *request = argument(call);
    return request != NULL ? (uint64_t)irp_of(request)->RequestorMode : 0;
}

// ---- buffers ----

struct buffer {
    uint64_t address, length;
};

// The bytes of a read or write, by the device's way of I/O.
static bool transfer_buffer(const struct ks_kernel_call *call, const struct ks_wdf_object *request,
                            uint64_t length, struct buffer *out)
{
    const IRP *irp = irp_of(request);
    uint32_t io_type = request->data.request.device->data.device->io_type;
    out->length = length;
    out->address = 0;
    if (io_type == WdfDeviceIoBuffered) {
        out->address = (uint64_t)(uintptr_t)irp->AssociatedIrp.SystemBuffer;
    } else if (io_type == WdfDeviceIoDirect && irp->MdlAddress != NULL) {
        const uint64_t map[] = {
            (uint64_t)(uintptr_t)irp->MdlAddress, KernelMode, MmCached, 0, 0, NormalPagePriority};
        out->address = (irp->MdlAddress->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) != 0
                           ? (uint64_t)(uintptr_t)irp->MdlAddress->MappedSystemVa
                           : ks_io_run(call, "MmMapLockedPagesSpecifyCache", map);
    }
    return io_type == WdfDeviceIoBuffered || io_type == WdfDeviceIoDirect;
}

// The bytes that a control code's method gives to the driver, or takes from it.
static bool control_buffer(const struct ks_kernel_call *call, const struct ks_wdf_object *request,
                           bool output, struct buffer *out)
{
    const IRP *irp = irp_of(request);
    const IO_STACK_LOCATION *location = ks_wdf_request_location(request);
    unsigned method = METHOD(location->Parameters.DeviceIoControl.IoControlCode);
    out->length = output ? location->Parameters.DeviceIoControl.OutputBufferLength
                         : location->Parameters.DeviceIoControl.InputBufferLength;
    out->address = (uint64_t)(uintptr_t)irp->AssociatedIrp.SystemBuffer;
    if (output && method != METHOD_BUFFERED && method != METHOD_NEITHER) {
        const uint64_t map[] = {
            (uint64_t)(uintptr_t)irp->MdlAddress, KernelMode, MmCached, 0, 0, NormalPagePriority};
        out->address =
            irp->MdlAddress != NULL ? ks_io_run(call, "MmMapLockedPagesSpecifyCache", map) : 0;
    }
    return method != METHOD_NEITHER;
}

static uint64_t retrieve(const struct ks_kernel_call *call, bool output)
{
    struct ks_wdf_object *request = argument(call);
    struct buffer buffer;
    if (request == NULL || !ks_wdf_given(call, 1, (const unsigned[]){3})) {
        return 0;
    }
    const IO_STACK_LOCATION *location = ks_wdf_request_location(request);
    UCHAR major = location->MajorFunction;
    ks_wdf_put_handle(call, 3, 0);
    ks_wdf_put_handle(call, 4, 0);
    bool fits = major == IRP_MJ_READ && output
                    ? transfer_buffer(call, request, location->Parameters.Read.Length, &buffer)
                : major == IRP_MJ_WRITE && !output
                    ? transfer_buffer(call, request, location->Parameters.Write.Length, &buffer)
                : major == IRP_MJ_DEVICE_CONTROL || major == IRP_MJ_INTERNAL_DEVICE_CONTROL
                    ? control_buffer(call, request, output, &buffer)
                    : false;
    if (!fits) {
        return KS_STATUS(STATUS_INVALID_DEVICE_REQUEST);
    }
    if (buffer.length == 0 || buffer.length < call->arguments[2]) {
        return KS_STATUS(STATUS_BUFFER_TOO_SMALL);
    }
    if (buffer.address == 0) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    ks_wdf_put_handle(call, 3, buffer.address);
    ks_wdf_put_handle(call, 4, buffer.length);
    return STATUS_SUCCESS;
}

// WdfRequestRetrieveInputBuffer(Globals, Request, MinimumRequiredLength, Buffer, Length)
uint64_t ks_wdf_request_input(const struct ks_kernel_call *call)
{
    return retrieve(call, false);
}

// WdfRequestRetrieveOutputBuffer(Globals, Request, MinimumRequiredSize, Buffer, Length)
uint64_t ks_wdf_request_output(const struct ks_kernel_call *call)
{
    return retrieve(call, true);
}
