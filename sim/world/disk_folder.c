// SPDX-License-Identifier: MIT
// Folders of the simulated disk: making, removing, listing them.

#include "world/disk_table.h"

#include <stdlib.h>
#include <string.h>

// The folder of a path, which may end in a backslash. NULL: none, or no memory.
static struct ks_disk_node *find_folder(const struct ks_disk *disk, const char *path)
{
    struct ks_disk_node *key = ks_disk_node_make(disk->allocator, path), *found = NULL;
    if (key != NULL) {
        size_t length = ks_disk_node_length(key);
        length -= length > 0 && ks_disk_node_path(key)[length - 1] == '\\';
        found = ks_disk_node_find(disk->folders, ks_disk_node_path(key), length);
        disk->allocator->release(disk->allocator->user, key);
    }
    return found;
}

bool ks_disk_has_folder(const struct ks_disk *disk, const char *path)
{
    return find_folder(disk, path) != NULL;
}

kldr_status ks_disk_add_folder(struct ks_disk *disk, const char *path)
{
    struct ks_file *file = NULL;
    if (find_folder(disk, path) != NULL || ks_disk_find(disk, path, &file) == KLDR_STATUS_SUCCESS) {
        return KLDR_STATUS_OBJECT_NAME_COLLISION;
    }
    struct ks_disk_node *node = ks_disk_node_make(disk->allocator, path);
    return node != NULL && ks_disk_node_insert(disk->allocator, &disk->folders, node)
               ? KLDR_STATUS_SUCCESS
               : KLDR_ERROR_OUT_OF_MEMORY;
}

// ---- what lies in one ----

// Whether an entry lies in a folder itself.
static bool lies_in(const struct ks_disk_node *node, const struct ks_disk_node *folder)
{
    const char *path = ks_disk_node_path(node);
    size_t length = ks_disk_node_length(folder);
    return ks_disk_node_length(node) > length + 1 && path[length] == '\\' &&
           memcmp(path, ks_disk_node_path(folder), length) == 0 &&
           strchr(path + length + 1, '\\') == NULL;
}

struct sorted {
    const char *path;
    struct ks_disk_entry entry;
};

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct sorted *)a)->path, ((const struct sorted *)b)->path);
}

// Counts what lies in a folder, and writes it when sorted is not NULL.
static size_t collect(const struct ks_disk_node *table, const struct ks_disk_node *folder,
                      struct sorted *sorted)
{
    size_t count = 0;
    for (const struct ks_disk_node *node = table; node != NULL; node = ks_disk_node_next(node)) {
        if (lies_in(node, folder)) {
            if (sorted != NULL) {
                const char *name = ks_disk_node_spelled(node) + ks_disk_node_length(folder) + 1;
                sorted[count] =
                    (struct sorted){ks_disk_node_path(node), {name, ks_disk_node_file(node)}};
            }
            count++;
        }
    }
    return count;
}

kldr_status ks_disk_remove_folder(struct ks_disk *disk, const char *path)
{
    struct ks_disk_node *folder = find_folder(disk, path);
    if (folder == NULL) {
        return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (collect(disk->files, folder, NULL) + collect(disk->folders, folder, NULL) != 0) {
        return KS_DISK_NOT_EMPTY;
    }
    ks_disk_node_erase(disk->allocator, &disk->folders, folder);
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_disk_list(const struct ks_disk *disk, const char *path,
                         struct ks_disk_entry **out_entries, size_t *out_count)
{
    const struct kldr_allocator *allocator = disk->allocator;
    const struct ks_disk_node *folder = find_folder(disk, path);
    if (folder == NULL) {
        return KLDR_STATUS_OBJECT_PATH_NOT_FOUND;
    }
    size_t files = collect(disk->files, folder, NULL);
    size_t count = files + collect(disk->folders, folder, NULL);
    struct sorted *sorted = allocator->allocate(allocator->user, (count + 1) * sizeof *sorted);
    struct ks_disk_entry *entries =
        allocator->allocate(allocator->user, (count + 1) * sizeof *entries);
    if (sorted == NULL || entries == NULL) {
        allocator->release(allocator->user, sorted);
        allocator->release(allocator->user, entries);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    collect(disk->files, folder, sorted);
    collect(disk->folders, folder, sorted + files);
    qsort(sorted, count, sizeof *sorted, by_path);
    for (size_t i = 0; i < count; i++) {
        entries[i] = sorted[i].entry;
    }
    allocator->release(allocator->user, sorted);
    *out_entries = entries;
    *out_count = count;
    return KLDR_STATUS_SUCCESS;
}

// ---- drives ----

uint32_t ks_disk_drives(const struct ks_disk *disk)
{
    static const char start[] = "\\??\\";
    const size_t at = sizeof start - 1;
    uint32_t drives = 0;
    for (const struct ks_disk_node *node = disk->folders; node != NULL;
         node = ks_disk_node_next(node)) {
        const char *path = ks_disk_node_path(node);
        if (ks_disk_node_length(node) >= at + 2 && memcmp(path, start, at) == 0 &&
            path[at] >= 'a' && path[at] <= 'z' && path[at + 1] == ':') {
            drives |= 1u << (path[at] - 'a');
        }
    }
    return drives;
}
