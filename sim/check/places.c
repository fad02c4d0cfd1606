// SPDX-License-Identifier: MIT
#include "check/places.h"

#include "engine/native_source.h"

#include <stdio.h>
#include <string.h>

void ks_places_add(struct ks_places *places, uint64_t address)
{
    unsigned i = 0;
    places->things++;
    while (i < places->count && places->at[i] != address) {
        i++;
    }
    if (i == KS_PLACES_MOST) {
        places->more = true;
    } else if (i == places->count) {
        places->at[places->count++] = address;
    }
}

void ks_places_write(const struct ks_places *places, const struct ks_leftovers_image *image,
                     char text[KS_PLACES_TEXT])
{
    size_t length = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < places->count; i++) {
        char place[KS_NATIVE_PLACE_SIZE];
        // A driver of the host's is known by its image alone.
        if (places->at[i] > image->base && places->at[i] < image->end && image->instance != NULL) {
            ks_native_describe(image->instance, image->name, image->module_id,
                               places->at[i] - image->base, !places->routines, place);
            length += (size_t)snprintf(text + length, KS_PLACES_TEXT - length, "%s\n", place);
        }
    }
    if (places->more && length > 0) {
        snprintf(text + length, KS_PLACES_TEXT - length, "...\n");
    }
}
