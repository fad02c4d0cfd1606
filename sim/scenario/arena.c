// SPDX-License-Identifier: MIT
// Blocks that double in size up to a limit; an object larger than a block gets one of its own.
#include "scenario/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#define FIRST_BLOCK_SIZE   ((size_t)64 * 1024)
#define LARGEST_BLOCK_SIZE ((size_t)1024 * 1024)

struct ks_arena_block {
    struct ks_arena_block *older;
    alignas(16) unsigned char bytes[];
};

void ks_arena_init(struct ks_arena *arena, const struct kldr_allocator *allocator,
                   jmp_buf *out_of_memory)
{
    *arena = (struct ks_arena){
        .allocator = allocator == NULL ? *kldr_allocator_default() : *allocator,
        .block_size = FIRST_BLOCK_SIZE,
        .out_of_memory = out_of_memory,
    };
}

void ks_arena_fini(struct ks_arena *arena)
{
    struct kldr_allocator allocator = arena->allocator;
    for (struct ks_arena_block *block = arena->blocks; block != NULL;) {
        struct ks_arena_block *older = block->older;
        allocator.release(allocator.user, block);
        block = older;
    }
    arena->blocks = NULL;
    arena->next = arena->end = NULL;
}

static void add_block(struct ks_arena *arena, size_t size)
{
    size_t usable = arena->block_size - sizeof(struct ks_arena_block);
    if (size > usable) {
        usable = size;
    }
    if (usable > SIZE_MAX - sizeof(struct ks_arena_block)) {
        longjmp(*arena->out_of_memory, 1);
    }
    struct ks_arena_block *block =
        arena->allocator.allocate(arena->allocator.user, sizeof(struct ks_arena_block) + usable);
    if (block == NULL) {
        longjmp(*arena->out_of_memory, 1);
    }
    block->older = arena->blocks;
    arena->blocks = block;
    arena->next = block->bytes;
    arena->end = block->bytes + usable;
    if (arena->block_size < LARGEST_BLOCK_SIZE) {
        arena->block_size *= 2;
    }
}

static void *take(struct ks_arena *arena, size_t size, size_t align)
{
    size_t skip = (size_t)(-(uintptr_t)arena->next & (align - 1));
    if (arena->next == NULL || (size_t)(arena->end - arena->next) < skip ||
        (size_t)(arena->end - arena->next) - skip < size) {
        add_block(arena, size);
        skip = 0;
    }
    void *memory = arena->next + skip;
    arena->next += skip + size;
    return memory;
}

void *ks_arena_take(struct ks_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        longjmp(*arena->out_of_memory, 1);
    }
    void *memory = take(arena, count * size, 16);
    memset(memory, 0, count * size);
    return memory;
}

char *ks_arena_copy(struct ks_arena *arena, const char *text, size_t length)
{
    if (length == SIZE_MAX) {
        longjmp(*arena->out_of_memory, 1);
    }
    char *copy = take(arena, length + 1, 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    copy[length] = '\0';
    return copy;
}
