// SPDX-License-Identifier: MIT
// The engine of declared images: a routine does what the scenario says of it.
#ifndef KS_ENGINE_SCRIPT_H
#define KS_ENGINE_SCRIPT_H

#include "engine/engine.h"
#include "scenario/model.h"

#include <kldr/image_builder.h>

// Performs steps inside a running routine. Returns KLDR_STATUS_SUCCESS or a status that ends the
// simulation.
typedef kldr_status (*ks_perform_steps)(struct kldr_world *world, const struct ks_call *by,
                                        const struct ks_step *steps, size_t count);

// A declared image as a file's description. Owned by the file.
struct ks_script {
    const struct ks_image *image;
    struct kldr_built_image built;
    uint32_t *calls_across; // by index into built.routines: calls over all instances (A96)
    ks_perform_steps perform;
};

// Makes a file from a built declared image and takes the built image over, also on failure.
// NULL: no memory.
struct ks_file *ks_script_file_create(const struct kldr_allocator *allocator,
                                      const struct ks_image *image, struct kldr_built_image *built,
                                      ks_perform_steps perform);

extern const struct ks_engine ks_engine_script;

#endif
