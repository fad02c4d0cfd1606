// SPDX-License-Identifier: MIT
// One loaded module: the part of KLDR_DATA_TABLE_ENTRY that can be seen from outside, plus what
// kldr needs to show it. A module is made by a load, belongs to the module list while it is listed,
// and is freed by whoever takes it off the list.
//
// Two counts, two words: load_count is simulated data (traced, tested, policy-driven). The lifetime
// of this struct is kldr's own and never follows from load_count.
#ifndef KL_MODULE_H
#define KL_MODULE_H

#include <kldr/loader.h>

// Import cells that need more than the cell itself to be explained.
enum kl_cell_kind { KL_CELL_FORWARDED, KL_CELL_TRAPPED };

struct kl_special_cell {
    uint32_t cell_rva;
    enum kl_cell_kind kind;
};

// A list of module ids: an import list (LoadedImports), or the targets of the descriptors.
struct kl_id_list {
    uint32_t *ids;
    uint32_t count, capacity;
};

struct kl_module {
    struct kl_module *previous, *next; // load order
    struct kl_module *next_same_base;  // further modules of the same BaseDllName, in load order
    struct kl_module *next_same_full;  // the same for FullDllName
    uint32_t id;
    int32_t load_count;
    int32_t orphans; // counted references that no import list holds (R19)
    enum kldr_module_state state;
    bool core, boot_sentinel, dependent, inactive, initialized, unload_asked, refused,
        never_counted;
    uint32_t dllinitialize_rva, dllunload_rva; // 0: absent (N2, U9)
    uint32_t full_length, base_length;
    char *full_name;       // owned
    const char *base_name; // the tail of full_name (L1)
    struct kldr_image *image;
    struct kldr_mapping mapping; // memory NULL for core images, whose image is borrowed too
    struct kl_id_list imports;   // counted references, in descriptor order (R8)
    struct kl_id_list targets;   // by descriptor: the module it was resolved to, 0 when stubbed
    struct kl_special_cell *special_cells;
    uint32_t special_count, special_capacity;
    bool cells_sorted;       // special_cells are in order of RVA
    uint32_t functions_seen; // import cells that resolution has come to
};

// Makes an unlisted module with LoadCount 1 that owns a copy of full_name and nothing else yet.
// NULL: no memory.
struct kl_module *kl_module_create(const struct kldr_allocator *allocator, const char *full_name,
                                   size_t length);

// Frees the module and what it owns; gives the mapping back is the caller's task.
void kl_module_destroy(const struct kldr_allocator *allocator, struct kl_module *module);

// Attaches the image and looks the lifecycle routines up (N2: by search, undecorated, not
// forwarded).
void kl_module_set_image(struct kl_module *module, struct kldr_image *image);

// Length of the directory part of the full name, its backslash included; 0 when there is none (L1).
size_t kl_module_directory_length(const struct kl_module *module);

// Makes sure that the next add needs no memory. False when memory is out; the list is then
// unchanged.
bool kl_id_list_reserve(const struct kldr_allocator *allocator, struct kl_id_list *list);
// Appends an id. False when memory is out; the list is then unchanged.
bool kl_id_list_add(const struct kldr_allocator *allocator, struct kl_id_list *list, uint32_t id);
void kl_id_list_free(const struct kldr_allocator *allocator, struct kl_id_list *list);

bool kl_module_mark_cell(const struct kldr_allocator *allocator, struct kl_module *module,
                         uint32_t cell_rva, enum kl_cell_kind kind);
// To be called when all cells are bound: makes the question below a quick one.
void kl_module_sort_cells(struct kl_module *module);
// True when the cell was marked with that kind.
bool kl_module_cell_is(const struct kl_module *module, uint32_t cell_rva, enum kl_cell_kind kind);

// The start of the base name in a path: after the last backslash, or all of it (L1).
const char *kl_module_base_of(const char *path);

#endif
