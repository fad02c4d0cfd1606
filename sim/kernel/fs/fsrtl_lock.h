// SPDX-License-Identifier: MIT
// Byte range locks of files: what is granted, and requests that wait.
#ifndef KS_KERNEL_FSRTL_LOCK_H
#define KS_KERNEL_FSRTL_LOCK_H

#include "kernel/io/io_irp.h"

struct ks_fsrtl_range {
    uint64_t start, length;
};

// Who a lock belongs to.
struct ks_fsrtl_owner {
    uint64_t file, process; // objects
    uint32_t key;
};

struct ks_fsrtl_lock {
    struct ks_fsrtl_lock *next; // in order of their granting, those that wait behind
    uint64_t file_lock;         // FILE_LOCK
    struct ks_fsrtl_range range;
    struct ks_fsrtl_owner owner;
    bool exclusive;
    uint64_t irp, context; // of one that waits; irp 0: it is granted
};

// As drivers see it.
void ks_fsrtl_lock_fill(const struct ks_fsrtl_lock *lock, FILE_LOCK_INFO *to);
void ks_fsrtl_lock_free_all(struct kldr_world *world, struct ks_io_state *state);

#endif
