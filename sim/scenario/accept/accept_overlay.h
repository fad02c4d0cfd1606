// SPDX-License-Identifier: MIT
// Writing values that hold for one profile only: expect_by_profile is added to a step, or extended.
#ifndef KS_SCENARIO_ACCEPT_OVERLAY_H
#define KS_SCENARIO_ACCEPT_OVERLAY_H

#include "scenario/accept/accept_text.h"
#include "scenario/model.h"

// A key that is to get a value of its own for a profile.
struct ks_accept_overlay {
    const struct ks_step *step;
    enum kldr_profile profile;
    const char *key;
    struct ks_text_buffer text; // flow style
};

// Adds the insertions for all overlays of one step (others are passed over). The profile's own map
// must not have the key yet. In a step of block style each profile gets a line; in flow style all
// stays in the braces.
void ks_accept_overlay_write(struct ks_accept_text *edits, const struct ks_scenario_file *file,
                             const struct ks_step *step, const struct ks_accept_overlay *overlays,
                             size_t count);

#endif
