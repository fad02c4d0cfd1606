// SPDX-License-Identifier: MIT
// The inside of struct kldr_image, shared by the image_*.c files.
//
// Rules: what image_headers.c accepted (info, the section table, the export tables' places) is
// trusted from then on; every other number that comes out of the bytes is checked where it is used.
// In mapped layout the bytes may change under us (relocation, binding, the driver itself), so
// nothing derived from bytes is trusted there unless it was copied into this struct.
#ifndef KL_IMAGE_H
#define KL_IMAGE_H

#include <kldr/image.h>

// Names of exports and imports longer than this are malformed; it is the limit of the Microsoft
// linker.
#define KL_IMAGE_MAX_NAME 4096u
// Bounds on what one image can make a caller walk. Ordinals are 16 bits wide, so no export table
// needs more.
#define KL_IMAGE_MAX_EXPORTS     65536u
#define KL_IMAGE_MAX_DESCRIPTORS 4096u
#define KL_IMAGE_MAX_THUNKS      65536u

#define KL_IMAGE_DEFAULT_MAX_SIZE (UINT32_C(256) << 20)

// Where the export tables are, found and checked once for each layout. The counts are zero unless
// all of functions, names and ordinals lie inside the image.
struct kl_image_exports {
    const uint8_t *functions; // function_count RVAs
    const uint8_t *names;     // name_count RVAs
    const uint8_t *ordinals;  // name_count 16-bit indexes
    const uint8_t *span;      // the bytes around the directory, where its names lie as a rule
    uint32_t span_rva;
    uint32_t span_size;
    uint32_t function_count;
    uint32_t name_count;
    uint32_t ordinal_base;
    uint32_t dll_name_rva;
    bool present;
    bool malformed;
};

struct kldr_image {
    struct kldr_image_info info;
    const struct kldr_allocator *allocator;
    const uint8_t *bytes;   // the file, or the mapped memory
    size_t size;            // of bytes: the file's, or SizeOfImage
    size_t file_size;       // of the file it was made from
    uint8_t *memory;        // bytes when they may be written to, else NULL
    uint64_t base;          // where the mapped memory is relocated to now
    uint32_t section_table; // offset in bytes; inside SizeOfHeaders, hence valid in both layouts
    bool mapped;
    struct kl_image_exports exports;
};

// Fills error (which may be NULL) and returns status, so that a check can end with "return
// kl_image_fail(...)".
KLDR_PRINTF_LIKE(5, 6)
kldr_status kl_image_fail(struct kldr_error *error, kldr_status status, enum kldr_stage stage,
                          uint32_t rva, const char *format, ...);

// The bytes from rva to the end of the stretch they are stored in, or NULL when rva is not stored.
const uint8_t *kl_image_span(const struct kldr_image *image, uint32_t rva, size_t *out_size);

// Copies size bytes at rva. In file layout, what no raw data is stored for reads as zero, as it
// will be when mapped. False when they are not all inside the image. rva is wide so that callers
// can add freely.
bool kl_image_read(const struct kldr_image *image, uint64_t rva, uint8_t *out, size_t size);

// As kldr_image_string, for names: NULL as well when longer than KL_IMAGE_MAX_NAME.
const char *kl_image_name(const struct kldr_image *image, uint32_t rva, size_t *out_length);

// Decodes one row of a section table; raw_size is clipped to what is copied into memory.
void kl_image_decode_section(const uint8_t *row, uint32_t section_alignment,
                             struct kldr_section *out_section);

// Checks all headers of size bytes, fills *out_info and *out_section_table (image_headers.c).
kldr_status kl_image_check_headers(const uint8_t *bytes, size_t size,
                                   const struct kldr_image_options *options,
                                   struct kldr_image_info *out_info, uint32_t *out_section_table,
                                   struct kldr_error *error);

// The offset of the PE signature, or 0 when there is none (image_headers.c).
uint32_t kl_image_find_nt_headers(const uint8_t *bytes, size_t size);

// Asks the CPU to fetch a small export directory: binding a descriptor is about to search it, and
// waiting for one cache line after the other is what that costs (image_exports.c).
void kl_image_prefetch_exports(const struct kldr_image *image);

// Finds the export tables again after bytes changed place (image_exports.c).
void kl_image_attach_exports(struct kldr_image *image);

#endif
