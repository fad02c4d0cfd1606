// SPDX-License-Identifier: MIT
#include "kernel/nt.h"

#include "check/freed.h"
#include "engine/host_kernel.h"
#include "engine/native.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

// ---- life ----

struct ks_nt *ks_nt(struct kldr_world *world)
{
    if (world->nt != NULL) {
        return world->nt;
    }
    struct ks_nt *nt = world->allocator.allocate(world->allocator.user, sizeof *nt);
    if (nt != NULL) {
        *nt = (struct ks_nt){.world = world};
        ks_pool_init(&nt->pool, &world->allocator,
                     world->native != NULL ? &world->native->guest : NULL,
                     world->options.limits.memory);
        nt->pool.user = world;
        nt->pool.on_written =
            KS_CHECKED(world, FREED_POOL_WRITTEN) && world->native != NULL ? ks_freed_report : NULL;
        if (KS_CHECKED(world, SPECIAL_POOL) && world->native != NULL) {
            ks_pool_begin_special(&nt->pool);
        }
        world->nt = nt;
    }
    return nt;
}

void ks_nt_destroy(struct kldr_world *world)
{
    struct ks_nt *nt = world->nt;
    if (nt == NULL) {
        return;
    }
    while (nt->part_count > 0) {
        struct ks_nt_part *part = &nt->parts[nt->order[--nt->part_count]];
        if (part->fini != NULL) {
            part->fini(nt, part->state);
        }
        world->allocator.release(world->allocator.user, part->state);
    }
    ks_pool_fini(&nt->pool);
    world->allocator.release(world->allocator.user, nt);
    world->nt = NULL;
}

void *ks_nt_state(struct kldr_world *world, enum ks_nt_component component, size_t size,
                  void (*fini)(struct ks_nt *nt, void *state))
{
    struct ks_nt *nt = ks_nt(world);
    if (nt == NULL || nt->parts[component].state != NULL) {
        return nt != NULL ? nt->parts[component].state : NULL;
    }
    void *state = world->allocator.allocate(world->allocator.user, size);
    if (state != NULL) {
        memset(state, 0, size);
        nt->parts[component] = (struct ks_nt_part){state, fini};
        nt->order[nt->part_count++] = component;
    }
    return state;
}

// ---- memory ----

uint64_t ks_nt_take(struct kldr_world *world, uint64_t size, uint32_t tag)
{
    struct ks_nt *nt = ks_nt(world);
    return nt != NULL ? ks_pool_take(&nt->pool, KS_POOL_DATA, size, tag) : 0;
}

void ks_nt_give(struct kldr_world *world, uint64_t address)
{
    struct ks_nt *nt = ks_nt(world);
    struct ks_pool_block *block = nt != NULL ? ks_pool_find(&nt->pool, address) : NULL;
    if (block != NULL && block->live) {
        ks_pool_give(&nt->pool, block);
    }
}

// ---- calling drivers ----

static bool call_native(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                        size_t count, enum ks_native_purpose purpose, uint32_t unhandled,
                        uint64_t *out_result)
{
    const struct ks_native_request request = {.function = function,
                                              .arguments = arguments,
                                              .count = count,
                                              .purpose = purpose,
                                              .unhandled = unhandled};
    return ks_native_enter_guest(world, &request, out_result) == KLDR_STATUS_SUCCESS &&
           !kldr_loader_stopped(world->loader, NULL);
}

static bool call(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                 size_t count, enum ks_native_purpose purpose, uint32_t unhandled,
                 uint64_t *out_result)
{
    struct kldr_module_info module;
    uint64_t result = 0;
    bool done = true;
    if (kldr_loader_stopped(world->loader, NULL)) {
        return false;
    }
    bool known = ks_native_module_at(world, function, &module) && module.cookie != NULL;
    const struct ks_instance *instance = known ? module.cookie : NULL;
    if (known && instance->file->engine != &ks_engine_native) {
        ks_world_call_address(world, NULL, function, arguments, count, &result);
    } else if (world->native != NULL) {
        done = call_native(world, function, arguments, count, purpose, unhandled, &result);
    } else {
        done = ks_host_call(world, function, arguments, count, &result);
    }
    if (!done || kldr_loader_stopped(world->loader, NULL)) {
        return false;
    }
    if (out_result != NULL) {
        *out_result = result;
    }
    return true;
}

bool ks_nt_call(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                size_t count, uint64_t *out_result)
{
    return call(world, function, arguments, count, KS_NATIVE_CLOSED, 0, out_result);
}

bool ks_nt_call_open(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                     size_t count, uint64_t *out_result)
{
    return call(world, function, arguments, count, KS_NATIVE_OPEN, 0, out_result);
}

bool ks_nt_call_base(struct kldr_world *world, uint64_t function, const uint64_t *arguments,
                     size_t count, uint32_t unhandled, uint64_t *out_result)
{
    return call(world, function, arguments, count, KS_NATIVE_BASE, unhandled, out_result);
}

uint64_t ks_nt_routine_address(struct kldr_world *world, const char *name)
{
    return world->native != NULL ? ks_native_routine_address(world, name)
                                 : ks_host_routine_address(name);
}

// ---- stops ----

uint64_t ks_nt_stop(const struct ks_kernel_call *call, uint32_t code, uint64_t first,
                    uint64_t second, uint64_t third, uint64_t fourth, const char *text)
{
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {first, second, third, fourth};
    ks_native_stop(call->world, call->caller, code, parameters, text);
    return 0;
}

uint64_t ks_nt_lacking(const struct ks_kernel_call *call, const char *what)
{
    char text[KLDR_DETAIL_SIZE];
    snprintf(text, sizeof text, "kldr does not simulate %s", what);
    return ks_nt_stop(call, KLDR_ERROR_NOT_IMPLEMENTED, 0, 0, 0, 0, text);
}
