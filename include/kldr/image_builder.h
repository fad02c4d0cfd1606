// SPDX-License-Identifier: MIT
// PE bytes from a description: what a linker would write, or broken on purpose. Declared images of
// scenarios, host-compiled drivers and the simulated kernel images are all made here, so that the
// loader only ever sees PE bytes.
#ifndef KLDR_IMAGE_BUILDER_H
#define KLDR_IMAGE_BUILDER_H

#include <kldr/image.h>

// One line of a .def file's EXPORTS section, already taken apart. A hole wins over a forwarder, and
// that over DATA. The name may be NULL for a hole by ordinal only.
struct kldr_build_export {
    const char *name; // exported name; for NONAME only the description's own name of it
    uint32_t ordinal; // biased; 0: the lowest free one from the base
    bool noname;      // exported by ordinal only
    bool data;        // DATA: a 64-bit variable in a writable section, not a routine
    bool private_;    // PRIVATE: no effect in the image (P2)
    bool hole;        // the slot's RVA is 0 (S5)
    uint64_t data_value;
    const char *forwarder; // "other.Fn": the slot holds this text; NULL for a routine or variable
};

struct kldr_build_function {
    const char *name; // NULL: by ordinal
    uint32_t ordinal;
    uint32_t hint; // written as it is
};

// One import descriptor.
struct kldr_build_import {
    const char *module;
    const struct kldr_build_function *functions;
    size_t function_count;
    bool no_lookup_table; // OriginalFirstThunk 0 (R2)
};

enum kldr_build_broken {
    KLDR_BROKEN_CHECKSUM = 1u << 0,  // a wrong checksum
    KLDR_BROKEN_HEADERS = 1u << 1,   // no PE signature
    KLDR_BROKEN_TRUNCATED = 1u << 2, // the file ends inside its sections
    KLDR_BROKEN_RELOCATIONS_STRIPPED = 1u << 3,
    KLDR_BROKEN_RELOCATIONS_MALFORMED = 1u << 4,
    KLDR_BROKEN_SECTION_OUT_OF_FILE = 1u << 5,
    KLDR_BROKEN_NO_IAT_DIRECTORY = 1u << 6,    // B3
    KLDR_BROKEN_FOREIGN_IAT_POINTER = 1u << 7, // B4: a boot image's cell points nowhere
    KLDR_BROKEN_NO_ENTRY_POINT = 1u << 8,      // AddressOfEntryPoint 0 (H17)
};

// The name a scenario uses ("relocations-stripped"); 0 when unknown.
unsigned kldr_build_broken_find(const char *name);
const char *kldr_build_broken_name(unsigned index); // from 0; NULL past the last

// What a reference in code leads to.
enum kldr_build_fixup_kind {
    KLDR_FIXUP_IMPORT,  // the import address cell of imports[import].functions[function]
    KLDR_FIXUP_ROUTINE, // the routine of that name
    KLDR_FIXUP_DATA,    // data_offset in the code's zeroed data
};

// A 32-bit displacement in code, counted from its own end, as x64 has it.
struct kldr_build_fixup {
    enum kldr_build_fixup_kind kind;
    uint32_t offset; // in the code
    uint32_t import, function;
    const char *routine;
    uint32_t data_offset;
};

// Code for a routine. Whatever else it refers to lies in its own bytes.
struct kldr_build_code {
    const char *routine;
    const uint8_t *bytes;
    uint32_t size;
    const struct kldr_build_fixup *fixups;
    size_t fixup_count;
};

struct kldr_build_description {
    const char *name;          // file name, written into the export directory ("port.sys")
    enum kldr_machine machine; // UNKNOWN: x64
    uint64_t base;             // preferred base; 0: 0x140000000 (PE32+) or 0x10000 (PE32)
    const struct kldr_build_export *exports;
    size_t export_count;
    uint32_t ordinal_base; // 0: 1
    bool unsorted_names;   // names in the order given (A13)
    bool no_export_directory;
    const struct kldr_build_import *imports;
    size_t import_count;
    const char *const *routines; // further unexported routines that get an address of their own
    size_t routine_count;
    bool entry_point;                   // DriverEntry gets a code address and is the entry point
    const struct kldr_build_code *code; // of some routines; x64 only
    size_t code_count;
    uint32_t code_data_size; // zeroed, writable bytes for the code
    unsigned broken;         // KLDR_BROKEN_*
    // Sections and file aligned alike (0x1000), so that file layout is mapped layout: for core
    // images.
    bool mapped_layout;
};

// Where the builder put a routine.
struct kldr_build_routine {
    char *name; // export name, "DriverEntry", or a name from routines
    uint32_t rva;
};

struct kldr_built_image {
    uint8_t *bytes;
    size_t size;
    struct kldr_build_routine *routines; // every code address handed out, by ascending RVA
    size_t routine_count;
};

// Builds the image. Deterministic: same description, same bytes. Every exported routine,
// DriverEntry and every name in routines gets a different RVA of 16 bytes in .text, filled with
// `int3` (arm64: `brk`), so that running it by mistake stops. They share one name space with all
// other exports; only an exported routine DriverEntry is the same one as the entry point. .data
// opens with a pointer to itself that needs a base relocation, so that "relocations" always mean
// something. A routine with code of its own holds that instead and has as many multiples of 16
// bytes as it needs. A valid PE checksum is written unless broken says otherwise.
// KLDR_ERROR_BAD_ARGUMENT for duplicate names or ordinals, an ordinal below the base or above
// 65,535, names that are empty or longer than 4,096 bytes, a base that is not a multiple of 64 KiB,
// too many of anything (limits in the message); *out_built is then left alone. The result is freed
// with kldr_built_image_free.
kldr_status kldr_image_build(const struct kldr_allocator *allocator,
                             const struct kldr_build_description *description,
                             struct kldr_built_image *out_built, struct kldr_error *error);
void kldr_built_image_free(const struct kldr_allocator *allocator, struct kldr_built_image *built);

#endif
