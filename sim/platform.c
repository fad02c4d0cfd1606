// SPDX-License-Identifier: MIT
// The parts of platform.h that are the same on every system.
#include "platform.h"

#include <stdlib.h>
#include <string.h>

const char *ks_platform_io_text(enum ks_io io)
{
    switch (io) {
    case KS_IO_OK:
        return "no error";
    case KS_IO_NOT_FOUND:
        return "no such file or folder";
    case KS_IO_DENIED:
        return "permission denied";
    case KS_IO_IS_DIRECTORY:
        return "it is a folder";
    case KS_IO_TOO_LARGE:
        return "it is too large";
    case KS_IO_NO_MEMORY:
        return "not enough memory";
    case KS_IO_FAILED:
        break;
    }
    return "it could not be read or written";
}

enum ks_io ks_platform_write_file(const char *path, const void *bytes, size_t size)
{
    struct ks_file_writer *writer;
    enum ks_io io = ks_platform_writer_open(path, &writer);
    if (io != KS_IO_OK) {
        return io;
    }
    ks_platform_writer_write(writer, bytes, size);
    return ks_platform_writer_commit(writer);
}

bool ks_platform_path_list_add(struct ks_path_list *list, char *path)
{
    // The room doubles whenever the count reaches it: 64, 128, 256, ...
    size_t count = list->count;
    if (count == 0 || (count >= 64 && (count & (count - 1)) == 0)) {
        char **paths = realloc(list->paths, (count == 0 ? 64 : count * 2) * sizeof(*paths));
        if (paths == NULL) {
            free(path);
            return false;
        }
        list->paths = paths;
    }
    list->paths[list->count++] = path;
    return true;
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void ks_platform_path_list_sort(struct ks_path_list *list)
{
    if (list->count > 1) {
        qsort(list->paths, list->count, sizeof(*list->paths), compare_paths);
    }
}

void ks_platform_path_list_fini(struct ks_path_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
    free(list->paths);
    list->paths = NULL;
    list->count = 0;
}

char *ks_platform_join(const char *folder, const char *name)
{
    size_t folder_length = ks_platform_is_absolute(name) ? 0 : strlen(folder);
    size_t name_length = strlen(name);
    bool separated = folder_length == 0 || ks_platform_folder_length(folder) == folder_length;
    char *path = malloc(folder_length + name_length + 2);
    if (path == NULL) {
        return NULL;
    }
    memcpy(path, folder, folder_length);
    if (!separated) {
        path[folder_length++] = '/';
    }
    memcpy(path + folder_length, name, name_length + 1);
    return path;
}
