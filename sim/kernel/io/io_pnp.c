// SPDX-License-Identifier: MIT
// What the Plug and Play manager does with devices, one thing after the other, as a lock of the
// device tree would have it: what drivers say meanwhile is looked at afterwards. Here devices go;
// how they are built up is in io_pnp_build.c.

#include "kernel/io/io_pnp.h"

#include "kernel/io/io_own.h"
#include "world/world_steps.h"

static kldr_status refuse(struct kldr_error *error, kldr_status status, const char *why,
                          const char *name)
{
    kldr_error_set(error, status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT, "%s: %.200s", name, why);
    return status;
}

static kldr_status send(struct kldr_world *world, const struct ks_io_node *node, uint8_t minor,
                        NTSTATUS *out_answer)
{
    return ks_io_own_simple(world, node->pdo, IRP_MJ_PNP, minor, out_answer);
}

// ---- going ----

static bool has_device(struct kldr_world *world, uint32_t module_id)
{
    const struct ks_driver *driver = ks_io_driver_of_module(world, module_id);
    for (const struct ks_io_node *node = ks_io_state(world)->nodes; node != NULL;
         node = node->next) {
        for (unsigned i = 0; i < node->module_count; i++) {
            if (node->modules[i] == module_id) {
                return true;
            }
        }
    }
    return driver == NULL || driver->unloading;
}

kldr_status ks_io_pnp_unload_idle(struct kldr_world *world, const uint32_t *modules, unsigned count)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    while (count-- > 0 && !KLDR_IS_OWN_STATUS(status)) {
        struct ks_driver *driver = ks_io_driver_of_module(world, modules[count]);
        if (driver != NULL && !has_device(world, modules[count])) {
            status = ks_io_unload_idle(world, driver);
        }
    }
    return KLDR_IS_OWN_STATUS(status) ? status : KLDR_STATUS_SUCCESS;
}

kldr_status ks_io_pnp_tear_down(struct kldr_world *world, struct ks_io_node *node)
{
    uint32_t modules[KS_IO_PNP_DRIVERS];
    unsigned count = node->module_count;
    NTSTATUS ignored;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (struct ks_io_node *child;
         status == KLDR_STATUS_SUCCESS && (child = ks_io_node_child(world, node)) != NULL;) {
        child->reported = false;
        status = ks_io_pnp_tear_down(world, child);
    }
    for (unsigned i = 0; i < count; i++) {
        modules[i] = node->modules[i];
    }
    if (status == KLDR_STATUS_SUCCESS) {
        status = send(world, node, IRP_MN_REMOVE_DEVICE, &ignored);
    }
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (node->parent != NULL && node->reported) {
        node->module_count = 0;
        node->started = node->gone = node->stale = false;
    } else {
        ks_io_node_drop(world, node);
    }
    return ks_io_pnp_unload_idle(world, modules, count);
}

static kldr_status tell_of_surprise(struct kldr_world *world, struct ks_io_node *node)
{
    NTSTATUS ignored;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (struct ks_io_node *at = ks_io_state(world)->nodes;
         at != NULL && status == KLDR_STATUS_SUCCESS; at = at->next) {
        if (at->parent == node && at->started) {
            status = tell_of_surprise(world, at);
        }
    }
    return status == KLDR_STATUS_SUCCESS ? send(world, node, IRP_MN_SURPRISE_REMOVAL, &ignored)
                                         : status;
}

kldr_status ks_io_pnp_pull_out(struct kldr_world *world, struct ks_io_node *node)
{
    bool knows = node->started || node->parent == NULL;
    kldr_status status = knows ? tell_of_surprise(world, node) : KLDR_STATUS_SUCCESS;
    if (status == KLDR_STATUS_SUCCESS && ks_io_node_is_open(world, node)) {
        node->gone = true;
        return status;
    }
    return status == KLDR_STATUS_SUCCESS ? ks_io_pnp_tear_down(world, node) : status;
}

// IRP_MN_QUERY_REMOVE_DEVICE, to its children first. One that refuses ends it.
static kldr_status query(struct kldr_world *world, struct ks_io_node *node, NTSTATUS *out_answer)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    *out_answer = STATUS_SUCCESS;
    for (struct ks_io_node *at = ks_io_state(world)->nodes;
         at != NULL && status == KLDR_STATUS_SUCCESS && NT_SUCCESS(*out_answer); at = at->next) {
        if (at->parent == node && at->started) {
            status = query(world, at, out_answer);
        }
    }
    if (status == KLDR_STATUS_SUCCESS && NT_SUCCESS(*out_answer)) {
        node->queried = true;
        status = send(world, node, IRP_MN_QUERY_REMOVE_DEVICE, out_answer);
    }
    return status;
}

// All that were asked hear whether it is called off.
static kldr_status end_query(struct kldr_world *world, bool cancel)
{
    NTSTATUS ignored;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (struct ks_io_node *at = ks_io_state(world)->nodes;
         at != NULL && status == KLDR_STATUS_SUCCESS; at = at->next) {
        if (at->queried && cancel) {
            status = send(world, at, IRP_MN_CANCEL_REMOVE_DEVICE, &ignored);
        }
        at->queried = false;
    }
    return status;
}

// ---- one thing after the other ----

static bool begin(struct kldr_world *world)
{
    struct ks_io_state *state = ks_io_state(world);
    if (state == NULL || state->pnp_busy) {
        return false;
    }
    state->pnp_busy = true;
    return true;
}

// Devices that were closed at last go, and those that drivers spoke of are asked for their
// children.
static void end(struct kldr_world *world)
{
    struct ks_io_state *state = ks_io_state(world);
    kldr_status status = KLDR_STATUS_SUCCESS;
    struct ks_io_node *node = state->nodes;
    while (node != NULL && status == KLDR_STATUS_SUCCESS) {
        if (node->gone && !ks_io_node_is_open(world, node)) {
            node->gone = false;
            status = ks_io_pnp_tear_down(world, node);
        } else if (node->stale) {
            node->stale = false;
            status = ks_io_enumerate(world, node);
        } else {
            node = node->next;
            continue;
        }
        node = state->nodes; // any of them may be gone
    }
    state->pnp_busy = false;
}

// What a step tells: the system may have stopped at the very end.
static kldr_status finish(struct kldr_world *world, kldr_status status)
{
    kldr_status reason = status;
    end(world);
    return kldr_loader_stopped(world->loader, &reason) ? reason : status;
}

void ks_io_pnp_file_closed(struct kldr_world *world, struct ks_io_device *device)
{
    const struct ks_io_node *node = ks_io_pnp_node(device);
    if (node != NULL && begin(world)) {
        end(world);
    }
}

void ks_io_pnp_changed(struct kldr_world *world, struct ks_io_node *node)
{
    node->stale = true;
    if (begin(world)) {
        end(world);
    }
}

static const char still_busy[] =
    "Plug and Play still waits for a driver to answer for another device";

static kldr_status remove(struct kldr_world *world, struct ks_io_node *node)
{
    NTSTATUS answer;
    kldr_status status = query(world, node, &answer);
    if (status == KLDR_STATUS_SUCCESS) {
        status = end_query(world, !NT_SUCCESS(answer));
    }
    if (status == KLDR_STATUS_SUCCESS && !NT_SUCCESS(answer)) {
        return (kldr_status)answer;
    }
    return status == KLDR_STATUS_SUCCESS ? ks_io_pnp_tear_down(world, node) : status;
}

kldr_status ks_io_pnp_remove(struct kldr_world *world, const char *name, bool surprise,
                             struct kldr_error *error)
{
    struct ks_io_node *node = ks_io_pnp_find(world, name);
    if (node == NULL) {
        return refuse(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                      "there is no such device of add_device, and no driver reported it", name);
    }
    if (node->gone) {
        return refuse(error, (kldr_status)STATUS_NO_SUCH_DEVICE, "it has been pulled out", name);
    }
    if (!surprise && ks_io_node_is_open(world, node)) {
        return refuse(error, KLDR_STATUS_UNSUCCESSFUL, "a file is open on it", name);
    }
    if (!begin(world)) {
        return refuse(error, KLDR_STATUS_UNSUCCESSFUL, still_busy, name);
    }
    return finish(world, surprise ? ks_io_pnp_pull_out(world, node) : remove(world, node));
}

// ---- coming ----

kldr_status ks_io_pnp_add(struct kldr_world *world, const struct ks_io_add *plan,
                          struct kldr_error *error)
{
    if (ks_io_pnp_find(world, plan->name) != NULL) {
        return refuse(error, KLDR_STATUS_OBJECT_NAME_COLLISION, "the name is in use", plan->name);
    }
    if (!begin(world)) {
        return refuse(error, KLDR_STATUS_UNSUCCESSFUL, still_busy, plan->name);
    }
    return finish(world, ks_io_pnp_build(world, plan, error));
}
