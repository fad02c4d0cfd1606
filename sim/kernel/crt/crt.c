// SPDX-License-Identifier: MIT
// The C library's names that the kernel exports. Bytes are touched one after the other through
// volatile pointers, so that a bad pointer faults where the driver's own access would, and so that
// a host's memory checker does not take the guest's memory for kldr's.

#include "kernel/functions.h"

static volatile uint8_t *bytes_at(uint64_t address)
{
    return ks_guest_pointer(address);
}

uint64_t ks_crt_memmove(const struct ks_kernel_call *call)
{
    volatile uint8_t *to = bytes_at(call->arguments[0]);
    const volatile uint8_t *from = bytes_at(call->arguments[1]);
    uint64_t size = call->arguments[2];
    if (call->arguments[0] - call->arguments[1] >= size) {
        for (uint64_t i = 0; i < size; i++) {
            to[i] = from[i];
        }
    } else {
        for (uint64_t i = size; i-- > 0;) {
            to[i] = from[i];
        }
    }
    return call->arguments[0];
}

uint64_t ks_crt_memset(const struct ks_kernel_call *call)
{
    volatile uint8_t *to = bytes_at(call->arguments[0]);
    for (uint64_t i = 0; i < call->arguments[2]; i++) {
        to[i] = (uint8_t)call->arguments[1];
    }
    return call->arguments[0];
}

// How many bytes are the same.
static uint64_t same_bytes(const struct ks_kernel_call *call)
{
    const volatile uint8_t *a = bytes_at(call->arguments[0]), *b = bytes_at(call->arguments[1]);
    uint64_t count = 0;
    while (count < call->arguments[2] && a[count] == b[count]) {
        count++;
    }
    return count;
}

uint64_t ks_rtl_compare_memory(const struct ks_kernel_call *call)
{
    return same_bytes(call);
}

static uint64_t order(uint8_t a, uint8_t b)
{
    return a == b ? 0 : a < b ? (uint32_t)-1 : 1;
}

uint64_t ks_crt_memcmp(const struct ks_kernel_call *call)
{
    uint64_t same = same_bytes(call);
    return same == call->arguments[2]
               ? 0
               : order(bytes_at(call->arguments[0])[same], bytes_at(call->arguments[1])[same]);
}

uint64_t ks_crt_memchr(const struct ks_kernel_call *call)
{
    const volatile uint8_t *bytes = bytes_at(call->arguments[0]);
    for (uint64_t i = 0; i < call->arguments[2]; i++) {
        if (bytes[i] == (uint8_t)call->arguments[1]) {
            return call->arguments[0] + i;
        }
    }
    return 0;
}
