// SPDX-License-Identifier: MIT
// Small sets of module ids: a scenario has a handful of members, so they are searched from end to
// end.

#include "check/findings.h"

bool ks_id_set_add(const struct kldr_allocator *allocator, struct ks_id_set *set, uint32_t id)
{
    if (set->count == set->capacity) {
        size_t capacity = set->capacity == 0 ? 8 : set->capacity * 2;
        uint32_t *ids = allocator->reallocate(allocator->user, set->ids, capacity * sizeof *ids);
        if (ids == NULL) {
            return false;
        }
        set->ids = ids;
        set->capacity = capacity;
    }
    set->ids[set->count++] = id;
    return true;
}

bool ks_id_set_has(const struct ks_id_set *set, uint32_t id)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->ids[i] == id) {
            return true;
        }
    }
    return false;
}

void ks_id_set_remove(struct ks_id_set *set, uint32_t id)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->ids[i] == id) {
            set->ids[i] = set->ids[--set->count];
            return;
        }
    }
}

void ks_id_set_fini(const struct kldr_allocator *allocator, struct ks_id_set *set)
{
    allocator->release(allocator->user, set->ids);
    *set = (struct ks_id_set){0};
}
