// SPDX-License-Identifier: MIT
// Between the files of the simulated disk: its two tables, of files and of folders.
#ifndef KS_WORLD_DISK_TABLE_H
#define KS_WORLD_DISK_TABLE_H

#include "world/disk.h"

struct ks_disk_node;

struct ks_disk {
    const struct kldr_allocator *allocator;
    struct ks_disk_node *files, *folders;
    uint32_t last_identity;
    uint64_t written; // bytes that are the disk's own
};

// ---- entries of a table ----

// Of a path with links followed. NULL: no memory; until it is inserted the allocator's.
struct ks_disk_node *ks_disk_node_make(const struct kldr_allocator *allocator, const char *path);
const char *ks_disk_node_path(const struct ks_disk_node *node);    // canonical
const char *ks_disk_node_spelled(const struct ks_disk_node *node); // with its case
size_t ks_disk_node_length(const struct ks_disk_node *node);
struct ks_file *ks_disk_node_file(const struct ks_disk_node *node);
// In order of insertion.
const struct ks_disk_node *ks_disk_node_next(const struct ks_disk_node *node);

struct ks_disk_node *ks_disk_node_find(struct ks_disk_node *table, const char *path, size_t length);
// False: no memory, and the entry is freed.
bool ks_disk_node_insert(const struct kldr_allocator *allocator, struct ks_disk_node **table,
                         struct ks_disk_node *node);
void ks_disk_node_erase(const struct kldr_allocator *allocator, struct ks_disk_node **table,
                        struct ks_disk_node *node);

#endif
