// SPDX-License-Identifier: MIT
// Looking for exports the way a person does: everywhere, and with an eye for misspellings. For
// messages and lint only: what is found here would not bind.
#include "image.h"

#include "nearest.h"

#include <string.h>

bool kldr_image_export_listed(const struct kldr_image *image, const char *name,
                              struct kldr_export *out_export)
{
    for (uint32_t i = 0; i < image->exports.name_count; i++) {
        struct kldr_export candidate;
        if (kldr_image_export_name_at(image, i, &candidate) && strcmp(candidate.name, name) == 0) {
            *out_export = candidate;
            return true;
        }
    }
    return false;
}

// What is left of a name without what compilers add: "_Name@8" and "@Name@8" of x86, "?Name@@YAHXZ"
// of C++.
static const char *bare_name(const char *name, size_t *out_length)
{
    const char *start = name + (*name == '_' || *name == '@' || *name == '?');
    *out_length = strcspn(start, "@");
    return start;
}

// user points to a pointer to the image.
static const char *listed_name(void *user, size_t index)
{
    const struct kldr_image *const *image = user;
    struct kldr_export entry;
    return kldr_image_export_name_at(*image, (uint32_t)index, &entry) ? entry.name : NULL;
}

const char *kldr_image_nearest_export(const struct kldr_image *image, const char *name)
{
    size_t length, candidate_length;
    const char *bare = bare_name(name, &length);

    for (size_t i = 0; length != 0 && i < image->exports.name_count; i++) {
        const char *candidate = listed_name(&image, i);
        if (candidate == NULL)
            continue;
        const char *candidate_bare = bare_name(candidate, &candidate_length);
        if (candidate_length == length && kl_nearest_same(bare, candidate_bare, length))
            return candidate;
    }
    return kldr_nearest(name, image->exports.name_count, listed_name, &image);
}
