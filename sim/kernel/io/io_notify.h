// SPDX-License-Identifier: MIT
// Who registered for Plug and Play notifications.
#ifndef KS_KERNEL_IO_NOTIFY_H
#define KS_KERNEL_IO_NOTIFY_H

#include "kernel/io/io_state.h"

struct ks_io_notify {
    struct ks_io_notify *next;
    uint64_t entry; // what the driver knows it by
    uint32_t category;
    GUID class_guid;       // of interfaces
    uint64_t file, device; // of a target device: file object, and the lowest device of its stack
    uint64_t driver;       // driver object, referenced
    uint64_t callback, context;
    uint64_t maker; // code that registered it
};

// The lowest device of the stack that a file is open on. False: it is no file object.
bool ks_io_target_find(struct kldr_world *world, uint64_t file, uint64_t *out_device);
void ks_io_target_free_all(struct kldr_world *world, struct ks_io_state *state);

#endif
