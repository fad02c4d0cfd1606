// SPDX-License-Identifier: MIT
// The loader object, for the two files that make up its public face.
#ifndef KL_LOADER_OBJECT_H
#define KL_LOADER_OBJECT_H

#include "context.h"

struct kldr_loader {
    struct kl_context context;
    struct kldr_allocator allocator;
};

#endif
