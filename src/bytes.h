// SPDX-License-Identifier: MIT
// Little-endian numbers in byte buffers, and the arithmetic that keeps offsets inside them.
//
// Every number is read and written byte by byte: the buffers are unaligned and the host may be
// big-endian. The load and store functions do not check anything; kl_bytes_fits is the one bounds
// check, written so that no sum can wrap.
#ifndef KL_BYTES_H
#define KL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t kl_bytes_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}

static inline uint32_t kl_bytes_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t kl_bytes_u64(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

static inline void kl_bytes_put_u16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void kl_bytes_put_u32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
}

static inline void kl_bytes_put_u64(uint8_t *p, uint64_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
    p[4] = (uint8_t)(value >> 32);
    p[5] = (uint8_t)(value >> 40);
    p[6] = (uint8_t)(value >> 48);
    p[7] = (uint8_t)(value >> 56);
}

// True when offset .. offset + length lies inside size bytes.
static inline bool kl_bytes_fits(uint64_t size, uint64_t offset, uint64_t length)
{
    return offset <= size && length <= size - offset;
}

// True for 1, 2, 4, 8 ...
static inline bool kl_bytes_is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

// value rounded up to a multiple of alignment, a power of two. 64 bits wide, so that it cannot wrap
// for RVAs.
static inline uint64_t kl_bytes_align_up(uint64_t value, uint32_t alignment)
{
    return (value + (alignment - 1)) & ~(uint64_t)(alignment - 1);
}

// The length of the string at text, which has room for size bytes including the NUL. False when no
// NUL is there.
bool kl_bytes_string_length(const uint8_t *text, size_t size, size_t *out_length);

// Compares the length bytes of name with the NUL-terminated string at text, of which only the first
// size bytes may be read. Negative, zero or positive as strcmp(name, text) would be; a text without
// NUL in its size bytes never equals. name holds no NUL.
int kl_bytes_compare_string(const char *name, size_t length, const uint8_t *text, size_t size);

// The sum of the 16-bit little-endian words of size bytes, folded to 16 bits with end-around carry.
// An odd last byte counts as a word whose high byte is zero.
uint16_t kl_bytes_sum16(const uint8_t *bytes, size_t size);

#endif
