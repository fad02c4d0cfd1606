// SPDX-License-Identifier: MIT
// Which drivers devices with a hardware ID get: what INF files tell Windows.
#ifndef KS_WORLD_HARDWARE_H
#define KS_WORLD_HARDWARE_H

#include "kernel/io/io_request.h"

#define KS_HARDWARE_DRIVERS 16u // of one stack

struct ks_hardware {
    struct ks_hardware *next;
    char *id;
    struct ks_hardware_driver {
        char *name, *image;         // as in struct ks_io_service
    } drivers[KS_HARDWARE_DRIVERS]; // lowest first
    size_t driver_count;
};

struct ks_hardware_list {
    const struct kldr_allocator *allocator;
    struct ks_hardware *first;
};

void ks_hardware_list_init(struct ks_hardware_list *list, const struct kldr_allocator *allocator);
void ks_hardware_list_fini(struct ks_hardware_list *list);

// Adds an ID or replaces it (case ignored). count: 1 to KS_HARDWARE_DRIVERS. False when memory is
// out.
bool ks_hardware_set(struct ks_hardware_list *list, const char *id,
                     const struct ks_io_service *services, size_t count);
// NULL: no driver is known.
const struct ks_hardware *ks_hardware_find(const struct ks_hardware_list *list, const char *id);

#endif
