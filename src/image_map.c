// SPDX-License-Identifier: MIT
// From file layout to mapped layout: headers at 0, each section at its RVA, zeros between (L11).
#include "image.h"

#include <assert.h>
#include <string.h>

// Makes bytes the image's memory; writable tells whether it may be relocated and bound.
static void switch_layout(struct kldr_image *image, const void *bytes, void *writable)
{
    image->bytes = bytes;
    image->memory = writable;
    image->size = image->info.size_of_image;
    image->mapped = true;
    kl_image_attach_exports(image);
}

void kldr_image_map(struct kldr_image *image, void *memory)
{
    uint8_t *target = memory;
    struct kldr_section section;
    size_t filled = image->info.size_of_headers;

    assert(!image->mapped);
    memcpy(target, image->bytes, filled);
    for (unsigned i = 0; kldr_image_section(image, i, &section); i++) {
        memset(target + filled, 0, section.rva - filled);
        memcpy(target + section.rva, image->bytes + section.raw_offset, section.raw_size);
        filled = (size_t)section.rva + section.raw_size;
    }
    memset(target + filled, 0, image->info.size_of_image - filled);
    switch_layout(image, memory, memory);
}

// True when every section of the file lies at its RVA and is stored completely.
static bool lies_as_mapped(const struct kldr_image *image)
{
    struct kldr_section section;
    for (unsigned i = 0; kldr_image_section(image, i, &section); i++) {
        if (section.raw_offset != section.rva || section.raw_size < section.virtual_size)
            return false;
    }
    return true;
}

kldr_status kldr_image_adopt_mapping(struct kldr_image *image, const void *memory, size_t size)
{
    if (image->mapped || size < image->info.size_of_image || !lies_as_mapped(image))
        return KLDR_ERROR_BAD_ARGUMENT;
    switch_layout(image, memory, NULL);
    return KLDR_STATUS_SUCCESS;
}
