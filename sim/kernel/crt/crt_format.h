// SPDX-License-Identifier: MIT
// What DbgPrint, sprintf and their relatives make of a format.
#ifndef KS_KERNEL_CRT_FORMAT_H
#define KS_KERNEL_CRT_FORMAT_H

#include "engine/guest.h"

struct ks_format {
    const struct ks_guest *guest; // NULL where drivers live in the host's own memory: no address of
                                  // which is shown
    uint64_t text;                // in the driver's memory
    bool wide;                    // of UTF-16 units: s and c mean wide ones
    const uint64_t *arguments;    // 64 bits each, as they lie in a Microsoft va_list
};

// Calls put for each UTF-16 unit of the result, in order.
void ks_crt_format(const struct ks_format *format, void (*put)(void *user, uint16_t unit),
                   void *user);

#endif
