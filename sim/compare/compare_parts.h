// SPDX-License-Identifier: MIT
// Between the files of sim/compare.
#ifndef KS_COMPARE_PARTS_H
#define KS_COMPARE_PARTS_H

#include "compare/compare.h"
#include "scenario/arena.h"
#include "scenario/run/observe.h"

// The owner of all that a comparison points to.
struct ks_compare_maker {
    struct ks_compare compare; // first: the public view
    struct ks_arena arena;
    struct ks_runner *runner;
    const struct ks_run_options *options;
    struct ks_policy_override *overrides; // options->policy, and room for one per knob
    bool out_of_memory;
};

// Allocates from the comparison's arena; NULL sets out_of_memory.
void *ks_compare_take(struct ks_compare_maker *maker, size_t count, size_t size);
const char *ks_compare_keep(struct ks_compare_maker *maker, const char *text);

// ---- runs (compare_see.c) ----

// Runs the scenario under a profile with some knobs changed, and fills column: label, outcome,
// policy and what each step showed.
void ks_compare_see(struct ks_compare_maker *maker, enum kldr_profile profile,
                    const struct ks_compare_change *changes, size_t change_count,
                    struct ks_compare_column *column);
// The recording as a column.
void ks_compare_see_recording(struct ks_compare_maker *maker, const struct ks_recording *recording,
                              struct ks_compare_column *column);
// Whether a name is that of an image of the scenario.
bool ks_compare_knows(const struct ks_scenario *scenario, const char *module);

// ---- causes (compare_cause.c) ----

// Finds the cause of each difference.
void ks_compare_find_causes(struct ks_compare_maker *maker);

#endif
