// SPDX-License-Identifier: MIT
// How the library itself asks for memory: through the user's allocator, zeroed, with sizes that
// cannot wrap.
#ifndef KL_ALLOC_H
#define KL_ALLOC_H

#include <kldr/alloc.h>

// The allocator to use: the default one when allocator is NULL or has no functions.
const struct kldr_allocator *kl_alloc_pick(const struct kldr_allocator *allocator);

// size zeroed bytes, or NULL.
void *kl_alloc_zeroed(const struct kldr_allocator *allocator, size_t size);

// block grown or shrunk to count elements of element_size bytes, or NULL (block is then still
// valid). count * element_size must not be zero; a product that wraps is NULL.
void *kl_alloc_resize(const struct kldr_allocator *allocator, void *block, size_t count,
                      size_t element_size);

// A NUL-terminated copy of length bytes, or NULL.
char *kl_alloc_text(const struct kldr_allocator *allocator, const char *text, size_t length);

// block may be NULL.
void kl_alloc_release(const struct kldr_allocator *allocator, void *block);

#endif
