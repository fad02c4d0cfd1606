// SPDX-License-Identifier: MIT
// Import descriptors and thunks, one at a time by number (R1 to R3). The walk is the caller's; the
// bounds on it are here, so that no image can make it endless.
#include "image.h"

#include "bytes.h"
#include "pe_format.h"

#define MALFORMED(error, rva, ...)                                                                 \
    kl_image_fail(error, KLDR_STATUS_INVALID_IMAGE_FORMAT, KLDR_STAGE_RESOLVE, rva, __VA_ARGS__)

kldr_status kldr_image_import(const struct kldr_image *image, uint32_t index,
                              struct kldr_import_descriptor *out_descriptor,
                              struct kldr_error *error)
{
    uint32_t table = image->info.directory[KLDR_DIRECTORY_IMPORT].rva;
    uint8_t row[PE_IMPORT_SIZE];

    if (table == 0) // R1
        return KLDR_ERROR_END;
    if (index >= KL_IMAGE_MAX_DESCRIPTORS)
        return kl_image_fail(error, KLDR_ERROR_LIMIT, KLDR_STAGE_RESOLVE, table,
                             "the image has more than %u import descriptors",
                             KL_IMAGE_MAX_DESCRIPTORS);
    if (!kl_image_read(image, (uint64_t)table + (uint64_t)index * PE_IMPORT_SIZE, row, sizeof row))
        return MALFORMED(error, table, "import descriptor %lu lies outside the image",
                         (unsigned long)index);
    uint32_t name_rva = kl_bytes_u32(row + PE_IMPORT_NAME);
    if (name_rva == 0)
        return KLDR_ERROR_END;
    size_t length;
    const char *name = kl_image_name(image, name_rva, &length);
    if (name == NULL)
        return MALFORMED(error, name_rva, "the module name of import descriptor %lu cannot be read",
                         (unsigned long)index);
    *out_descriptor = (struct kldr_import_descriptor){
        .index = index,
        .module = name,
        .module_length = length,
        .lookup_table = kl_bytes_u32(row + PE_IMPORT_LOOKUP_TABLE),
        .address_table = kl_bytes_u32(row + PE_IMPORT_ADDRESSES),
        .timestamp = kl_bytes_u32(row + PE_IMPORT_TIMESTAMP),
    };
    return KLDR_STATUS_SUCCESS;
}

static uint32_t cell_width(const struct kldr_image *image)
{
    return image->info.pe32_plus ? 8 : 4;
}

// The width bytes at rva: in place in mapped layout, where a thunk is read once for every import of
// every load, else copied into buffer. NULL when they are not inside the image.
static const uint8_t *few_bytes(const struct kldr_image *image, uint64_t rva, uint32_t width,
                                uint8_t buffer[8])
{
    if (image->mapped) {
        return kl_bytes_fits(image->size, rva, width) ? image->bytes + rva : NULL;
    }
    return kl_image_read(image, rva, buffer, width) ? buffer : NULL;
}

// Reads one thunk as 64 bits, with the ordinal flag of PE32 moved to where PE32+ has it.
static bool read_thunk(const struct kldr_image *image, uint64_t rva, uint64_t *out_value)
{
    uint8_t buffer[8];
    const uint8_t *bytes = few_bytes(image, rva, cell_width(image), buffer);
    if (bytes == NULL)
        return false;
    if (image->info.pe32_plus) {
        *out_value = kl_bytes_u64(bytes);
    } else {
        uint32_t value = kl_bytes_u32(bytes);
        *out_value = (value & PE_THUNK_ORDINAL32) != 0
                         ? PE_THUNK_ORDINAL64 | (value & ~PE_THUNK_ORDINAL32)
                         : value;
    }
    return true;
}

// Fills hint and name from what a thunk points to.
static kldr_status read_hint_and_name(const struct kldr_image *image, uint64_t rva,
                                      struct kldr_import_thunk *thunk, struct kldr_error *error)
{
    uint8_t buffer[8];
    const uint8_t *hint = few_bytes(image, rva, PE_THUNK_HINT_SIZE, buffer);
    if (hint == NULL)
        return MALFORMED(error, (uint32_t)rva,
                         "the name of import thunk %lu lies outside the image",
                         (unsigned long)thunk->index);
    thunk->hint = kl_bytes_u16(hint);
    thunk->name = kl_image_name(image, (uint32_t)rva + PE_THUNK_HINT_SIZE, &thunk->name_length);
    if (thunk->name == NULL)
        return MALFORMED(error, (uint32_t)rva, "the name of import thunk %lu cannot be read",
                         (unsigned long)thunk->index);
    return KLDR_STATUS_SUCCESS;
}

kldr_status kldr_image_thunk(const struct kldr_image *image,
                             const struct kldr_import_descriptor *descriptor, uint32_t index,
                             struct kldr_import_thunk *out_thunk, struct kldr_error *error)
{
    uint32_t width = cell_width(image);
    uint64_t cell = descriptor->address_table + (uint64_t)index * width;
    uint64_t value;

    if (descriptor->lookup_table == 0) // R2
        return KLDR_ERROR_END;
    if (index >= KL_IMAGE_MAX_THUNKS)
        return kl_image_fail(error, KLDR_ERROR_LIMIT, KLDR_STAGE_RESOLVE, descriptor->lookup_table,
                             "more than %u functions are imported from %s", KL_IMAGE_MAX_THUNKS,
                             descriptor->module);
    if (!read_thunk(image, descriptor->lookup_table + (uint64_t)index * width, &value))
        return MALFORMED(error, descriptor->lookup_table,
                         "the lookup table for %s leaves the image", descriptor->module);
    if (value == 0)
        return KLDR_ERROR_END;
    if (descriptor->address_table < image->info.size_of_headers ||
        !kl_bytes_fits(image->info.size_of_image, cell, width))
        return MALFORMED(error, descriptor->address_table,
                         "the address table for %s is not inside a section", descriptor->module);
    struct kldr_import_thunk thunk = {.index = index, .cell_rva = (uint32_t)cell};
    if ((value & PE_THUNK_ORDINAL64) != 0) {
        thunk.ordinal = (uint16_t)value;
    } else {
        kldr_status status = read_hint_and_name(image, value, &thunk, error);
        if (status != KLDR_STATUS_SUCCESS)
            return status;
    }
    *out_thunk = thunk;
    return KLDR_STATUS_SUCCESS;
}

uint64_t kldr_image_read_cell(const struct kldr_image *image, uint32_t cell_rva)
{
    if (!image->mapped || !kl_bytes_fits(image->size, cell_rva, cell_width(image)))
        return 0;
    return image->info.pe32_plus ? kl_bytes_u64(image->bytes + cell_rva)
                                 : kl_bytes_u32(image->bytes + cell_rva);
}

void kldr_image_write_cell(struct kldr_image *image, uint32_t cell_rva, uint64_t address)
{
    if (image->memory == NULL || !kl_bytes_fits(image->size, cell_rva, cell_width(image)))
        return;
    if (image->info.pe32_plus)
        kl_bytes_put_u64(image->memory + cell_rva, address);
    else
        kl_bytes_put_u32(image->memory + cell_rva, (uint32_t)address);
}
