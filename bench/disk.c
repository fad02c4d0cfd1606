// SPDX-License-Identifier: MIT
// Files and memory for the link benchmark; see disk.h.
#include "disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool bench_disk_init(struct bench_disk *disk, const char *folder)
{
    *disk = (struct bench_disk){.reserved = (size_t)1 << 30};
    disk->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    disk->memory =
        mmap(NULL, disk->reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (disk->folder < 0 || disk->memory == MAP_FAILED) {
        perror(folder);
        return false;
    }
    return true;
}

static bool read_all(int file, uint8_t *bytes, size_t size)
{
    while (size != 0) {
        ssize_t got = read(file, bytes, size);

        if (got <= 0) {
            return false;
        }
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

static void *take_buffer(struct bench_disk *disk, size_t size)
{
    void *buffer = disk->spare;

    if (buffer != NULL && disk->spare_size >= size) {
        disk->spare = NULL;
        return buffer;
    }
    return malloc(size);
}

kldr_status bench_disk_open(void *user, const char *path, enum kldr_open_purpose purpose,
                            struct kldr_host_file *out_file)
{
    struct bench_disk *disk = user;
    const char *name = strrchr(path, '\\');
    struct stat info;
    int file = openat(disk->folder, name != NULL ? name + 1 : path, O_RDONLY | O_CLOEXEC);
    void *bytes;

    (void)purpose;
    if (file < 0) {
        return KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
    }
    bytes = fstat(file, &info) == 0 ? take_buffer(disk, (size_t)info.st_size) : NULL;
    if (bytes == NULL || !read_all(file, bytes, (size_t)info.st_size)) {
        free(bytes);
        close(file);
        return KLDR_ERROR_HOST_FILE;
    }
    close(file);
    *out_file = (struct kldr_host_file){.bytes = bytes, .size = (size_t)info.st_size};
    out_file->cookie = bytes;
    return KLDR_STATUS_SUCCESS;
}

void bench_disk_close(void *user, struct kldr_host_file *file)
{
    struct bench_disk *disk = user;

    if (disk->spare != NULL) {
        free(file->cookie);
        return;
    }
    disk->spare = file->cookie;
    disk->spare_size = file->size;
}

kldr_status bench_disk_map(void *user, const struct kldr_map_request *request,
                           struct kldr_mapping *out_mapping)
{
    struct bench_disk *disk = user;

    if (request->size > disk->reserved - disk->used) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *out_mapping = (struct kldr_mapping){
        .memory = disk->memory + disk->used,
        .base = BENCH_DISK_BASE + disk->used,
        .size = request->size,
    };
    disk->used += request->size;
    return KLDR_STATUS_SUCCESS;
}
