// SPDX-License-Identifier: MIT
// Rtl: random numbers, bytes the other way round, memory, headers of images.

#include "kernel/nt.h"

#include <kldr/ddk/wdm.h>

#define RANDOM_MODULUS UINT64_C(0x7FFFFFFF)

#define PE_OFFSET        0x3Cu
#define PE_SIGNATURE     0x00004550u
#define OPTIONAL_HEADER  0x18u
#define MAGIC_PE32       0x10Bu
#define DIRECTORIES_PE32 0x60u
#define DIRECTORIES      0x70u // of PE32+
#define SECTION_SIZE     0x28u

// The next number of the seed; deterministic, as the driver gives the seed.
uint64_t ks_rtl_random(const struct ks_kernel_call *call)
{
    uint64_t seed = ks_guest_number(call->arguments[0], 4);
    uint64_t next = (seed * UINT64_C(0x7FFFFFED) + UINT64_C(0x7FFFFFC3)) % RANDOM_MODULUS;
    ks_guest_put_number(call->arguments[0], 4, next);
    return next;
}

uint64_t ks_rtl_ushort_byte_swap(const struct ks_kernel_call *call)
{
    uint16_t value = (uint16_t)call->arguments[0];
    return (uint16_t)(value << 8 | value >> 8);
}

static uint32_t swap32(uint32_t value)
{
    return value << 24 | (value & 0xFF00u) << 8 | (value >> 8 & 0xFF00u) | value >> 24;
}

uint64_t ks_rtl_ulong_byte_swap(const struct ks_kernel_call *call)
{
    return swap32((uint32_t)call->arguments[0]);
}

uint64_t ks_rtl_ulonglong_byte_swap(const struct ks_kernel_call *call)
{
    uint64_t value = call->arguments[0];
    return (uint64_t)swap32((uint32_t)value) << 32 | swap32((uint32_t)(value >> 32));
}

// ---- memory ----

// (to, size, byte): RtlFillMemory's order, not memset's.
uint64_t ks_rtl_fill_memory(const struct ks_kernel_call *call)
{
    volatile uint8_t *to = ks_guest_pointer(call->arguments[0]);
    for (uint64_t i = 0; i < call->arguments[1]; i++) {
        to[i] = (uint8_t)call->arguments[2];
    }
    return 0;
}

uint64_t ks_rtl_zero_memory(const struct ks_kernel_call *call)
{
    volatile uint8_t *to = ks_guest_pointer(call->arguments[0]);
    for (uint64_t i = 0; i < call->arguments[1]; i++) {
        to[i] = 0;
    }
    return 0;
}

uint64_t ks_rtl_fill_memory_ulong(const struct ks_kernel_call *call)
{
    for (uint64_t i = 0; i < call->arguments[1] / 4; i++) {
        ks_guest_put_number(call->arguments[0] + 4 * i, 4, (uint32_t)call->arguments[2]);
    }
    return 0;
}

// Bytes that are the same, in steps of four.
uint64_t ks_rtl_compare_memory_ulong(const struct ks_kernel_call *call)
{
    uint64_t at = 0;
    while (at + 4 <= call->arguments[1] &&
           ks_guest_number(call->arguments[0] + at, 4) == (uint32_t)call->arguments[2]) {
        at += 4;
    }
    return at;
}

// ---- images ----

static uint64_t nt_header(uint64_t base)
{
    if (base == 0 || base == UINT64_MAX || ks_guest_u16(base) != 0x5A4D) {
        return 0;
    }
    uint64_t header = base + ks_guest_number(base + PE_OFFSET, 4);
    return ks_guest_number(header, 4) == PE_SIGNATURE ? header : 0;
}

uint64_t ks_rtl_image_nt_header(const struct ks_kernel_call *call)
{
    return nt_header(call->arguments[0]);
}

static uint32_t rva_to_offset(uint64_t header, uint32_t rva)
{
    uint64_t section = header + OPTIONAL_HEADER + ks_guest_u16(header + 0x14);
    for (unsigned i = 0; i < ks_guest_u16(header + 6); i++, section += SECTION_SIZE) {
        uint32_t first = (uint32_t)ks_guest_number(section + 12, 4);
        uint32_t size = (uint32_t)ks_guest_number(section + 16, 4);
        if (rva >= first && rva - first < size) {
            return (uint32_t)ks_guest_number(section + 20, 4) + (rva - first);
        }
    }
    return 0;
}

// (base, mapped as image, directory, PULONG size): the directory's data, or NULL.
uint64_t ks_rtl_image_directory_entry_to_data(const struct ks_kernel_call *call)
{
    uint64_t base = call->arguments[0] & ~UINT64_C(3), header = nt_header(base);
    bool mapped = (uint8_t)call->arguments[1] != 0 && (call->arguments[0] & 3) == 0;
    uint16_t number = (uint16_t)call->arguments[2];
    if (header == 0) {
        return 0;
    }
    uint64_t optional = header + OPTIONAL_HEADER;
    uint64_t table =
        optional + (ks_guest_u16(optional) == MAGIC_PE32 ? DIRECTORIES_PE32 : DIRECTORIES);
    if (number >= ks_guest_number(table - 4, 4)) {
        return 0;
    }
    uint32_t rva = (uint32_t)ks_guest_number(table + 8u * number, 4);
    uint32_t headers = (uint32_t)ks_guest_number(optional + 0x3C, 4);
    if (rva == 0) {
        return 0;
    }
    ks_guest_put_number(call->arguments[3], 4, ks_guest_number(table + 8u * number + 4, 4));
    if (mapped || rva < headers) {
        return base + rva;
    }
    uint32_t offset = rva_to_offset(header, rva);
    return offset != 0 ? base + offset : 0;
}
