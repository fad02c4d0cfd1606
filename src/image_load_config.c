// SPDX-License-Identifier: MIT
// The load configuration directory, as far as a kernel image uses it: security cookie and control
// flow guard.
#include "image.h"

#include "bytes.h"

// Offsets of the fields in the 32-bit and 64-bit structure; the structure's own size says which
// exist.
enum field {
    SECURITY_COOKIE,
    GUARD_CHECK,
    GUARD_DISPATCH,
    GUARD_TABLE,
    GUARD_COUNT,
    GUARD_FLAGS,
    FIELD_COUNT
};

static const uint32_t offsets32[FIELD_COUNT] = {60, 72, 76, 80, 84, 88};
static const uint32_t offsets64[FIELD_COUNT] = {88, 112, 120, 128, 136, 144};

// The value of one field, 0 when the structure is too short to have it.
static uint64_t read_field(const struct kldr_image *image, uint32_t rva, uint32_t size,
                           enum field field)
{
    uint32_t offset = image->info.pe32_plus ? offsets64[field] : offsets32[field];
    uint32_t width = field != GUARD_FLAGS && image->info.pe32_plus ? 8 : 4;
    uint8_t bytes[8] = {0};

    if (!kl_bytes_fits(size, offset, width) ||
        !kl_image_read(image, (uint64_t)rva + offset, bytes, width))
        return 0;
    return kl_bytes_u64(bytes);
}

// As read_field for an address: relocation may have moved it, what is wanted is where it is
// preferred.
static uint64_t read_address(const struct kldr_image *image, uint32_t rva, uint32_t size,
                             enum field field)
{
    uint64_t address = read_field(image, rva, size, field);
    if (address != 0 && address - image->base < image->info.size_of_image)
        return address - image->base + image->info.image_base;
    return address;
}

bool kldr_image_load_config(const struct kldr_image *image, struct kldr_load_config *out_config)
{
    uint32_t rva = image->info.directory[KLDR_DIRECTORY_LOAD_CONFIG].rva;
    uint8_t bytes[4];

    if (rva == 0 || !kl_image_read(image, rva, bytes, sizeof bytes))
        return false;
    uint32_t size = kl_bytes_u32(bytes);
    if (!kl_bytes_fits(image->info.size_of_image, rva, size))
        return false;
    out_config->size = size;
    out_config->security_cookie = read_address(image, rva, size, SECURITY_COOKIE);
    out_config->guard_check = read_address(image, rva, size, GUARD_CHECK);
    out_config->guard_dispatch = read_address(image, rva, size, GUARD_DISPATCH);
    out_config->guard_table = read_address(image, rva, size, GUARD_TABLE);
    out_config->guard_count = read_field(image, rva, size, GUARD_COUNT);
    out_config->guard_flags = (uint32_t)read_field(image, rva, size, GUARD_FLAGS);
    return true;
}
