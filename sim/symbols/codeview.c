// SPDX-License-Identifier: MIT
#include "symbols/codeview.h"

#include "symbols/cursor.h"

#include <stdio.h>
#include <string.h>

#define ENTRY_SIZE    28u         // IMAGE_DEBUG_DIRECTORY
#define ENTRIES_MOST  64u         // of a directory
#define TYPE_CODEVIEW 2u          // IMAGE_DEBUG_TYPE_CODEVIEW
#define SIGNATURE     0x53445352u // RSDS
#define RECORD_SIZE   24u         // up to the path

static struct ks_cursor cursor_at(const struct kldr_image *image, uint32_t rva, size_t size)
{
    const uint8_t *bytes = kldr_image_at(image, rva, size);
    const struct ks_cursor_part part = {bytes, bytes != NULL ? size : 0};
    return ks_cursor_from(&part, 0);
}

static bool read_record(const struct kldr_image *image, uint32_t rva, uint32_t size,
                        struct ks_codeview *out_codeview)
{
    struct ks_cursor record = cursor_at(image, rva, RECORD_SIZE);
    if (size < RECORD_SIZE || ks_cursor_number(&record, 4) != SIGNATURE) {
        return false;
    }
    memcpy(out_codeview->build.guid, record.at, sizeof out_codeview->build.guid);
    ks_cursor_skip(&record, sizeof out_codeview->build.guid);
    out_codeview->build.age = (uint32_t)ks_cursor_number(&record, 4);
    const char *path = kldr_image_string(image, rva + RECORD_SIZE, NULL);
    out_codeview->path = path != NULL ? path : "";
    return true;
}

bool ks_codeview_find(const struct kldr_image *image, struct ks_codeview *out_codeview)
{
    const struct kldr_data_directory *directory =
        &kldr_image_info(image)->directory[KLDR_DIRECTORY_DEBUG];
    uint32_t count = directory->size / ENTRY_SIZE;
    for (uint32_t i = 0; i < count && i < ENTRIES_MOST; i++) {
        struct ks_cursor entry = cursor_at(image, directory->rva + i * ENTRY_SIZE, ENTRY_SIZE);
        ks_cursor_skip(&entry, 12); // Characteristics, TimeDateStamp, version
        uint32_t type = (uint32_t)ks_cursor_number(&entry, 4);
        uint32_t size = (uint32_t)ks_cursor_number(&entry, 4);
        uint32_t rva = (uint32_t)ks_cursor_number(&entry, 4);
        if (type == TYPE_CODEVIEW && rva != 0 && read_record(image, rva, size, out_codeview)) {
            return true;
        }
    }
    return false;
}

void ks_codeview_format_guid(const uint8_t guid[16], char text[KS_CODEVIEW_GUID_TEXT])
{
    // The first three numbers of a GUID are little-endian.
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char *at = text;
    *at++ = '{';
    for (size_t i = 0; i < 16; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        at += snprintf(at, 4, "%s%02X", dash ? "-" : "", (unsigned)guid[order[i]]);
    }
    *at++ = '}';
    *at = '\0';
}

bool ks_codeview_place(const struct kldr_image *image, uint32_t rva, unsigned *out_section,
                       uint32_t *out_offset)
{
    struct kldr_section section;
    for (unsigned i = 0; kldr_image_section(image, i, &section); i++) {
        if (rva >= section.rva && rva - section.rva < section.virtual_size) {
            *out_section = i + 1;
            *out_offset = rva - section.rva;
            return true;
        }
    }
    return false;
}
