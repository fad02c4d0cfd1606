// SPDX-License-Identifier: MIT
// A real image given on the command line, read and checked; and what it makes of the two routines
// that the loader looks for.
#ifndef KS_CLI_IMAGE_FILE_H
#define KS_CLI_IMAGE_FILE_H

#include <kldr/image.h>

struct ks_image_file {
    const char *path;
    const char *base_name; // of path
    uint8_t *bytes;
    size_t size;
    struct kldr_image *image; // file layout
};

// Reads an image of any of the three machines. False after *out_message was set to what is wrong
// (of size bytes).
bool ks_image_file_open(const char *path, struct ks_image_file *out_file, char *out_message,
                        size_t size);
void ks_image_file_close(struct ks_image_file *file);

// How an image exports DllInitialize or DllUnload (N2, U9).
enum ks_routine_form {
    KS_ROUTINE_ABSENT,
    KS_ROUTINE_PRESENT,
    KS_ROUTINE_FORWARDED, // counts as absent
    KS_ROUTINE_UNFOUND,   // listed, but the search does not find it: the name table is not sorted
                          // (S3)
    KS_ROUTINE_DECORATED, // only under another spelling (P3)
};

struct ks_image_routine {
    enum ks_routine_form form;
    struct kldr_export export; // unless absent
};

void ks_image_routine_find(const struct kldr_image *image, const char *name,
                           struct ks_image_routine *out_routine);

// True when text is name as a compiler decorates it, or in other letter case: _Name@4, ?Name@@...,
// name.
bool ks_image_routine_is_variant(const char *text, const char *name);

// Letters compared without case.
bool ks_image_same_name(const char *left, const char *right);

#endif
