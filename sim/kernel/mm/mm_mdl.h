// SPDX-License-Identifier: MIT
// MDLs: descriptions of buffers, followed by the numbers of their physical pages. Memory of drivers
// is always resident and seen at one address only, so locking and mapping change what the MDL says
// and nothing else.
#ifndef KS_KERNEL_MM_MDL_H
#define KS_KERNEL_MM_MDL_H

#include "kernel/nt.h"

#include <kldr/ddk/ntddk.h>

// An MDL for a buffer. NULL: no memory.
MDL *ks_mm_mdl_make(struct kldr_world *world, uint64_t address, uint32_t length);
void ks_mm_mdl_free(struct kldr_world *world, uint64_t mdl);
// Touches the buffer, for writing too if asked; a bad one faults. Then the pages are locked.
void ks_mm_mdl_lock(struct kldr_world *world, MDL *mdl, bool write);
void ks_mm_mdl_unlock(MDL *mdl);

#endif
