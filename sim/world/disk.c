// SPDX-License-Identifier: MIT
// Files and folders are kept in two hash tables under their canonical paths: links followed,
// letters folded.

#include "world/disk.h"

#include "symbols/symbols.h"

#include <stdbool.h>
#include <string.h>

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) (*out_of_memory = true)
#define uthash_malloc(size)          (allocator->allocate(allocator->user, (size)))
#define uthash_free(block, size)     (allocator->release(allocator->user, (block)))
#include <uthash.h>

#define DRIVERS_FOLDER "\\??\\c:\\windows\\system32\\drivers\\"

struct node {
    UT_hash_handle hh;
    struct ks_file *file; // NULL in the table of folders
    size_t length;
    char path[]; // canonical
};

struct ks_disk {
    const struct kldr_allocator *allocator;
    struct node *files, *folders;
    uint32_t last_identity;
};

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

// Writes the canonical form of a path into text (NULL: only measures) and returns its length.
static size_t canonical(const char *path, char *text)
{
    static const char link[] = "\\systemroot\\", target[] = "\\??\\c:\\windows\\";
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
        memcpy(text, prefix, prefix_length);
        for (size_t i = prefix_length; i <= length; i++) {
            text[i] = fold(path[i - prefix_length]);
        }
    }
    return length;
}

static struct node *make_node(const struct kldr_allocator *allocator, const char *path)
{
    size_t length = canonical(path, NULL);
    struct node *node = allocator->allocate(allocator->user, sizeof *node + length + 1);
    if (node != NULL) {
        memset(node, 0, sizeof *node);
        node->length = canonical(path, node->path);
    }
    return node;
}

static struct node *find(struct node *table, const char *path, size_t length)
{
    struct node *node = NULL;
    HASH_FIND(hh, table, path, length, node);
    return node;
}

static void insert_node(const struct kldr_allocator *allocator, struct node **table,
                        struct node *node, bool *out_of_memory)
{
    HASH_ADD_KEYPTR(hh, *table, node->path, node->length, node);
}

static bool insert(const struct kldr_allocator *allocator, struct node **table, struct node *node)
{
    bool out_of_memory = false;
    insert_node(allocator, table, node, &out_of_memory);
    if (out_of_memory) {
        allocator->release(allocator->user, node);
    }
    return !out_of_memory;
}

static void erase(const struct kldr_allocator *allocator, struct node **table, struct node *node)
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

// Every folder above a canonical path exists from now on.
static bool add_folders(struct ks_disk *disk, const char *path, size_t length)
{
    for (length = folder_length(path, length); length > 0; length = folder_length(path, length)) {
        if (find(disk->folders, path, length) != NULL) {
            continue; // the ones above it may be missing, if memory was short when it was added
        }
        struct node *node =
            disk->allocator->allocate(disk->allocator->user, sizeof *node + length + 1);
        if (node == NULL) {
            return false;
        }
        memset(node, 0, sizeof *node);
        memcpy(node->path, path, length);
        node->path[length] = '\0';
        node->length = length;
        if (!insert(disk->allocator, &disk->folders, node)) {
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
    if (!add_folders(disk, DRIVERS_FOLDER, sizeof DRIVERS_FOLDER - 1)) {
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
        erase(disk->allocator, &disk->files, disk->files);
    }
    while (disk->folders != NULL) {
        erase(disk->allocator, &disk->folders, disk->folders);
    }
    disk->allocator->release(disk->allocator->user, disk);
}

struct ks_file *ks_file_create(const struct kldr_allocator *allocator, const char *path)
{
    size_t length = strlen(path);
    struct ks_file *file = allocator->allocate(allocator->user, sizeof *file + length + 1);
    if (file != NULL) {
        *file = (struct ks_file){.references = 1, .path = (char *)(file + 1)};
        memcpy(file->path, path, length + 1);
    }
    return file;
}

struct ks_file *ks_file_retain(struct ks_file *file)
{
    file->references++;
    return file;
}

void ks_file_release(const struct kldr_allocator *allocator, struct ks_file *file)
{
    if (file == NULL || --file->references > 0) {
        return;
    }
    ks_symbols_close(file->symbols);
    if (file->release != NULL) {
        file->release(file->user, file);
    }
    allocator->release(allocator->user, file);
}

kldr_status ks_disk_add(struct ks_disk *disk, struct ks_file *file)
{
    struct node *node = make_node(disk->allocator, file->path);
    if (node == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (find(disk->files, node->path, node->length) != NULL) {
        disk->allocator->release(disk->allocator->user, node);
        return KLDR_STATUS_OBJECT_NAME_COLLISION;
    }
    if (!add_folders(disk, node->path, node->length)) {
        disk->allocator->release(disk->allocator->user, node);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    node->file = file;
    if (!insert(disk->allocator, &disk->files, node)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_file_retain(file);
    file->identity = ++disk->last_identity;
    return KLDR_STATUS_SUCCESS;
}

// Looks a path up through a canonical copy. *out_node is NULL when there is no such file.
static kldr_status look_up(const struct ks_disk *disk, const char *path, struct node **out_node)
{
    struct node *key = make_node(disk->allocator, path);
    if (key == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *out_node = find(disk->files, key->path, key->length);
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (*out_node == NULL) {
        bool folder = find(disk->folders, key->path, folder_length(key->path, key->length)) != NULL;
        status = folder ? KLDR_STATUS_OBJECT_NAME_NOT_FOUND : KLDR_STATUS_OBJECT_PATH_NOT_FOUND;
    }
    disk->allocator->release(disk->allocator->user, key);
    return status;
}

kldr_status ks_disk_remove(struct ks_disk *disk, const char *path)
{
    struct node *node = NULL;
    kldr_status status = look_up(disk, path, &node);
    if (status != KLDR_STATUS_SUCCESS) {
        return status == KLDR_ERROR_OUT_OF_MEMORY ? status : KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    struct ks_file *file = node->file;
    erase(disk->allocator, &disk->files, node);
    ks_file_release(disk->allocator, file);
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_disk_find(const struct ks_disk *disk, const char *path, struct ks_file **out_file)
{
    struct node *node = NULL;
    kldr_status status = look_up(disk, path, &node);
    if (status == KLDR_STATUS_SUCCESS) {
        *out_file = node->file;
    }
    return status;
}
