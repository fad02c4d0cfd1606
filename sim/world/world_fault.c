// SPDX-License-Identifier: MIT
// Injected faults: those of the scenario's steps, and the one of a sweep.

#include "world/fault_sweep.h"
#include "world/world_steps.h"

#include <stdio.h>

// STATUS_IO_DEVICE_ERROR
#define STATUS_READ_FAILED ((kldr_status)0xC0000185u)

// The image that holds the code at an address.
static void find_place(const struct kldr_world *world, uint64_t address, struct ks_fault_site *site)
{
    struct kldr_module_info module;
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        if (kldr_loader_module(world->loader, id, &module) && address >= module.base &&
            address - module.base < module.size) {
            snprintf(site->module, sizeof site->module, "%s", module.base_name);
            site->offset = (uint32_t)(address - module.base);
            return;
        }
    }
    snprintf(site->module, sizeof site->module, "?");
}

static kldr_status sweep(struct kldr_world *world, enum kldr_fault fault, uint64_t caller)
{
    struct ks_fault_site site = {.kind = fault, .step = world->step_number};
    if (fault == KLDR_FAULT_POOL) {
        find_place(world, caller, &site);
    }
    if (!ks_fault_sweep_fails(world->sweep, &site)) {
        return KLDR_STATUS_SUCCESS;
    }
    return fault == KLDR_FAULT_READ ? STATUS_READ_FAILED : KLDR_STATUS_INSUFFICIENT_RESOURCES;
}

kldr_status ks_world_inject_fault(struct kldr_world *world, enum kldr_fault fault, uint64_t caller)
{
    kldr_status status = world->sweep != NULL ? sweep(world, fault, caller) : KLDR_STATUS_SUCCESS;
    for (struct ks_fault_frame *frame = world->faults; frame != NULL; frame = frame->outer) {
        for (size_t i = 0; i < frame->count; i++) {
            struct ks_injected_fault *injected = &frame->faults[i];
            if (injected->kind == fault && ++injected->seen == injected->n &&
                status == KLDR_STATUS_SUCCESS) {
                status = injected->status;
            }
        }
    }
    return status;
}
