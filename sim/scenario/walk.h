// SPDX-License-Identifier: MIT
// Visits every image and every step of a scenario, those inside routines and steps included, always
// in the same order.
#ifndef KS_SCENARIO_WALK_H
#define KS_SCENARIO_WALK_H

#include "scenario/model.h"

// Either function may be NULL. False ends the walk.
struct ks_walk {
    bool (*image)(void *user, const struct ks_image *image);
    bool (*step)(void *user, const struct ks_step *step);
    void *user;
};

// False when a function ended the walk. The images of the scenario come first, then its steps; what
// lies inside one follows it.
bool ks_walk_scenario(const struct ks_scenario *scenario, const struct ks_walk *walk);

// True when an image of the scenario is a real file, images made by steps included.
bool ks_scenario_uses_real_images(const struct ks_scenario *scenario);

#endif
