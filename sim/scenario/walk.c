// SPDX-License-Identifier: MIT
// Images hold routines, routines hold steps, steps hold images. Depth is bounded by the nesting of
// the file.
#include "scenario/walk.h"

static bool walk_image(const struct ks_walk *walk, const struct ks_image *image);

static bool walk_steps(const struct ks_walk *walk, const struct ks_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((walk->step != NULL && !walk->step(walk->user, &steps[i])) ||
            (steps[i].disk_image != NULL && !walk_image(walk, steps[i].disk_image))) {
            return false;
        }
    }
    return true;
}

static bool walk_routine(const struct ks_walk *walk, const struct ks_routine *routine)
{
    for (size_t i = 0; i < routine->entry_count; i++) {
        if (!walk_steps(walk, routine->entries[i].steps, routine->entries[i].step_count)) {
            return false;
        }
    }
    return true;
}

static bool walk_image(const struct ks_walk *walk, const struct ks_image *image)
{
    if ((walk->image != NULL && !walk->image(walk->user, image)) ||
        !walk_routine(walk, &image->driver_entry) || !walk_routine(walk, &image->driver_unload) ||
        !walk_routine(walk, &image->dllinitialize) || !walk_routine(walk, &image->dllunload)) {
        return false;
    }
    for (size_t i = 0; i < image->routine_count; i++) {
        if (!walk_routine(walk, &image->routines[i].routine)) {
            return false;
        }
    }
    return true;
}

bool ks_walk_scenario(const struct ks_scenario *scenario, const struct ks_walk *walk)
{
    for (size_t i = 0; i < scenario->image_count; i++) {
        if (!walk_image(walk, &scenario->images[i])) {
            return false;
        }
    }
    return walk_steps(walk, scenario->steps, scenario->step_count);
}

static bool is_declared(void *user, const struct ks_image *image)
{
    (void)user;
    return !image->real;
}

bool ks_scenario_uses_real_images(const struct ks_scenario *scenario)
{
    const struct ks_walk walk = {.image = is_declared};
    return !ks_walk_scenario(scenario, &walk);
}
