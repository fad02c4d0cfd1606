// SPDX-License-Identifier: MIT
// Nodes that were judged good become the model. Bad ones are passed over as if they were not there:
// a file with a diagnostic is never run, but the rest of it is still cross-checked.
#ifndef KS_SCENARIO_BUILD_H
#define KS_SCENARIO_BUILD_H

#include "scenario/format/keys.h"
#include "scenario/parse/diagnose.h"
#include "scenario/parse/validate.h"

// A step, nested ones included, on the way to the model.
struct ks_built_step {
    struct ks_step *step;
    bool nested; // inside a routine's `do`
    struct ks_built_step *next;
};

// Data with a file of the host among the pieces.
struct ks_built_data {
    struct ks_data data;
    struct ks_built_data *next;
};

// An image, those of create and replace included.
struct ks_built_image {
    struct ks_image *image;
    bool on_disk; // a key of `images`
    struct ks_built_image *next;
};

struct ks_build {
    struct ks_parse *parse;
    struct ks_arena *arena;
    struct ks_scenario *scenario;
    unsigned routine_depth;                      // how many `do` we are in
    struct ks_built_step *steps, **last_step;    // in file order
    struct ks_built_image *images, **last_image; // in file order
    struct ks_built_data *file_data, **last_file_data;
};

// The whole document. document->root is a map that has been validated.
void ks_build_scenario(struct ks_build *build, struct ks_node *root);

// value of a key of `images`, `create` or `replace`.
void ks_build_image(struct ks_build *build, struct ks_node *value, bool on_disk,
                    struct ks_image *out_image);
void ks_build_routine(struct ks_build *build, struct ks_node *node, struct ks_routine *out_routine);
void ks_build_steps(struct ks_build *build, struct ks_node *list, const struct ks_step **out_steps,
                    size_t *out_count);

// Values of the actions from add_device to port_io, and `devices` of an image (build_io.c).
void ks_build_io(struct ks_build *build, struct ks_node *value, struct ks_step *step);
void ks_build_devices(struct ks_build *build, struct ks_node *node, struct ks_image *image);
void ks_build_registry(struct ks_build *build, struct ks_node *map,
                       struct ks_step_registry *registry);

void ks_build_hardware(struct ks_build *build, const struct ks_node *map);
void ks_build_processor(struct ks_build *build, struct ks_node *map);

// Bytes (build_data.c).
struct ks_data ks_build_data(struct ks_build *build, const struct ks_node *node);
void ks_build_expect_files(struct ks_build *build, const struct ks_node *map,
                           struct ks_expect *expect);
struct ks_expect_bytes ks_build_expect_bytes(struct ks_build *build, const struct ks_node *node);
// A text in UTF-8 as UTF-16, lowest byte first; out_bytes has room for 2 * length. Returns the
// bytes written.
size_t ks_build_wide(const char *text, size_t length, uint8_t *out_bytes);

// Sets the keys given in map, leaves the others of *expect as they are.
void ks_build_expect(struct ks_build *build, struct ks_node *map, struct ks_expect *expect);

// Scalars that were judged good.
uint64_t ks_build_number(const struct ks_node *node);
kldr_status ks_build_status(const struct ks_node *node);
bool ks_build_boolean(const struct ks_node *node);

// Children of a list or map that are good, by the array; *out_count is how many.
const char *const *ks_build_texts(struct ks_build *build, const struct ks_node *list,
                                  size_t *out_count);

#endif
