// SPDX-License-Identifier: MIT
#include "deps/host_folders.h"
#include "world/service.h"

#include <stdlib.h>
#include <string.h>

struct ks_host_folder {
    struct ks_host_folder *next;
    char *path; // with its last separator; "" for the current folder
    struct ks_path_list list;
};

void ks_host_folders_init(struct ks_host_folders *folders, const char *const *given,
                          size_t given_count, const char *const *files, size_t file_count)
{
    memset(folders, 0, sizeof(*folders));
    folders->given = given;
    folders->given_count = given_count;
    folders->files = files;
    folders->file_count = file_count;
}

void ks_host_folders_fini(struct ks_host_folders *folders)
{
    while (folders->read != NULL) {
        struct ks_host_folder *folder = folders->read;
        folders->read = folder->next;
        ks_platform_path_list_fini(&folder->list);
        free(folder->path);
        free(folder);
    }
}

static const char *base_of(const char *path)
{
    return path + ks_platform_folder_length(path);
}

// A folder that cannot be read is like an empty one: nothing is found there.
static struct ks_host_folder *read_folder(const char *path, size_t length)
{
    struct ks_host_folder *folder = calloc(1, sizeof(*folder));
    char *copy = calloc(1, length + 1);
    if (folder == NULL || copy == NULL) {
        free(folder);
        free(copy);
        return NULL;
    }
    folder->path = memcpy(copy, path, length);
    if (ks_platform_list_folder(length == 0 ? "." : copy, "", &folder->list) == KS_IO_NO_MEMORY) {
        free(copy);
        free(folder);
        return NULL;
    }
    return folder;
}

static struct ks_host_folder *folder_at(struct ks_host_folders *folders, const char *path,
                                        size_t length)
{
    struct ks_host_folder **at = &folders->read;
    for (; *at != NULL; at = &(*at)->next) {
        if (strlen((*at)->path) == length && memcmp((*at)->path, path, length) == 0) {
            return *at;
        }
    }
    *at = read_folder(path, length);
    return *at;
}

static enum ks_io find_in(struct ks_host_folders *folders, const char *path, size_t length,
                          const char *name, const char **out_path)
{
    const struct ks_host_folder *folder = folder_at(folders, path, length);
    if (folder == NULL) {
        return KS_IO_NO_MEMORY;
    }
    for (size_t i = 0; i < folder->list.count; i++) {
        if (ks_same_name(base_of(folder->list.paths[i]), name)) {
            *out_path = folder->list.paths[i] + (length == 0 ? strlen("./") : 0);
            return KS_IO_OK;
        }
    }
    return KS_IO_NOT_FOUND;
}

static enum ks_io find_in_given(struct ks_host_folders *folders, const char *name,
                                const char **out_path)
{
    enum ks_io io = KS_IO_NOT_FOUND;
    for (size_t i = 0; i < folders->given_count && io == KS_IO_NOT_FOUND; i++) {
        io = find_in(folders, folders->given[i], strlen(folders->given[i]), name, out_path);
    }
    return io;
}

enum ks_io ks_host_folders_find(struct ks_host_folders *folders, const char *importer,
                                const char *name, const char **out_path)
{
    bool own = folders->given_count == 0;
    enum ks_io io = KS_IO_NOT_FOUND;
    if (own) {
        io = find_in(folders, importer, ks_platform_folder_length(importer), name, out_path);
    }
    for (size_t i = 0; i < folders->file_count && io == KS_IO_NOT_FOUND; i++) {
        if (ks_same_name(base_of(folders->files[i]), name)) {
            *out_path = folders->files[i];
            return KS_IO_OK;
        }
    }
    if (io == KS_IO_NOT_FOUND && !own) {
        io = find_in_given(folders, name, out_path);
    }
    for (size_t i = 0; i < folders->file_count && own && io == KS_IO_NOT_FOUND; i++) {
        const char *file = folders->files[i];
        io = find_in(folders, file, ks_platform_folder_length(file), name, out_path);
    }
    return io;
}
