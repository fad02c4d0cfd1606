// SPDX-License-Identifier: MIT
#include "cli/image_file.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MOST ((size_t)512 << 20)

bool ks_image_file_open(const char *path, struct ks_image_file *out_file, char *out_message,
                        size_t size)
{
    struct ks_image_file file = {.path = path};
    struct kldr_error error = {0};
    file.base_name = path + ks_platform_folder_length(path);
    enum ks_io io = ks_platform_read_file(path, FILE_SIZE_MOST, &file.bytes, &file.size);
    if (io != KS_IO_OK) {
        snprintf(out_message, size, "cannot be opened: %s", ks_platform_io_text(io));
        return false;
    }
    kldr_status status = kldr_image_create(NULL, file.bytes, file.size, NULL, &file.image, &error);
    if (status != KLDR_STATUS_SUCCESS) {
        char text[KLDR_STATUS_TEXT_SIZE];
        snprintf(out_message, size, "not a valid image: %s: %s", kldr_status_format(status, text),
                 error.detail);
        free(file.bytes);
        return false;
    }
    *out_file = file;
    return true;
}

void ks_image_file_close(struct ks_image_file *file)
{
    kldr_image_destroy(file->image);
    free(file->bytes);
    memset(file, 0, sizeof(*file));
}

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool same_letters(const char *left, const char *right, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (left[i] == '\0' || lower(left[i]) != lower(right[i])) {
            return false;
        }
    }
    return true;
}

bool ks_image_same_name(const char *left, const char *right)
{
    return strlen(left) == strlen(right) && same_letters(left, right, strlen(right));
}

bool ks_image_routine_is_variant(const char *text, const char *name)
{
    size_t length = strlen(name);
    if (strcmp(text, name) == 0) {
        return false;
    }
    bool mangled =
        text[0] == '?' && strncmp(text + 1, name, length) == 0 && text[1 + length] == '@';
    const char *at = text + strspn(text, "_@");
    if (mangled) {
        return true;
    }
    if (!same_letters(at, name, length)) {
        return false;
    }
    at += length; // what may follow: nothing, or @ and the size of the arguments
    return *at == '\0' || (*at == '@' && at[1 + strspn(at + 1, "0123456789")] == '\0');
}

static bool find_variant(const struct kldr_image *image, const char *name,
                         struct kldr_export *out_export)
{
    struct kldr_export_info info;
    uint32_t count = kldr_image_exports(image, &info) ? info.name_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kldr_image_export_name_at(image, i, out_export) &&
            ks_image_routine_is_variant(out_export->name, name)) {
            return true;
        }
    }
    return false;
}

void ks_image_routine_find(const struct kldr_image *image, const char *name,
                           struct ks_image_routine *out_routine)
{
    enum kldr_lookup_via via;
    memset(out_routine, 0, sizeof(*out_routine));
    // The loader searches for the two names without a hint (N2).
    if (kldr_image_find_export(image, name, strlen(name), UINT32_MAX, &out_routine->export, &via) ==
        KLDR_STATUS_SUCCESS) {
        out_routine->form =
            out_routine->export.forwarder == NULL ? KS_ROUTINE_PRESENT : KS_ROUTINE_FORWARDED;
    } else if (kldr_image_export_listed(image, name, &out_routine->export)) {
        out_routine->form = KS_ROUTINE_UNFOUND;
    } else if (find_variant(image, name, &out_routine->export)) {
        out_routine->form = KS_ROUTINE_DECORATED;
    } else {
        memset(&out_routine->export, 0, sizeof(out_routine->export));
    }
}
