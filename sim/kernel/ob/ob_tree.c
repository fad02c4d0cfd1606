// SPDX-License-Identifier: MIT
// What stands in every namespace from the start.

#include "kernel/ob/ob_state.h"

#include "kernel/cm/cm.h"
#include "kernel/nt_text.h"

#include <stdio.h>

#define BODY_SIZE      16u // of directories and links: nobody looks inside
#define TYPE_BODY_SIZE 0xD8u

static const char *const directories[] = {
    "\\ArcName",     "\\BaseNamedObjects", "\\Callback",      "\\Device",    "\\Driver",
    "\\FileSystem",  "\\GLOBAL??",         "\\KernelObjects", "\\KnownDlls", "\\NLS",
    "\\ObjectTypes", "\\RPC Control",      "\\Security",      "\\Sessions",  "\\Windows",
};

static const struct {
    const char *name, *target;
} links[] = {
    {"\\??", "\\GLOBAL??"},
    {"\\DosDevices", "\\??"},
    {"\\GLOBAL??\\Global", "\\GLOBAL??"},
    {"\\GLOBAL??\\GLOBALROOT", ""},
};

static bool add(struct kldr_world *world, struct ks_object *object, const char *name)
{
    struct ks_ob_lookup lookup = {.name = name, .type = object->type};
    object->attributes = OBJ_PERMANENT;
    bool added = ks_ob_enter(world, object, &lookup, NULL) == STATUS_SUCCESS;
    ks_ob_dereference(world, object);
    return added;
}

static bool make_types(struct kldr_world *world, struct ks_ob_state *state)
{
    char path[64];
    for (unsigned i = KS_OB_ANY + 1; i < KS_OB_TYPES; i++) {
        struct ks_object *type = ks_ob_create(world, KS_OB_TYPE, TYPE_BODY_SIZE, 0);
        snprintf(path, sizeof path, "\\ObjectTypes\\%s", ks_ob_type_info((enum ks_ob_type)i)->name);
        if (type == NULL || !add(world, type, path)) {
            return false;
        }
        state->types[i] = type;
    }
    return true;
}

bool ks_ob_make_tree(struct kldr_world *world, struct ks_ob_state *state)
{
    state->root = ks_ob_create(world, KS_OB_DIRECTORY, BODY_SIZE, 0);
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        struct ks_object *directory = ks_ob_create(world, KS_OB_DIRECTORY, BODY_SIZE, 0);
        if (state->root == NULL || directory == NULL || !add(world, directory, directories[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        struct ks_object *link = NULL;
        struct ks_ob_lookup lookup = {
            .name = links[i].name, .type = KS_OB_SYMBOLIC_LINK, .attributes = OBJ_PERMANENT};
        if (ks_ob_make_link(world, &lookup, links[i].target, 0, &link) != STATUS_SUCCESS) {
            return false;
        }
        ks_ob_dereference(world, link);
    }
    struct ks_object *registry = ks_cm_make_root_object(world);
    return registry != NULL && add(world, registry, "\\REGISTRY") && make_types(world, state);
}
