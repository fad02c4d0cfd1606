// SPDX-License-Identifier: MIT
// The parts of bytes.h that loop.
#include "bytes.h"

#include <string.h>

bool kl_bytes_string_length(const uint8_t *text, size_t size, size_t *out_length)
{
    const uint8_t *end = memchr(text, 0, size);
    if (end == NULL)
        return false;
    *out_length = (size_t)(end - text);
    return true;
}

int kl_bytes_compare_string(const char *name, size_t length, const uint8_t *text, size_t size)
{
    // A text that ends early differs from name at its NUL, so memcmp over the whole length orders
    // as strcmp does.
    int order = memcmp(name, text, length < size ? length : size);
    if (order != 0)
        return order;
    if (length >= size)
        return 1;
    return text[length] == 0 ? 0 : -1;
}

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint16_t kl_bytes_sum16(const uint8_t *bytes, size_t size)
{
    // 2^16 is 1 modulo 2^16 - 1, so wide words may be added first and folded once at the end. Each
    // addend is below 2^33: the sum cannot wrap below 16 GiB, and is folded in between for the sake
    // of larger buffers.
    uint64_t sum = 0;
    while (size >= 8) {
        size_t part = size < ((size_t)1 << 30) ? size & ~(size_t)7 : (size_t)1 << 30;
        const uint8_t *end = bytes + part;
        for (; bytes != end; bytes += 8) {
            uint64_t word = kl_bytes_u64(bytes);
            sum += (word & 0xffffffff) + (word >> 32);
        }
        size -= part;
        sum = fold(sum);
    }
    for (; size >= 2; bytes += 2, size -= 2)
        sum += kl_bytes_u16(bytes);
    if (size != 0)
        sum += bytes[0];
    return fold(sum);
}
