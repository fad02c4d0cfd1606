// SPDX-License-Identifier: MIT
// Blocks that double in size up to a limit; an object larger than a block gets one of its own.
#include "scenario/arena.h"

#include <stdint.h>
#include <string.h>

#define FIRST_BLOCK_SIZE   ((size_t)64 * 1024)
#define LARGEST_BLOCK_SIZE ((size_t)1024 * 1024)

// What is handed out lies behind this header.
struct ks_arena_block {
    struct ks_arena_block *older;
};

// Alignment of objects, and bytes that it may cost at the beginning of a block.
#define ALIGNMENT ((size_t)16)

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
    size_t whole = arena->block_size;
    if (size > SIZE_MAX - sizeof(struct ks_arena_block) - ALIGNMENT) {
        longjmp(*arena->out_of_memory, 1);
    }
    if (size + sizeof(struct ks_arena_block) + ALIGNMENT > whole) {
        whole = size + sizeof(struct ks_arena_block) + ALIGNMENT;
    }
    struct ks_arena_block *block = arena->allocator.allocate(arena->allocator.user, whole);
    if (block == NULL) {
        longjmp(*arena->out_of_memory, 1);
    }
    block->older = arena->blocks;
    arena->blocks = block;
    arena->next = (unsigned char *)(block + 1);
    arena->end = (unsigned char *)block + whole;
    if (arena->block_size < LARGEST_BLOCK_SIZE) {
        arena->block_size *= 2;
    }
}

static size_t gap_before(const struct ks_arena *arena, size_t align)
{
    return (size_t)(-(uintptr_t)arena->next & (align - 1));
}

static void *take(struct ks_arena *arena, size_t size, size_t align)
{
    size_t gap = gap_before(arena, align);
    size_t room = arena->next == NULL ? 0 : (size_t)(arena->end - arena->next);
    if (room == 0 || room < gap || room - gap < size) {
        add_block(arena, size);
        gap = gap_before(arena, align);
    }
    void *memory = arena->next + gap;
    arena->next += gap + size;
    return memory;
}

void *ks_arena_take(struct ks_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        longjmp(*arena->out_of_memory, 1);
    }
    void *memory = take(arena, count * size, ALIGNMENT);
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

char *ks_arena_join(struct ks_arena *arena, const char *first, const char *second)
{
    size_t first_length = strlen(first);
    size_t second_length = strlen(second);
    char *joined = take(arena, first_length + second_length + 1, 1);
    memcpy(joined, first, first_length);
    memcpy(joined + first_length, second, second_length + 1);
    return joined;
}
