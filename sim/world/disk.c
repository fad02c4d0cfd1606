// SPDX-License-Identifier: MIT
// Files and folders are kept in two hash tables under their canonical paths: links followed,
// letters folded.

#include "world/disk_table.h"

#include <string.h>

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) (*out_of_memory = true)
#define uthash_malloc(size)          (allocator->allocate(allocator->user, (size)))
#define uthash_free(block, size)     (allocator->release(allocator->user, (block)))
#include <uthash.h>

#define DRIVERS_FOLDER "\\??\\C:\\Windows\\System32\\drivers\\"

struct ks_disk_node {
    UT_hash_handle hh;
    struct ks_file *file; // NULL in the table of folders
    size_t length;
    char path[]; // canonical; behind its end once more, as it was spelled
};

const char *ks_disk_node_path(const struct ks_disk_node *node)
{
    return node->path;
}

const char *ks_disk_node_spelled(const struct ks_disk_node *node)
{
    return node->path + node->length + 1;
}

size_t ks_disk_node_length(const struct ks_disk_node *node)
{
    return node->length;
}

struct ks_file *ks_disk_node_file(const struct ks_disk_node *node)
{
    return node->file;
}

const struct ks_disk_node *ks_disk_node_next(const struct ks_disk_node *node)
{
    return node->hh.next;
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

// Writes the canonical form of a path into text, and behind it the form that keeps the case (NULL:
// only measures), and returns its length.
static size_t canonical(const char *path, char *text)
{
    static const char link[] = "\\systemroot\\", target[] = "\\??\\C:\\Windows\\";
    const char *prefix = path[0] == '\\' ? "" : DRIVERS_FOLDER;
    size_t matched = 0;
    while (matched < sizeof link - 1 && fold(path[matched]) == link[matched]) {
        matched++;
    }
    if (matched == sizeof link - 1) {
        prefix = target;
        path += matched;
    }
    size_t prefix_length = strlen(prefix), length = prefix_length + strlen(path);
    if (text != NULL) {
        char *spelled = text + length + 1;
        memcpy(spelled, prefix, prefix_length);
        memcpy(spelled + prefix_length, path, length - prefix_length + 1);
        for (size_t i = 0; i <= length; i++) {
            text[i] = fold(spelled[i]);
        }
    }
    return length;
}

struct ks_disk_node *ks_disk_node_make(const struct kldr_allocator *allocator, const char *path)
{
    size_t length = canonical(path, NULL);
    struct ks_disk_node *node =
        allocator->allocate(allocator->user, sizeof *node + 2 * (length + 1));
    if (node != NULL) {
        memset(node, 0, sizeof *node);
        node->length = canonical(path, node->path);
    }
    return node;
}

struct ks_disk_node *ks_disk_node_find(struct ks_disk_node *table, const char *path, size_t length)
{
    struct ks_disk_node *node = NULL;
    HASH_FIND(hh, table, path, length, node);
    return node;
}

static void insert_node(const struct kldr_allocator *allocator, struct ks_disk_node **table,
                        struct ks_disk_node *node, bool *out_of_memory)
{
    HASH_ADD_KEYPTR(hh, *table, node->path, node->length, node);
}

bool ks_disk_node_insert(const struct kldr_allocator *allocator, struct ks_disk_node **table,
                         struct ks_disk_node *node)
{
    bool out_of_memory = false;
    insert_node(allocator, table, node, &out_of_memory);
    if (out_of_memory) {
        allocator->release(allocator->user, node);
    }
    return !out_of_memory;
}

void ks_disk_node_erase(const struct kldr_allocator *allocator, struct ks_disk_node **table,
                        struct ks_disk_node *node)
{
    HASH_DEL(*table, node);
    allocator->release(allocator->user, node);
}

// Length of the folder part of a canonical path, without its last backslash.
static size_t folder_length(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '\\') {
        length--;
    }
    return length > 0 ? length - 1 : 0;
}

static bool add_folder(struct ks_disk *disk, const char *path, const char *spelled, size_t length)
{
    struct ks_disk_node *node =
        disk->allocator->allocate(disk->allocator->user, sizeof *node + 2 * (length + 1));
    if (node == NULL) {
        return false;
    }
    memset(node, 0, sizeof *node + 2 * (length + 1));
    memcpy(node->path, path, length);
    memcpy(node->path + length + 1, spelled, length);
    node->length = length;
    return ks_disk_node_insert(disk->allocator, &disk->folders, node);
}

// Every folder above a path exists from now on.
static bool add_folders(struct ks_disk *disk, const struct ks_disk_node *below)
{
    const char *path = below->path, *spelled = path + below->length + 1;
    for (size_t length = folder_length(path, below->length); length > 0;
         length = folder_length(path, length)) {
        // The ones above one that exists may be missing, if memory was short when it was added.
        if (ks_disk_node_find(disk->folders, path, length) == NULL &&
            !add_folder(disk, path, spelled, length)) {
            return false;
        }
    }
    return true;
}

struct ks_disk *ks_disk_create(const struct kldr_allocator *allocator)
{
    struct ks_disk *disk = allocator->allocate(allocator->user, sizeof *disk);
    if (disk == NULL) {
        return NULL;
    }
    *disk = (struct ks_disk){.allocator = allocator};
    struct ks_disk_node *drivers = ks_disk_node_make(allocator, DRIVERS_FOLDER);
    bool made = drivers != NULL && add_folders(disk, drivers);
    allocator->release(allocator->user, drivers);
    if (!made) {
        ks_disk_destroy(disk);
        return NULL;
    }
    return disk;
}

void ks_disk_destroy(struct ks_disk *disk)
{
    if (disk == NULL) {
        return;
    }
    while (disk->files != NULL) {
        ks_file_release(disk->allocator, disk->files->file);
        ks_disk_node_erase(disk->allocator, &disk->files, disk->files);
    }
    while (disk->folders != NULL) {
        ks_disk_node_erase(disk->allocator, &disk->folders, disk->folders);
    }
    disk->allocator->release(disk->allocator->user, disk);
}

kldr_status ks_disk_add(struct ks_disk *disk, struct ks_file *file)
{
    struct ks_disk_node *node = ks_disk_node_make(disk->allocator, file->path);
    if (node == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (ks_disk_node_find(disk->files, node->path, node->length) != NULL) {
        disk->allocator->release(disk->allocator->user, node);
        return KLDR_STATUS_OBJECT_NAME_COLLISION;
    }
    if (!add_folders(disk, node)) {
        disk->allocator->release(disk->allocator->user, node);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    node->file = file;
    if (!ks_disk_node_insert(disk->allocator, &disk->files, node)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_file_retain(file);
    file->identity = ++disk->last_identity;
    return KLDR_STATUS_SUCCESS;
}

// Looks a path up through a canonical copy. *out_node is NULL when there is no such file.
static kldr_status look_up(const struct ks_disk *disk, const char *path,
                           struct ks_disk_node **out_node)
{
    struct ks_disk_node *key = ks_disk_node_make(disk->allocator, path);
    if (key == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *out_node = ks_disk_node_find(disk->files, key->path, key->length);
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (*out_node == NULL) {
        bool folder = ks_disk_node_find(disk->folders, key->path,
                                        folder_length(key->path, key->length)) != NULL;
        status = folder ? KLDR_STATUS_OBJECT_NAME_NOT_FOUND : KLDR_STATUS_OBJECT_PATH_NOT_FOUND;
    }
    disk->allocator->release(disk->allocator->user, key);
    return status;
}

kldr_status ks_disk_remove(struct ks_disk *disk, const char *path)
{
    struct ks_disk_node *node = NULL;
    kldr_status status = look_up(disk, path, &node);
    if (status != KLDR_STATUS_SUCCESS) {
        return status == KLDR_ERROR_OUT_OF_MEMORY ? status : KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    struct ks_file *file = node->file;
    disk->written -= file->charged;
    file->charged = 0;
    ks_disk_node_erase(disk->allocator, &disk->files, node);
    ks_file_release(disk->allocator, file);
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_disk_find(const struct ks_disk *disk, const char *path, struct ks_file **out_file)
{
    struct ks_disk_node *node = NULL;
    kldr_status status = look_up(disk, path, &node);
    if (status == KLDR_STATUS_SUCCESS) {
        *out_file = node->file;
    }
    return status;
}
