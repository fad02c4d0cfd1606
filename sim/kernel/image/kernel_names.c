// SPDX-License-Identifier: MIT
// Lookups in the lists of kernel names. The lists are the name tables of the core images: one copy
// of each name, no pointers that a program start would have to relocate.
#include "kernel/image/kernel_names.h"

#include "kernel/image/kernel_core.h"

#include <string.h>

// The names are the same for every machine.
static const struct ks_kernel_core *core_of(enum ks_kernel_module module)
{
    static const struct ks_kernel_core *const cores[KS_KERNEL_MODULES] = {
        &ks_kernel_core_ntoskrnl_x64, &ks_kernel_core_hal_x64, &ks_kernel_core_wdfldr_x64,
        &ks_kernel_core_wdf01000_x64};
    return cores[module];
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal_ignoring_case(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

bool ks_kernel_module_find(const char *name, enum ks_kernel_module *out_module)
{
    for (int i = 0; i < KS_KERNEL_MODULES; i++) {
        const enum ks_kernel_module module = (enum ks_kernel_module)i;
        if (equal_ignoring_case(core_of(module)->module, name)) {
            if (out_module) {
                *out_module = module;
            }
            return true;
        }
    }
    return false;
}

const char *ks_kernel_module_name(enum ks_kernel_module module)
{
    return core_of(module)->module;
}

const char *ks_kernel_module_path(enum ks_kernel_module module)
{
    static const char *const paths[KS_KERNEL_MODULES] = {
        "\\SystemRoot\\System32\\ntoskrnl.exe", "\\SystemRoot\\System32\\hal.dll",
        "\\SystemRoot\\System32\\drivers\\WDFLDR.SYS",
        "\\SystemRoot\\System32\\drivers\\Wdf01000.sys"};
    return paths[module];
}

size_t ks_kernel_name_count(enum ks_kernel_module module)
{
    return core_of(module)->name_count;
}

const char *ks_kernel_name_at(enum ks_kernel_module module, size_t index,
                              enum ks_kernel_kind *out_kind)
{
    const struct ks_kernel_core *core = core_of(module);
    if (out_kind) {
        *out_kind =
            ks_kernel_core_is_code(core, (uint32_t)index) ? KS_KERNEL_FUNCTION : KS_KERNEL_DATA;
    }
    return ks_kernel_core_name(core, (uint32_t)index);
}

bool ks_kernel_name_index(enum ks_kernel_module module, const char *name, size_t *out_index)
{
    const struct ks_kernel_core *core = core_of(module);
    uint32_t low = 0;
    uint32_t high = core->name_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const int order = strcmp(name, ks_kernel_core_name(core, middle));
        if (order == 0) {
            if (out_index) {
                *out_index = middle;
            }
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

bool ks_kernel_name_find(const char *module, const char *name)
{
    enum ks_kernel_module found;
    return ks_kernel_module_find(module, &found) && ks_kernel_name_index(found, name, NULL);
}

const char *ks_kernel_name_nearest(enum ks_kernel_module module, const char *name)
{
    const struct ks_kernel_core *core = core_of(module);
    struct kldr_image *image = NULL;
    if (!KLDR_NT_SUCCESS(kldr_image_create(NULL, core->bytes, core->size, NULL, &image, NULL))) {
        return NULL;
    }
    // The answer points into the core image, which outlives the object made over it.
    const char *nearest = kldr_image_nearest_export(image, name);
    kldr_image_destroy(image);
    return nearest;
}
