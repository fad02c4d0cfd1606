// SPDX-License-Identifier: MIT
// Writes DOS, PE and section headers, as a linker for native drivers fills them.
#include "image_builder/build_plan.h"

#include <string.h>

#define PE_OFFSET                 0x40u
#define FILE_RELOCATIONS_STRIPPED 0x0001u
#define FILE_EXECUTABLE           0x0002u
#define FILE_LARGE_ADDRESS_AWARE  0x0020u
#define FILE_32BIT_MACHINE        0x0100u
#define DLL_HIGH_ENTROPY_VA       0x0020u
#define DLL_DYNAMIC_BASE          0x0040u
#define DLL_NX_COMPATIBLE         0x0100u
#define MAGIC_PE32                0x010bu
#define MAGIC_PE32_PLUS           0x020bu
#define SUBSYSTEM_NATIVE          1u
#define SYSTEM_MAJOR              10u         // from 5 on an image counts as native (L13)
#define SECTION_CODE              0x68000020u // not paged, executable, readable
#define SECTION_READ_ONLY         0x48000040u // not paged, readable
#define SECTION_WRITABLE          0xc8000040u // not paged, readable, writable
#define SECTION_DISCARDABLE       0x42000040u // readable, may be discarded

static const struct {
    const char name[8];
    uint32_t characteristics;
} section_kinds[KS_BUILD_SECTIONS] = {
    [KS_BUILD_TEXT] = {".text", SECTION_CODE},
    [KS_BUILD_RDATA] = {".rdata", SECTION_READ_ONLY},
    [KS_BUILD_DATA_SECTION] = {".data", SECTION_WRITABLE},
    [KS_BUILD_RELOC] = {".reloc", SECTION_DISCARDABLE},
};

static bool is_broken(const struct ks_build_plan *plan, unsigned kind)
{
    return (plan->description->broken & kind) != 0;
}

static uint8_t *write_dos_header(uint8_t *at)
{
    ks_build_put16(at, 0x5a4d);
    ks_build_put32(at + 0x3c, PE_OFFSET);
    return at + PE_OFFSET;
}

static uint8_t *write_file_header(const struct ks_build_plan *plan, uint8_t *at)
{
    uint32_t characteristics = FILE_EXECUTABLE;
    characteristics |= plan->wide ? FILE_LARGE_ADDRESS_AWARE : FILE_32BIT_MACHINE;
    if (is_broken(plan, KLDR_BROKEN_RELOCATIONS_STRIPPED)) {
        characteristics |= FILE_RELOCATIONS_STRIPPED;
    }
    at = ks_build_put32(at, 0x00004550);
    at = ks_build_put16(at, (uint32_t)plan->machine);
    at = ks_build_put16(at, plan->section_count);
    at = ks_build_put32(at, 0); // time stamp: equal descriptions give equal bytes
    at = ks_build_put64(at, 0); // no COFF symbols
    at = ks_build_put16(at, plan->wide ? 240 : 224);
    return ks_build_put16(at, characteristics);
}

// Magic to SectionAlignment.
static uint8_t *write_standard_fields(const struct ks_build_plan *plan, uint8_t *at)
{
    const struct ks_build_section *sections = plan->sections;
    const bool enters =
        plan->entry != KS_BUILD_NO_SYMBOL && !is_broken(plan, KLDR_BROKEN_NO_ENTRY_POINT);
    at = ks_build_put16(at, plan->wide ? MAGIC_PE32_PLUS : MAGIC_PE32);
    at = ks_build_put16(at, 0); // linker version
    at = ks_build_put32(at, sections[KS_BUILD_TEXT].raw_size);
    at = ks_build_put32(at, sections[KS_BUILD_RDATA].raw_size +
                                sections[KS_BUILD_DATA_SECTION].raw_size +
                                sections[KS_BUILD_RELOC].raw_size);
    at = ks_build_put32(at, 0);
    at = ks_build_put32(at, enters ? plan->symbols[plan->entry].rva : 0);
    at = ks_build_put32(at, sections[KS_BUILD_TEXT].size ? sections[KS_BUILD_TEXT].rva : 0);
    if (!plan->wide) {
        at = ks_build_put32(at, sections[KS_BUILD_DATA_SECTION].rva);
    }
    return ks_build_put_pointer(plan, at, plan->base);
}

static uint8_t *write_windows_fields(const struct ks_build_plan *plan, uint8_t *at)
{
    uint32_t dll_characteristics = DLL_NX_COMPATIBLE;
    if (!is_broken(plan, KLDR_BROKEN_RELOCATIONS_STRIPPED)) {
        dll_characteristics |= DLL_DYNAMIC_BASE | (plan->wide ? DLL_HIGH_ENTROPY_VA : 0);
    }
    at = ks_build_put32(at, 0x1000);
    at = ks_build_put32(at, plan->file_alignment);
    at = ks_build_put32(at, SYSTEM_MAJOR); // operating system 10.0
    at = ks_build_put32(at, SYSTEM_MAJOR); // image 10.0
    at = ks_build_put32(at, SYSTEM_MAJOR); // subsystem 10.0
    at = ks_build_put32(at, 0);
    at = ks_build_put32(at, plan->size_of_image);
    at = ks_build_put32(at, plan->size_of_headers);
    at = ks_build_put32(at, 0); // checksum: known last
    at = ks_build_put16(at, SUBSYSTEM_NATIVE);
    at = ks_build_put16(at, dll_characteristics);
    static const uint32_t stack_and_heap[] = {0x40000, 0x1000, 0x100000, 0x1000};
    for (int i = 0; i < 4; i++) {
        at = ks_build_put_pointer(plan, at, stack_and_heap[i]);
    }
    at = ks_build_put32(at, 0);
    return ks_build_put32(at, KLDR_DIRECTORY_COUNT);
}

static void set_directory(uint8_t *directories, enum kldr_directory which, uint32_t rva,
                          uint32_t size)
{
    if (size > 0) {
        ks_build_put32(ks_build_put32(directories + 8 * (size_t)which, rva), size);
    }
}

static uint8_t *write_directories(const struct ks_build_plan *plan, uint8_t *at)
{
    const struct ks_build_tables *tables = &plan->tables;
    const struct ks_build_section *reloc = &plan->sections[KS_BUILD_RELOC];
    set_directory(at, KLDR_DIRECTORY_EXPORT, tables->exports, tables->exports_size);
    set_directory(at, KLDR_DIRECTORY_IMPORT, tables->descriptors, tables->descriptors_size);
    set_directory(at, KLDR_DIRECTORY_BASERELOC, reloc->rva, reloc->size);
    if (!is_broken(plan, KLDR_BROKEN_NO_IAT_DIRECTORY)) {
        set_directory(at, KLDR_DIRECTORY_IAT, tables->iat, tables->iat_size);
    }
    return at + 8 * (size_t)KLDR_DIRECTORY_COUNT;
}

static void write_section_headers(const struct ks_build_plan *plan, uint8_t *at)
{
    for (int id = 0; id < KS_BUILD_SECTIONS; id++) {
        const struct ks_build_section *section = &plan->sections[id];
        if (section->size == 0) {
            continue;
        }
        uint32_t raw_offset = section->raw_offset;
        if (id == KS_BUILD_DATA_SECTION && is_broken(plan, KLDR_BROKEN_SECTION_OUT_OF_FILE)) {
            raw_offset = plan->file_size + 0x10000;
        }
        memcpy(at, section_kinds[id].name, sizeof section_kinds[id].name);
        ks_build_put32(at + 8, section->size);
        ks_build_put32(at + 12, section->rva);
        ks_build_put32(at + 16, section->raw_size);
        ks_build_put32(at + 20, raw_offset);
        ks_build_put32(at + 36, section_kinds[id].characteristics);
        at += 40;
    }
}

void ks_build_headers_write(const struct ks_build_plan *plan, uint8_t *bytes)
{
    uint8_t *at = write_dos_header(bytes);
    at = write_file_header(plan, at);
    at = write_standard_fields(plan, at);
    at = write_windows_fields(plan, at);
    at = write_directories(plan, at);
    write_section_headers(plan, at);
}
