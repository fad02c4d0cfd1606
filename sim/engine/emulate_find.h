// SPDX-License-Identifier: MIT
// Finds CPUID in the code of an image. A host's CPU executes it without asking, as a rule, so what
// is found can be made to trap.
//
// The code is followed from where it is known to begin: through calls and branches, not behind
// returns and jumps, so that data between functions is not taken for code. What only a pointer
// leads to is not found.
#ifndef KS_ENGINE_EMULATE_FIND_H
#define KS_ENGINE_EMULATE_FIND_H

#include <kldr/alloc.h>

#include <stdbool.h>
#include <stdint.h>

struct ks_code_range {
    uint32_t first, size;
};

// An image as it is mapped, and what of it can be executed.
struct ks_code {
    const uint8_t *bytes;
    const struct ks_code_range *ranges; // inside the bytes
    size_t range_count;
    uint32_t size;
};

struct ks_code_places {
    uint32_t *rvas;
    size_t count, capacity;
};

// Adds each place to *places, whose memory is the allocator's. begins: RVAs, of which those outside
// the ranges do not count. False: no memory. A part of builds with Zydis.
bool ks_emulate_find_cpuid(const struct kldr_allocator *allocator, const struct ks_code *code,
                           const struct ks_code_places *begins, struct ks_code_places *places);

bool ks_code_places_add(const struct kldr_allocator *allocator, struct ks_code_places *places,
                        uint32_t rva);

#endif
