// SPDX-License-Identifier: MIT
// Keys by a path that is relative to a well-known one, as the Rtl functions take them.
#ifndef KS_KERNEL_CM_RTL_H
#define KS_KERNEL_CM_RTL_H

#include "kernel/cm/cm.h"

// A text that ends with U+0000; "" for NULL. NULL: no memory. Freed with ks_nt_text_free.
char *ks_cm_text_of_driver(struct kldr_world *world, uint64_t address);

// path: such a text, or a handle with RTL_REGISTRY_HANDLE. make: what is missing is made.
NTSTATUS ks_cm_find_relative(struct kldr_world *world, uint32_t relative_to, uint64_t path,
                             bool make, struct ks_cm_key **out_key);

#endif
