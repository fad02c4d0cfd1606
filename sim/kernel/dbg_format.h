// SPDX-License-Identifier: MIT
// What DbgPrint and its relatives make of a format.
#ifndef KS_KERNEL_DBG_FORMAT_H
#define KS_KERNEL_DBG_FORMAT_H

#include "engine/guest.h"

#include <stddef.h>

// Writes the text (UTF-8, always ended, cut to size) that the format at a guest address makes of
// the arguments: numbers of 64 bits, as they lie in a Microsoft va_list. Returns its length.
// guest is NULL where drivers live in the host's own memory: whose addresses are not shown.
size_t ks_dbg_format(const struct ks_guest *guest, uint64_t format, const uint64_t *arguments,
                     char *text, size_t size);

#endif
