// SPDX-License-Identifier: MIT
// Files of the simulated disk: their life, and what drivers write into them. The first change makes
// the bytes the disk's own; a declared image is one no longer then.

#include "world/disk_table.h"

#include "symbols/symbols.h"

#include <string.h>

#define SMALLEST 4096u

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
    if (file->owned) {
        allocator->release(allocator->user, (void *)(uintptr_t)file->bytes);
    }
    if (file->path != (char *)(file + 1)) {
        allocator->release(allocator->user, file->path);
    }
    allocator->release(allocator->user, file);
}

// ---- bytes ----

static size_t capacity_for(const struct ks_file *file, size_t size)
{
    size_t capacity = file->capacity < SMALLEST ? SMALLEST : file->capacity;
    while (capacity < size) {
        capacity = capacity > SIZE_MAX / 2 ? size : 2 * capacity;
    }
    return capacity;
}

// Room for as many bytes, with those that were there.
static kldr_status reserve(struct ks_disk *disk, struct ks_file *file, size_t size,
                           const struct ks_engine *engine)
{
    const struct kldr_allocator *allocator = disk->allocator;
    if (file->owned && file->capacity >= size) {
        return KLDR_STATUS_SUCCESS;
    }
    size_t capacity = capacity_for(file, size > file->size ? size : file->size);
    uint8_t *bytes = allocator->allocate(allocator->user, capacity);
    if (bytes == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (file->size != 0) {
        memcpy(bytes, file->bytes, file->size);
    }
    if (file->owned) {
        allocator->release(allocator->user, (void *)(uintptr_t)file->bytes);
    } else if (file->release != NULL) {
        file->release(file->user, file);
    }
    file->release = NULL;
    file->description = NULL;
    file->engine = engine;
    file->bytes = bytes;
    file->capacity = capacity;
    file->owned = true;
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_disk_resize(struct ks_disk *disk, struct ks_file *file, size_t size,
                           const struct ks_disk_rules *rules)
{
    uint64_t before = file->charged;
    uint64_t after = file->owned && size <= file->capacity
                         ? file->capacity
                         : capacity_for(file, size > file->size ? size : file->size);
    if (after > rules->limit || disk->written - before > rules->limit - after) {
        return KS_DISK_FULL;
    }
    kldr_status status = reserve(disk, file, size, rules->engine);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    disk->written += file->capacity - before;
    file->charged = file->capacity;
    uint8_t *bytes = ks_disk_bytes(file);
    if (size > file->size) {
        memset(bytes + file->size, 0, size - file->size);
    }
    file->size = size;
    return KLDR_STATUS_SUCCESS;
}

uint64_t ks_disk_written(const struct ks_disk *disk)
{
    return disk->written;
}

uint8_t *ks_disk_bytes(struct ks_file *file)
{
    return (uint8_t *)(uintptr_t)file->bytes;
}

kldr_status ks_disk_rename(struct ks_disk *disk, struct ks_file *file, const char *path)
{
    const struct kldr_allocator *allocator = disk->allocator;
    size_t size = strlen(path) + 1;
    char *copy = allocator->allocate(allocator->user, size), *old = file->path;
    if (copy == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    memcpy(copy, path, size);
    uint32_t identity = file->identity;
    file->path = copy;
    kldr_status status = ks_disk_add(disk, file);
    file->identity = identity;
    if (status != KLDR_STATUS_SUCCESS) {
        file->path = old;
        allocator->release(allocator->user, copy);
        return status;
    }
    ks_disk_remove(disk, old);
    if (old != (char *)(file + 1)) {
        allocator->release(allocator->user, old);
    }
    return KLDR_STATUS_SUCCESS;
}
