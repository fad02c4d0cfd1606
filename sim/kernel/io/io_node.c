// SPDX-License-Identifier: MIT
// The nodes of the device tree.

#include "kernel/io/io_interface.h"
#include "kernel/io/io_pnp.h"
#include "kernel/nt_text.h"

struct ks_io_node *ks_io_pnp_find(struct kldr_world *world, const char *name)
{
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_node *node = state != NULL ? state->nodes : NULL;
    while (node != NULL && (node->name == NULL || !ks_same_name(node->name, name))) {
        node = node->next;
    }
    return node;
}

struct ks_io_node *ks_io_pnp_node(const struct ks_io_device *device)
{
    while (device->lower != NULL) {
        device = device->lower;
    }
    return device->pnp;
}

struct ks_io_node *ks_io_node_child(struct kldr_world *world, const struct ks_io_node *node)
{
    struct ks_io_node *found = NULL;
    for (struct ks_io_node *at = ks_io_state(world)->nodes; at != NULL; at = at->next) {
        found = at->parent == node ? at : found;
    }
    return found;
}

bool ks_io_node_is_open(struct kldr_world *world, const struct ks_io_node *node)
{
    bool open = false;
    for (const struct ks_io_device *device = node->pdo; device != NULL; device = device->upper) {
        open = open || device->open != 0;
    }
    for (const struct ks_io_node *at = ks_io_state(world)->nodes; at != NULL; at = at->next) {
        open = open || (at->parent == node && ks_io_node_is_open(world, at));
    }
    return open;
}

// ---- coming and going ----

struct ks_io_node *ks_io_node_make(struct kldr_world *world)
{
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_node *node =
        state != NULL ? world->allocator.allocate(world->allocator.user, sizeof *node) : NULL;
    if (node == NULL) {
        return NULL;
    }
    *node = (struct ks_io_node){.instance = state->next_instance++,
                                .device_power = PowerDeviceD0,
                                .system_power = PowerSystemWorking};
    struct ks_io_node **link = &state->nodes;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = node;
    return node;
}

static void free_ids(struct kldr_world *world, struct ks_io_ids *ids)
{
    for (unsigned i = 0; i < ids->count; i++) {
        ks_nt_text_free(world, ids->texts[i]);
    }
    ids->count = 0;
}

bool ks_io_ids_add(struct kldr_world *world, struct ks_io_ids *ids, const char *text)
{
    char *copy = ids->count < KS_IO_PNP_IDS ? ks_nt_text_copy(world, text) : NULL;
    if (copy != NULL) {
        ids->texts[ids->count++] = copy;
    }
    return copy != NULL;
}

const char *ks_io_node_id(const struct ks_io_node *node)
{
    return node->hardware_ids.count != 0 ? node->hardware_ids.texts[0] : "";
}

void ks_io_pnp_free(struct kldr_world *world, struct ks_io_node *node)
{
    free_ids(world, &node->hardware_ids);
    free_ids(world, &node->compatible_ids);
    ks_nt_text_free(world, node->name);
    ks_nt_text_free(world, node->description);
    ks_nt_text_free(world, node->location);
    world->allocator.release(world->allocator.user, node);
}

void ks_io_node_drop(struct kldr_world *world, struct ks_io_node *node)
{
    struct ks_io_node **link = &ks_io_state(world)->nodes;
    while (*link != node) {
        link = &(*link)->next;
    }
    *link = node->next;
    if (node->pdo != NULL) {
        struct ks_object *object = node->pdo->object;
        node->pdo->pnp = NULL;
        ks_io_interface_forget(world, object->body);
        if (node->parent == NULL) {
            ks_io_device_delete(world, node->pdo);
        } else {
            ks_ob_dereference(world, object);
        }
    }
    if (node->resources != 0) {
        ks_nt_give(world, node->resources);
    }
    ks_io_pnp_free(world, node);
}
