// SPDX-License-Identifier: MIT
// The boot phase of the image loader (facts B). See kldr_loader_boot.
#ifndef KL_BOOT_H
#define KL_BOOT_H

#include "context.h"

kldr_status kl_boot(struct kl_context *context, const struct kldr_boot_entry *entries, size_t count,
                    uint32_t *out_ids, struct kldr_error *error);

#endif
