// SPDX-License-Identifier: MIT
// File objects: an opened device. IRP_MJ_CREATE makes one, the last handle's end is IRP_MJ_CLEANUP,
// the last reference's IRP_MJ_CLOSE.
#ifndef KS_KERNEL_IO_FILE_H
#define KS_KERNEL_IO_FILE_H

#include "kernel/io/io_driver.h"

struct ks_io_open {
    uint32_t access, options, share, attributes, disposition;
    bool user_mode;
    uint64_t maker;
    struct ks_object *related; // the file that the name is relative to; NULL: none
    uint64_t allocation;       // initial size, of a file that is made
    uint64_t *out_information; // what was done: FILE_OPENED, ...; NULL: nobody asks
};

// Opens a device by a path, links followed; what follows the device is the file's name. A
// referenced file object. KLDR_STATUS_SUCCESS, Windows' or the driver's word, or what ends the
// simulation.
kldr_status ks_io_file_open(struct kldr_world *world, const char *path,
                            const struct ks_io_open *open, struct ks_object **out_file);
// The same for a device that is known; name: "" or with a leading backslash.
kldr_status ks_io_file_open_device(struct kldr_world *world, struct ks_io_device *device,
                                   const char *name, const struct ks_io_open *open,
                                   struct ks_object **out_file);
// The same by what OBJECT_ATTRIBUTES name.
kldr_status ks_io_file_open_named(struct kldr_world *world, const struct ks_ob_lookup *named,
                                  const struct ks_io_open *open, struct ks_object **out_file);
// The device it was opened on. NULL: no file object.
struct ks_io_device *ks_io_file_device(const struct ks_object *file);

// What the file system of kldr keeps with it; NULL: nothing.
void *ks_io_file_private(const struct ks_object *file);
void ks_io_file_set_private(struct ks_object *file, void *data);

// Type functions of Ob.
void ks_io_file_close(struct kldr_world *world, struct ks_object *object, uint32_t handles);
void ks_io_file_end(struct kldr_world *world, struct ks_object *object);
NTSTATUS ks_io_file_parse(struct kldr_world *world, struct ks_object *device, const char *rest,
                          const struct ks_ob_lookup *lookup, struct ks_object **out_object);

#endif
