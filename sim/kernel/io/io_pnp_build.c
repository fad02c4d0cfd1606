// SPDX-License-Identifier: MIT
// How a device is built up: its drivers are loaded and asked to add it, and it is started.

#include "kernel/io/io_pnp.h"

#include "kernel/io/io_own.h"
#include "kernel/ke/ke_return.h"
#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <stdio.h>

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
    const struct ks_ke_kept kept = ks_ke_keep(world);
    if (!ks_nt_call(world, function, arguments, 2, &result) ||
        !ks_ke_is_kept(world, &kept, KS_KE_OTHER_ROUTINE, function, 0)) {
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

// Declared drivers never report children, so they are not asked.
static bool can_report(struct kldr_world *world, const struct ks_io_node *node)
{
    bool can = false;
    for (unsigned i = 0; i < node->module_count; i++) {
        const struct ks_driver *driver = ks_io_driver_of_module(world, node->modules[i]);
        can = can || (driver != NULL && !driver->declared);
    }
    return can;
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
        node->stale = node->started && can_report(world, node);
    }
    if (status == KLDR_STATUS_SUCCESS && !NT_SUCCESS(answer)) {
        status = ks_io_pnp_tear_down(world, node);
        status =
            status == KLDR_STATUS_SUCCESS ? ks_io_pnp_unload_idle(world, modules, count) : status;
    }
    return status == KLDR_STATUS_SUCCESS ? (kldr_status)answer : status;
}

// One driver of a stack is there, or is loaded. False: *out_status says why not.
static bool find_driver(struct kldr_world *world, const char *service, const char *image,
                        uint32_t *out_module, kldr_status *out_status, struct kldr_error *error)
{
    const struct ks_driver *driver = ks_io_pnp_driver(world, service, image, out_status, error);
    *out_module = driver != NULL ? driver->module_id : 0;
    return driver != NULL;
}

// A stack is not built since one driver is missing: the others go again.
static kldr_status give_up(struct kldr_world *world, kldr_status status, const uint32_t *modules,
                           unsigned count)
{
    kldr_status left = KLDR_IS_OWN_STATUS(status) ? KLDR_STATUS_SUCCESS
                                                  : ks_io_pnp_unload_idle(world, modules, count);
    return left == KLDR_STATUS_SUCCESS ? status : left;
}

kldr_status ks_io_pnp_configure(struct kldr_world *world, struct ks_io_node *node,
                                const struct ks_hardware *hardware)
{
    uint32_t modules[KS_IO_PNP_DRIVERS];
    unsigned count = 0;
    kldr_status status = KLDR_STATUS_SUCCESS;
    struct kldr_error error = {0};
    size_t wanted = hardware != NULL ? hardware->driver_count : 0;
    for (bool found = true; count < wanted && found; count += found ? 1u : 0u) {
        const struct ks_hardware_driver *driver = &hardware->drivers[count];
        found = find_driver(world, driver->name, driver->image, &modules[count], &status, &error);
        if (!found) {
            return give_up(world, status, modules, count);
        }
    }
    return build_up(world, node, modules, count, true);
}

static struct ks_io_node *make_node(struct kldr_world *world, const struct ks_io_add *add)
{
    struct ks_io_node *node = ks_io_node_make(world);
    char own[KLDR_NAME_SIZE];
    if (node == NULL) {
        return NULL;
    }
    snprintf(own, sizeof own, "KLDR\\%.200s", add->name);
    node->name = ks_nt_text_copy(world, add->name);
    bool named = ks_io_ids_add(world, &node->hardware_ids,
                               add->hardware_id != NULL ? add->hardware_id : own);
    node->resources = ks_io_bus_resources(world, add->resources, add->resource_count);
    node->pdo = ks_io_bus_make_device(world, node);
    if (node->name == NULL || !named || node->pdo == NULL ||
        (add->resource_count != 0 && node->resources == 0)) {
        ks_io_node_drop(world, node);
        return NULL;
    }
    return node;
}

kldr_status ks_io_pnp_build(struct kldr_world *world, const struct ks_io_add *plan,
                            struct kldr_error *error)
{
    uint32_t modules[KS_IO_PNP_DRIVERS];
    unsigned count = 0;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (; count < plan->service_count && count < KS_IO_PNP_DRIVERS; count++) {
        const struct ks_io_service *service = &plan->services[count];
        if (!find_driver(world, service->name, service->image, &modules[count], &status, error)) {
            return give_up(world, status, modules, count);
        }
    }
    struct ks_io_node *node = make_node(world, plan);
    return node != NULL ? build_up(world, node, modules, count, plan->start)
                        : KLDR_ERROR_OUT_OF_MEMORY;
}
