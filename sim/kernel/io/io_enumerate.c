// SPDX-License-Identifier: MIT
// Devices that drivers find on a bus of theirs: what the Plug and Play manager does with the answer
// to IRP_MN_QUERY_DEVICE_RELATIONS, BusRelations.

#include "kernel/io/io_own.h"
#include "kernel/io/io_pnp.h"

#include "engine/native.h"
#include "kernel/ke/ke.h"
#include "world/world_steps.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define STOP_PNP_FATAL 0xCAu
#define MOST_CHILDREN  4096u
#define DEEPEST        32u

// ---- stops and notes ----

kldr_status ks_io_enumerate_stop(struct kldr_world *world, const struct ks_io_device *device,
                                 uint64_t first, uint64_t second, uint64_t third, uint64_t fourth,
                                 const char *text)
{
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {first, second, third, fourth};
    const DRIVER_OBJECT *driver = device->driver != NULL ? ks_io_driver_body(device->driver) : NULL;
    uint64_t dispatch = driver != NULL ? (uint64_t)(uintptr_t)driver->MajorFunction[IRP_MJ_PNP] : 0;
    return ks_native_stop(world, dispatch, STOP_PNP_FATAL, parameters, text);
}

static void note(struct kldr_world *world, const struct ks_io_node *node, const char *kind,
                 const char *text)
{
    const struct ks_driver *bus = node->pdo->driver;
    struct kldr_module_info module;
    bool known = bus != NULL && kldr_loader_module(world->loader, bus->module_id, &module);
    ks_world_note(world, kind, known ? module.base_name : NULL, known ? module.id : 0, text, NULL);
}

// ---- a new child ----

static const struct ks_hardware *drivers_of(struct kldr_world *world, const struct ks_io_ids *ids)
{
    const struct ks_hardware *found = NULL;
    for (unsigned i = 0; i < ids->count && found == NULL; i++) {
        found = ks_hardware_find(&world->hardware, ids->texts[i]);
    }
    return found;
}

static kldr_status set_up(struct kldr_world *world, struct ks_io_node *node)
{
    bool raw = false;
    char text[640];
    kldr_status status = ks_io_identify(world, node, &raw);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (node->name == NULL) {
        note(world, node, "device-unnamed", "a device was reported that tells no device ID");
        return status;
    }
    const struct ks_hardware *hardware = drivers_of(world, &node->hardware_ids);
    hardware = hardware != NULL ? hardware : drivers_of(world, &node->compatible_ids);
    const char *service = hardware != NULL ? hardware->drivers[hardware->driver_count - 1].name
                          : raw            ? "none, and needs none"
                                           : "none";
    snprintf(text, sizeof text, "%.200s (hardware ID %.200s), driver: %.100s", node->name,
             node->hardware_ids.count != 0 ? ks_io_node_id(node) : "none", service);
    note(world, node, "device-found", text);
    if (hardware == NULL && !raw) {
        return status;
    }
    status = ks_io_pnp_configure(world, node, hardware);
    if (status != KLDR_STATUS_SUCCESS && !kldr_loader_stopped(world->loader, NULL)) {
        snprintf(text, sizeof text, "%.200s has a problem: 0x%08X", node->name, (unsigned)status);
        note(world, node, "device-problem", text);
        status = KLDR_STATUS_SUCCESS;
    }
    return status;
}

// ---- the answer ----

static bool is_too_deep(const struct ks_io_node *node)
{
    unsigned depth = 0;
    while (node->parent != NULL && depth <= DEEPEST) {
        node = node->parent;
        depth++;
    }
    return depth > DEEPEST;
}

// Who answered: the driver right above the bus that found the device, which is what made its
// children.
static const struct ks_io_device *answerer(const struct ks_io_node *node)
{
    return node->pdo->upper != NULL ? node->pdo->upper : node->pdo;
}

// Takes the reference that the driver made for an entry of its answer.
static kldr_status take_child(struct kldr_world *world, struct ks_io_node *parent, uint64_t address)
{
    struct ks_io_device *device = ks_io_device_find(world, address);
    if (device == NULL) {
        return ks_io_enumerate_stop(world, answerer(parent), 2, address, 0, 0,
                                    "reported a device that is none, or no longer");
    }
    if (device->deleting) {
        return ks_io_enumerate_stop(world, answerer(parent), 4, address, 0, 0,
                                    "reported a device that it had deleted");
    }
    struct ks_io_node *node = device->pnp;
    if (node != NULL) {
        node->reported = node->reported || node->parent == parent;
        ks_ob_dereference(world, device->object);
        return KLDR_STATUS_SUCCESS;
    }
    node = ks_io_node_make(world);
    if (node == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    node->parent = parent;
    node->pdo = device;
    node->reported = node->fresh = true;
    device->pnp = node;
    DEVICE_OBJECT *body = ks_io_device_body(device);
    body->Flags |= DO_BUS_ENUMERATED_DEVICE;
    return KLDR_STATUS_SUCCESS;
}

// What is not there reads as zeros.
static void read_memory(const struct kldr_world *world, uint64_t address, void *to, size_t size)
{
    if (world->native == NULL) {
        memcpy(to, ks_guest_pointer(address), size);
    } else if (!ks_native_read(world, address, to, size)) {
        memset(to, 0, size);
    }
}

static kldr_status take_children(struct kldr_world *world, struct ks_io_node *parent,
                                 uint64_t address)
{
    ULONG count = 0;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (struct ks_io_node *at = ks_io_state(world)->nodes; at != NULL; at = at->next) {
        at->reported = at->reported && at->parent != parent;
    }
    if (address != 0) {
        read_memory(world, address, &count, sizeof count);
    }
    if (count > MOST_CHILDREN) {
        note(world, parent, "device-problem", "kldr takes no more than 4,096 devices of a bus");
        count = MOST_CHILDREN;
    }
    for (ULONG i = 0; i < count && status == KLDR_STATUS_SUCCESS; i++) {
        uint64_t child = 0;
        read_memory(world, address + offsetof(DEVICE_RELATIONS, Objects) + 8 * (uint64_t)i, &child,
                    sizeof child);
        status = child != 0
                     ? take_child(world, parent, child)
                     : ks_io_enumerate_stop(world, answerer(parent), 8, parent->pdo->object->body,
                                            count, i, "reported NULL among its devices");
    }
    return status;
}

static struct ks_io_node *next_of(struct kldr_world *world, const struct ks_io_node *parent,
                                  bool fresh)
{
    struct ks_io_node *node = ks_io_state(world)->nodes;
    while (node != NULL &&
           (node->parent != parent || node->gone || (fresh ? !node->fresh : node->reported))) {
        node = node->next;
    }
    return node;
}

// Those that are missing go, then the new ones come.
static kldr_status follow(struct kldr_world *world, const struct ks_io_node *parent)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    struct ks_io_node *node;
    while (status == KLDR_STATUS_SUCCESS && (node = next_of(world, parent, false)) != NULL) {
        char text[512];
        snprintf(text, sizeof text, "%.400s is gone",
                 node->name != NULL ? node->name : "a device without a name");
        note(world, node, "device-gone", text);
        status = ks_io_pnp_pull_out(world, node);
    }
    while (status == KLDR_STATUS_SUCCESS && (node = next_of(world, parent, true)) != NULL) {
        node->fresh = false;
        status = set_up(world, node);
    }
    return status;
}

kldr_status ks_io_enumerate(struct kldr_world *world, struct ks_io_node *node)
{
    if (is_too_deep(node)) {
        note(world, node, "device-problem",
             "kldr does not look for devices more than 32 levels deep");
        return KLDR_STATUS_SUCCESS;
    }
    struct ks_io_own *own =
        ks_io_own_make(world, node->pdo, IRP_MJ_PNP, IRP_MN_QUERY_DEVICE_RELATIONS);
    if (own == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    own->location->Parameters.QueryDeviceRelations.Type = BusRelations;
    kldr_status status = ks_io_own_send(own);
    if (status == KLDR_STATUS_SUCCESS) {
        status = ks_io_own_wait(own);
    }
    bool given = status == KLDR_STATUS_SUCCESS && own->done && NT_SUCCESS(own->status);
    uint64_t relations = given ? own->information : 0;
    ks_io_own_end(own);
    if (!given) {
        return status;
    }
    status = take_children(world, node, relations);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (relations != 0) {
        ks_nt_give(world, relations);
    }
    return follow(world, node);
}
