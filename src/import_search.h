// SPDX-License-Identifier: MIT
// Where the file of a dependency is looked for: knob `search`, nothing else.
#ifndef KL_IMPORT_SEARCH_H
#define KL_IMPORT_SEARCH_H

#include "context.h"

// The places where a dependency's file is looked for, in order (knob search; R11, R12, A11).
#define KL_SEARCH_MAX_PLACES 2
struct kl_search {
    char *paths[KL_SEARCH_MAX_PLACES];
    size_t lengths[KL_SEARCH_MAX_PLACES];
    unsigned count;
};

// Builds the paths for an import of an importer that lies in directory (its spelling, length bytes,
// may be empty: then the drivers folder only, A91). False when memory is out. Freed with
// kl_search_fini.
bool kl_search_init(const struct kl_context *context, const char *directory,
                    size_t directory_length, const char *name, size_t name_length,
                    struct kl_search *out_search);
void kl_search_fini(const struct kl_context *context, struct kl_search *search);

#endif
