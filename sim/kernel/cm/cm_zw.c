// SPDX-License-Identifier: MIT
// Zw: opening, making, changing and deleting keys and values.

#include "kernel/cm/cm_operation.h"

#include "kernel/cm/cm.h"
#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#define LARGEST_VALUE 0x100000u // of a value's data

uint64_t ks_zw_open_key(const struct ks_kernel_call *call)
{
    struct ks_ob_attributes attributes;
    uint64_t handle = 0;
    ks_ob_probe(call->arguments[0], sizeof(HANDLE));
    NTSTATUS status = ks_ob_attributes_init(call->world, call->arguments[2], &attributes);
    if (!NT_SUCCESS(status)) {
        return KS_STATUS(status);
    }
    status = ks_ob_open(call->world, &attributes, KS_OB_KEY, (uint32_t)call->arguments[1],
                        call->caller, &handle);
    ks_ob_attributes_fini(call->world, &attributes);
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(call->arguments[0], sizeof(HANDLE), handle);
    }
    return KS_STATUS(status);
}

static NTSTATUS create(const struct ks_kernel_call *call, const struct ks_ob_attributes *attributes,
                       struct ks_cm_create *how, uint64_t *out_handle)
{
    struct ks_ob_lookup lookup = attributes->lookup;
    struct ks_object *object = NULL;
    lookup.type = KS_OB_KEY;
    lookup.access = (uint32_t)call->arguments[1];
    lookup.context = how;
    NTSTATUS status = ks_ob_look_up(call->world, &lookup, &object);
    if (NT_SUCCESS(status)) {
        status = ks_ob_handle_create(call->world, object, lookup.access, lookup.attributes,
                                     call->caller, out_handle);
        ks_ob_dereference(call->world, object);
    }
    return status;
}

// (handle, access, attributes, title index, class, options, disposition)
uint64_t ks_zw_create_key(const struct ks_kernel_call *call)
{
    struct ks_ob_attributes attributes;
    struct ks_cm_create how = {.is_volatile =
                                   ((uint32_t)call->arguments[5] & REG_OPTION_VOLATILE) != 0};
    uint64_t handle = 0, disposition = call->arguments[6];
    ks_ob_probe(call->arguments[0], sizeof(HANDLE));
    if (((uint32_t)call->arguments[5] & ~(uint32_t)REG_OPTION_VOLATILE) != 0) {
        return ks_nt_lacking(call, "links and backup intent of registry keys");
    }
    char *class_name =
        call->arguments[4] != 0 ? ks_nt_text_of_string(call->world, call->arguments[4]) : NULL;
    NTSTATUS status = ks_ob_attributes_init(call->world, call->arguments[2], &attributes);
    if (NT_SUCCESS(status)) {
        how.class_name = class_name;
        status = create(call, &attributes, &how, &handle);
        ks_ob_attributes_fini(call->world, &attributes);
    }
    ks_nt_text_free(call->world, class_name);
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(call->arguments[0], sizeof(HANDLE), handle);
        if (disposition != 0) {
            ks_guest_put_number(disposition, 4,
                                how.made ? REG_CREATED_NEW_KEY : REG_OPENED_EXISTING_KEY);
        }
    }
    return KS_STATUS(status);
}

uint64_t ks_zw_delete_key(const struct ks_kernel_call *call)
{
    struct ks_object *object;
    struct ks_cm_key *key;
    NTSTATUS status = ks_cm_of_handle(call->world, call->arguments[0], &object, &key);
    if (!NT_SUCCESS(status)) {
        return KS_STATUS(status);
    }
    if (key->first != NULL || key->parent == NULL) {
        status = STATUS_CANNOT_DELETE;
    } else {
        ks_cm_delete_key(call->world, key);
    }
    ks_ob_dereference(call->world, object);
    return KS_STATUS(status);
}

// Nothing is kept for later: what was written is there.
uint64_t ks_zw_flush_key(const struct ks_kernel_call *call)
{
    struct ks_object *object;
    struct ks_cm_key *key;
    NTSTATUS status = ks_cm_of_handle(call->world, call->arguments[0], &object, &key);
    if (NT_SUCCESS(status)) {
        ks_ob_dereference(call->world, object);
    }
    return KS_STATUS(status);
}

// (handle, name, title index, type, data, size)
uint64_t ks_zw_set_value_key(const struct ks_kernel_call *call)
{
    struct ks_object *object;
    struct ks_cm_key *key;
    uint32_t size = (uint32_t)call->arguments[5];
    const uint8_t *data = ks_guest_pointer(call->arguments[4]);
    if (size > LARGEST_VALUE) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    if (size != 0) {
        (void)ks_guest_number((uint64_t)(uintptr_t)data, 1);
        (void)ks_guest_number((uint64_t)(uintptr_t)data + size - 1, 1);
    }
    char *name = ks_nt_text_of_string(call->world, call->arguments[1]);
    if (name == NULL) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    NTSTATUS status = ks_cm_of_handle(call->world, call->arguments[0], &object, &key);
    if (NT_SUCCESS(status)) {
        bool set =
            ks_cm_set_value(call->world, key, name, (uint32_t)call->arguments[3], data, size);
        status = set ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
        ks_ob_dereference(call->world, object);
    }
    ks_nt_text_free(call->world, name);
    return KS_STATUS(status);
}

uint64_t ks_zw_delete_value_key(const struct ks_kernel_call *call)
{
    struct ks_object *object;
    struct ks_cm_key *key;
    char *name = ks_nt_text_of_string(call->world, call->arguments[1]);
    if (name == NULL) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    NTSTATUS status = ks_cm_of_handle(call->world, call->arguments[0], &object, &key);
    if (NT_SUCCESS(status)) {
        status = ks_cm_delete_value(call->world, key, name) ? STATUS_SUCCESS
                                                            : STATUS_OBJECT_NAME_NOT_FOUND;
        ks_ob_dereference(call->world, object);
    }
    ks_nt_text_free(call->world, name);
    return KS_STATUS(status);
}
