// SPDX-License-Identifier: MIT
// Pointers of others to code of an image that goes: what would still call it (finding
// dangling-routine). What the image itself leaves behind is told by leftovers.h.
#ifndef KS_CHECK_DANGLING_H
#define KS_CHECK_DANGLING_H

#include "check/leftovers.h"

// Tells who holds routines of an image whose range is about to be given up: drivers in their
// tables, IRPs under way, registrations that others made.
void ks_dangling_report(struct kldr_world *world, const struct ks_leftovers_image *image);

#endif
