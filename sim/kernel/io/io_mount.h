// SPDX-License-Identifier: MIT
#ifndef KS_KERNEL_IO_MOUNT_H
#define KS_KERNEL_IO_MOUNT_H

#include "kernel/io/io_driver.h"

// Where requests to a file go that is opened on a device: to the volume on it, which is mounted by
// now if a file system knows it, or to the device itself.
struct ks_io_device *ks_io_mount_find(struct kldr_world *world, struct ks_io_device *device,
                                      const char *name, uint32_t access);

#endif
