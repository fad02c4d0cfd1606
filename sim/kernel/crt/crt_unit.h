// SPDX-License-Identifier: MIT
// Units of texts in memory of drivers: bytes (size 1) or UTF-16 units (size 2), at any address.
#ifndef KS_KERNEL_CRT_UNIT_H
#define KS_KERNEL_CRT_UNIT_H

#include "kernel/functions.h"

static inline uint16_t ks_unit_get(uint64_t text, uint64_t index, unsigned size)
{
    return size == 2 ? ks_guest_u16(text + 2 * index) : (uint16_t)ks_guest_number(text + index, 1);
}

static inline void ks_unit_put(uint64_t text, uint64_t index, unsigned size, uint16_t unit)
{
    ks_guest_put_number(text + size * index, size, unit);
}

// Units up to the end, at most most.
static inline uint64_t ks_unit_length(uint64_t text, uint64_t most, unsigned size)
{
    uint64_t length = 0;
    while (length < most && ks_unit_get(text, length, size) != 0) {
        length++;
    }
    return length;
}

// Both widths of a function of this folder: ks_crt_str_<name> and ks_crt_wcs_<name>.
#define KS_CRT_PAIR(name)                                                                          \
    uint64_t ks_crt_str_##name(const struct ks_kernel_call *call)                                  \
    {                                                                                              \
        return name(call, 1);                                                                      \
    }                                                                                              \
    uint64_t ks_crt_wcs_##name(const struct ks_kernel_call *call)                                  \
    {                                                                                              \
        return name(call, 2);                                                                      \
    }

#endif
