// SPDX-License-Identifier: MIT
// PE headers as structs whose natural layout is the one on disk, for constant initializers. Only
// kernel_core_image.inc uses them; code that reads images goes through kldr_image.
#ifndef KS_KERNEL_CORE_HEADERS_H
#define KS_KERNEL_CORE_HEADERS_H

#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define KS_LE16(value) ((uint16_t)(((value)&0xff) << 8 | ((value) >> 8 & 0xff)))
#define KS_LE32(value)                                                                             \
    ((uint32_t)(((uint32_t)(value)&0xff) << 24 | ((uint32_t)(value)&0xff00) << 8 |                 \
                ((uint32_t)(value) >> 8 & 0xff00) | (uint32_t)(value) >> 24))
#define KS_LE64(value)                                                                             \
    ((uint64_t)KS_LE32((uint64_t)(value)&0xffffffff) << 32 | KS_LE32((uint64_t)(value) >> 32))
#else
#define KS_LE16(value) ((uint16_t)(value))
#define KS_LE32(value) ((uint32_t)(value))
#define KS_LE64(value) ((uint64_t)(value))
#endif

struct ks_pe_start { // DOS header, PE signature, file header
    uint16_t mz;
    uint8_t dos[0x3a];
    uint32_t pe_offset;
    uint32_t signature;
    uint16_t machine;
    uint16_t section_count;
    uint32_t timestamp;
    uint32_t symbols, symbol_count;
    uint16_t optional_size;
    uint16_t characteristics;
};

struct ks_pe_sizes { // of the optional header, what precedes ImageBase in PE32+
    uint16_t magic;
    uint16_t linker;
    uint32_t code_size, data_size, bss_size;
    uint32_t entry_point;
    uint32_t code;
};

struct ks_pe_windows { // of the optional header, SectionAlignment to DllCharacteristics
    uint32_t section_alignment, file_alignment;
    uint16_t system[2], image[2], subsystem_version[2];
    uint32_t win32_version;
    uint32_t image_size, headers_size, checksum;
    uint16_t subsystem;
    uint16_t dll_characteristics;
};

struct ks_pe_end { // of the optional header, LoaderFlags to its end
    uint32_t loader_flags;
    uint32_t directory_count;
    struct {
        uint32_t rva, size;
    } directories[16];
};

struct ks_pe_section {
    char name[8];
    uint32_t size, rva;
    uint32_t raw_size, raw_offset;
    uint8_t unused[12];
    uint32_t characteristics;
};

struct ks_pe_headers_pe64 {
    struct ks_pe_start start;
    struct ks_pe_sizes sizes;
    uint64_t base;
    struct ks_pe_windows windows;
    uint64_t stack_and_heap[4];
    struct ks_pe_end end;
    struct ks_pe_section sections[3];
};

struct ks_pe_headers_pe32 {
    struct ks_pe_start start;
    struct ks_pe_sizes sizes;
    uint32_t data_rva;
    uint32_t base;
    struct ks_pe_windows windows;
    uint32_t stack_and_heap[4];
    struct ks_pe_end end;
    struct ks_pe_section sections[3];
};

struct ks_pe_exports {
    uint32_t flags, timestamp, version;
    uint32_t dll_name, ordinal_base;
    uint32_t function_count, name_count;
    uint32_t functions, names, ordinals;
};

#endif
