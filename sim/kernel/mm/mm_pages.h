// SPDX-License-Identifier: MIT
// Whole pages of memory, and the physical addresses of all memory.
#ifndef KS_KERNEL_MM_PAGES_H
#define KS_KERNEL_MM_PAGES_H

#include "kernel/nt.h"

// Zeroed pages that begin on one, at the expense of who calls. 0: no memory.
uint64_t ks_mm_pages_take(const struct ks_kernel_call *call, uint64_t size, uint32_t tag);
// The pages that begin at an address. 0: none do.
uint64_t ks_mm_pages_size(struct kldr_world *world, uint64_t address);
void ks_mm_pages_give(struct kldr_world *world, uint64_t address);

// The physical address behind one that drivers use, and back; the same on every run.
uint64_t ks_mm_physical(struct kldr_world *world, uint64_t address);
// 0: there is no memory.
uint64_t ks_mm_virtual(struct kldr_world *world, uint64_t physical);
// The ranges of physical memory: pairs of base and size, ended by zeros.
#define KS_MM_RANGES 5u
const uint64_t *ks_mm_physical_ranges(void);

#endif
