// SPDX-License-Identifier: MIT
// What drivers do with framework objects of any type.
#include "kernel/wdf/wdf.h"

// WdfObjectCreate(Globals, Attributes, Object)
uint64_t ks_wdf_object_create(const struct ks_kernel_call *call)
{
    struct ks_wdf_client *client = ks_wdf_client(call);
    struct ks_wdf_object *object;
    if (client == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    ks_wdf_put_handle(call, 2, 0);
    NTSTATUS status = ks_wdf_object_check(call, call->arguments[1], KS_WDF_PARENT | KS_WDF_LEVELS);
    if (status == STATUS_SUCCESS) {
        status = ks_wdf_object_make(call, client, KS_WDF_OBJECT, call->arguments[1], NULL, &object);
    }
    if (status == STATUS_SUCCESS) {
        ks_wdf_put_handle(call, 2, object->handle);
    }
    return KS_STATUS(status);
}

// WdfObjectDelete(Globals, Object)
uint64_t ks_wdf_object_delete(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_ANY);
    if (object != NULL && (object->type == KS_WDF_DRIVER || object->type == KS_WDF_QUEUE ||
                           object->type == KS_WDF_REQUEST || object->type == KS_WDF_FILE)) {
        return ks_wdf_violation(call, WDF_OBJECT_ERROR, object->handle, 0,
                                "deleted a framework object that a driver must not delete");
    }
    if (object != NULL) {
        ks_wdf_object_end(call, object);
    }
    return 0;
}

// WdfObjectGetTypedContextWorker(Globals, Handle, TypeInfo)
uint64_t ks_wdf_object_get_context(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_ANY);
    if (object == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    struct ks_wdf_context *context = ks_wdf_object_context(object, call->arguments[2]);
    return context != NULL ? context->block : 0;
}

// WdfObjectAllocateContext(Globals, Handle, ContextAttributes, Context)
uint64_t ks_wdf_object_allocate_context(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_ANY);
    if (object == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    const WDF_OBJECT_ATTRIBUTES *given = ks_guest_pointer(call->arguments[2]);
    NTSTATUS status = ks_wdf_object_check(call, call->arguments[2], 0);
    if (status != STATUS_SUCCESS) {
        return KS_STATUS(status);
    }
    if (given->ContextTypeInfo == NULL) {
        return KS_STATUS(STATUS_OBJECT_NAME_INVALID);
    }
    uint64_t type = (uint64_t)(uintptr_t)(given->ContextTypeInfo->UniqueType != NULL
                                              ? given->ContextTypeInfo->UniqueType
                                              : given->ContextTypeInfo);
    if (object->deleted) {
        return KS_STATUS(STATUS_DELETE_PENDING);
    }
    struct ks_wdf_context *context = ks_wdf_object_context(object, type);
    status = context != NULL ? STATUS_OBJECT_NAME_EXISTS : STATUS_SUCCESS;
    if (context == NULL) {
        context = ks_wdf_object_add_context(call->world, object, given);
        status = context != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    if (context != NULL) {
        ks_wdf_put_handle(call, 3, context->block);
    }
    return KS_STATUS(status);
}

// WdfObjectContextGetObject(Globals, ContextPointer)
uint64_t ks_wdf_object_of_context(const struct ks_kernel_call *call)
{
    struct ks_wdf_client *client = ks_wdf_client(call);
    if (client == NULL || !ks_wdf_given(call, 1, (const unsigned[]){1})) {
        return 0;
    }
    for (struct ks_wdf_object *object = client->objects; object != NULL; object = object->next) {
        for (struct ks_wdf_context *c = object->contexts; c != NULL; c = c->next) {
            if (c->block == call->arguments[1]) {
                return object->handle;
            }
        }
    }
    return ks_wdf_violation(call, WDF_INVALID_HANDLE, call->arguments[1], 0,
                            "asked for the object of an address that is no object's context");
}

// WdfObjectReferenceActual(Globals, Handle, Tag, Line, File)
uint64_t ks_wdf_object_reference_actual(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_ANY);
    if (object != NULL) {
        ks_wdf_object_reference(object);
    }
    return 0;
}

// WdfObjectDereferenceActual(Globals, Handle, Tag, Line, File)
uint64_t ks_wdf_object_dereference_actual(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_ANY);
    if (object != NULL && (object->gone || (!object->dropped && object->references == 1))) {
        return ks_wdf_violation(call, WDF_OBJECT_ERROR, object->handle, 0,
                                "gave back the last reference of a framework object without "
                                "deleting it");
    }
    if (object != NULL) {
        ks_wdf_object_release(call, object);
    }
    return 0;
}
