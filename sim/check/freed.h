// SPDX-License-Identifier: MIT
// Freed pool that was written to (finding freed-pool-written), and what people are told of a block
// of special pool that was touched.
#ifndef KS_CHECK_FREED_H
#define KS_CHECK_FREED_H

#include "check/leftovers.h"

struct ks_pool_block;

// Tells of one block. user: the world.
void ks_freed_report(void *user, const struct ks_pool_block *block, uint64_t at);
// Of those that an image freed whose range is about to be given up.
void ks_freed_report_image(struct kldr_world *world, const struct ks_leftovers_image *image);

#endif
