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
};

// The whole document. document->root is a map that has been validated.
void ks_build_scenario(struct ks_build *build, struct ks_node *root);

// value of a key of `images`, `create` or `replace`.
void ks_build_image(struct ks_build *build, struct ks_node *value, bool on_disk,
                    struct ks_image *out_image);
void ks_build_routine(struct ks_build *build, struct ks_node *node, struct ks_routine *out_routine);
void ks_build_steps(struct ks_build *build, struct ks_node *list, const struct ks_step **out_steps,
                    size_t *out_count);

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
