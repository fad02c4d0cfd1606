// SPDX-License-Identifier: MIT
// Framework memory objects.
#include "kernel/wdf/wdf.h"

#include <string.h>

static NTSTATUS make(const struct ks_kernel_call *call, uint64_t buffer, uint64_t size, bool own,
                     struct ks_wdf_object **out_object)
{
    struct ks_wdf_client *client = ks_wdf_client(call);
    NTSTATUS status = client != NULL ? ks_wdf_object_make(call, client, KS_WDF_MEMORY,
                                                          call->arguments[1], NULL, out_object)
                                     : STATUS_INVALID_PARAMETER;
    if (status == STATUS_SUCCESS) {
        (*out_object)->data.memory.buffer = buffer;
        (*out_object)->data.memory.size = size;
        (*out_object)->data.memory.own = own;
    }
    return status;
}

// WdfMemoryCreate(Globals, Attributes, PoolType, PoolTag, BufferSize, Memory, Buffer)
uint64_t ks_wdf_memory_create(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_client *client = ks_wdf_client(call);
    struct ks_wdf_object *object;
    if (client == NULL || !ks_wdf_given(call, 1, (const unsigned[]){5})) {
        return 0;
    }
    ks_wdf_put_handle(call, 5, 0);
    NTSTATUS status =
        a[4] != 0 ? ks_wdf_object_check(call, a[1], KS_WDF_PARENT) : STATUS_INVALID_PARAMETER;
    if (status != STATUS_SUCCESS) {
        return KS_STATUS(status);
    }
    const WDF_DRIVER_GLOBALS *globals = ks_guest_pointer(client->globals);
    uint64_t buffer = ks_ex_take(call, a[4], a[3] != 0 ? (uint32_t)a[3] : globals->DriverTag);
    status = buffer != 0 ? make(call, buffer, a[4], true, &object) : STATUS_INSUFFICIENT_RESOURCES;
    if (status != STATUS_SUCCESS) {
        ks_nt_give(call->world, buffer);
        return KS_STATUS(status);
    }
    ks_wdf_put_handle(call, 5, object->handle);
    ks_wdf_put_handle(call, 6, buffer);
    return STATUS_SUCCESS;
}

// WdfMemoryCreatePreallocated(Globals, Attributes, Buffer, BufferSize, Memory)
uint64_t ks_wdf_memory_create_preallocated(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_object *object;
    if (!ks_wdf_given(call, 2, (const unsigned[]){2, 4})) {
        return 0;
    }
    ks_wdf_put_handle(call, 4, 0);
    NTSTATUS status =
        a[3] != 0 ? ks_wdf_object_check(call, a[1], KS_WDF_PARENT) : STATUS_INVALID_PARAMETER;
    if (status == STATUS_SUCCESS) {
        status = make(call, a[2], a[3], false, &object);
    }
    if (status == STATUS_SUCCESS) {
        ks_wdf_put_handle(call, 4, object->handle);
    }
    return KS_STATUS(status);
}

// WdfMemoryGetBuffer(Globals, Memory, BufferSize)
uint64_t ks_wdf_memory_get_buffer(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_MEMORY);
    if (object == NULL) {
        return 0;
    }
    ks_wdf_put_handle(call, 2, object->data.memory.size);
    return object->data.memory.buffer;
}

// WdfMemoryAssignBuffer(Globals, Memory, Buffer, BufferSize): of preallocated memory only
uint64_t ks_wdf_memory_assign_buffer(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_MEMORY);
    if (object == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    if (a[3] == 0) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    if (object->data.memory.own) {
        return KS_STATUS(STATUS_INVALID_DEVICE_REQUEST);
    }
    object->data.memory.buffer = a[2];
    object->data.memory.size = a[3];
    return STATUS_SUCCESS;
}

// The bytes of a copy inside of the object. 0: the object is smaller, or the system has stopped.
static uint64_t place_of_copy(const struct ks_kernel_call *call, NTSTATUS *out_status)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_MEMORY);
    *out_status = STATUS_INVALID_PARAMETER;
    if (object == NULL || !ks_wdf_given(call, 1, (const unsigned[]){3}) || a[4] == 0) {
        return 0;
    }
    *out_status = STATUS_BUFFER_TOO_SMALL;
    if (a[2] > object->data.memory.size || a[4] > object->data.memory.size - a[2]) {
        return 0;
    }
    *out_status = STATUS_SUCCESS;
    return object->data.memory.buffer + a[2];
}

// WdfMemoryCopyToBuffer(Globals, SourceMemory, SourceOffset, Buffer, NumBytesToCopyTo)
uint64_t ks_wdf_memory_copy_to_buffer(const struct ks_kernel_call *call)
{
    NTSTATUS status;
    uint64_t from = place_of_copy(call, &status);
    if (from != 0) {
        memmove(ks_guest_pointer(call->arguments[3]), ks_guest_pointer(from), call->arguments[4]);
    }
    return KS_STATUS(status);
}

// WdfMemoryCopyFromBuffer(Globals, DestinationMemory, DestinationOffset, Buffer, NumBytes)
uint64_t ks_wdf_memory_copy_from_buffer(const struct ks_kernel_call *call)
{
    NTSTATUS status;
    uint64_t to = place_of_copy(call, &status);
    if (to != 0) {
        memmove(ks_guest_pointer(to), ks_guest_pointer(call->arguments[3]), call->arguments[4]);
    }
    return KS_STATUS(status);
}
