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

// Adds size bytes, a multiple of 8, as 32-bit words of the host's byte order.
static uint64_t add_words(uint64_t sum, const uint8_t *bytes, size_t size)
{
    for (const uint8_t *end = bytes + size; bytes != end; bytes += 8) {
        uint32_t words[2];
        memcpy(words, bytes, sizeof words);
        sum += (uint64_t)words[0] + words[1];
    }
    return sum;
}

uint16_t kl_bytes_sum16(const uint8_t *bytes, size_t size)
{
    // 2^16 is 1 modulo 2^16 - 1, so wide words may be added first and folded at the end of a piece.
    // Swapping the bytes of every word swaps those of the sum, so the host's byte order will do
    // until then.
    const size_t most = (size_t)1 << 16;
    uint8_t last[8] = {0}, order[2];
    uint64_t sum = 0;

    for (; size >= most; bytes += most, size -= most)
        sum = fold(add_words(sum, bytes, most));
    size_t whole = size & ~(size_t)7;
    sum = add_words(sum, bytes, whole);
    memcpy(last, bytes + whole, size - whole);
    uint16_t folded = fold(add_words(sum, last, sizeof last));
    memcpy(order, &folded, sizeof order);
    return kl_bytes_u16(order);
}
