// SPDX-License-Identifier: MIT
// A PE image: headers, sections, exports, imports, relocations, checksum, load configuration.
//
// An image object starts in *file layout*: it reads the caller's file bytes and finds an RVA
// through the section table. kldr_image_map() copies headers and sections into memory the way a
// loader does; from then on the object is in *mapped layout*, reads that memory and no longer needs
// the file bytes. Every offset is checked against the layout before it is used; strings returned
// are NUL-terminated inside the image and live as long as the bytes they point into.
//
// PE32 and PE32+, for x86, x64 and arm64. All numbers are little-endian, whatever the host.
//
// Limits, so that no image can keep a caller busy for ever: 96 sections (the format's own), 65,536
// exports, 4,096 import descriptors of 65,536 functions each, names of 4,096 bytes. Names beyond
// read as unreadable.
#ifndef KLDR_IMAGE_H
#define KLDR_IMAGE_H

#include <kldr/alloc.h>
#include <kldr/error.h>

enum kldr_machine {
    KLDR_MACHINE_UNKNOWN = 0,
    KLDR_MACHINE_X86 = 0x014c,
    KLDR_MACHINE_X64 = 0x8664,
    KLDR_MACHINE_ARM64 = 0xaa64,
};

// "x86", "x64", "arm64", or NULL.
const char *kldr_machine_name(enum kldr_machine machine);
// The reverse; KLDR_MACHINE_UNKNOWN when there is none. Exact names only.
enum kldr_machine kldr_machine_find(const char *name);

enum kldr_directory {
    KLDR_DIRECTORY_EXPORT = 0,
    KLDR_DIRECTORY_IMPORT = 1,
    KLDR_DIRECTORY_RESOURCE = 2,
    KLDR_DIRECTORY_EXCEPTION = 3,
    KLDR_DIRECTORY_SECURITY = 4, // its address is a file offset
    KLDR_DIRECTORY_BASERELOC = 5,
    KLDR_DIRECTORY_DEBUG = 6,
    KLDR_DIRECTORY_LOAD_CONFIG = 10,
    KLDR_DIRECTORY_BOUND_IMPORT = 11,
    KLDR_DIRECTORY_IAT = 12,
    KLDR_DIRECTORY_DELAY_IMPORT = 13,
    KLDR_DIRECTORY_COUNT = 16,
};

struct kldr_data_directory {
    uint32_t rva; // 0: absent
    uint32_t size;
};

// IMAGE_FILE_HEADER and IMAGE_OPTIONAL_HEADER in one, as far as a loader cares.
struct kldr_image_info {
    enum kldr_machine machine;
    bool pe32_plus;
    uint16_t
        characteristics; // IMAGE_FILE_*: 0x0001 relocations stripped, 0x0002 executable, 0x2000 DLL
    uint16_t dll_characteristics; // IMAGE_DLLCHARACTERISTICS_*
    uint16_t subsystem;           // 1 native
    uint16_t section_count;
    uint16_t os_major, os_minor;
    uint16_t image_major, image_minor;
    uint16_t subsystem_major, subsystem_minor;
    uint8_t linker_major, linker_minor;
    uint32_t timestamp;
    uint32_t checksum; // as stored
    uint32_t entry_rva;
    uint32_t section_alignment, file_alignment;
    uint32_t size_of_image; // rounded up to the section alignment
    uint32_t size_of_headers;
    uint64_t image_base; // preferred
    struct kldr_data_directory directory[KLDR_DIRECTORY_COUNT];
};

struct kldr_section {
    char name[9]; // NUL added; COFF long names ("/4") are not looked up
    uint32_t rva;
    uint32_t virtual_size;         // as mapped: never 0, VirtualSize or else SizeOfRawData
    uint32_t raw_offset, raw_size; // clipped to what the loader copies
    uint32_t characteristics;      // IMAGE_SCN_*
};

struct kldr_image;

struct kldr_image_options {
    // Only this machine is accepted (else STATUS_INVALID_IMAGE_PROTECT); UNKNOWN accepts the three.
    enum kldr_machine machine;
    // Largest SizeOfImage accepted, in bytes; 0 means 256 MiB. Larger is KLDR_ERROR_LIMIT.
    uint32_t max_size_of_image;
};

// Checks headers and section table of size bytes and makes an image object in file layout.
// bytes are borrowed until kldr_image_map or kldr_image_destroy. options may be NULL.
// Statuses, in the order they are found (L9, L10, A20):
//   STATUS_INVALID_IMAGE_NOT_MZ       no MZ at the beginning
//   STATUS_IMAGE_CHECKSUM_MISMATCH    no PE signature where e_lfanew points (or it points outside)
//   STATUS_INVALID_IMAGE_PROTECT      another machine, or an optional-header magic that does not
//   fit it STATUS_INVALID_IMAGE_FORMAT       anything else malformed: truncated, sections outside
//   the file, ...
// The checksum itself is not judged here: see kldr_image_checksum.
kldr_status kldr_image_create(const struct kldr_allocator *allocator, const void *bytes,
                              size_t size, const struct kldr_image_options *options,
                              struct kldr_image **out_image, struct kldr_error *error);
void kldr_image_destroy(struct kldr_image *image);

const struct kldr_image_info *kldr_image_info(const struct kldr_image *image);

// Section number index (from 0). Returns false past the last.
bool kldr_image_section(const struct kldr_image *image, unsigned index,
                        struct kldr_section *out_section);

// The size bytes at rva, or NULL when they are not all inside the image (in file layout: inside one
// section's raw data or the headers).
const uint8_t *kldr_image_at(const struct kldr_image *image, uint32_t rva, size_t size);

// The NUL-terminated string at rva, or NULL when it does not end inside the image.
const char *kldr_image_string(const struct kldr_image *image, uint32_t rva, size_t *out_length);

// Computes the checksum of a whole file as the kernel does and reads the stored one. stored == 0
// means "none": never wrong. Returns false when there are no NT headers to hold one.
bool kldr_image_checksum(const void *bytes, size_t size, uint32_t *out_stored,
                         uint32_t *out_computed);

// ---- mapping ----

// Copies headers and sections into memory (size_of_image bytes; the rest is zeroed) and switches
// the image to mapped layout. memory is borrowed until destroy. Cannot fail: create checked it all.
void kldr_image_map(struct kldr_image *image, void *memory);

// Switches to mapped layout over bytes that already lie as mapped, without copying: every section's
// file offset is its RVA and its raw data is complete. Such an image cannot be relocated or bound.
// KLDR_ERROR_BAD_ARGUMENT when the image does not lie so, size is below size_of_image, or the image
// is in mapped layout already.
kldr_status kldr_image_adopt_mapping(struct kldr_image *image, const void *memory, size_t size);

// Applies base relocations (ABSOLUTE, HIGHLOW, DIR64) for a move to new_base; mapped layout only.
//   STATUS_CONFLICTING_ADDRESSES  relocations are stripped (flag 0x0001) and new_base differs (L12)
//   STATUS_INVALID_IMAGE_FORMAT   malformed blocks, unknown types, targets outside the image (L12)
//   KLDR_ERROR_BAD_ARGUMENT       not in writable mapped layout, or no room for the image at
//   new_base
//                                 (a PE32 image cannot lie above 4 GiB)
// An image without relocation directory and without the flag has nothing to fix and succeeds; so
// does every image when new_base is where it lies. May be called again: the move starts from the
// last base. After STATUS_INVALID_IMAGE_FORMAT some places are moved and some not: the image is of
// no use.
kldr_status kldr_image_relocate(struct kldr_image *image, uint64_t new_base,
                                struct kldr_error *error);

// ---- exports ----

struct kldr_export_info {
    const char *dll_name; // what the image calls itself, "" when unreadable
    uint32_t ordinal_base;
    uint32_t function_count; // slots, holes included
    uint32_t name_count;
};

// False when there is no export directory. A directory whose tables do not lie inside the image, or
// have more than 65,536 entries, reads as present with zero functions and names: see
// kldr_image_exports_malformed.
bool kldr_image_exports(const struct kldr_image *image, struct kldr_export_info *out_info);
bool kldr_image_exports_malformed(const struct kldr_image *image);

struct kldr_export {
    const char *name; // NULL when exported by ordinal only, or not known
    uint32_t ordinal; // biased, as importers write it
    uint32_t index;   // ordinal - base
    uint32_t rva;     // 0: a hole (S5)
    // "other.Function" when rva lies strictly inside the directory (S6), else NULL; "" when that
    // text cannot be read.
    const char *forwarder;
};

// Slot number index (from 0), with the first name that names it. False past the last slot.
// This searches the name table: for listing, not for binding.
bool kldr_image_export_at(const struct kldr_image *image, uint32_t index,
                          struct kldr_export *out_export);

// Entry number index (from 0) of the name table, in the table's order. False past the last, or when
// the entry is unreadable (then out_export->name is NULL).
bool kldr_image_export_name_at(const struct kldr_image *image, uint32_t index,
                               struct kldr_export *out_export);

enum kldr_lookup_via { KLDR_VIA_HINT, KLDR_VIA_SEARCH, KLDR_VIA_ORDINAL };

// By name: hint first (S2), then binary search with (low + high) / 2 (S3, A13), byte-wise,
// case-sensitive.
//   STATUS_DRIVER_ENTRYPOINT_NOT_FOUND  no such name, or no export directory (S3)
//   STATUS_DRIVER_ORDINAL_NOT_FOUND     the name's index is not below the number of functions (S4)
kldr_status kldr_image_find_export(const struct kldr_image *image, const char *name, size_t length,
                                   uint32_t hint, struct kldr_export *out_export,
                                   enum kldr_lookup_via *out_via);

// By ordinal: index = low 16 bits of (ordinal - base) (S1).
//   STATUS_DRIVER_ORDINAL_NOT_FOUND     index not below the number of functions; out_index still
//   gets the
//                                       16-bit index (L19)
//   STATUS_DRIVER_ENTRYPOINT_NOT_FOUND  no export directory
// out_index may be NULL.
kldr_status kldr_image_find_ordinal(const struct kldr_image *image, uint32_t ordinal,
                                    struct kldr_export *out_export, uint32_t *out_index);

// Searches the whole name table linearly, sorted or not: for messages and for lint, never for
// binding.
bool kldr_image_export_listed(const struct kldr_image *image, const char *name,
                              struct kldr_export *out_export);

// The exported name nearest to a missing one (case, decoration, one or two letters), or NULL.
const char *kldr_image_nearest_export(const struct kldr_image *image, const char *name);

// ---- imports ----

struct kldr_import_descriptor {
    uint32_t index;     // from 0, in file order
    const char *module; // as the importer spells it
    size_t module_length;
    uint32_t lookup_table;  // OriginalFirstThunk RVA; 0 ends the loader's walk (R2)
    uint32_t address_table; // FirstThunk RVA
    uint32_t timestamp;     // bound-import stamp, ignored by the loader (R3)
};

// Descriptor number index. KLDR_ERROR_END at the terminator (Name zero, whatever the other fields);
// a descriptor with a name and no lookup table is returned, the caller decides (R2).
// STATUS_INVALID_IMAGE_FORMAT when the table, or the name, is not inside the image;
// KLDR_ERROR_LIMIT past 4,096 descriptors.
kldr_status kldr_image_import(const struct kldr_image *image, uint32_t index,
                              struct kldr_import_descriptor *out_descriptor,
                              struct kldr_error *error);

struct kldr_import_thunk {
    uint32_t index;   // from 0
    const char *name; // NULL when by ordinal
    size_t name_length;
    uint32_t hint;
    uint32_t ordinal;  // when by ordinal
    uint32_t cell_rva; // the import address table cell this thunk fills
};

// Thunk number index of the descriptor's lookup table. KLDR_ERROR_END at the zero thunk.
// STATUS_INVALID_IMAGE_FORMAT when table or name is not inside the image, or the cell not behind
// its headers; KLDR_ERROR_LIMIT past 65,536 thunks. Without lookup table there are no thunks (R2).
kldr_status kldr_image_thunk(const struct kldr_image *image,
                             const struct kldr_import_descriptor *descriptor, uint32_t index,
                             struct kldr_import_thunk *out_thunk, struct kldr_error *error);

// Reads or writes an import cell (4 or 8 bytes wide, by image); mapped layout, cell_rva from a
// thunk.
uint64_t kldr_image_read_cell(const struct kldr_image *image, uint32_t cell_rva);
void kldr_image_write_cell(struct kldr_image *image, uint32_t cell_rva, uint64_t address);

// ---- load configuration ----

struct kldr_load_config {
    uint32_t size;
    uint64_t security_cookie; // address in the preferred image, 0 when absent
    uint64_t guard_check;     // GuardCFCheckFunctionPointer
    uint64_t guard_dispatch;  // GuardCFDispatchFunctionPointer
    uint64_t guard_table;
    uint64_t guard_count;
    uint32_t guard_flags;
};

// False when there is no load configuration directory or it is not inside the image.
bool kldr_image_load_config(const struct kldr_image *image, struct kldr_load_config *out_config);

// ---- base relocations, for listing ----

struct kldr_reloc_summary {
    bool present;  // a relocation directory exists
    bool stripped; // IMAGE_FILE_RELOCS_STRIPPED
    bool malformed;
    uint32_t blocks, absolute, highlow, dir64, other;
};
void kldr_image_reloc_summary(const struct kldr_image *image,
                              struct kldr_reloc_summary *out_summary);

#endif
