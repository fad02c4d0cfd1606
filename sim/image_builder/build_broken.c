// SPDX-License-Identifier: MIT
// What can be broken on purpose, by the names scenarios use, and the last touch to finished bytes:
// the damage that needs the whole file, then the checksum. Damage that is a matter of layout or of
// one header field (stripped relocations, no entry point, IAT directory and cell) is done where it
// is written.
#include "image_builder/build_plan.h"

#include <string.h>

#define PE_OFFSET       0x40u
#define CHECKSUM_OFFSET (PE_OFFSET + 24 + 64)

static const struct {
    const char *name;
    unsigned kind;
} broken_kinds[] = {
    {"checksum", KLDR_BROKEN_CHECKSUM},
    {"headers", KLDR_BROKEN_HEADERS},
    {"truncated", KLDR_BROKEN_TRUNCATED},
    {"relocations-stripped", KLDR_BROKEN_RELOCATIONS_STRIPPED},
    {"relocations-malformed", KLDR_BROKEN_RELOCATIONS_MALFORMED},
    {"section-out-of-file", KLDR_BROKEN_SECTION_OUT_OF_FILE},
    {"no-iat-directory", KLDR_BROKEN_NO_IAT_DIRECTORY},
    {"foreign-iat-pointer", KLDR_BROKEN_FOREIGN_IAT_POINTER},
    {"no-entry-point", KLDR_BROKEN_NO_ENTRY_POINT},
};

unsigned kldr_build_broken_find(const char *name)
{
    for (size_t i = 0; i < sizeof broken_kinds / sizeof broken_kinds[0]; i++) {
        if (strcmp(broken_kinds[i].name, name) == 0) {
            return broken_kinds[i].kind;
        }
    }
    return 0;
}

const char *kldr_build_broken_name(unsigned index)
{
    return index < sizeof broken_kinds / sizeof broken_kinds[0] ? broken_kinds[index].name : NULL;
}

// The sum of all 16-bit words with carries added back in, plus the file size. Summing 32 bits at a
// time gives the same once folded, as 2^16 is 1 in that arithmetic. The checksum field itself still
// holds 0.
static uint32_t compute_checksum(const uint8_t *bytes, uint32_t size)
{
    uint64_t sum = 0;
    uint32_t at = 0;
    for (; size - at >= 4; at += 4) {
        sum += bytes[at] | (uint32_t)bytes[at + 1] << 8 | (uint32_t)bytes[at + 2] << 16 |
               (uint32_t)bytes[at + 3] << 24;
    }
    for (uint32_t shift = 0; at < size; at++, shift += 8) {
        sum += (uint64_t)bytes[at] << shift;
    }
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint32_t)sum + size;
}

// The file ends in the middle of the last section's contents, not in its padding.
static uint32_t truncated_size(const struct ks_build_plan *plan)
{
    const struct ks_build_section *last = &plan->sections[KS_BUILD_RELOC];
    if (last->size == 0) {
        last = &plan->sections[KS_BUILD_DATA_SECTION];
    }
    return last->raw_offset + last->size / 2;
}

uint32_t ks_build_broken_apply(const struct ks_build_plan *plan, uint8_t *bytes)
{
    const unsigned broken = plan->description->broken;
    const struct ks_build_section *reloc = &plan->sections[KS_BUILD_RELOC];
    uint32_t size = plan->file_size;
    if ((broken & KLDR_BROKEN_RELOCATIONS_MALFORMED) && reloc->size > 0) {
        ks_build_put32(bytes + reloc->raw_offset + 4,
                       0x1000); // the block runs out of its directory
    }
    if (broken & KLDR_BROKEN_HEADERS) {
        ks_build_put32(bytes + PE_OFFSET, 0);
    }
    if (broken & KLDR_BROKEN_TRUNCATED) {
        size = truncated_size(plan);
    }
    uint32_t checksum = compute_checksum(bytes, size);
    if (broken & KLDR_BROKEN_CHECKSUM) {
        checksum ^= 0x5a5a0000; // sizes stay far below that: wrong, and never 0
    }
    ks_build_put32(bytes + CHECKSUM_OFFSET, checksum);
    return size;
}
