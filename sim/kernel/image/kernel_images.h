// SPDX-License-Identifier: MIT
// The simulated kernel as PE images: ntoskrnl.exe and hal.dll, with every name they export in
// Windows, and the driver framework's WDFLDR.SYS and Wdf01000.sys.
//
// What is created here never changes: the caller keeps it, lends it to as many worlds as it likes,
// on any threads, and destroys it after the last of them. The bytes are constant data of the
// program. An image made here is in mapped layout, must not be relocated or bound, and may be given
// any simulated base.
#ifndef KS_KERNEL_IMAGES_H
#define KS_KERNEL_IMAGES_H

#include "kernel/image/kernel_names.h"

#include <kldr/image.h>

struct ks_kernel_image {
    const char *name;     // "ntoskrnl.exe", "hal.dll"
    const uint8_t *bytes; // size_of_image bytes, as mapped
    size_t size;
    struct kldr_image *image; // over bytes, in mapped layout
};

struct ks_kernel_images {
    enum kldr_machine machine;
    struct ks_kernel_image modules[KS_KERNEL_MODULES]; // by enum ks_kernel_module
    const struct kldr_allocator *allocator;
};

// Makes the images for a machine (UNKNOWN: x64). allocator may be NULL and must outlive the
// images. Statuses: KLDR_ERROR_OUT_OF_MEMORY; KLDR_ERROR_BAD_ARGUMENT for another machine.
kldr_status ks_kernel_images_create(enum kldr_machine machine,
                                    const struct kldr_allocator *allocator,
                                    struct ks_kernel_images **out_images);
void ks_kernel_images_destroy(struct ks_kernel_images *images);

// The address of a name's routine or variable, the same for every machine. False when the module
// does not export it.
bool ks_kernel_images_rva(enum ks_kernel_module module, const char *name, uint32_t *out_rva);
// The same of a name that is known to be exported, by its number (kernel_names.h).
uint32_t ks_kernel_images_rva_at(enum ks_kernel_module module, size_t index);

// The name of the routine that begins at rva, or NULL.
const char *ks_kernel_images_routine(enum ks_kernel_module module, uint32_t rva);

// The address of 16 bytes of code behind the last routine that nobody uses.
uint32_t ks_kernel_images_spare(enum ks_kernel_module module);

#endif
