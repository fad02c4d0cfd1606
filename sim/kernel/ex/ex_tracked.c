// SPDX-License-Identifier: MIT
#include "kernel/ex/ex_tracked.h"

#include "kernel/ke/ke_state.h"
#include "kernel/registered.h"

struct ks_ex_tracked {
    struct ks_ex_tracked *next; // of its bucket, the last one made first
    enum ks_ex_tracked_kind kind;
    uint64_t address, maker;
};

static struct ks_ex_tracked **bucket_of(struct ks_ke *ke, uint64_t address)
{
    return &ke->ex_tracked[address >> 4 & (KS_EX_TRACKED_BUCKETS - 1)];
}

void ks_ex_untrack(struct kldr_world *world, uint64_t address)
{
    struct ks_ke *ke = ks_ke(world);
    struct ks_ex_tracked **link = ke != NULL ? bucket_of(ke, address) : NULL;
    while (link != NULL && *link != NULL && (*link)->address != address) {
        link = &(*link)->next;
    }
    if (link != NULL && *link != NULL) {
        struct ks_ex_tracked *tracked = *link;
        *link = tracked->next;
        world->allocator.release(world->allocator.user, tracked);
    }
}

void ks_ex_track(const struct ks_kernel_call *call, enum ks_ex_tracked_kind kind, uint64_t address)
{
    struct kldr_world *world = call->world;
    struct ks_ke *ke = ks_ke(world);
    ks_ex_untrack(world, address); // it is initialised again
    struct ks_ex_tracked *tracked =
        world->allocator.allocate(world->allocator.user, sizeof *tracked);
    if (ke == NULL || tracked == NULL) {
        world->allocator.release(world->allocator.user, tracked);
        kldr_loader_stop(world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        return;
    }
    struct ks_ex_tracked **bucket = bucket_of(ke, address);
    *tracked = (struct ks_ex_tracked){*bucket, kind, address, call->caller};
    *bucket = tracked;
}

bool ks_ex_tracked_in(struct kldr_world *world, uint64_t first, uint64_t end,
                      enum ks_ex_tracked_kind *out_kind, uint64_t *out_address)
{
    const struct ks_ke *ke = ks_ke(world);
    const struct ks_ex_tracked *lowest = NULL;
    for (unsigned i = 0; ke != NULL && i < KS_EX_TRACKED_BUCKETS; i++) {
        for (const struct ks_ex_tracked *at = ke->ex_tracked[i]; at != NULL; at = at->next) {
            if (at->address >= first && at->address < end &&
                (lowest == NULL || at->address < lowest->address)) {
                lowest = at;
            }
        }
    }
    if (lowest != NULL) {
        *out_kind = lowest->kind;
        *out_address = lowest->address;
    }
    return lowest != NULL;
}

void ks_ex_tracked_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    static const char *const kinds[] = {
        [KS_EX_RESOURCE] = "resource", [KS_EX_LOOKASIDE_LIST] = "lookaside_list"};
    const struct ks_ke *ke = ks_ke(world);
    for (unsigned i = 0; ke != NULL && i < KS_EX_TRACKED_BUCKETS; i++) {
        for (const struct ks_ex_tracked *at = ke->ex_tracked[i]; at != NULL; at = at->next) {
            const struct ks_registered registered = {.kind = kinds[at->kind], .maker = at->maker};
            see(user, &registered);
        }
    }
}

void ks_ex_tracked_fini(struct ks_ke *ke)
{
    for (unsigned i = 0; i < KS_EX_TRACKED_BUCKETS; i++) {
        while (ke->ex_tracked[i] != NULL) {
            struct ks_ex_tracked *tracked = ke->ex_tracked[i];
            ke->ex_tracked[i] = tracked->next;
            ke->world->allocator.release(ke->world->allocator.user, tracked);
        }
    }
}
