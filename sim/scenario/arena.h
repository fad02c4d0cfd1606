// SPDX-License-Identifier: MIT
// Memory that is given back all at once: a parsed scenario file is one arena.
//
// There is no failure to test for at each call: when memory is out, control goes to the jmp_buf
// that the owner set up, which then frees the arena as a whole. Nothing that needs its own clean-up
// may be held across a call except where the owner can reach it.
#ifndef KS_SCENARIO_ARENA_H
#define KS_SCENARIO_ARENA_H

#include <kldr/alloc.h>

#include <setjmp.h>

struct ks_arena_block;

struct ks_arena {
    struct kldr_allocator allocator;
    struct ks_arena_block *blocks; // newest first
    unsigned char *next, *end;     // free part of the newest block
    size_t block_size;             // of the next block
    jmp_buf *out_of_memory;        // while set, where a failed allocation goes
};

// allocator NULL: the default one. The first block is taken with the first allocation.
void ks_arena_init(struct ks_arena *arena, const struct kldr_allocator *allocator,
                   jmp_buf *out_of_memory);
void ks_arena_fini(struct ks_arena *arena);

// count objects of size bytes, zeroed, aligned for any object. Also for count 0: a valid pointer.
void *ks_arena_take(struct ks_arena *arena, size_t count, size_t size);

// The bytes as a string: a NUL is put behind them.
char *ks_arena_copy(struct ks_arena *arena, const char *text, size_t length);

// One string behind the other.
char *ks_arena_join(struct ks_arena *arena, const char *first, const char *second);

#endif
