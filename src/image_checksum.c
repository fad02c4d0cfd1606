// SPDX-License-Identifier: MIT
// The checksum in the optional header: the 16-bit one's-complement sum of the file, with the
// checksum field itself counted as zero, plus the file's length (as ImageHlp's CheckSumMappedFile
// computes it).
#include "image.h"

#include "bytes.h"
#include "pe_format.h"

// The sum of bytes[start..end) as part of a sum whose words begin at offset 0.
static uint32_t sum_part(const uint8_t *bytes, size_t start, size_t end)
{
    uint16_t sum = kl_bytes_sum16(bytes + start, end - start);
    // From an odd offset on, low and high bytes have changed places.
    uint32_t swapped = ((uint32_t)sum << 8 | (uint32_t)sum >> 8) & 0xffffu;
    return start % 2 == 0 ? (uint32_t)sum : swapped;
}

bool kldr_image_checksum(const void *bytes, size_t size, uint32_t *out_stored,
                         uint32_t *out_computed)
{
    uint32_t nt = kl_image_find_nt_headers(bytes, size);
    uint64_t field = (uint64_t)nt + PE_NT_OPTIONAL + PE_OPTIONAL_CHECKSUM;
    if (nt == 0 || !kl_bytes_fits(size, field, 4))
        return false;

    const uint8_t *file = bytes;
    uint32_t sum = sum_part(file, 0, (size_t)field) + sum_part(file, (size_t)field + 4, size);
    sum = (sum & 0xffff) + (sum >> 16);
    *out_stored = kl_bytes_u32(file + field);
    *out_computed = sum + (uint32_t)size;
    return true;
}
