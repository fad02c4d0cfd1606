// SPDX-License-Identifier: MIT
// Injected faults: those of the scenario's steps, and the one of a sweep.

#include "world/fault_sweep.h"
#include "world/world_steps.h"

#include <stdio.h>

// The image that holds the code at an address.
static bool find_module(const struct kldr_world *world, uint64_t address,
                        struct kldr_module_info *out_module)
{
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        if (kldr_loader_module(world->loader, id, out_module) && address >= out_module->base &&
            address - out_module->base < out_module->size) {
            return true;
        }
    }
    return false;
}

static void keep(struct kldr_world *world, struct ks_fault_site *site, uint64_t caller)
{
    struct kldr_module_info module;
    bool known = caller != 0 && find_module(world, caller, &module);
    if (known) {
        snprintf(site->module, sizeof site->module, "%s", module.base_name);
        site->offset = (uint32_t)(caller - module.base);
    } else if (caller != 0) {
        snprintf(site->module, sizeof site->module, "?");
    }
    site->stack = caller != 0 ? ks_native_chain(world) : 0;
    struct ks_fault_site *kept = ks_fault_sweep_keep(world->sweep, site);
    if (kept != NULL && known) {
        ks_native_find_source(world, &module, caller, &kept->source);
    }
}

static kldr_status sweep(struct kldr_world *world, uint32_t operation, uint64_t caller)
{
    struct ks_fault_site site = {.operation = operation,
                                 .step = world->step_depth > 0 ? world->step_number : 0};
    if (ks_fault_sweep_fails(world->sweep, &site)) {
        return ks_fallible_at(operation)->status;
    }
    if (world->sweep->fail == 0) {
        keep(world, &site, caller);
    }
    return KLDR_STATUS_SUCCESS;
}

// The key `pool` counts all requests for pool, whoever makes them.
static bool is_meant(const struct ks_injected_fault *injected, uint32_t operation)
{
    return injected->operation == operation ||
           (injected->operation == KLDR_FAULT_POOL &&
            ks_fallible_at(operation)->kind == KS_FALLIBLE_POOL);
}

kldr_status ks_world_inject_fault(struct kldr_world *world, uint32_t operation, uint64_t caller)
{
    kldr_status status =
        world->sweep != NULL ? sweep(world, operation, caller) : KLDR_STATUS_SUCCESS;
    for (struct ks_fault_frame *frame = world->faults; frame != NULL; frame = frame->outer) {
        for (size_t i = 0; i < frame->count; i++) {
            struct ks_injected_fault *injected = &frame->faults[i];
            if (is_meant(injected, operation) && ++injected->seen == injected->n &&
                status == KLDR_STATUS_SUCCESS) {
                status = injected->status;
            }
        }
    }
    return status;
}
