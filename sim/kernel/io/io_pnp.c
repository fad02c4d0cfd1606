// SPDX-License-Identifier: MIT
// What the Plug and Play manager does with a device: its drivers are loaded and asked to add it, it
// is started, and removed again.

#include "kernel/io/io_interface.h"

#include "kernel/io/io_own.h"
#include "kernel/nt_text.h"
#include "world/world_steps.h"

#include <stdio.h>

static kldr_status refuse(struct kldr_error *error, kldr_status status, const char *why,
                          const char *name)
{
    kldr_error_set(error, status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT, "%s: %.200s", name, why);
    return status;
}

// ---- nodes ----

struct ks_io_node *ks_io_pnp_find(struct kldr_world *world, const char *name)
{
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_node *node = state != NULL ? state->nodes : NULL;
    while (node != NULL && !ks_same_name(node->name, name)) {
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

void ks_io_pnp_free(struct kldr_world *world, struct ks_io_node *node)
{
    ks_nt_text_free(world, node->name);
    ks_nt_text_free(world, node->hardware_id);
    world->allocator.release(world->allocator.user, node);
}

static struct ks_io_node *make_node(struct kldr_world *world, const struct ks_io_add *add)
{
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_node *node =
        state != NULL ? world->allocator.allocate(world->allocator.user, sizeof *node) : NULL;
    char own[KLDR_NAME_SIZE];
    if (node == NULL) {
        return NULL;
    }
    snprintf(own, sizeof own, "KLDR\\%.200s", add->name);
    *node = (struct ks_io_node){.instance = state->next_instance++,
                                .device_power = PowerDeviceD0,
                                .system_power = PowerSystemWorking};
    node->name = ks_nt_text_copy(world, add->name);
    node->hardware_id = ks_nt_text_copy(world, add->hardware_id != NULL ? add->hardware_id : own);
    node->resources = ks_io_bus_resources(world, add->resources, add->resource_count);
    node->pdo = ks_io_bus_make_device(world, node);
    struct ks_io_node **link = &state->nodes;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = node;
    return node;
}

static bool is_whole(const struct ks_io_node *node, const struct ks_io_add *add)
{
    return node->name != NULL && node->hardware_id != NULL && node->pdo != NULL &&
           (add->resource_count == 0 || node->resources != 0);
}

// The bus forgets it.
static void drop_node(struct kldr_world *world, struct ks_io_node *node)
{
    struct ks_io_node **link = &ks_io_state(world)->nodes;
    while (*link != node) {
        link = &(*link)->next;
    }
    *link = node->next;
    if (node->pdo != NULL) {
        node->pdo->pnp = NULL;
        ks_io_interface_forget(world, node->pdo->object->body);
        ks_io_device_delete(world, node->pdo);
    }
    if (node->resources != 0) {
        ks_nt_give(world, node->resources);
    }
    ks_io_pnp_free(world, node);
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

// Drivers without a device are unloaded, the upper ones first.
static kldr_status unload_idle(struct kldr_world *world, const uint32_t *modules, unsigned count)
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

static kldr_status send(struct kldr_world *world, const struct ks_io_node *node, uint8_t minor,
                        NTSTATUS *out_answer)
{
    return ks_io_own_simple(world, node->pdo, IRP_MJ_PNP, minor, out_answer);
}

// IRP_MN_REMOVE_DEVICE, and it is no more.
static kldr_status tear_down(struct kldr_world *world, struct ks_io_node *node)
{
    uint32_t modules[KS_IO_PNP_DRIVERS];
    unsigned count = node->module_count;
    NTSTATUS ignored;
    for (unsigned i = 0; i < count; i++) {
        modules[i] = node->modules[i];
    }
    kldr_status status = send(world, node, IRP_MN_REMOVE_DEVICE, &ignored);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    drop_node(world, node);
    return unload_idle(world, modules, count);
}

static bool is_open(const struct ks_io_node *node)
{
    bool open = false;
    for (const struct ks_io_device *device = node->pdo; device != NULL; device = device->upper) {
        open = open || device->open != 0;
    }
    return open;
}

void ks_io_pnp_file_closed(struct kldr_world *world, struct ks_io_device *device)
{
    struct ks_io_node *node = ks_io_pnp_node(device);
    if (node != NULL && node->gone && !is_open(node)) {
        node->gone = false;
        tear_down(world, node);
    }
}

static kldr_status pull_out(struct kldr_world *world, struct ks_io_node *node)
{
    NTSTATUS ignored;
    kldr_status status = send(world, node, IRP_MN_SURPRISE_REMOVAL, &ignored);
    if (status == KLDR_STATUS_SUCCESS && is_open(node)) {
        node->gone = true;
        return status;
    }
    return status == KLDR_STATUS_SUCCESS ? tear_down(world, node) : status;
}

kldr_status ks_io_pnp_remove(struct kldr_world *world, const char *name, bool surprise,
                             struct kldr_error *error)
{
    struct ks_io_node *node = ks_io_pnp_find(world, name);
    NTSTATUS answer, ignored;
    if (node == NULL) {
        return refuse(error, KLDR_STATUS_OBJECT_NAME_NOT_FOUND,
                      "there is no such device of add_device", name);
    }
    if (node->gone) {
        return refuse(error, (kldr_status)STATUS_NO_SUCH_DEVICE, "it has been pulled out", name);
    }
    if (surprise) {
        return pull_out(world, node);
    }
    if (is_open(node)) {
        return refuse(error, KLDR_STATUS_UNSUCCESSFUL, "a file is open on it", name);
    }
    kldr_status status = send(world, node, IRP_MN_QUERY_REMOVE_DEVICE, &answer);
    if (status == KLDR_STATUS_SUCCESS && !NT_SUCCESS(answer)) {
        status = send(world, node, IRP_MN_CANCEL_REMOVE_DEVICE, &ignored);
        return status == KLDR_STATUS_SUCCESS ? (kldr_status)answer : status;
    }
    return status == KLDR_STATUS_SUCCESS ? tear_down(world, node) : status;
}

// ---- coming ----

static kldr_status find_drivers(struct kldr_world *world, const struct ks_io_add *add,
                                uint32_t *modules, unsigned *count, struct kldr_error *error)
{
    for (size_t i = 0; i < add->service_count && i < KS_IO_PNP_DRIVERS; i++) {
        kldr_status status = KLDR_STATUS_SUCCESS;
        struct ks_driver *driver =
            ks_io_pnp_driver(world, add->services[i].name, add->services[i].image, &status, error);
        if (driver == NULL) {
            return status;
        }
        modules[(*count)++] = driver->module_id;
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status add_declared(struct kldr_world *world, struct ks_io_node *node,
                                struct ks_driver *driver, NTSTATUS *out_answer)
{
    kldr_status answer = KLDR_STATUS_SUCCESS;
    kldr_status status = ks_io_add_declared(world, driver, &answer);
    if (status == KLDR_STATUS_SUCCESS && KLDR_NT_SUCCESS(answer)) {
        answer = ks_io_declared_device(world, driver, NULL, node->pdo);
    }
    *out_answer = (NTSTATUS)answer;
    return status;
}

static kldr_status call_add_device(struct kldr_world *world, struct ks_io_node *node,
                                   uint32_t module_id, NTSTATUS *out_answer)
{
    struct ks_driver *driver = ks_io_driver_of_module(world, module_id);
    uint64_t result = 0;
    if (driver == NULL) { // it went while others of the stack came
        *out_answer = STATUS_UNSUCCESSFUL;
        return KLDR_STATUS_SUCCESS;
    }
    if (driver->declared) {
        return add_declared(world, node, driver, out_answer);
    }
    const uint64_t arguments[] = {driver->object->body, node->pdo->object->body};
    uint64_t function = (uint64_t)(uintptr_t)ks_io_driver_extension(driver)->AddDevice;
    if (!ks_nt_call(world, function, arguments, 2, &result)) {
        return KLDR_ERROR_STOPPED;
    }
    *out_answer = (NTSTATUS)(uint32_t)result;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status start(struct kldr_world *world, struct ks_io_node *node, NTSTATUS *out_answer)
{
    struct ks_io_own *own = ks_io_own_make(world, node->pdo, IRP_MJ_PNP, IRP_MN_START_DEVICE);
    if (own == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    own->location->Parameters.StartDevice.AllocatedResources = ks_guest_pointer(node->resources);
    own->location->Parameters.StartDevice.AllocatedResourcesTranslated =
        ks_guest_pointer(node->resources);
    return ks_io_own_run(own, out_answer);
}

// AddDevice of all, then the start. A failure takes the device away again.
static kldr_status build_up(struct kldr_world *world, struct ks_io_node *node,
                            const uint32_t *modules, unsigned count, bool starts)
{
    NTSTATUS answer = STATUS_SUCCESS;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (unsigned i = 0; i < count && status == KLDR_STATUS_SUCCESS && NT_SUCCESS(answer); i++) {
        status = call_add_device(world, node, modules[i], &answer);
        if (status == KLDR_STATUS_SUCCESS && NT_SUCCESS(answer)) {
            node->modules[node->module_count++] = modules[i];
        }
    }
    if (status == KLDR_STATUS_SUCCESS && NT_SUCCESS(answer) && starts) {
        status = start(world, node, &answer);
        node->started = NT_SUCCESS(answer);
    }
    if (status == KLDR_STATUS_SUCCESS && !NT_SUCCESS(answer)) {
        status = tear_down(world, node);
        status = status == KLDR_STATUS_SUCCESS ? unload_idle(world, modules, count) : status;
    }
    return status == KLDR_STATUS_SUCCESS ? (kldr_status)answer : status;
}

kldr_status ks_io_pnp_add(struct kldr_world *world, const struct ks_io_add *add,
                          struct kldr_error *error)
{
    uint32_t modules[KS_IO_PNP_DRIVERS];
    unsigned count = 0;
    if (ks_io_pnp_find(world, add->name) != NULL) {
        return refuse(error, KLDR_STATUS_OBJECT_NAME_COLLISION, "the name is in use", add->name);
    }
    kldr_status status = find_drivers(world, add, modules, &count, error);
    if (status != KLDR_STATUS_SUCCESS) {
        kldr_status left =
            KLDR_IS_OWN_STATUS(status) ? KLDR_STATUS_SUCCESS : unload_idle(world, modules, count);
        return left == KLDR_STATUS_SUCCESS ? status : left;
    }
    struct ks_io_node *node = make_node(world, add);
    if (node == NULL || !is_whole(node, add)) {
        if (node != NULL) {
            drop_node(world, node);
        }
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    return build_up(world, node, modules, count, add->start);
}
