// SPDX-License-Identifier: MIT
// The image object: creation, and finding bytes by RVA in either layout.
#include "image.h"

#include "alloc.h"
#include "bytes.h"
#include "error.h"
#include "pe_format.h"

#include <string.h>

static const struct {
    enum kldr_machine machine;
    const char *name;
} machines[] = {
    {KLDR_MACHINE_X86, "x86"},
    {KLDR_MACHINE_X64, "x64"},
    {KLDR_MACHINE_ARM64, "arm64"},
};

const char *kldr_machine_name(enum kldr_machine machine)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        if (machines[i].machine == machine)
            return machines[i].name;
    }
    return NULL;
}

enum kldr_machine kldr_machine_find(const char *name)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        if (strcmp(machines[i].name, name) == 0)
            return machines[i].machine;
    }
    return KLDR_MACHINE_UNKNOWN;
}

kldr_status kl_image_fail(struct kldr_error *error, kldr_status status, enum kldr_stage stage,
                          uint32_t rva, const char *format, ...)
{
    if (error != NULL) {
        enum kldr_origin origin =
            KLDR_IS_OWN_STATUS(status) ? KLDR_ORIGIN_HOST : KLDR_ORIGIN_KERNEL;
        va_list arguments;
        va_start(arguments, format);
        kl_error_set_list(error, status, origin, stage, format, arguments);
        va_end(arguments);
        error->rva = rva;
    }
    return status;
}

kldr_status kldr_image_create(const struct kldr_allocator *allocator, const void *bytes,
                              size_t size, const struct kldr_image_options *options,
                              struct kldr_image **out_image, struct kldr_error *error)
{
    struct kldr_image_info info;
    uint32_t section_table;
    kldr_status status = kl_image_check_headers(bytes, size, options, &info, &section_table, error);
    if (status != KLDR_STATUS_SUCCESS)
        return status;

    allocator = kl_alloc_pick(allocator);
    struct kldr_image *image = kl_alloc_zeroed(allocator, sizeof *image);
    if (image == NULL)
        return kl_image_fail(error, KLDR_ERROR_OUT_OF_MEMORY, KLDR_STAGE_MAP, 0,
                             "no memory for an image object");
    image->info = info;
    image->allocator = allocator;
    image->bytes = bytes;
    image->size = size;
    image->file_size = size;
    image->base = info.image_base;
    image->section_table = section_table;
    kl_image_attach_exports(image);
    *out_image = image;
    return KLDR_STATUS_SUCCESS;
}

void kldr_image_destroy(struct kldr_image *image)
{
    if (image != NULL)
        kl_alloc_release(image->allocator, image);
}

const struct kldr_image_info *kldr_image_info(const struct kldr_image *image)
{
    return &image->info;
}

void kl_image_decode_section(const uint8_t *row, uint32_t section_alignment,
                             struct kldr_section *out_section)
{
    struct kldr_section section;
    memcpy(section.name, row, PE_SECTION_NAME_SIZE);
    section.name[PE_SECTION_NAME_SIZE] = '\0';
    section.rva = kl_bytes_u32(row + PE_SECTION_VIRTUAL_ADDRESS);
    section.virtual_size = kl_bytes_u32(row + PE_SECTION_VIRTUAL_SIZE);
    section.raw_offset = kl_bytes_u32(row + PE_SECTION_RAW_POINTER);
    section.raw_size = kl_bytes_u32(row + PE_SECTION_RAW_SIZE);
    section.characteristics = kl_bytes_u32(row + PE_SECTION_CHARACTERISTICS);
    if (section.virtual_size == 0)
        section.virtual_size = section.raw_size;
    if (section.raw_offset == 0)
        section.raw_size = 0;
    uint64_t room = kl_bytes_align_up(section.virtual_size, section_alignment);
    if (section.raw_size > room)
        section.raw_size = (uint32_t)room;
    *out_section = section;
}

bool kldr_image_section(const struct kldr_image *image, unsigned index,
                        struct kldr_section *out_section)
{
    if (index >= image->info.section_count)
        return false;
    struct kldr_section section;
    kl_image_decode_section(image->bytes + image->section_table + (size_t)index * PE_SECTION_SIZE,
                            image->info.section_alignment, &section);
    // No effect on what create accepted; but mapped headers can be overwritten by the driver
    // itself.
    if (section.rva > image->info.size_of_image)
        section.rva = image->info.size_of_image;
    if (section.virtual_size > image->info.size_of_image - section.rva)
        section.virtual_size = image->info.size_of_image - section.rva;
    *out_section = section;
    return true;
}

const uint8_t *kl_image_span(const struct kldr_image *image, uint32_t rva, size_t *out_size)
{
    uint32_t flat = image->mapped ? image->info.size_of_image : image->info.size_of_headers;
    struct kldr_section section;

    if (rva < flat) {
        *out_size = flat - rva;
        return image->bytes + rva;
    }
    for (unsigned i = 0; !image->mapped && kldr_image_section(image, i, &section); i++) {
        if (rva >= section.rva && rva - section.rva < section.raw_size) {
            *out_size = section.raw_size - (rva - section.rva);
            return image->bytes + section.raw_offset + (rva - section.rva);
        }
    }
    return NULL;
}

bool kl_image_read(const struct kldr_image *image, uint64_t rva, uint8_t *out, size_t size)
{
    if (!kl_bytes_fits(image->info.size_of_image, rva, size))
        return false;
    size_t stored;
    const uint8_t *bytes = kl_image_span(image, (uint32_t)rva, &stored);
    if (bytes != NULL && stored >= size) {
        memcpy(out, bytes, size);
        return true;
    }
    for (size_t i = 0; i < size; i++) {
        bytes = kl_image_span(image, (uint32_t)rva + (uint32_t)i, &stored);
        out[i] = bytes == NULL ? 0 : *bytes;
    }
    return true;
}

const uint8_t *kldr_image_at(const struct kldr_image *image, uint32_t rva, size_t size)
{
    size_t stored;
    const uint8_t *bytes = kl_image_span(image, rva, &stored);
    return bytes != NULL && size <= stored ? bytes : NULL;
}

static const char *string_at(const struct kldr_image *image, uint32_t rva, size_t limit,
                             size_t *out_length)
{
    size_t stored, length;
    const uint8_t *bytes = kl_image_span(image, rva, &stored);
    if (bytes == NULL || !kl_bytes_string_length(bytes, stored < limit ? stored : limit, &length))
        return NULL;
    if (out_length != NULL)
        *out_length = length;
    return (const char *)bytes;
}

const char *kldr_image_string(const struct kldr_image *image, uint32_t rva, size_t *out_length)
{
    return string_at(image, rva, SIZE_MAX, out_length);
}

const char *kl_image_name(const struct kldr_image *image, uint32_t rva, size_t *out_length)
{
    return string_at(image, rva, KL_IMAGE_MAX_NAME + 1, out_length);
}
