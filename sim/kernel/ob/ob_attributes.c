// SPDX-License-Identifier: MIT
// OBJECT_ATTRIBUTES, and what system services do with them: name an object, open one.

#include "kernel/ob/ob.h"

#include "kernel/nt_text.h"

NTSTATUS ks_ob_attributes_init(struct kldr_world *world, uint64_t address,
                               struct ks_ob_attributes *out_attributes)
{
    struct ks_ob_attributes attributes = {0};
    char *name = NULL;
    if (address != 0) {
        OBJECT_ATTRIBUTES given = *(const OBJECT_ATTRIBUTES *)ks_guest_pointer(address);
        if (given.Length != sizeof given) {
            return STATUS_INVALID_PARAMETER;
        }
        attributes.lookup.attributes = given.Attributes;
        attributes.named = given.ObjectName != NULL && given.ObjectName->Length != 0;
        if (given.ObjectName != NULL && given.ObjectName->Length % 2 != 0) {
            return STATUS_OBJECT_NAME_INVALID;
        }
        name = attributes.named ? ks_nt_text_of_string(world, (uint64_t)(uintptr_t)given.ObjectName)
                                : NULL;
        NTSTATUS status =
            given.RootDirectory == NULL
                ? STATUS_SUCCESS
                : ks_ob_handle_reference(world, (uint64_t)(uintptr_t)given.RootDirectory, KS_OB_ANY,
                                         0, false, &attributes.lookup.root);
        if (status != STATUS_SUCCESS) {
            ks_nt_text_free(world, name);
            return status;
        }
    }
    name = attributes.named ? name : ks_nt_text_copy(world, "");
    if (name == NULL) {
        ks_ob_attributes_fini(world, &attributes);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    attributes.lookup.name = name;
    *out_attributes = attributes;
    return STATUS_SUCCESS;
}

void ks_ob_attributes_fini(struct kldr_world *world, struct ks_ob_attributes *attributes)
{
    ks_nt_text_free(world, (char *)(uintptr_t)attributes->lookup.name);
    if (attributes->lookup.root != NULL) {
        ks_ob_dereference(world, attributes->lookup.root);
    }
    *attributes = (struct ks_ob_attributes){0};
}

// What is there instead of the new object.
static NTSTATUS take_existing(const struct ks_object *object, const struct ks_object *existing,
                              uint32_t attributes)
{
    if ((attributes & OBJ_OPENIF) == 0) {
        return STATUS_OBJECT_NAME_COLLISION;
    }
    return existing->type == object->type ? STATUS_OBJECT_NAME_EXISTS : STATUS_OBJECT_TYPE_MISMATCH;
}

NTSTATUS ks_ob_insert(struct kldr_world *world, struct ks_object *object,
                      const struct ks_ob_attributes *attributes, uint32_t access,
                      uint64_t *out_handle, struct ks_object **out_object)
{
    struct ks_object *existing = NULL;
    uint32_t flags = attributes->lookup.attributes;
    NTSTATUS status = STATUS_SUCCESS, opened = STATUS_SUCCESS;
    object->attributes = flags & (OBJ_PERMANENT | OBJ_EXCLUSIVE);
    if (attributes->named) {
        status = ks_ob_enter(world, object, &attributes->lookup, &existing);
    }
    if (existing != NULL) {
        status = take_existing(object, existing, flags);
    }
    struct ks_object *result = existing != NULL ? existing : object;
    if (NT_SUCCESS(status) && out_handle != NULL) {
        opened = ks_ob_handle_create(world, result, access, flags, object->maker, out_handle);
        if (!NT_SUCCESS(opened) && existing == NULL) {
            ks_ob_make_temporary(world, object);
        }
        status = NT_SUCCESS(opened) ? status : opened;
    }
    if (NT_SUCCESS(status) && out_object != NULL) {
        ks_ob_reference(result);
        *out_object = result;
    }
    if (existing != NULL) {
        ks_ob_dereference(world, existing);
    }
    ks_ob_dereference(world, object);
    return status;
}

NTSTATUS ks_ob_open(struct kldr_world *world, const struct ks_ob_attributes *attributes,
                    enum ks_ob_type type, uint32_t access, uint64_t maker, uint64_t *out_handle)
{
    struct ks_ob_lookup lookup = attributes->lookup;
    struct ks_object *object = NULL;
    lookup.type = type;
    lookup.access = access;
    NTSTATUS status = ks_ob_look_up(world, &lookup, &object);
    if (NT_SUCCESS(status)) {
        status = ks_ob_handle_create(world, object, access, lookup.attributes, maker, out_handle);
        ks_ob_dereference(world, object);
    }
    return status;
}
