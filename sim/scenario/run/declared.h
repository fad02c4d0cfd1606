// SPDX-License-Identifier: MIT
// A declared image of a scenario as PE bytes.
#ifndef KS_SCENARIO_DECLARED_H
#define KS_SCENARIO_DECLARED_H

#include "scenario/model.h"

#include <kldr/image_builder.h>

// What the builder is told of a declared image.
struct ks_declared {
    struct kldr_build_description description;
    void *block; // its arrays; released by the caller with the same allocator
};
kldr_status ks_declared_describe(const struct kldr_allocator *allocator,
                                 const struct ks_scenario *scenario, const struct ks_image *image,
                                 enum kldr_machine machine, struct ks_declared *out);

// Builds a declared image. machine is the simulated system's, used when the image names none. Hints
// that are not written are taken from the declared exporter in the same folder, else in the drivers
// folder (A13). *out is freed with kldr_built_image_free and the same allocator (NULL: the default
// one).
kldr_status ks_declared_build_with(const struct kldr_allocator *allocator,
                                   const struct ks_scenario *scenario, const struct ks_image *image,
                                   enum kldr_machine machine, struct kldr_built_image *out,
                                   struct kldr_error *error);

// The same with the default allocator.
kldr_status ks_declared_build(const struct ks_scenario *scenario, const struct ks_image *image,
                              enum kldr_machine machine, struct kldr_built_image *out,
                              struct kldr_error *error);

// The image of a scenario with that full path (case ignored), or NULL. Links are not followed.
const struct ks_image *ks_declared_find(const struct ks_scenario *scenario, const char *path,
                                        size_t length);

#endif
