// SPDX-License-Identifier: MIT
// Freed blocks are filled with a pattern. Whether somebody wrote to one is looked at when it is
// given out again, and of those freed last at the end of each step.

#include "kernel/mm/pool_parts.h"

#include <string.h>

#define MOST_BYTES (UINT64_C(256) << 10) // looked at together

void ks_pool_remember_freed(struct ks_pool *pool, const struct ks_pool_block *block)
{
    pool->freed[pool->freed_next++ % KS_POOL_FREED_BLOCKS] = (uint32_t)(block - pool->blocks) + 1;
}

bool ks_pool_is_written(const struct ks_pool_block *block, uint64_t *out_at)
{
    const uint8_t *bytes = ks_guest_pointer(block->address);
    uint64_t i = 0;
    if (block->live || block->special || block->seen) {
        return false;
    }
    if (block->size > 0 && bytes[0] == KS_POOL_FREED &&
        memcmp(bytes, bytes + 1, (size_t)block->size - 1) == 0) {
        return false;
    }
    while (i < block->size && bytes[i] == KS_POOL_FREED) {
        i++;
    }
    *out_at = block->address + i;
    return i < block->size;
}

void ks_pool_look_at_freed(struct ks_pool *pool)
{
    uint64_t bytes = 0, at = 0;
    for (uint32_t i = 1; i <= KS_POOL_FREED_BLOCKS && pool->on_written != NULL; i++) {
        uint32_t index = pool->freed[(pool->freed_next - i) % KS_POOL_FREED_BLOCKS];
        if (index == 0 || bytes > MOST_BYTES) {
            return;
        }
        struct ks_pool_block *block = &pool->blocks[index - 1];
        bytes += block->size;
        if (ks_pool_is_written(block, &at)) {
            block->seen = true;
            pool->on_written(pool->user, block, at);
        }
    }
}
