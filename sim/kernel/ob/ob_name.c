// SPDX-License-Identifier: MIT
// Names: putting objects into directories and taking them out, links, full paths.

#include "kernel/ob/ob_lookup.h"

#include "kernel/cm/cm.h"
#include "kernel/fs/fs.h"
#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <string.h>

#define LINK_BODY_SIZE 16u

// ---- looking up ----

NTSTATUS ks_ob_look_up(struct kldr_world *world, const struct ks_ob_lookup *lookup,
                       struct ks_object **out_object)
{
    struct ks_ob_place place;
    NTSTATUS status = ks_ob_walk(world, lookup, &place);
    ks_nt_text_free(world, place.path);
    bool missing = status == STATUS_OBJECT_NAME_NOT_FOUND || status == STATUS_OBJECT_PATH_NOT_FOUND;
    if (missing && place.name != NULL && !ks_fs_is_started(world) && ks_fs_start(world)) {
        status = ks_ob_walk(world, lookup, &place); // the volumes come with the first who asks
        ks_nt_text_free(world, place.path);
    }
    if (NT_SUCCESS(status)) {
        *out_object = place.object;
    }
    return status;
}

NTSTATUS ks_ob_look_up_path(struct kldr_world *world, const char *path, enum ks_ob_type type,
                            struct ks_object **out_object)
{
    struct ks_ob_lookup lookup = {.name = path, .attributes = OBJ_CASE_INSENSITIVE, .type = type};
    return ks_ob_look_up(world, &lookup, out_object);
}

// ---- entering and leaving ----

static bool put_name(struct kldr_world *world, struct ks_object *object,
                     const struct ks_ob_place *place)
{
    object->name = ks_nt_text_copy(world, place->name);
    if (object->name == NULL) {
        return false;
    }
    object->name_hash = ks_nt_text_hash(object->name, strlen(object->name));
    object->directory = place->directory;
    struct ks_object **link = &place->directory->first;
    while (*link != NULL) {
        link = &(*link)->sibling;
    }
    *link = object;
    ks_ob_reference(object);
    return true;
}

NTSTATUS ks_ob_enter(struct kldr_world *world, struct ks_object *object,
                     const struct ks_ob_lookup *lookup, struct ks_object **out_existing)
{
    struct ks_ob_place place;
    struct ks_ob_lookup any = *lookup;
    any.type = object->type == KS_OB_SYMBOLIC_LINK ? KS_OB_SYMBOLIC_LINK : KS_OB_ANY;
    NTSTATUS status = ks_ob_walk(world, &any, &place);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND && place.name != NULL) {
        status = put_name(world, object, &place) ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    } else if (status == STATUS_SUCCESS || status == STATUS_OBJECT_TYPE_MISMATCH) {
        status = place.object != NULL ? STATUS_OBJECT_NAME_COLLISION : status;
        if (place.object != NULL && out_existing != NULL) {
            *out_existing = place.object;
        } else if (place.object != NULL) {
            ks_ob_dereference(world, place.object);
        }
    }
    ks_nt_text_free(world, place.path);
    return status;
}

void ks_ob_remove_name(struct kldr_world *world, struct ks_object *object)
{
    if (object->directory == NULL) {
        return;
    }
    struct ks_object **link = &object->directory->first;
    while (*link != object) {
        link = &(*link)->sibling;
    }
    *link = object->sibling;
    object->sibling = object->directory = NULL;
    ks_ob_dereference(world, object);
}

void ks_ob_make_temporary(struct kldr_world *world, struct ks_object *object)
{
    object->attributes &= ~(uint32_t)OBJ_PERMANENT;
    if (object->handles == 0) {
        ks_ob_remove_name(world, object);
    }
}

// ---- paths ----

char *ks_ob_path(struct kldr_world *world, const struct ks_object *object)
{
    if (object->type == KS_OB_KEY) {
        return ks_cm_path_of_object(world, object);
    }
    const struct ks_object *root = ks_ob_state(world)->root;
    size_t length = object == root ? 1 : 0;
    for (const struct ks_object *at = object; at->directory != NULL; at = at->directory) {
        length += strlen(at->name) + 1;
    }
    char *path = world->allocator.allocate(world->allocator.user, length + 1);
    if (path == NULL) {
        return NULL;
    }
    memset(path, '\\', length);
    path[length] = '\0';
    for (const struct ks_object *at = object; at->directory != NULL; at = at->directory) {
        size_t size = strlen(at->name);
        length -= size + 1;
        memcpy(path + length + 1, at->name, size);
    }
    return path;
}

// ---- links ----

NTSTATUS ks_ob_make_link(struct kldr_world *world, const struct ks_ob_lookup *lookup,
                         const char *target, uint64_t maker, struct ks_object **out_link)
{
    struct ks_object *link = ks_ob_create(world, KS_OB_SYMBOLIC_LINK, LINK_BODY_SIZE, maker);
    if (link == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    link->attributes = lookup->attributes & OBJ_PERMANENT;
    link->target = ks_nt_text_copy(world, target);
    NTSTATUS status = link->target != NULL ? ks_ob_enter(world, link, lookup, NULL)
                                           : STATUS_INSUFFICIENT_RESOURCES;
    if (status == STATUS_SUCCESS) {
        *out_link = link;
    } else {
        ks_ob_dereference(world, link);
    }
    return status;
}
