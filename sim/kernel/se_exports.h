// SPDX-License-Identifier: MIT
// Se: what the variable SeExports points to.
#ifndef KS_KERNEL_SE_EXPORTS_H
#define KS_KERNEL_SE_EXPORTS_H

#include "kernel/nt.h"

// The address of a new structure SE_EXPORTS. 0: no memory.
uint64_t ks_se_exports_make(struct kldr_world *world, const char *name);

#endif
