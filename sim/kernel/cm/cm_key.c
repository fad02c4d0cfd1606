// SPDX-License-Identifier: MIT
// Cm: key objects. A handle stands for one, and one stands for a key; each open makes a new one.

#include "kernel/cm/cm.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <string.h>

#define BODY_SIZE 16u

// What a key object keeps; the object owns it.
struct reference {
    struct ks_cm_key *key;
    uint64_t name; // UNICODE_STRING that drivers have; 0: none yet
};

static struct ks_cm_key *key_of(const struct ks_object *object)
{
    const struct reference *reference = object->data;
    return reference->key;
}

static struct ks_object *make_object(struct kldr_world *world, struct ks_cm_key *key)
{
    struct reference *reference =
        world->allocator.allocate(world->allocator.user, sizeof *reference);
    struct ks_object *object =
        reference != NULL ? ks_ob_create(world, KS_OB_KEY, BODY_SIZE, 0) : NULL;
    if (object == NULL) {
        world->allocator.release(world->allocator.user, reference);
        return NULL;
    }
    *reference = (struct reference){.key = key};
    object->data = reference;
    key->references++;
    return object;
}

struct ks_object *ks_cm_make_root_object(struct kldr_world *world)
{
    struct ks_cm_key *root = ks_cm_root(world);
    return root != NULL ? make_object(world, root) : NULL;
}

void ks_cm_end(struct kldr_world *world, struct ks_object *object)
{
    if (object->data != NULL) {
        const struct reference *reference = object->data;
        ks_nt_give(world, reference->name);
        ks_cm_release(world, key_of(object));
        world->allocator.release(world->allocator.user, object->data);
        object->data = NULL;
    }
}

static bool is_services(const struct ks_cm_key *key)
{
    return key->parent != NULL && ks_nt_text_same(key->name, "Services", true) &&
           ks_nt_text_same(key->parent->name, "ControlSet001", true);
}

static NTSTATUS create(struct kldr_world *world, struct ks_cm_key *parent, const char *name,
                       size_t length, struct ks_cm_create *how, struct ks_cm_key **out_key)
{
    if (parent->is_volatile && !how->is_volatile) {
        return STATUS_CHILD_MUST_BE_VOLATILE;
    }
    char *class_name = how->class_name != NULL ? ks_nt_text_copy(world, how->class_name) : NULL;
    struct ks_cm_key *key = ks_cm_make_child(world, parent, name, length);
    if (key == NULL || (how->class_name != NULL && class_name == NULL)) {
        ks_nt_text_free(world, class_name);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    key->class_name = class_name;
    key->is_volatile = how->is_volatile;
    how->made = true;
    *out_key = key;
    return STATUS_SUCCESS;
}

static NTSTATUS find(struct kldr_world *world, struct ks_cm_key *key, const char *path,
                     struct ks_cm_create *how, struct ks_cm_key **out_key)
{
    while (*path != '\0') {
        size_t length = strcspn(path, "\\");
        if (length == 0) {
            return STATUS_OBJECT_NAME_INVALID;
        }
        if (is_services(key) && !ks_cm_add_services(world, key)) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        struct ks_cm_key *child = ks_cm_child(key, path, length);
        if (child == NULL) {
            bool last = path[length] == '\0' || path[length + 1] == '\0';
            return how != NULL && last ? create(world, key, path, length, how, out_key)
                                       : STATUS_OBJECT_NAME_NOT_FOUND;
        }
        key = child;
        path += length + (path[length] == '\\');
    }
    *out_key = key;
    return STATUS_SUCCESS;
}

NTSTATUS ks_cm_parse(struct kldr_world *world, struct ks_object *object, const char *rest,
                     const struct ks_ob_lookup *lookup, struct ks_object **out_object)
{
    struct ks_cm_key *key = key_of(object);
    if (lookup->type != KS_OB_ANY && lookup->type != KS_OB_KEY) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (key->deleted) {
        return STATUS_KEY_DELETED;
    }
    NTSTATUS status = find(world, key, rest + (rest[0] == '\\'), lookup->context, &key);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    struct ks_object *made = make_object(world, key);
    if (made == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *out_object = made;
    return STATUS_SUCCESS;
}

NTSTATUS ks_cm_of_handle(struct kldr_world *world, uint64_t handle, struct ks_object **out_object,
                         struct ks_cm_key **out_key)
{
    struct ks_object *object = NULL;
    NTSTATUS status = ks_ob_handle_reference(world, handle, KS_OB_KEY, 0, false, &object);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    struct ks_cm_key *key = key_of(object);
    if (key->deleted) {
        ks_ob_dereference(world, object);
        return STATUS_KEY_DELETED;
    }
    *out_object = object;
    *out_key = key;
    return STATUS_SUCCESS;
}

uint64_t ks_cm_make_name_of_object(struct kldr_world *world, const struct ks_object *object)
{
    char *path = ks_cm_path_of_object(world, object);
    uint64_t name = path != NULL ? ks_nt_text_make_string(world, path, KS_CM_TAG_NAME) : 0;
    ks_nt_text_free(world, path);
    return name;
}

uint64_t ks_cm_name_of_object(struct kldr_world *world, const struct ks_object *object)
{
    struct reference *reference = object->data;
    if (reference->name == 0) {
        reference->name = ks_cm_make_name_of_object(world, object);
    }
    return reference->name;
}

uint64_t ks_cm_id_of_object(const struct ks_object *object)
{
    return key_of(object)->id;
}

char *ks_cm_path_of_object(struct kldr_world *world, const struct ks_object *object)
{
    const struct ks_cm_key *key = key_of(object);
    return key->deleted ? ks_nt_text_copy(world, "") : ks_cm_path(world, key);
}
