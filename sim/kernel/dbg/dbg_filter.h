// SPDX-License-Identifier: MIT
// Which messages of DbgPrintEx are printed: all, until a driver switches levels off.
#ifndef KS_KERNEL_DBG_FILTER_H
#define KS_KERNEL_DBG_FILTER_H

#include "kernel/nt.h"

bool ks_dbg_prints(struct kldr_world *world, uint32_t component, uint32_t level);

#endif
