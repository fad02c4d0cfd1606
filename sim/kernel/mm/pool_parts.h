// SPDX-License-Identifier: MIT
// What the files of the pool share.
#ifndef KS_KERNEL_MM_POOL_PARTS_H
#define KS_KERNEL_MM_POOL_PARTS_H

#include "kernel/ex/ex_pool.h"

#define KS_POOL_PAGE  UINT64_C(0x1000)
#define KS_POOL_FREED 0xDD // what freed blocks are filled with
#define KS_POOL_FILL  0xFB // what lies behind the end of a live one

// A record of a block at an address that had none. NULL: no memory.
struct ks_pool_block *ks_pool_add(struct ks_pool *pool, uint64_t address);

#endif
