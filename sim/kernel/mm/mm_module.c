// SPDX-License-Identifier: MIT
// Mm: the kernel images and MmGetSystemRoutineAddress.

#include "world/world_steps.h"

#include <string.h>

kldr_status kldr_kernel_create(enum kldr_machine machine, const struct kldr_allocator *allocator,
                               struct kldr_kernel **out_kernel, struct kldr_error *error)
{
    const struct kldr_allocator *used = allocator != NULL ? allocator : kldr_allocator_default();
    struct kldr_kernel *kernel = used->allocate(used->user, sizeof *kernel);
    kldr_status status = KLDR_ERROR_OUT_OF_MEMORY;
    if (kernel != NULL) {
        *kernel = (struct kldr_kernel){.allocator = *used};
        status = ks_kernel_images_create(machine, &kernel->allocator, &kernel->images);
        if (status == KLDR_STATUS_SUCCESS) {
            *out_kernel = kernel;
            return status;
        }
        used->release(used->user, kernel);
    }
    kldr_error_set(error, status, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                   "no kernel images for this machine");
    return status;
}

void kldr_kernel_destroy(struct kldr_kernel *kernel)
{
    if (kernel != NULL) {
        const struct kldr_allocator allocator = kernel->allocator;
        ks_kernel_images_destroy(kernel->images);
        allocator.release(allocator.user, kernel);
    }
}

enum kldr_machine kldr_kernel_machine(const struct kldr_kernel *kernel)
{
    return kernel->images->machine;
}

// M1: only the kernel images, by name, no count.
uint64_t kldr_world_lookup(struct kldr_world *world, const char *name, const char **out_module)
{
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        struct kldr_module_info module;
        struct kldr_export found;
        enum ks_kernel_module kernel;
        if (kldr_loader_module(world->loader, id, &module) && module.core &&
            ks_kernel_module_find(module.base_name, &kernel) && kernel < KS_KERNEL_ALWAYS &&
            kldr_image_find_export(module.image, name, strlen(name), UINT32_MAX, &found, NULL) ==
                KLDR_STATUS_SUCCESS) {
            if (out_module != NULL) {
                *out_module = module.base_name;
            }
            return module.base + found.rva;
        }
    }
    return 0;
}
