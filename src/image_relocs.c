// SPDX-License-Identifier: MIT
// Base relocations: a directory of blocks, each for one 4 KiB page, each a list of 16-bit entries
// (L12).
//
// Linkers pad the directory with zeros; a block header of zeros, or a zero tail too short for one,
// is padding and ends the walk. Everything else that does not fit is malformed.
#include "image.h"

#include "bytes.h"
#include "pe_format.h"

struct block {
    uint32_t page;          // RVA
    const uint8_t *entries; // count 16-bit entries
    size_t count;
};

// The part of the directory not read yet.
struct walk {
    const uint8_t *next;
    size_t left;
};

enum step { STEP_BLOCK, STEP_END, STEP_MALFORMED };

// Starts a walk. False when there is a directory and it is not inside the image.
static bool begin(const struct kldr_image *image, struct walk *walk)
{
    const struct kldr_data_directory *directory = &image->info.directory[KLDR_DIRECTORY_BASERELOC];
    *walk = (struct walk){NULL, 0};
    if (directory->rva == 0 || directory->size == 0)
        return true;
    walk->next = kldr_image_at(image, directory->rva, directory->size);
    walk->left = directory->size;
    return walk->next != NULL;
}

static bool all_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static enum step next_block(struct walk *walk, struct block *block)
{
    if (all_zero(walk->next, walk->left < PE_RELOC_HEADER_SIZE ? walk->left : PE_RELOC_HEADER_SIZE))
        return STEP_END;
    if (walk->left < PE_RELOC_HEADER_SIZE)
        return STEP_MALFORMED;
    uint32_t size = kl_bytes_u32(walk->next + PE_RELOC_BLOCK_SIZE);
    if (size < PE_RELOC_HEADER_SIZE || size > walk->left || size % 2 != 0)
        return STEP_MALFORMED;
    block->page = kl_bytes_u32(walk->next);
    block->entries = walk->next + PE_RELOC_HEADER_SIZE;
    block->count = (size - PE_RELOC_HEADER_SIZE) / 2;
    walk->next += size;
    walk->left -= size;
    return STEP_BLOCK;
}

// Adds delta to every place the block names. False when a place is outside size bytes or its type
// is unknown.
static bool apply_block(uint8_t *memory, size_t size, const struct block *block, uint64_t delta)
{
    for (size_t i = 0; i < block->count; i++) {
        unsigned entry = kl_bytes_u16(block->entries + 2 * i);
        uint64_t rva = (uint64_t)block->page + (entry & 0xfff);
        switch (entry >> 12) {
        case PE_RELOC_TYPE_DIR64:
            if (!kl_bytes_fits(size, rva, 8))
                return false;
            kl_bytes_put_u64(memory + rva, kl_bytes_u64(memory + rva) + delta);
            break;
        case PE_RELOC_TYPE_HIGHLOW:
            if (!kl_bytes_fits(size, rva, 4))
                return false;
            kl_bytes_put_u32(memory + rva, kl_bytes_u32(memory + rva) + (uint32_t)delta);
            break;
        case PE_RELOC_TYPE_ABSOLUTE:
            break;
        default:
            return false;
        }
    }
    return true;
}

static bool apply_all(struct kldr_image *image, uint64_t delta)
{
    struct walk walk;
    struct block block;
    enum step step;

    if (!begin(image, &walk))
        return false;
    while ((step = next_block(&walk, &block)) == STEP_BLOCK) {
        if (!apply_block(image->memory, image->size, &block, delta))
            return false;
    }
    return step == STEP_END;
}

kldr_status kldr_image_relocate(struct kldr_image *image, uint64_t new_base,
                                struct kldr_error *error)
{
    uint64_t last_base = image->info.pe32_plus ? UINT64_MAX : UINT32_MAX;
    if (new_base == image->base)
        return KLDR_STATUS_SUCCESS;
    if (image->memory == NULL || new_base > last_base - (image->info.size_of_image - 1))
        return kl_image_fail(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_STAGE_MAP, 0,
                             "the image cannot be moved to 0x%llX", (unsigned long long)new_base);
    if ((image->info.characteristics & PE_FILE_RELOCS_STRIPPED) != 0)
        return kl_image_fail(
            error, KLDR_STATUS_CONFLICTING_ADDRESSES, KLDR_STAGE_MAP, 0,
            "relocations are stripped, so the image fits at 0x%llX only, not at 0x%llX",
            (unsigned long long)image->base, (unsigned long long)new_base);
    if (!apply_all(image, new_base - image->base))
        return kl_image_fail(error, KLDR_STATUS_INVALID_IMAGE_FORMAT, KLDR_STAGE_MAP,
                             image->info.directory[KLDR_DIRECTORY_BASERELOC].rva,
                             "the relocations are malformed");
    image->base = new_base;
    return KLDR_STATUS_SUCCESS;
}

static void count_block(const struct block *block, struct kldr_reloc_summary *summary)
{
    summary->blocks++;
    for (size_t i = 0; i < block->count; i++) {
        switch (kl_bytes_u16(block->entries + 2 * i) >> 12) {
        case PE_RELOC_TYPE_ABSOLUTE:
            summary->absolute++;
            break;
        case PE_RELOC_TYPE_HIGHLOW:
            summary->highlow++;
            break;
        case PE_RELOC_TYPE_DIR64:
            summary->dir64++;
            break;
        default:
            summary->other++;
        }
    }
}

void kldr_image_reloc_summary(const struct kldr_image *image,
                              struct kldr_reloc_summary *out_summary)
{
    struct kldr_reloc_summary summary = {0};
    struct walk walk;
    struct block block;
    enum step step = STEP_MALFORMED;

    summary.present = image->info.directory[KLDR_DIRECTORY_BASERELOC].rva != 0;
    summary.stripped = (image->info.characteristics & PE_FILE_RELOCS_STRIPPED) != 0;
    if (begin(image, &walk)) {
        while ((step = next_block(&walk, &block)) == STEP_BLOCK)
            count_block(&block, &summary);
    }
    summary.malformed = step == STEP_MALFORMED || summary.other != 0;
    *out_summary = summary;
}
