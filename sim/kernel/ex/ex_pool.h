// SPDX-License-Identifier: MIT
// Pool: blocks of guest memory, or of the host's. What is known of a block lies outside it, so that
// a driver that writes past its block harms its own data only. A block that was freed is filled and
// is given out again as late as possible.
#ifndef KS_KERNEL_EX_POOL_H
#define KS_KERNEL_EX_POOL_H

#include "engine/guest.h"

#include <kldr/alloc.h>

struct ks_pool_block {
    uint64_t address; // 0: a free slot of the table
    uint64_t size;
    uint64_t maker; // code that asked for it; 0: kldr itself
    uint64_t freer; // code that freed it last; 0: kldr itself
    uint32_t tag;
    uint8_t size_class;
    uint8_t kind;  // enum ks_pool_kind
    uint8_t guard; // bytes behind its end that are filled
    bool live;
    bool special;       // with pages of its own
    bool seen;          // that somebody wrote to it after it was freed
    bool queued;        // in the queue of freed blocks of the host's
    uint32_t next_free; // index + 1 of the next of its class, or of that queue
};

#define KS_POOL_CLASSES      32
#define KS_POOL_FREED_BLOCKS 256 // looked at again

enum ks_pool_kind {
    KS_POOL_DATA, // paged pool, NonPagedPoolNx
    KS_POOL_CODE, // NonPagedPool (NonPagedPoolExecute), in which code can run
    KS_POOL_KINDS
};

// Of one kind: the addresses that were given out so far and can be touched, and queues of what was
// freed.
struct ks_pool_arena {
    uint64_t first, next, end, committed;
    uint64_t special_first, special_next, special_end; // its special pool, if any
    uint32_t free_first[KS_POOL_CLASSES], free_last[KS_POOL_CLASSES];
};

struct ks_pool {
    const struct kldr_allocator *allocator;
    const struct ks_guest *guest;
    struct ks_pool_arena arenas[KS_POOL_KINDS];
    uint64_t used, limit; // bytes
    struct ks_pool_block *blocks;
    uint32_t count, capacity;
    uint32_t *table; // index + 1 of the block, by hash of its address
    uint32_t table_size;
    bool has_special;                     // arenas have special pool
    uint32_t freed[KS_POOL_FREED_BLOCKS]; // index + 1 of those freed last, at freed_next % ...
    uint32_t freed_next;
    // Somebody wrote to a freed block, at this address. NULL: nobody looks.
    void (*on_written)(void *user, const struct ks_pool_block *block, uint64_t at);
    void *user;
    uint32_t known_first, known_last, known; // freed blocks of the host's, the oldest first
};

// So many freed blocks of the host's are known at most; then the oldest is forgotten, as an
// allocator that gives out no address again, as sanitizers have one, would have records grow for
// ever.
#define KS_POOL_KNOWN 4096u

// guest NULL: blocks are allocations of the host.
void ks_pool_init(struct ks_pool *pool, const struct kldr_allocator *allocator,
                  const struct ks_guest *guest, uint64_t limit);
void ks_pool_fini(struct ks_pool *pool);

// SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION, and its fourth parameter: bytes behind the end of a
// block were written.
#define KS_POOL_STOP_CORRUPTION 0xC1u
#define KS_POOL_WRITTEN_BEYOND  0x24u

// Behind each block are bytes of a pattern, so that writing past its end is noticed when it is
// freed.
#define KS_POOL_GUARD 16u

// Zeroed. 0 when the limit is reached or the host is out of memory.
uint64_t ks_pool_take(struct ks_pool *pool, enum ks_pool_kind kind, uint64_t size, uint32_t tag);
// Whether all of it lies in pages of pool in guest memory that can be touched.
bool ks_pool_holds(const struct ks_pool *pool, uint64_t address, uint64_t size);
// The block that an address is in, live or freed; NULL: in none. Slow.
const struct ks_pool_block *ks_pool_around(const struct ks_pool *pool, uint64_t address);
// The block that begins at address, live or freed. NULL: none ever did, or it is forgotten.
struct ks_pool_block *ks_pool_find(const struct ks_pool *pool, uint64_t address);
// Whether nobody wrote behind the end of a live block. *out_at: where somebody did.
bool ks_pool_is_intact(const struct ks_pool_block *block, uint64_t *out_at);
void ks_pool_give(struct ks_pool *pool, struct ks_pool_block *block);

// ---- freed blocks (pool_freed.c) ----

void ks_pool_remember_freed(struct ks_pool *pool, const struct ks_pool_block *block);
// Whether somebody wrote to a freed block, and that was not told yet.
bool ks_pool_is_written(const struct ks_pool_block *block, uint64_t *out_at);
// Tells which of those that were freed last were written to.
void ks_pool_look_at_freed(struct ks_pool *pool);

// ---- special pool (pool_special.c): guest memory only ----

// Each arena gives half of its addresses to it.
void ks_pool_begin_special(struct ks_pool *pool);
// Whether an address was given out by it.
bool ks_pool_is_special(const struct ks_pool *pool, uint64_t address);
// As ks_pool_take, but not zeroed. 0 also when the host has no more mappings.
uint64_t ks_pool_take_special(struct ks_pool *pool, enum ks_pool_kind kind, uint64_t size,
                              uint32_t tag);
void ks_pool_give_special(struct ks_pool *pool, struct ks_pool_block *block);
// The block whose pages, or the page behind them, are at an address. NULL: none.
const struct ks_pool_block *ks_pool_special_at(const struct ks_pool *pool, uint64_t address);

#endif
