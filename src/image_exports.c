// SPDX-License-Identifier: MIT
// The export directory: finding its tables once, then lookups by name and by ordinal (S1 to S6).
//
// Lookups are the hot path of binding: no allocation, no string length, one bounded comparison for
// each probe.
#include "image.h"

#include "bytes.h"
#include "pe_format.h"

// Finds one table of count elements; an empty table may lie anywhere.
static bool find_table(const struct kldr_image *image, uint32_t rva, uint32_t count,
                       uint32_t element_size, const uint8_t **out_table)
{
    if (count == 0)
        return true;
    const uint8_t *table = kldr_image_at(image, rva, (size_t)count * element_size);
    if (table == NULL)
        return false;
    *out_table = table;
    return true;
}

// Fills *exports from the directory's bytes. False when a table is too long or not inside the
// image.
static bool read_directory(const struct kldr_image *image, const uint8_t *directory,
                           struct kl_image_exports *exports)
{
    uint32_t functions = kl_bytes_u32(directory + PE_EXPORT_FUNCTION_COUNT);
    uint32_t names = kl_bytes_u32(directory + PE_EXPORT_NAME_COUNT);

    exports->ordinal_base = kl_bytes_u32(directory + PE_EXPORT_BASE);
    exports->dll_name_rva = kl_bytes_u32(directory + PE_EXPORT_NAME);
    if (functions > KL_IMAGE_MAX_EXPORTS || names > KL_IMAGE_MAX_EXPORTS)
        return false;
    if (!find_table(image, kl_bytes_u32(directory + PE_EXPORT_FUNCTIONS), functions, 4,
                    &exports->functions) ||
        !find_table(image, kl_bytes_u32(directory + PE_EXPORT_NAMES), names, 4, &exports->names) ||
        !find_table(image, kl_bytes_u32(directory + PE_EXPORT_ORDINALS), names, 2,
                    &exports->ordinals))
        return false;
    exports->function_count = functions;
    exports->name_count = names;
    return true;
}

// Names lie near the directory: in mapped layout anywhere in the image, in file layout in its
// section.
static void find_span(const struct kldr_image *image, uint32_t directory_rva,
                      struct kl_image_exports *exports)
{
    size_t size = 0;
    exports->span_rva = image->mapped ? 0 : directory_rva;
    exports->span = kl_image_span(image, exports->span_rva, &size);
    exports->span_size = (uint32_t)size;
}

void kl_image_attach_exports(struct kldr_image *image)
{
    uint32_t rva = image->info.directory[KLDR_DIRECTORY_EXPORT].rva;
    struct kl_image_exports exports = {0};

    if (rva != 0) {
        const uint8_t *directory = kldr_image_at(image, rva, PE_EXPORT_SIZE);
        exports.present = true;
        exports.malformed = directory == NULL || !read_directory(image, directory, &exports);
        find_span(image, rva, &exports);
    }
    image->exports = exports;
}

bool kldr_image_exports(const struct kldr_image *image, struct kldr_export_info *out_info)
{
    const struct kl_image_exports *exports = &image->exports;
    if (!exports->present)
        return false;
    const char *name = kl_image_name(image, exports->dll_name_rva, NULL);
    out_info->dll_name = exports->dll_name_rva == 0 || name == NULL ? "" : name;
    out_info->ordinal_base = exports->ordinal_base;
    out_info->function_count = exports->function_count;
    out_info->name_count = exports->name_count;
    return true;
}

bool kldr_image_exports_malformed(const struct kldr_image *image)
{
    return image->exports.malformed;
}

// The text at rva and how much of it may be read.
static const uint8_t *text_at(const struct kldr_image *image, uint32_t rva, size_t *out_size)
{
    const struct kl_image_exports *exports = &image->exports;
    uint32_t offset = rva - exports->span_rva;
    if (offset < exports->span_size) {
        *out_size = exports->span_size - offset;
        return exports->span + offset;
    }
    return kl_image_span(image, rva, out_size);
}

// Compares name with entry number index of the name table. An entry that lies nowhere sorts before
// every name.
static int compare_entry(const struct kldr_image *image, const char *name, size_t length,
                         uint32_t index)
{
    size_t size;
    const uint8_t *text =
        text_at(image, kl_bytes_u32(image->exports.names + 4 * (size_t)index), &size);
    return text == NULL ? 1 : kl_bytes_compare_string(name, length, text, size);
}

// The name of entry number index, which a comparison has just found to be readable.
static const char *entry_name(const struct kldr_image *image, uint32_t index)
{
    size_t size;
    return (const char *)text_at(image, kl_bytes_u32(image->exports.names + 4 * (size_t)index),
                                 &size);
}

// Fills *out_export for the slot number index, which exists.
static void describe_slot(const struct kldr_image *image, uint32_t index, const char *name,
                          struct kldr_export *out_export)
{
    const struct kldr_data_directory *directory = &image->info.directory[KLDR_DIRECTORY_EXPORT];
    uint32_t rva = kl_bytes_u32(image->exports.functions + 4 * (size_t)index);

    out_export->name = name;
    out_export->ordinal = image->exports.ordinal_base + index;
    out_export->index = index;
    out_export->rva = rva;
    out_export->forwarder = NULL;
    // Strictly inside (S6). Text that cannot be read forwards to nowhere, it does not become code.
    if (rva > directory->rva && rva - directory->rva < directory->size) {
        const char *forwarder = kl_image_name(image, rva, NULL);
        out_export->forwarder = forwarder == NULL ? "" : forwarder;
    }
}

// S2, then S3: with (low + high) / 2 rounded down (A13), so that which names of an unsorted table
// stay invisible is the same everywhere. False when there is no such name.
static bool find_name(const struct kldr_image *image, const char *name, size_t length,
                      uint32_t hint, uint32_t *out_index, enum kldr_lookup_via *out_via)
{
    uint32_t low = 0, high = image->exports.name_count;

    if (hint < high && compare_entry(image, name, length, hint) == 0) {
        *out_index = hint;
        *out_via = KLDR_VIA_HINT;
        return true;
    }
    while (low < high) {
        uint32_t middle = (low + high - 1) / 2;
        int order = compare_entry(image, name, length, middle);
        if (order == 0) {
            *out_index = middle;
            *out_via = KLDR_VIA_SEARCH;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

kldr_status kldr_image_find_export(const struct kldr_image *image, const char *name, size_t length,
                                   uint32_t hint, struct kldr_export *out_export,
                                   enum kldr_lookup_via *out_via)
{
    uint32_t entry;
    enum kldr_lookup_via via;

    if (!find_name(image, name, length, hint, &entry, &via))
        return KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND;
    uint32_t index = kl_bytes_u16(image->exports.ordinals + 2 * (size_t)entry);
    if (index >= image->exports.function_count) // S4
        return KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND;
    describe_slot(image, index, entry_name(image, entry), out_export);
    if (out_via != NULL)
        *out_via = via;
    return KLDR_STATUS_SUCCESS;
}

kldr_status kldr_image_find_ordinal(const struct kldr_image *image, uint32_t ordinal,
                                    struct kldr_export *out_export, uint32_t *out_index)
{
    if (!image->exports.present)
        return KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND;
    uint32_t index = (uint16_t)(ordinal - image->exports.ordinal_base); // S1: wraps below the base
    if (out_index != NULL)
        *out_index = index;
    if (index >= image->exports.function_count)
        return KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND;
    describe_slot(image, index, NULL, out_export);
    return KLDR_STATUS_SUCCESS;
}

// The first name that names slot number index, or NULL.
static const char *name_of_slot(const struct kldr_image *image, uint32_t index)
{
    for (uint32_t i = 0; i < image->exports.name_count; i++) {
        if (kl_bytes_u16(image->exports.ordinals + 2 * (size_t)i) == index)
            return kl_image_name(image, kl_bytes_u32(image->exports.names + 4 * (size_t)i), NULL);
    }
    return NULL;
}

bool kldr_image_export_at(const struct kldr_image *image, uint32_t index,
                          struct kldr_export *out_export)
{
    if (index >= image->exports.function_count)
        return false;
    describe_slot(image, index, name_of_slot(image, index), out_export);
    return true;
}

bool kldr_image_export_name_at(const struct kldr_image *image, uint32_t index,
                               struct kldr_export *out_export)
{
    if (index >= image->exports.name_count)
        return false;
    const char *name =
        kl_image_name(image, kl_bytes_u32(image->exports.names + 4 * (size_t)index), NULL);
    uint32_t slot = kl_bytes_u16(image->exports.ordinals + 2 * (size_t)index);
    if (name == NULL || slot >= image->exports.function_count) {
        out_export->name = NULL;
        return false;
    }
    describe_slot(image, slot, name, out_export);
    return true;
}

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

#define CACHE_LINE   64u
#define PREFETCH_MAX 16384u // a larger table is not searched as a whole

void kl_image_prefetch_exports(const struct kldr_image *image)
{
    uint32_t size = image->info.directory[KLDR_DIRECTORY_EXPORT].size;
    if (!image->exports.present || size > PREFETCH_MAX)
        return;
    const uint8_t *table =
        kldr_image_at(image, image->info.directory[KLDR_DIRECTORY_EXPORT].rva, size);
    for (uint32_t i = 0; table != NULL && i < size; i += CACHE_LINE)
        PREFETCH(table + i);
}
