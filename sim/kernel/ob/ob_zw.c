// SPDX-License-Identifier: MIT
// Zw: directories and symbolic links.

#include "kernel/ob/ob_call.h"

#define BODY_SIZE 16u

// Makes an object of the caller's by attributes and opens a handle on it.
static uint64_t insert(const struct ks_kernel_call *call, struct ks_object *object,
                       const struct ks_ob_attributes *attributes)
{
    uint64_t handle = 0;
    NTSTATUS status = object != NULL ? ks_ob_insert(call->world, object, attributes,
                                                    (uint32_t)call->arguments[1], &handle, NULL)
                                     : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status)) {
        ks_ob_call_put(call->arguments[0], handle);
    }
    return ks_ob_call_answer(status);
}

// ZwCreateDirectoryObject(DirectoryHandle, DesiredAccess, ObjectAttributes)
uint64_t ks_ob_zw_create_directory(const struct ks_kernel_call *call)
{
    struct ks_ob_attributes attributes;
    ks_ob_probe(call->arguments[0], sizeof(PVOID));
    NTSTATUS status = ks_ob_attributes_init(call->world, call->arguments[2], &attributes);
    if (!NT_SUCCESS(status)) {
        return ks_ob_call_answer(status);
    }
    uint64_t answer = insert(
        call, ks_ob_create(call->world, KS_OB_DIRECTORY, BODY_SIZE, call->caller), &attributes);
    ks_ob_attributes_fini(call->world, &attributes);
    return answer;
}

uint64_t ks_ob_zw_open_directory(const struct ks_kernel_call *call)
{
    return ks_ob_open_call(call, call->arguments[2], KS_OB_DIRECTORY, (uint32_t)call->arguments[1],
                           call->arguments[0]);
}

// ZwCreateSymbolicLinkObject(LinkHandle, DesiredAccess, ObjectAttributes, LinkTarget)
uint64_t ks_ob_zw_create_link(const struct ks_kernel_call *call)
{
    struct ks_ob_attributes attributes;
    const UNICODE_STRING *target = ks_guest_pointer(call->arguments[3]);
    ks_ob_probe(call->arguments[0], sizeof(PVOID));
    if (target->Length % 2 != 0 || target->Length == 0) {
        return ks_ob_call_answer(STATUS_INVALID_PARAMETER);
    }
    char *text = ks_nt_text_of_string(call->world, call->arguments[3]);
    NTSTATUS status = ks_ob_attributes_init(call->world, call->arguments[2], &attributes);
    if (!NT_SUCCESS(status) || text == NULL) {
        ks_nt_text_free(call->world, text);
        return ks_ob_call_answer(NT_SUCCESS(status) ? STATUS_INSUFFICIENT_RESOURCES : status);
    }
    struct ks_object *link =
        ks_ob_create(call->world, KS_OB_SYMBOLIC_LINK, BODY_SIZE, call->caller);
    if (link != NULL) {
        link->target = text;
    } else {
        ks_nt_text_free(call->world, text);
    }
    uint64_t answer = insert(call, link, &attributes);
    ks_ob_attributes_fini(call->world, &attributes);
    return answer;
}

uint64_t ks_ob_zw_open_link(const struct ks_kernel_call *call)
{
    return ks_ob_open_call(call, call->arguments[2], KS_OB_SYMBOLIC_LINK,
                           (uint32_t)call->arguments[1], call->arguments[0]);
}

// ZwQuerySymbolicLinkObject(LinkHandle, LinkTarget, ReturnedLength)
uint64_t ks_ob_zw_query_link(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    UNICODE_STRING *target = ks_guest_pointer(a[1]);
    struct ks_object *link = NULL;
    uint64_t room = target->MaximumLength, buffer = (uint64_t)(uintptr_t)target->Buffer;
    ks_ob_probe(buffer, room);
    if (a[2] != 0) {
        ks_ob_probe(a[2], sizeof(ULONG));
    }
    NTSTATUS status =
        ks_ob_handle_reference(call->world, a[0], KS_OB_SYMBOLIC_LINK, 0, false, &link);
    if (!NT_SUCCESS(status)) {
        return ks_ob_call_answer(status);
    }
    size_t size = 2 * ks_nt_text_units(link->target);
    if (a[2] != 0) {
        ks_guest_put_number(a[2], sizeof(ULONG), size);
    }
    bool fits = size <= room;
    if (fits) {
        ks_nt_text_put(link->target, buffer, size / 2);
        target->Length = (USHORT)size;
    }
    ks_ob_dereference(call->world, link);
    return ks_ob_call_answer(fits ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL);
}

uint64_t ks_ob_zw_make_temporary(const struct ks_kernel_call *call)
{
    struct ks_object *object = NULL;
    NTSTATUS status =
        ks_ob_handle_reference(call->world, call->arguments[0], KS_OB_ANY, 0, false, &object);
    if (NT_SUCCESS(status)) {
        ks_ob_make_temporary(call->world, object);
        ks_ob_dereference(call->world, object);
    }
    return ks_ob_call_answer(status);
}
