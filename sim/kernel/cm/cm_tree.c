// SPDX-License-Identifier: MIT
// Cm: the tree of keys.

#include "kernel/cm/cm.h"

#include "kernel/nt_text.h"
#include "kernel/rtl/rtl_text.h"
#include "world/world_object.h"

#include <string.h>

struct state {
    struct ks_cm_key *root;
    uint64_t last_id;
    struct ks_cm_key *deleted; // for which objects still stand, linked as siblings
};

static void free_key(struct kldr_world *world, struct ks_cm_key *key);

static void fini(struct ks_nt *nt, void *user)
{
    struct state *state = user;
    if (state->root != NULL) {
        ks_cm_free_tree(nt->world, state->root);
    }
    while (state->deleted != NULL) {
        struct ks_cm_key *key = state->deleted;
        state->deleted = key->sibling;
        free_key(nt->world, key);
    }
}

struct ks_cm_key *ks_cm_root(struct kldr_world *world)
{
    struct state *state = ks_nt_state(world, KS_NT_CM, sizeof *state, fini);
    if (state != NULL && state->root == NULL) {
        struct ks_cm_key *root = world->allocator.allocate(world->allocator.user, sizeof *root);
        if (root == NULL) {
            return NULL;
        }
        *root = (struct ks_cm_key){.name = ks_nt_text_copy(world, "REGISTRY")};
        state->root = root;
        if (root->name == NULL || !ks_cm_set_up(world, root)) {
            ks_cm_free_tree(world, root);
            state->root = NULL;
        }
    }
    return state != NULL ? state->root : NULL;
}

static struct ks_cm_key *resolve(struct ks_cm_key *key)
{
    return key != NULL && key->alias != NULL ? key->alias : key;
}

struct ks_cm_key *ks_cm_child(const struct ks_cm_key *key, const char *name, size_t length)
{
    for (struct ks_cm_key *child = key->first; child != NULL; child = child->sibling) {
        if (ks_nt_text_same_part(child->name, name, length, true)) {
            return resolve(child);
        }
    }
    return NULL;
}

// Where a name belongs among the subkeys. Letters of ASCII count as upper case.
static int order(const char *a, const char *b)
{
    for (;; a++, b++) {
        int left = ks_rtl_upcase((uint8_t)*a), right = ks_rtl_upcase((uint8_t)*b);
        if (left != right || left == 0) {
            return left - right;
        }
    }
}

struct ks_cm_key *ks_cm_make_child(struct kldr_world *world, struct ks_cm_key *parent,
                                   const char *name, size_t length)
{
    struct ks_cm_key *key = ks_cm_child(parent, name, length);
    if (key != NULL) {
        return key;
    }
    key = world->allocator.allocate(world->allocator.user, sizeof *key);
    char *copy = world->allocator.allocate(world->allocator.user, length + 1);
    if (key == NULL || copy == NULL) {
        world->allocator.release(world->allocator.user, key);
        world->allocator.release(world->allocator.user, copy);
        return NULL;
    }
    memcpy(copy, name, length);
    copy[length] = '\0';
    struct state *state = world->nt->parts[KS_NT_CM].state;
    *key = (struct ks_cm_key){.parent = parent, .name = copy, .id = ++state->last_id};
    struct ks_cm_key **link = &parent->first;
    while (*link != NULL && order((*link)->name, copy) < 0) {
        link = &(*link)->sibling;
    }
    key->sibling = *link;
    *link = key;
    return key;
}

struct ks_cm_key *ks_cm_walk(struct kldr_world *world, struct ks_cm_key *from, const char *path,
                             bool make)
{
    struct ks_cm_key *key = from;
    while (key != NULL && *path != '\0') {
        size_t length = strcspn(path, "\\");
        key = make ? ks_cm_make_child(world, key, path, length) : ks_cm_child(key, path, length);
        path += length + (path[length] == '\\');
    }
    return key;
}

struct ks_cm_key *ks_cm_subkey_at(const struct ks_cm_key *key, uint32_t index)
{
    struct ks_cm_key *child = key->first;
    while (child != NULL && index-- > 0) {
        child = child->sibling;
    }
    return child;
}

// ---- the end of keys ----

static void free_key(struct kldr_world *world, struct ks_cm_key *key)
{
    while (key->values != NULL) {
        ks_cm_delete_value(world, key, key->values->name);
    }
    ks_nt_text_free(world, key->name);
    ks_nt_text_free(world, key->class_name);
    world->allocator.release(world->allocator.user, key);
}

static void unlink_key(struct ks_cm_key **link, const struct ks_cm_key *key)
{
    while (*link != key) {
        link = &(*link)->sibling;
    }
    *link = key->sibling;
}

void ks_cm_delete_key(struct kldr_world *world, struct ks_cm_key *key)
{
    struct state *state = world->nt->parts[KS_NT_CM].state;
    unlink_key(&key->parent->first, key);
    key->deleted = true;
    if (key->references == 0) {
        free_key(world, key);
    } else {
        key->sibling = state->deleted;
        state->deleted = key;
    }
}

void ks_cm_release(struct kldr_world *world, struct ks_cm_key *key)
{
    struct state *state = world->nt->parts[KS_NT_CM].state;
    if (--key->references == 0 && key->deleted) {
        unlink_key(&state->deleted, key);
        free_key(world, key);
    }
}

// Depth first without recursion: the tree is as deep as a driver made it.
void ks_cm_free_tree(struct kldr_world *world, struct ks_cm_key *key)
{
    struct ks_cm_key *at = key;
    for (;;) {
        while (at->first != NULL) {
            at = at->first;
        }
        struct ks_cm_key *parent = at == key ? NULL : at->parent;
        if (parent != NULL) {
            parent->first = at->sibling;
        }
        free_key(world, at);
        if (parent == NULL) {
            return;
        }
        at = parent;
    }
}

char *ks_cm_path(struct kldr_world *world, const struct ks_cm_key *key)
{
    size_t size = 1;
    for (const struct ks_cm_key *at = key; at != NULL; at = at->parent) {
        size += strlen(at->name) + 1;
    }
    char *path = world->allocator.allocate(world->allocator.user, size);
    if (path == NULL) {
        return NULL;
    }
    size_t end = size - 1;
    path[end] = '\0';
    for (const struct ks_cm_key *at = key; at != NULL; at = at->parent) {
        size_t length = strlen(at->name);
        end -= length;
        memcpy(path + end, at->name, length);
        path[--end] = '\\';
    }
    return path;
}
