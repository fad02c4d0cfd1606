// SPDX-License-Identifier: MIT
// Between the files of Ob.
#ifndef KS_KERNEL_OB_STATE_H
#define KS_KERNEL_OB_STATE_H

#include "kernel/ob/ob.h"

struct ks_ob_handle {
    struct ks_object *object; // NULL: closed
    uint32_t access, attributes;
    uint64_t maker;
    uint32_t next_free; // index + 1
};

struct ks_ob_state {
    struct ks_object *first, *last; // of all objects
    struct ks_object **buckets;     // by hash of the body's address
    uint32_t bucket_count, object_count;
    struct ks_object *root;
    bool broken; // memory ran out while it was made
    struct ks_object *types[KS_OB_TYPES];
    struct ks_ob_handle *handles;
    uint32_t handle_count, handle_capacity;
    uint32_t free_first, free_last; // index + 1; the one closed first is used again first
};

// Made on first use, with the directories that every system has. NULL: no memory.
struct ks_ob_state *ks_ob_state(struct kldr_world *world);
// Directories and links of a new namespace; ob_tree.c. False: no memory.
bool ks_ob_make_tree(struct kldr_world *world, struct ks_ob_state *state);

#endif
