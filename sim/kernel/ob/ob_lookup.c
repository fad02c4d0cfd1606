// SPDX-License-Identifier: MIT
// The way along a path: through directories and symbolic links, and on into what a type parses
// itself.

#include "kernel/ob/ob_lookup.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <string.h>

#define MOST_LINKS 32u // followed on one way

struct walk {
    struct kldr_world *world;
    const struct ks_ob_lookup *lookup;
    struct ks_ob_place *place;
    const char *rest; // without the backslash in front
    unsigned links;
};

// ---- one directory ----

static struct ks_object *find_child(const struct ks_object *directory, const char *name,
                                    size_t length, bool fold)
{
    uint32_t hash = ks_nt_text_hash(name, length);
    for (struct ks_object *child = directory->first; child != NULL; child = child->sibling) {
        if (child->name_hash == hash && ks_nt_text_same_part(child->name, name, length, fold)) {
            return child;
        }
    }
    return NULL;
}

// ---- the way ----

static NTSTATUS arrive(struct walk *walk, struct ks_object *object)
{
    if (walk->lookup->type != KS_OB_ANY && object->type != walk->lookup->type) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    ks_ob_reference(object);
    walk->place->object = object;
    return STATUS_SUCCESS;
}

// Goes on at a link's target. rest: "" or with a leading backslash.
static NTSTATUS follow(struct walk *walk, const struct ks_object *link, const char *rest)
{
    if (++walk->links > MOST_LINKS) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    size_t target = strlen(link->target), tail = strlen(rest);
    char *path = walk->world->allocator.allocate(walk->world->allocator.user, target + tail + 2);
    if (path == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    memcpy(path, link->target, target);
    memcpy(path + target, rest, tail + 1);
    if (path[0] == '\0') {
        memcpy(path, "\\", 2);
    }
    ks_nt_text_free(walk->world, walk->place->path);
    walk->place->path = path;
    walk->place->directory = ks_ob_state(walk->world)->root;
    if (path[0] != '\\') {
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    }
    walk->rest = path + 1;
    return STATUS_REPARSE;
}

static bool wants_link(const struct walk *walk, const char *rest)
{
    return rest[0] == '\0' && (walk->lookup->type == KS_OB_SYMBOLIC_LINK ||
                               (walk->lookup->attributes & OBJ_OPENLINK) != 0);
}

static NTSTATUS parse(struct walk *walk, struct ks_object *object, const char *rest)
{
    const struct ks_ob_type_info *type = ks_ob_type_info(object->type);
    if (type->parse == NULL) {
        return rest[0] == '\0' ? arrive(walk, object) : STATUS_OBJECT_TYPE_MISMATCH;
    }
    ks_ob_reference(object);
    NTSTATUS status = type->parse(walk->world, object, rest, walk->lookup, &walk->place->object);
    ks_ob_dereference(walk->world, object);
    return status;
}

// One component further. STATUS_REPARSE: not there yet.
static NTSTATUS step(struct walk *walk)
{
    const char *name = walk->rest;
    size_t length = strcspn(name, "\\");
    const char *rest = name + length;
    if (length == 0) {
        return STATUS_OBJECT_NAME_INVALID;
    }
    struct ks_object *child = find_child(walk->place->directory, name, length,
                                         (walk->lookup->attributes & OBJ_CASE_INSENSITIVE) != 0);
    if (child == NULL) {
        walk->place->name = name;
        return rest[0] != '\0' ? STATUS_OBJECT_PATH_NOT_FOUND : STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (child->type == KS_OB_SYMBOLIC_LINK && !wants_link(walk, rest)) {
        return follow(walk, child, rest);
    }
    if (child->type == KS_OB_DIRECTORY && rest[0] != '\0') {
        walk->place->directory = child;
        walk->rest = rest + 1;
        return STATUS_REPARSE;
    }
    return parse(walk, child, rest);
}

static NTSTATUS begin(struct walk *walk)
{
    const struct ks_ob_lookup *lookup = walk->lookup;
    struct ks_ob_state *state = ks_ob_state(walk->world);
    if (state == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    walk->place->directory = lookup->root != NULL ? lookup->root : state->root;
    walk->rest = lookup->name + (lookup->root == NULL);
    if ((lookup->name[0] == '\\') != (lookup->root == NULL)) {
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    }
    if (walk->place->directory->type != KS_OB_DIRECTORY) {
        return parse(walk, walk->place->directory, walk->rest);
    }
    return walk->rest[0] == '\0' ? arrive(walk, walk->place->directory) : STATUS_REPARSE;
}

NTSTATUS ks_ob_walk(struct kldr_world *world, const struct ks_ob_lookup *lookup,
                    struct ks_ob_place *out_place)
{
    struct walk walk = {.world = world, .lookup = lookup, .place = out_place};
    *out_place = (struct ks_ob_place){0};
    NTSTATUS status = begin(&walk);
    while (status == STATUS_REPARSE) {
        status = walk.rest[0] == '\0' && walk.links > 0 && walk.place->path[1] == '\0'
                     ? arrive(&walk, walk.place->directory)
                     : step(&walk);
    }
    return status;
}
