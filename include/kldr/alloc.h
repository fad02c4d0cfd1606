// SPDX-License-Identifier: MIT
// Memory for the library comes from its user. Every allocation of the loader goes through one of
// these, so that a test can make each of them fail once.
#ifndef KLDR_ALLOC_H
#define KLDR_ALLOC_H

#include <stddef.h>

// An allocator. All three functions are required; NULL for the whole struct means malloc and
// friends.
struct kldr_allocator {
    void *user; // passed back, never touched
    // Returns size bytes (size > 0) aligned for any object, or NULL.
    void *(*allocate)(void *user, size_t size);
    // As realloc: on failure the old block stays valid and NULL is returned. block may be NULL.
    void *(*reallocate)(void *user, void *block, size_t size);
    // block may be NULL.
    void (*release)(void *user, void *block);
};

// The allocator that calls malloc, realloc and free.
const struct kldr_allocator *kldr_allocator_default(void);

#endif
