// SPDX-License-Identifier: MIT
// The simulated disk as drivers see it: kldr's file system driver, a volume for each drive letter
// with its links, and file objects on them. What drivers write stays in the world's memory.
#ifndef KS_KERNEL_FS_H
#define KS_KERNEL_FS_H

#include "kernel/nt.h"

// Makes driver, volumes and links, once. False: no memory.
bool ks_fs_start(struct kldr_world *world);
// Whether it was done.
bool ks_fs_is_started(struct kldr_world *world);

#endif
