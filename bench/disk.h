// SPDX-License-Identifier: MIT
// The host that the link benchmark gives to the loader, and the floor uses too: files of a folder,
// and one stretch of memory in which images are placed one after the other.
#ifndef BENCH_DISK_H
#define BENCH_DISK_H

#include <kldr/host.h>

struct bench_disk {
    int folder;      // descriptor
    uint8_t *memory; // reserved; pages come into being when they are written
    size_t reserved, used;
    void *spare; // a read buffer for the next file
    size_t spare_size;
};

#define BENCH_DISK_BASE UINT64_C(0xfffff80000000000)

// Says why and returns false on failure.
bool bench_disk_init(struct bench_disk *disk, const char *folder);

// As in struct kldr_host; user is the disk.
kldr_status bench_disk_open(void *user, const char *path, enum kldr_open_purpose purpose,
                            struct kldr_host_file *out_file);
void bench_disk_close(void *user, struct kldr_host_file *file);
kldr_status bench_disk_map(void *user, const struct kldr_map_request *request,
                           struct kldr_mapping *out_mapping);

#endif
