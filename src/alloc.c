// SPDX-License-Identifier: MIT
// The default allocator, and the few shapes of allocation the library needs.
#include "alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *default_allocate(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void *default_reallocate(void *user, void *block, size_t size)
{
    (void)user;
    return realloc(block, size);
}

static void default_release(void *user, void *block)
{
    (void)user;
    free(block);
}

const struct kldr_allocator *kldr_allocator_default(void)
{
    static const struct kldr_allocator allocator = {NULL, default_allocate, default_reallocate,
                                                    default_release};
    return &allocator;
}

const struct kldr_allocator *kl_alloc_pick(const struct kldr_allocator *allocator)
{
    if (allocator == NULL || allocator->allocate == NULL)
        return kldr_allocator_default();
    return allocator;
}

void *kl_alloc_zeroed(const struct kldr_allocator *allocator, size_t size)
{
    void *block = allocator->allocate(allocator->user, size);
    if (block != NULL)
        memset(block, 0, size);
    return block;
}

void *kl_alloc_resize(const struct kldr_allocator *allocator, void *block, size_t count,
                      size_t element_size)
{
    if (count > SIZE_MAX / element_size)
        return NULL;
    return allocator->reallocate(allocator->user, block, count * element_size);
}

char *kl_alloc_text(const struct kldr_allocator *allocator, const char *text, size_t length)
{
    if (length == SIZE_MAX)
        return NULL;
    char *copy = allocator->allocate(allocator->user, length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void kl_alloc_release(const struct kldr_allocator *allocator, void *block)
{
    allocator->release(allocator->user, block);
}
