// SPDX-License-Identifier: MIT
#include "cli/build_plan.h"
#include "cli/image_file.h"

#include <stdlib.h>
#include <string.h>

#define PART_SIZE 200

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("._-+ ()", c) != NULL);
}

// Names that stand for devices on Windows, with or without extension.
static bool is_device(const char *part)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul", "com", "lpt"};
    char name[5] = "";
    size_t length = strcspn(part, ".");
    if (length != 3 && length != 4) {
        return false;
    }
    memcpy(name, part, length);
    bool numbered = length == 4 && name[3] >= '0' && name[3] <= '9';
    name[3] = '\0';
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        if (ks_image_same_name(name, devices[i])) {
            return i < 4 ? length == 3 : numbered;
        }
    }
    return false;
}

void ks_build_plan_part(const char *text, size_t length, char *out_part, size_t size)
{
    size_t used = length < size - 2 ? length : size - 2;
    for (size_t i = 0; i < used; i++) {
        out_part[i] = is_plain(text[i]) ? text[i] : '_';
    }
    out_part[used] = '\0';
    if (used == 0) {
        memcpy(out_part, "_", 2);
        return;
    }
    // Dots and blanks at the end vanish on Windows, and "." and ".." are other folders.
    for (size_t i = used; i > 0 && (out_part[i - 1] == '.' || out_part[i - 1] == ' '); i--) {
        out_part[i - 1] = '_';
    }
    if (is_device(out_part)) {
        memmove(out_part + 1, out_part, used + 1);
        out_part[0] = '_';
    }
}

static bool shares_base_name(const struct ks_scenario *scenario, const struct ks_image *image)
{
    for (size_t i = 0; i < scenario->image_count; i++) {
        const struct ks_image *other = &scenario->images[i];
        if (other != image && ks_image_same_name(other->base_name, image->base_name)) {
            return true;
        }
    }
    return false;
}

static bool is_in_drivers_folder(const struct ks_image *image)
{
    static const char folder[] = "\\SystemRoot\\System32\\drivers\\";
    char start[sizeof(folder)] = "";
    size_t length = sizeof(folder) - 1;
    if (strlen(image->path) - strlen(image->base_name) != length) {
        return false;
    }
    memcpy(start, image->path, length);
    return ks_image_same_name(start, folder);
}

// All parts of a path but \??\ and the colon of a drive.
static char *path_from_parts(const char *path)
{
    char *result = malloc(strlen(path) * 2 + 3); // a part of n bytes becomes at most n + 2
    char part[PART_SIZE];
    size_t used = 0;
    if (result == NULL) {
        return NULL;
    }
    path += strncmp(path, "\\??\\", 4) == 0 ? 4 : 0;
    for (path += strspn(path, "\\"); *path != '\0'; path += strspn(path, "\\")) {
        size_t length = strcspn(path, "\\");
        bool drive = used == 0 && length == 2 && path[1] == ':';
        ks_build_plan_part(path, drive ? 1 : length, part, sizeof(part));
        if (used > 0) {
            result[used++] = '/';
        }
        memcpy(result + used, part, strlen(part));
        used += strlen(part);
        path += length;
    }
    result[used] = '\0';
    return result;
}

char *ks_build_plan_path(const struct ks_scenario *scenario, const struct ks_image *image)
{
    bool alone = !shares_base_name(scenario, image) || is_in_drivers_folder(image);
    return path_from_parts(alone ? image->base_name : image->path);
}
