// SPDX-License-Identifier: MIT
// Where in an image's code the things were made that a finding sums up.
#ifndef KS_CHECK_PLACES_H
#define KS_CHECK_PLACES_H

#include "check/leftovers.h"

#define KS_PLACES_MOST 8u

struct ks_places {
    uint32_t things;
    uint64_t at[KS_PLACES_MOST]; // different ones, in the order in which they were met
    unsigned count;
    bool more;     // than there is room for
    bool routines; // they are where routines begin, not where calls return to
};

#define KS_PLACES_TEXT (KS_PLACES_MOST * 320u)

// One more thing, made by code at an address.
void ks_places_add(struct ks_places *places, uint64_t address);
// A line for each that lies in the image: "mini.sys+0x1234 (start, mini.c:12)". "" when none is
// known more closely than by the image.
void ks_places_write(const struct ks_places *places, const struct ks_leftovers_image *image,
                     char text[KS_PLACES_TEXT]);

#endif
