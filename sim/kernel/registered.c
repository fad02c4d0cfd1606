// SPDX-License-Identifier: MIT
// Routines that drivers registered with components that keep nothing else of them.

#include "kernel/registered.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

#define MOST 1024u // at once

struct state {
    struct ks_registration *first;
    uint32_t count;
    uint32_t holders;
    uint64_t last_handle;
};

static void release(struct kldr_world *world, struct ks_registration *registration)
{
    ks_nt_text_free(world, registration->text);
    world->allocator.release(world->allocator.user, registration);
}

static void fini(struct ks_nt *nt, void *user)
{
    struct state *state = user;
    while (state->first != NULL) {
        struct ks_registration *gone = state->first;
        state->first = gone->next;
        release(nt->world, gone);
    }
}

static struct state *state_of(const struct kldr_world *world)
{
    return world->nt != NULL ? world->nt->parts[KS_NT_REGISTERED].state : NULL;
}

struct ks_registration *ks_registered_add(const struct ks_kernel_call *call,
                                          enum ks_registered_kind kind, uint64_t routine,
                                          uint64_t context)
{
    struct kldr_world *world = call->world;
    struct state *state = ks_nt_state(world, KS_NT_REGISTERED, sizeof *state, fini);
    struct ks_registration *fresh =
        state != NULL && state->count < MOST
            ? world->allocator.allocate(world->allocator.user, sizeof *fresh)
            : NULL;
    if (fresh == NULL) {
        return NULL;
    }
    state->last_handle += 16;
    *fresh = (struct ks_registration){.kind = kind,
                                      .routine = routine,
                                      .context = context,
                                      .maker = call->caller,
                                      .handle = state->last_handle};
    struct ks_registration **link = &state->first;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = fresh;
    state->count++;
    return fresh;
}

struct ks_registration *ks_registered_next(const struct kldr_world *world,
                                           enum ks_registered_kind kind,
                                           const struct ks_registration *after)
{
    const struct state *state = state_of(world);
    struct ks_registration *next = after != NULL ? after->next : NULL;
    if (after == NULL && state != NULL) {
        next = state->first;
    }
    while (next != NULL && (next->gone || next->kind != kind)) {
        next = next->next;
    }
    return next;
}

struct ks_registration *ks_registered_find(const struct kldr_world *world,
                                           enum ks_registered_kind kind, uint64_t handle)
{
    struct ks_registration *found = ks_registered_next(world, kind, NULL);
    while (found != NULL && found->handle != handle) {
        found = ks_registered_next(world, kind, found);
    }
    return found;
}

// Frees what has gone, when nobody looks.
static void purge(struct kldr_world *world, struct state *state)
{
    struct ks_registration **link = &state->first;
    while (state->holders == 0 && *link != NULL) {
        struct ks_registration *one = *link;
        if (!one->gone) {
            link = &one->next;
            continue;
        }
        *link = one->next;
        state->count--;
        release(world, one);
    }
}

void ks_registered_drop(struct kldr_world *world, struct ks_registration *registration)
{
    registration->gone = true;
    purge(world, state_of(world));
}

void ks_registered_hold(struct kldr_world *world)
{
    struct state *state = state_of(world);
    if (state != NULL) {
        state->holders++;
    }
}

void ks_registered_release(struct kldr_world *world)
{
    struct state *state = state_of(world);
    if (state != NULL) {
        state->holders--;
        purge(world, state);
    }
}

void ks_registered_list_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    static const char *const kinds[] = {[KS_REGISTERED_DEBUG_PRINT] = "debug_print_callback",
                                        [KS_REGISTERED_FILE_SYSTEM] = "file_system",
                                        [KS_REGISTERED_FILE_SYSTEM_CHANGE] = "file_system_callback",
                                        [KS_REGISTERED_WMI] = "wmi_provider",
                                        [KS_REGISTERED_POWER_SETTING] = "power_setting_callback",
                                        [KS_REGISTERED_PROCESSOR] = "processor_callback",
                                        [KS_REGISTERED_REGISTRY] = "registry_callback"};
    const struct state *state = state_of(world);
    const struct ks_registration *next = state != NULL ? state->first : NULL;
    for (; next != NULL; next = next->next) {
        const struct ks_registered registered = {kinds[next->kind], next->routine, next->maker, 0};
        if (!next->gone) {
            see(user, &registered);
        }
    }
}
