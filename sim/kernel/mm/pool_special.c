// SPDX-License-Identifier: MIT
// Special pool: each block ends where a page does, with a page behind it that is never
// there, and its pages go with it. Addresses are not given out again, so that whoever uses a freed
// block is caught however late.

#include "kernel/mm/pool_parts.h"

#include <string.h>

#define ALIGNMENT  UINT64_C(16)
#define MOST_GUARD 255u

static uint64_t pages_of(uint64_t size)
{
    return (size + KS_POOL_PAGE - 1) & ~(KS_POOL_PAGE - 1);
}

void ks_pool_begin_special(struct ks_pool *pool)
{
    for (unsigned kind = 0; kind < KS_POOL_KINDS; kind++) {
        struct ks_pool_arena *arena = &pool->arenas[kind];
        arena->special_first = arena->special_next = arena->first + (arena->end - arena->first) / 2;
        arena->special_end = arena->end;
        arena->end = arena->special_first;
    }
    pool->has_special = true;
}

bool ks_pool_is_special(const struct ks_pool *pool, uint64_t address)
{
    bool found = false;
    for (unsigned kind = 0; kind < KS_POOL_KINDS && pool->has_special; kind++) {
        const struct ks_pool_arena *arena = &pool->arenas[kind];
        found = found || (address >= arena->special_first && address < arena->special_next);
    }
    return found;
}

uint64_t ks_pool_take_special(struct ks_pool *pool, enum ks_pool_kind kind, uint64_t size,
                              uint32_t tag)
{
    struct ks_pool_arena *arena = &pool->arenas[kind];
    uint64_t room = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    uint64_t pages = pages_of(room + (room == 0)), first = arena->special_next;
    if (size > pool->limit || pages > pool->limit - pool->used ||
        pages + KS_POOL_PAGE > arena->special_end - first) {
        return 0;
    }
    if (!ks_guest_protect(pool->guest, first, pages,
                          kind == KS_POOL_CODE ? KS_RIGHTS_ALL : KS_RIGHTS_WRITE)) {
        return 0; // the host has no more mappings
    }
    // Blocks of a page and more begin on a page.
    uint64_t address =
        size >= KS_POOL_PAGE ? first : first + pages - (room != 0 ? room : ALIGNMENT);
    struct ks_pool_block *block = ks_pool_add(pool, address);
    if (block == NULL) {
        ks_guest_protect(pool->guest, first, pages, KS_RIGHTS_NONE);
        return 0;
    }
    block->size = size;
    block->tag = tag;
    block->kind = (uint8_t)kind;
    block->live = block->special = true;
    uint64_t behind = first + pages - address - size;
    block->guard = (uint8_t)(behind < MOST_GUARD ? behind : MOST_GUARD);
    memset(ks_guest_pointer(address + size), KS_POOL_FILL, block->guard);
    arena->special_next = first + pages + KS_POOL_PAGE;
    pool->used += pages;
    return address;
}

void ks_pool_give_special(struct ks_pool *pool, struct ks_pool_block *block)
{
    uint64_t first = block->address & ~(KS_POOL_PAGE - 1);
    uint64_t pages = pages_of(block->address + block->size + block->guard - first);
    block->live = false;
    pool->used -= pages;
    ks_guest_discard(pool->guest, first, pages);
}

const struct ks_pool_block *ks_pool_special_at(const struct ks_pool *pool, uint64_t address)
{
    for (uint32_t i = 0; i < pool->count && ks_pool_is_special(pool, address); i++) {
        const struct ks_pool_block *block = &pool->blocks[i];
        uint64_t first = block->address & ~(KS_POOL_PAGE - 1);
        uint64_t end = pages_of(block->address + block->size + block->guard) + KS_POOL_PAGE;
        if (block->special && address >= first && address < end) {
            return block;
        }
    }
    return NULL;
}
