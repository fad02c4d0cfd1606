// SPDX-License-Identifier: MIT
// V6: a failed load leaves what was there as it was.

#include "check/invariants.h"

#include <stdio.h>

static size_t count_modules(const struct kldr_loader *loader)
{
    size_t count = 0;
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        count++;
    }
    return count;
}

bool ks_snapshot_take(const struct kldr_world *world, struct ks_snapshot *out_snapshot)
{
    const struct kldr_allocator *allocator = &world->allocator;
    struct ks_snapshot snapshot = {.count = 0};
    size_t count = count_modules(world->loader);
    snapshot.modules = allocator->allocate(allocator->user, (count + 1) * sizeof *snapshot.modules);
    if (snapshot.modules == NULL) {
        return false;
    }
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        struct kldr_module_info module;
        if (kldr_loader_module(world->loader, id, &module) && !module.boot_sentinel) {
            snapshot.modules[snapshot.count++] = (struct ks_snapshot_module){
                id, module.load_count - module.orphans, module.import_count};
        }
    }
    *out_snapshot = snapshot;
    return true;
}

void ks_snapshot_fini(const struct kldr_world *world, struct ks_snapshot *snapshot)
{
    world->allocator.release(world->allocator.user, snapshot->modules);
    *snapshot = (struct ks_snapshot){0};
}

// Whether the load left something behind, or took something along, that rightly changes the counts
// of others: a new module that stays (U5, U7, A05) holds what it imports; a resident one with
// LoadCount 0 that was asked again and went (U8) has dropped what it imported. V1 still binds every
// count to its references.
static bool counts_may_differ(const struct kldr_world *world, const struct ks_snapshot *snapshot)
{
    uint32_t last_before = 0, last = 0;
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct ks_snapshot_module *before = &snapshot->modules[i];
        struct kldr_module_info module;
        last_before = before->id > last_before ? before->id : last_before;
        if (before->load_count == 0 && !kldr_loader_module(world->loader, before->id, &module)) {
            return true;
        }
    }
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        struct kldr_module_info module;
        if (kldr_loader_module(world->loader, id, &module) && !module.boot_sentinel) {
            last = id;
        }
    }
    return last > last_before;
}

bool ks_snapshot_unchanged(const struct kldr_world *world, const struct ks_snapshot *snapshot,
                           char *why, size_t size)
{
    if (counts_may_differ(world, snapshot)) {
        return true;
    }
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct ks_snapshot_module *before = &snapshot->modules[i];
        struct kldr_module_info module;
        if (!kldr_loader_module(world->loader, before->id, &module)) {
            snprintf(why, size, "invariant V6 is broken: module number %u went with a failed load",
                     (unsigned)before->id);
            return false;
        }
        if (!module.inactive && (module.load_count - module.orphans != before->load_count ||
                                 module.import_count != before->import_count)) {
            snprintf(why, size,
                     "invariant V6 is broken: %s: LoadCount was %d before a failed load and is %d",
                     module.base_name, (int)before->load_count, (int)module.load_count);
            return false;
        }
    }
    return true;
}
