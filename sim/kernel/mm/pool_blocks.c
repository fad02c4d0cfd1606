// SPDX-License-Identifier: MIT
// In guest memory blocks come in powers of two; each class has a queue of freed blocks. Without it
// they are the host's, one allocation each and given back when freed, so that its tools watch them.

#include "kernel/mm/pool_parts.h"

#include <string.h>

#define SMALLEST  5u // 32 bytes
#define COMMIT    UINT64_C(0x100000)
#define ARENA     (KS_GUEST_POOL_SIZE / KS_POOL_KINDS)
#define KEPT_BACK 16u // freed blocks of a class that are not given out again yet

void ks_pool_init(struct ks_pool *pool, const struct kldr_allocator *allocator,
                  const struct ks_guest *guest, uint64_t limit)
{
    *pool = (struct ks_pool){.allocator = allocator, .guest = guest, .limit = limit};
    for (unsigned i = 0; guest != NULL && i < KS_POOL_KINDS; i++) {
        struct ks_pool_arena *arena = &pool->arenas[i];
        arena->first = guest->base + KS_GUEST_POOL + i * ARENA;
        arena->next = arena->committed = arena->first;
        arena->end = arena->first + ARENA;
    }
}

void ks_pool_fini(struct ks_pool *pool)
{
    for (uint32_t i = 0; i < pool->count && pool->guest == NULL; i++) {
        if (pool->blocks[i].live) {
            pool->allocator->release(pool->allocator->user,
                                     ks_guest_pointer(pool->blocks[i].address));
        }
    }
    if (pool->allocator != NULL) {
        pool->allocator->release(pool->allocator->user, pool->blocks);
        pool->allocator->release(pool->allocator->user, pool->table);
    }
    *pool = (struct ks_pool){0};
}

static uint32_t slot_of(const struct ks_pool *pool, uint64_t address)
{
    return (uint32_t)((address >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (pool->table_size - 1);
}

static void insert(struct ks_pool *pool, uint32_t index)
{
    uint32_t slot = slot_of(pool, pool->blocks[index].address);
    while (pool->table[slot] != 0) {
        slot = (slot + 1) & (pool->table_size - 1);
    }
    pool->table[slot] = index + 1;
}

static bool grow(struct ks_pool *pool)
{
    const struct kldr_allocator *allocator = pool->allocator;
    if (pool->count < pool->capacity) {
        return true;
    }
    uint32_t capacity = pool->capacity == 0 ? 256 : pool->capacity * 2;
    struct ks_pool_block *blocks =
        allocator->reallocate(allocator->user, pool->blocks, capacity * sizeof *blocks);
    if (blocks == NULL) {
        return false;
    }
    pool->blocks = blocks;
    uint32_t *table = allocator->allocate(allocator->user, 2 * capacity * sizeof *table);
    if (table == NULL) {
        return false;
    }
    allocator->release(allocator->user, pool->table);
    memset(table, 0, 2 * capacity * sizeof *table);
    pool->table = table;
    pool->table_size = 2 * capacity;
    pool->capacity = capacity;
    for (uint32_t i = 0; i < pool->count; i++) {
        insert(pool, i);
    }
    return true;
}

struct ks_pool_block *ks_pool_find(const struct ks_pool *pool, uint64_t address)
{
    if (pool->table_size == 0) {
        return NULL;
    }
    for (uint32_t slot = slot_of(pool, address); pool->table[slot] != 0;
         slot = (slot + 1) & (pool->table_size - 1)) {
        struct ks_pool_block *block = &pool->blocks[pool->table[slot] - 1];
        if (block->address == address) {
            return block;
        }
    }
    return NULL;
}

struct ks_pool_block *ks_pool_add(struct ks_pool *pool, uint64_t address)
{
    if (!grow(pool)) {
        return NULL;
    }
    pool->blocks[pool->count] = (struct ks_pool_block){.address = address};
    insert(pool, pool->count);
    return &pool->blocks[pool->count++];
}

// Takes a block out of the table; what stands behind moves up, so that searches do not end early.
static void erase(struct ks_pool *pool, uint32_t index)
{
    uint32_t mask = pool->table_size - 1, hole = slot_of(pool, pool->blocks[index].address);
    while (pool->table[hole] != index + 1) {
        hole = (hole + 1) & mask;
    }
    pool->table[hole] = 0;
    for (uint32_t slot = (hole + 1) & mask; pool->table[slot] != 0; slot = (slot + 1) & mask) {
        uint32_t home = slot_of(pool, pool->blocks[pool->table[slot] - 1].address);
        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            pool->table[hole] = pool->table[slot];
            pool->table[slot] = 0;
            hole = slot;
        }
    }
}

static unsigned class_of(uint64_t size)
{
    unsigned size_class = SMALLEST;
    while (size_class < KS_POOL_CLASSES && UINT64_C(1) << size_class < size) {
        size_class++;
    }
    return size_class;
}

bool ks_pool_holds(const struct ks_pool *pool, uint64_t address, uint64_t size)
{
    for (unsigned i = 0; i < KS_POOL_KINDS; i++) {
        const struct ks_pool_arena *arena = &pool->arenas[i];
        if (address >= arena->first && address < arena->committed) {
            return arena->committed - address >= size;
        }
    }
    return false;
}

const struct ks_pool_block *ks_pool_around(const struct ks_pool *pool, uint64_t address)
{
    for (uint32_t i = 0; i < pool->count; i++) {
        const struct ks_pool_block *block = &pool->blocks[i];
        if (address >= block->address && address - block->address < UINT64_C(1)
                                                                        << block->size_class) {
            return block;
        }
    }
    return NULL;
}

static unsigned freed_count(const struct ks_pool *pool, const struct ks_pool_arena *arena,
                            unsigned size_class)
{
    unsigned count = 0;
    for (uint32_t i = arena->free_first[size_class]; i != 0 && count < KEPT_BACK; count++) {
        i = pool->blocks[i - 1].next_free;
    }
    return count;
}

static struct ks_pool_block *reuse(struct ks_pool *pool, struct ks_pool_arena *arena,
                                   unsigned size_class)
{
    uint32_t first = arena->free_first[size_class];
    bool room = arena->end - arena->next >= UINT64_C(1) << size_class;
    if (first == 0 || (room && freed_count(pool, arena, size_class) < KEPT_BACK)) {
        return NULL;
    }
    struct ks_pool_block *block = &pool->blocks[first - 1];
    uint64_t at = 0;
    if (pool->on_written != NULL && ks_pool_is_written(block, &at)) {
        pool->on_written(pool->user, block, at);
    }
    arena->free_first[size_class] = block->next_free;
    if (block->next_free == 0) {
        arena->free_last[size_class] = 0;
    }
    block->next_free = 0;
    return block;
}

// Makes pages up to an address ones that can be touched.
static bool commit(const struct ks_pool *pool, struct ks_pool_arena *arena, uint64_t end)
{
    bool code = arena == &pool->arenas[KS_POOL_CODE];
    if (end <= arena->committed) {
        return true;
    }
    uint64_t more = (end - arena->committed + COMMIT - 1) & ~(COMMIT - 1);
    more = more < arena->end - arena->committed ? more : arena->end - arena->committed;
    if (!ks_guest_protect(pool->guest, arena->committed, more,
                          code ? KS_RIGHTS_ALL : KS_RIGHTS_WRITE)) {
        return false;
    }
    arena->committed += more;
    return true;
}

// Makes a block at the end of what was given out so far. Blocks of a page and more begin on a page.
static struct ks_pool_block *extend(struct ks_pool *pool, enum ks_pool_kind kind,
                                    unsigned size_class)
{
    struct ks_pool_arena *arena = &pool->arenas[kind];
    uint64_t size = UINT64_C(1) << size_class;
    uint64_t align = size < KS_POOL_PAGE ? size : KS_POOL_PAGE;
    uint64_t address = (arena->next + align - 1) & ~(align - 1);
    if (address >= arena->end || size > arena->end - address ||
        !commit(pool, arena, address + size)) {
        return NULL;
    }
    struct ks_pool_block *block = ks_pool_add(pool, address);
    if (block != NULL) {
        arena->next = address + size;
        block->size_class = (uint8_t)size_class;
        block->kind = (uint8_t)kind;
    }
    return block;
}

// A block that was freed while it was in the queue already keeps its place there.
static void remember(struct ks_pool *pool, struct ks_pool_block *block)
{
    uint32_t number = (uint32_t)(block - pool->blocks) + 1;
    if (block->queued) {
        return;
    }
    if (pool->known_last != 0) {
        pool->blocks[pool->known_last - 1].next_free = number;
    } else {
        pool->known_first = number;
    }
    pool->known_last = number;
    pool->known++;
    block->queued = true;
    block->next_free = 0;
}

// The record of the freed block that was forgotten, when there are too many. NULL: there are not.
static struct ks_pool_block *forget(struct ks_pool *pool)
{
    while (pool->known > KS_POOL_KNOWN) {
        struct ks_pool_block *oldest = &pool->blocks[pool->known_first - 1];
        pool->known_first = oldest->next_free;
        pool->known_last = pool->known_first != 0 ? pool->known_last : 0;
        pool->known--;
        oldest->queued = false;
        if (!oldest->live) { // its address was not given out again
            erase(pool, (uint32_t)(oldest - pool->blocks));
            return oldest;
        }
    }
    return NULL;
}

static struct ks_pool_block *make_record(struct ks_pool *pool, uint64_t address)
{
    struct ks_pool_block *block = forget(pool);
    if (block == NULL) {
        return ks_pool_add(pool, address);
    }
    *block = (struct ks_pool_block){.address = address};
    insert(pool, (uint32_t)(block - pool->blocks));
    return block;
}

// A block of the host's memory. A record of a freed one at the same address is used again.
static struct ks_pool_block *borrow(struct ks_pool *pool, uint64_t size)
{
    void *memory = size < SIZE_MAX ? pool->allocator->allocate(pool->allocator->user,
                                                               (size_t)size + KS_POOL_GUARD)
                                   : NULL;
    struct ks_pool_block *block =
        memory != NULL ? ks_pool_find(pool, (uint64_t)(uintptr_t)memory) : NULL;
    if (block != NULL || memory == NULL) {
        return block;
    }
    block = make_record(pool, (uint64_t)(uintptr_t)memory);
    if (block == NULL) {
        pool->allocator->release(pool->allocator->user, memory);
    }
    return block;
}

uint64_t ks_pool_take(struct ks_pool *pool, enum ks_pool_kind kind, uint64_t size, uint32_t tag)
{
    // A block of whole pages has none behind it, for then it would take twice as much.
    bool guarded = size % KS_POOL_PAGE != 0 || size == 0 || pool->guest == NULL;
    if (size >= UINT64_C(1) << (KS_POOL_CLASSES - 1) || size > pool->limit - pool->used) {
        return 0;
    }
    unsigned size_class = class_of(guarded ? size + KS_POOL_GUARD : size);
    struct ks_pool_block *block =
        pool->guest != NULL ? reuse(pool, &pool->arenas[kind], size_class) : borrow(pool, size);
    if (block == NULL && pool->guest != NULL) {
        block = extend(pool, kind, size_class);
    }
    if (block == NULL) {
        return 0;
    }
    block->size = size;
    block->tag = tag;
    block->maker = block->freer = 0;
    block->seen = false;
    block->live = true;
    pool->used += size;
    block->guard = guarded ? KS_POOL_GUARD : 0;
    memset(ks_guest_pointer(block->address), 0, (size_t)size);
    if (guarded) {
        memset(ks_guest_pointer(block->address + size), KS_POOL_FILL, KS_POOL_GUARD);
    }
    return block->address;
}

bool ks_pool_is_intact(const struct ks_pool_block *block, uint64_t *out_at)
{
    const uint8_t *guard = ks_guest_pointer(block->address + block->size);
    for (unsigned i = 0; i < block->guard; i++) {
        if (guard[i] != KS_POOL_FILL) {
            *out_at = block->address + block->size + i;
            return false;
        }
    }
    return true;
}

void ks_pool_give(struct ks_pool *pool, struct ks_pool_block *block)
{
    if (block->special) {
        ks_pool_give_special(pool, block);
        return;
    }
    unsigned size_class = block->size_class;
    struct ks_pool_arena *arena = &pool->arenas[block->kind];
    uint32_t index = (uint32_t)(block - pool->blocks) + 1;
    memset(ks_guest_pointer(block->address), KS_POOL_FREED, (size_t)block->size);
    pool->used -= block->size;
    block->live = false;
    if (pool->guest == NULL) {
        pool->allocator->release(pool->allocator->user, ks_guest_pointer(block->address));
        remember(pool, block);
        return;
    }
    ks_pool_remember_freed(pool, block);
    block->next_free = 0;
    if (arena->free_last[size_class] != 0) {
        pool->blocks[arena->free_last[size_class] - 1].next_free = index;
    } else {
        arena->free_first[size_class] = index;
    }
    arena->free_last[size_class] = index;
}
