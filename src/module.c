// SPDX-License-Identifier: MIT

#include "module.h"

#include "alloc.h"

#include <stdlib.h>
#include <string.h>

const char *kl_module_base_of(const char *path)
{
    const char *backslash = strrchr(path, '\\');
    return path[0] == '\\' && backslash != NULL ? backslash + 1 : path;
}

struct kl_module *kl_module_create(const struct kldr_allocator *allocator, const char *full_name,
                                   size_t length)
{
    struct kl_module *module = kl_alloc_zeroed(allocator, sizeof *module);
    if (module == NULL) {
        return NULL;
    }
    module->full_name = kl_alloc_text(allocator, full_name, length);
    if (module->full_name == NULL) {
        kl_alloc_release(allocator, module);
        return NULL;
    }
    module->base_name = kl_module_base_of(module->full_name);
    module->full_length = (uint32_t)length;
    module->base_length = (uint32_t)strlen(module->base_name);
    module->load_count = 1;
    module->state = KLDR_MODULE_LOADING;
    return module;
}

void kl_module_destroy(const struct kldr_allocator *allocator, struct kl_module *module)
{
    if (module == NULL) {
        return;
    }
    if (!module->core) {
        kldr_image_destroy(module->image);
    }
    kl_id_list_free(allocator, &module->imports);
    kl_id_list_free(allocator, &module->targets);
    kl_alloc_release(allocator, module->special_cells);
    kl_alloc_release(allocator, module->full_name);
    kl_alloc_release(allocator, module);
}

// No hint is ever this large, so the lookup is a search (N2).
#define NO_HINT UINT32_MAX

static uint32_t find_routine(const struct kldr_image *image, const char *name)
{
    struct kldr_export found;
    kldr_status status = kldr_image_find_export(image, name, strlen(name), NO_HINT, &found, NULL);
    return status == KLDR_STATUS_SUCCESS && found.forwarder == NULL ? found.rva : 0;
}

void kl_module_set_image(struct kl_module *module, struct kldr_image *image)
{
    module->image = image;
    module->dllinitialize_rva = find_routine(image, "DllInitialize");
    module->dllunload_rva = find_routine(image, "DllUnload");
}

size_t kl_module_directory_length(const struct kl_module *module)
{
    return (size_t)(module->base_name - module->full_name);
}

bool kl_id_list_reserve(const struct kldr_allocator *allocator, struct kl_id_list *list)
{
    if (list->count < list->capacity) {
        return true;
    }
    uint32_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
    uint32_t *ids = kl_alloc_resize(allocator, list->ids, capacity, sizeof *ids);
    if (ids == NULL) {
        return false;
    }
    list->ids = ids;
    list->capacity = capacity;
    return true;
}

bool kl_id_list_add(const struct kldr_allocator *allocator, struct kl_id_list *list, uint32_t id)
{
    if (!kl_id_list_reserve(allocator, list)) {
        return false;
    }
    list->ids[list->count++] = id;
    return true;
}

void kl_id_list_free(const struct kldr_allocator *allocator, struct kl_id_list *list)
{
    kl_alloc_release(allocator, list->ids);
    *list = (struct kl_id_list){0};
}

bool kl_module_mark_cell(const struct kldr_allocator *allocator, struct kl_module *module,
                         uint32_t cell_rva, enum kl_cell_kind kind)
{
    if (module->special_count == module->special_capacity) {
        uint32_t capacity = module->special_capacity == 0 ? 4 : module->special_capacity * 2;
        struct kl_special_cell *cells =
            kl_alloc_resize(allocator, module->special_cells, capacity, sizeof *cells);
        if (cells == NULL) {
            return false;
        }
        module->special_cells = cells;
        module->special_capacity = capacity;
    }
    module->cells_sorted = false;
    module->special_cells[module->special_count++] = (struct kl_special_cell){cell_rva, kind};
    return true;
}

static int compare_cells(const void *a, const void *b)
{
    const struct kl_special_cell *left = a, *right = b;
    return left->cell_rva < right->cell_rva ? -1 : left->cell_rva > right->cell_rva;
}

void kl_module_sort_cells(struct kl_module *module)
{
    if (module->special_count > 0) {
        qsort(module->special_cells, module->special_count, sizeof *module->special_cells,
              compare_cells);
    }
    module->cells_sorted = true;
}

// The first special cell that is not before an RVA.
static uint32_t lower_bound(const struct kl_module *module, uint32_t cell_rva)
{
    uint32_t low = 0, high = module->special_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (module->special_cells[middle].cell_rva < cell_rva) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool kl_module_cell_is(const struct kl_module *module, uint32_t cell_rva, enum kl_cell_kind kind)
{
    uint32_t first = module->cells_sorted ? lower_bound(module, cell_rva) : 0;
    for (uint32_t i = first; i < module->special_count; i++) {
        const struct kl_special_cell *cell = &module->special_cells[i];
        if (cell->cell_rva == cell_rva && cell->kind == kind) {
            return true;
        }
        if (module->cells_sorted && cell->cell_rva != cell_rva) {
            return false;
        }
    }
    return false;
}
