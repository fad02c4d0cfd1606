// SPDX-License-Identifier: MIT
// The CodeView record of an image: which PDB belongs to it. And addresses as a PDB has them.
#ifndef KS_SYMBOLS_CODEVIEW_H
#define KS_SYMBOLS_CODEVIEW_H

#include <kldr/image.h>

// Which build a PDB is of. The same in the image and in its PDB.
struct ks_codeview_build {
    uint8_t guid[16]; // as it lies in the file
    uint32_t age;
};

#define KS_CODEVIEW_GUID_TEXT 39u // with the NUL

struct ks_codeview {
    struct ks_codeview_build build;
    const char
        *path; // of the PDB, as the linker recorded it; lies in the image; "" when unreadable
};

// The first RSDS record of the debug directory. False when there is none.
bool ks_codeview_find(const struct kldr_image *image, struct ks_codeview *out_codeview);

// "{00112233-4455-6677-8899-AABBCCDDEEFF}"
void ks_codeview_format_guid(const uint8_t guid[16], char text[KS_CODEVIEW_GUID_TEXT]);

// The number of the section, from 1, that holds an RVA, and the offset in it. False: none does.
bool ks_codeview_place(const struct kldr_image *image, uint32_t rva, unsigned *out_section,
                       uint32_t *out_offset);

#endif
