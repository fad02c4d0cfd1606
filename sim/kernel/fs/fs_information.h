// SPDX-License-Identifier: MIT
// What is known of a file or folder of the simulated disk.
#ifndef KS_KERNEL_FS_INFORMATION_H
#define KS_KERNEL_FS_INFORMATION_H

#include "kernel/fs/fs_state.h"

struct ks_fs_facts {
    uint64_t times[4]; // of creation, last access, last write, change
    uint64_t size, allocated;
    uint32_t attributes;
};

// file NULL: a folder.
void ks_fs_facts(struct kldr_world *world, const struct ks_file *file,
                 struct ks_fs_facts *out_facts);
// FILE_RENAME_INFORMATION of so many bytes; fs_rename.c.
NTSTATUS ks_fs_rename(struct ks_fs_request *request, const void *information, ULONG length);

#endif
