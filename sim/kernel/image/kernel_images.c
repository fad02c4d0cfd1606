// SPDX-License-Identifier: MIT
// Makes image objects over the core images.
#include "kernel/image/kernel_images.h"

#include "kernel/image/kernel_core.h"

static const struct {
    enum kldr_machine machine;
    const struct ks_kernel_core *modules[KS_KERNEL_MODULES]; // by enum ks_kernel_module
} cores[] = {
    {KLDR_MACHINE_X64,
     {&ks_kernel_core_ntoskrnl_x64, &ks_kernel_core_hal_x64, &ks_kernel_core_wdfldr_x64,
      &ks_kernel_core_wdf01000_x64}},
    {KLDR_MACHINE_ARM64,
     {&ks_kernel_core_ntoskrnl_arm64, &ks_kernel_core_hal_arm64, &ks_kernel_core_wdfldr_arm64,
      &ks_kernel_core_wdf01000_arm64}},
    {KLDR_MACHINE_X86,
     {&ks_kernel_core_ntoskrnl_x86, &ks_kernel_core_hal_x86, &ks_kernel_core_wdfldr_x86,
      &ks_kernel_core_wdf01000_x86}},
};

// The cores of a machine, or NULL.
static const struct ks_kernel_core *const *find_cores(enum kldr_machine machine)
{
    for (size_t i = 0; i < sizeof cores / sizeof cores[0]; i++) {
        if (cores[i].machine == machine) {
            return cores[i].modules;
        }
    }
    return NULL;
}

static kldr_status adopt(struct ks_kernel_images *images, const struct ks_kernel_core *core,
                         struct ks_kernel_image *module)
{
    *module =
        (struct ks_kernel_image){.name = core->module, .bytes = core->bytes, .size = core->size};
    kldr_status status =
        kldr_image_create(images->allocator, core->bytes, core->size, NULL, &module->image, NULL);
    if (KLDR_NT_SUCCESS(status)) {
        status = kldr_image_adopt_mapping(module->image, core->bytes, core->size);
    }
    return status;
}

kldr_status ks_kernel_images_create(enum kldr_machine machine,
                                    const struct kldr_allocator *allocator,
                                    struct ks_kernel_images **out_images)
{
    machine = machine == KLDR_MACHINE_UNKNOWN ? KLDR_MACHINE_X64 : machine;
    const struct ks_kernel_core *const *modules = find_cores(machine);
    if (!modules) {
        return KLDR_ERROR_BAD_ARGUMENT;
    }
    if (!allocator) {
        allocator = kldr_allocator_default();
    }
    struct ks_kernel_images *images = allocator->allocate(allocator->user, sizeof *images);
    if (!images) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *images = (struct ks_kernel_images){.machine = machine, .allocator = allocator};
    for (int i = 0; i < KS_KERNEL_MODULES; i++) {
        const kldr_status status = adopt(images, modules[i], &images->modules[i]);
        if (!KLDR_NT_SUCCESS(status)) {
            ks_kernel_images_destroy(images);
            return status;
        }
    }
    *out_images = images;
    return KLDR_STATUS_SUCCESS;
}

void ks_kernel_images_destroy(struct ks_kernel_images *images)
{
    if (!images) {
        return;
    }
    for (int i = 0; i < KS_KERNEL_MODULES; i++) {
        kldr_image_destroy(images->modules[i].image);
    }
    images->allocator->release(images->allocator->user, images);
}

bool ks_kernel_images_rva(enum ks_kernel_module module, const char *name, uint32_t *out_rva)
{
    size_t index;
    if (!ks_kernel_name_index(module, name, &index)) {
        return false;
    }
    *out_rva = ks_kernel_images_rva_at(module, index);
    return true;
}

uint32_t ks_kernel_images_rva_at(enum ks_kernel_module module, size_t index)
{
    return ks_kernel_core_rva(cores[0].modules[module], (uint32_t)index);
}

const char *ks_kernel_images_routine(enum ks_kernel_module module, uint32_t rva)
{
    const struct ks_kernel_core *core = cores[0].modules[module];
    if (rva < core->code || rva - core->code >= core->code_size) {
        return NULL;
    }
    const uint32_t index = (rva - core->code) / KS_KERNEL_CORE_ROUTINE;
    return ks_kernel_core_rva(core, index) == rva ? ks_kernel_core_name(core, index) : NULL;
}

uint32_t ks_kernel_images_spare(enum ks_kernel_module module)
{
    const struct ks_kernel_core *core = cores[0].modules[module];
    return core->code + core->code_size; // a page of padding follows, or the rest of one
}
