// SPDX-License-Identifier: MIT
// Formatted text as people see it.
#ifndef KS_KERNEL_DBG_TEXT_H
#define KS_KERNEL_DBG_TEXT_H

#include "kernel/crt/crt_format.h"

#include <stddef.h>

// UTF-8, always ended, cut to size.
void ks_dbg_text(const struct ks_format *format, char *text, size_t size);

#endif
