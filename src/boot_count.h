// SPDX-License-Identifier: MIT
// The counts of boot-loaded modules (B2 to B4; knob boot_imports).
#ifndef KL_BOOT_COUNT_H
#define KL_BOOT_COUNT_H

#include "context.h"

// Finds who imports from whom among the boot-loaded modules and counts it: once per importing
// module. A cell that points into no known module makes all of them sentinels with count 1 (B4).
// STATUS_SUCCESS or KLDR_ERROR_OUT_OF_MEMORY.
kldr_status kl_boot_count(struct kl_context *context, const uint32_t *ids, size_t count);

#endif
