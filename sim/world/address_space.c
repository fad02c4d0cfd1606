// SPDX-License-Identifier: MIT

#include "world/address_space.h"

#include <string.h>

#define SPACING 0x10000u // images begin at multiples of this, with at least as much between them

void ks_address_space_init(struct ks_address_space *space, const struct kldr_allocator *allocator,
                           enum kldr_machine machine)
{
    bool x86 = machine == KLDR_MACHINE_X86;
    ks_address_space_init_at(space, allocator, x86 ? KS_ADDRESS_BASE_X86 : KS_ADDRESS_BASE,
                             x86 ? KS_ADDRESS_END_X86 : KS_ADDRESS_END);
}

void ks_address_space_init_at(struct ks_address_space *space,
                              const struct kldr_allocator *allocator, uint64_t start,
                              uint64_t limit)
{
    *space = (struct ks_address_space){.allocator = allocator};
    space->start = start;
    space->limit = limit;
    space->next = space->start;
}

void ks_address_space_fini(struct ks_address_space *space)
{
    for (size_t i = 0; i < space->count; i++) {
        space->allocator->release(space->allocator->user, space->ranges[i].name);
    }
    space->allocator->release(space->allocator->user, space->ranges);
    *space = (struct ks_address_space){0};
}

// A range that holds some address from base to end, or NULL. Addresses of images that went count
// only when live_only is not set.
static const struct ks_range *overlap(const struct ks_address_space *space, uint64_t base,
                                      uint64_t end, bool live_only)
{
    for (size_t i = 0; i < space->count; i++) {
        const struct ks_range *range = &space->ranges[i];
        if ((range->live || !live_only) && base < range->end && range->base < end) {
            return range;
        }
    }
    return NULL;
}

static uint64_t place_behind(uint64_t end)
{
    return (end + 2 * SPACING - 1) / SPACING * SPACING;
}

// The next place that nobody ever had. Only somebody who asked for his place can be in the way.
static uint64_t next_place(const struct ks_address_space *space, uint32_t size)
{
    uint64_t base = space->next;
    while (space->any_wanted && base < space->limit && size <= space->limit - base) {
        const struct ks_range *range = overlap(space, base, base + size, false);
        if (range == NULL) {
            return base;
        }
        base = place_behind(range->end);
    }
    return base;
}

static bool reserve(struct ks_address_space *space)
{
    if (space->count < space->capacity) {
        return true;
    }
    size_t capacity = space->capacity == 0 ? 16 : space->capacity * 2;
    struct ks_range *ranges = space->allocator->reallocate(space->allocator->user, space->ranges,
                                                           capacity * sizeof *ranges);
    if (ranges == NULL) {
        return false;
    }
    space->ranges = ranges;
    space->capacity = capacity;
    return true;
}

kldr_status ks_address_space_place(struct ks_address_space *space, uint64_t preferred,
                                   uint32_t size, uint64_t *out_base)
{
    uint64_t base = preferred;
    if (!reserve(space)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    bool wanted =
        preferred >= space->start && preferred < space->limit && size <= space->limit - preferred;
    if (!wanted || overlap(space, preferred, preferred + size, true) != NULL) {
        base = next_place(space, size);
        if (base >= space->limit || size > space->limit - base) {
            return KLDR_ERROR_LIMIT;
        }
        space->next = place_behind(base + size);
    }
    space->any_wanted = space->any_wanted || base == preferred;
    space->ranges[space->count++] =
        (struct ks_range){.base = base, .end = base + size, .live = true};
    *out_base = base;
    return KLDR_STATUS_SUCCESS;
}

static char *copy_name(const struct kldr_allocator *allocator, const char *name)
{
    size_t size = strlen(name) + 1;
    char *copy = allocator->allocate(allocator->user, size);
    return copy != NULL ? memcpy(copy, name, size) : NULL;
}

void ks_address_space_vacate(struct ks_address_space *space, uint64_t base, uint32_t module_id,
                             const char *name)
{
    for (size_t i = space->count; i-- > 0;) {
        struct ks_range *range = &space->ranges[i];
        if (range->base == base && range->live) {
            range->live = false;
            range->module_id = module_id;
            range->name = name != NULL ? copy_name(space->allocator, name) : NULL;
            return;
        }
    }
}

const struct ks_range *ks_address_space_gone(const struct ks_address_space *space, uint64_t address)
{
    for (size_t i = space->count; i-- > 0;) {
        const struct ks_range *range = &space->ranges[i];
        if (!range->live && range->name != NULL && address >= range->base && address < range->end) {
            return range;
        }
    }
    return NULL;
}
