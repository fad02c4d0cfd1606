// SPDX-License-Identifier: MIT
// Visits everything an image offers, for tests that feed damaged images. A contract of kldr/image.h
// that does not hold ends the program: what is left to the caller is only which statuses it
// expects.
//
// All in a header, so that a fuzz target is one file.
#ifndef IMAGE_WALK_H
#define IMAGE_WALK_H

#include <kldr/image.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALK_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

// A failing status and the record that belongs to it agree.
static inline void walk_check_error(kldr_status status, const struct kldr_error *error)
{
    char text[64];
    WALK_CHECK(error->status == status);
    WALK_CHECK(error->detail[0] != '\0' && strlen(error->detail) < sizeof error->detail);
    WALK_CHECK((error->origin == KLDR_ORIGIN_HOST) == KLDR_IS_OWN_STATUS(status));
    WALK_CHECK(kldr_error_format(error, text, sizeof text) > 0);
}

static inline void walk_sections(const struct kldr_image *image)
{
    const struct kldr_image_info *info = kldr_image_info(image);
    struct kldr_section section;
    unsigned count = 0;

    for (; kldr_image_section(image, count, &section); count++) {
        WALK_CHECK(section.rva <= info->size_of_image);
        WALK_CHECK(section.virtual_size <= info->size_of_image - section.rva);
        WALK_CHECK(strlen(section.name) <= 8);
    }
    WALK_CHECK(count == info->section_count);
    WALK_CHECK(info->size_of_headers <= info->size_of_image);
    WALK_CHECK(info->entry_rva < info->size_of_image);
}

// One name of the table: whoever has the right hint finds it, whatever the order of the table.
static inline void walk_name(const struct kldr_image *image, uint32_t index)
{
    struct kldr_export entry, found;
    enum kldr_lookup_via via;

    if (!kldr_image_export_name_at(image, index, &entry)) {
        WALK_CHECK(entry.name == NULL);
        return;
    }
    size_t length = strlen(entry.name);
    WALK_CHECK(entry.forwarder == NULL || strlen(entry.forwarder) <= 4096);
    WALK_CHECK(length <= 4096);
    WALK_CHECK(kldr_image_find_export(image, entry.name, length, index, &found, &via) ==
               KLDR_STATUS_SUCCESS);
    WALK_CHECK(via == KLDR_VIA_HINT && found.index == entry.index && found.rva == entry.rva);
    if (kldr_image_find_export(image, entry.name, length, UINT32_MAX, &found, &via) ==
        KLDR_STATUS_SUCCESS)
        WALK_CHECK(via == KLDR_VIA_SEARCH && strcmp(found.name, entry.name) == 0);
}

static inline void walk_exports(const struct kldr_image *image)
{
    struct kldr_export_info info;
    struct kldr_export slot, found;
    uint32_t index = 0;

    if (!kldr_image_exports(image, &info)) {
        WALK_CHECK(!kldr_image_export_at(image, 0, &slot));
        return;
    }
    WALK_CHECK(strlen(info.dll_name) <= 4096);
    WALK_CHECK(!kldr_image_exports_malformed(image) || info.function_count + info.name_count == 0);
    for (uint32_t i = 0; i < info.name_count; i++)
        walk_name(image, i);
    // Slots are searched for their names one by one: enough of them make the point.
    for (uint32_t i = 0; i < info.function_count && i < 64; i++) {
        WALK_CHECK(kldr_image_export_at(image, i, &slot));
        WALK_CHECK(kldr_image_find_ordinal(image, slot.ordinal, &found, &index) ==
                   KLDR_STATUS_SUCCESS);
        WALK_CHECK(index == i && found.rva == slot.rva);
    }
    WALK_CHECK(!kldr_image_export_at(image, info.function_count, &slot));
    (void)kldr_image_export_listed(image, "DllInitialize", &slot);
    (void)kldr_image_nearest_export(image, "_DllInitialise@4");
}

// Returns KLDR_ERROR_END when every thunk could be read, else the first failure.
static inline kldr_status walk_thunks(const struct kldr_image *image,
                                      const struct kldr_import_descriptor *descriptor)
{
    uint32_t size_of_image = kldr_image_info(image)->size_of_image;
    struct kldr_import_thunk thunk;
    struct kldr_error error = {0};
    kldr_status status;

    for (uint32_t i = 0; (status = kldr_image_thunk(image, descriptor, i, &thunk, &error)) == 0;
         i++) {
        WALK_CHECK(thunk.cell_rva < size_of_image);
        WALK_CHECK(thunk.name == NULL ? thunk.ordinal <= 0xffff
                                      : strlen(thunk.name) == thunk.name_length);
        (void)kldr_image_read_cell(image, thunk.cell_rva);
    }
    if (status != KLDR_ERROR_END)
        walk_check_error(status, &error);
    return status;
}

// Visits all imports. Returns KLDR_STATUS_SUCCESS when every one could be read, else the first
// failure.
static inline kldr_status walk_imports(const struct kldr_image *image)
{
    struct kldr_import_descriptor descriptor;
    struct kldr_error error = {0};
    kldr_status first = KLDR_STATUS_SUCCESS, status;

    for (uint32_t i = 0; (status = kldr_image_import(image, i, &descriptor, &error)) == 0; i++) {
        WALK_CHECK(strlen(descriptor.module) == descriptor.module_length);
        kldr_status thunks = walk_thunks(image, &descriptor);
        if (thunks != KLDR_ERROR_END && first == KLDR_STATUS_SUCCESS)
            first = thunks;
    }
    if (status != KLDR_ERROR_END) {
        walk_check_error(status, &error);
        first = first == KLDR_STATUS_SUCCESS ? status : first;
    }
    return first;
}

// Visits everything. Returns what walk_imports does.
static inline kldr_status walk_image(const struct kldr_image *image)
{
    struct kldr_reloc_summary relocations;
    struct kldr_load_config config;

    walk_sections(image);
    walk_exports(image);
    kldr_image_reloc_summary(image, &relocations);
    if (kldr_image_load_config(image, &config))
        WALK_CHECK(config.size <= kldr_image_info(image)->size_of_image);
    return walk_imports(image);
}

#endif
