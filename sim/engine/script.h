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

// Data of the scenario as bytes, which live as long as the run.
typedef kldr_status (*ks_make_data)(struct kldr_world *world, const struct ks_data *data,
                                    const uint8_t **out_bytes, size_t *out_size);

// What the engine asks of whoever runs the scenario.
struct ks_script_host {
    ks_perform_steps perform;
    ks_make_data make_data;
};

// A declared image as a file's description. Owned by the file.
struct ks_script {
    const struct ks_image *image;
    struct kldr_built_image built;
    uint32_t *calls_across; // by index into built.routines: calls over all instances (A96)
    const struct ks_script_host *host;
};

// Makes a file from a built declared image and takes the built image over, also on failure.
// NULL: no memory.
struct ks_file *ks_script_file_create(const struct kldr_allocator *allocator,
                                      const struct ks_image *image, struct kldr_built_image *built,
                                      const struct ks_script_host *host);

// What the scenario says of an instance's image.
const struct ks_image *ks_script_image(const struct ks_instance *instance);
// What its DriverEntry put into the dispatch table for a major function; 0: nothing.
uint64_t ks_script_dispatch(const struct ks_instance *instance, unsigned major);

extern const struct ks_engine ks_engine_script;

#endif
