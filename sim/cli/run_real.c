// SPDX-License-Identifier: MIT
// Does a scenario use real images? They may hide in steps, and in steps inside routines.
#include "cli/run_select.h"

static bool image_is_real(const struct ks_image *image);

static bool steps_use_real(const struct ks_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (steps[i].disk_image != NULL && image_is_real(steps[i].disk_image)) {
            return true;
        }
    }
    return false;
}

static bool routine_uses_real(const struct ks_routine *routine)
{
    for (size_t i = 0; i < routine->entry_count; i++) {
        if (steps_use_real(routine->entries[i].steps, routine->entries[i].step_count)) {
            return true;
        }
    }
    return false;
}

// The image itself, or one that a routine of it makes. Depth is bounded by the nesting of the file.
static bool image_is_real(const struct ks_image *image)
{
    if (image->real || routine_uses_real(&image->driver_entry) ||
        routine_uses_real(&image->driver_unload) || routine_uses_real(&image->dllinitialize) ||
        routine_uses_real(&image->dllunload)) {
        return true;
    }
    for (size_t i = 0; i < image->routine_count; i++) {
        if (routine_uses_real(&image->routines[i].routine)) {
            return true;
        }
    }
    return false;
}

bool ks_run_uses_real_images(const struct ks_scenario *scenario)
{
    for (size_t i = 0; i < scenario->image_count; i++) {
        if (image_is_real(&scenario->images[i])) {
            return true;
        }
    }
    return steps_use_real(scenario->steps, scenario->step_count);
}
