// SPDX-License-Identifier: MIT
// The module list: load order (L13, L14, V7), an index by BaseDllName and by FullDllName (case
// ignored, first in list order wins: R7, L3), and an index by id. The only file that sees uthash.
//
// A listed module is owned by the list until kl_module_list_remove hands it back.
#ifndef KL_MODULE_LIST_H
#define KL_MODULE_LIST_H

#include "module.h"

struct kl_name_node; // one name in an index

struct kl_module_list {
    const struct kldr_allocator *allocator;
    struct kl_module *first, *last;
    uint32_t count;
    struct kl_name_node *by_base, *by_full;
    struct kl_module **by_id; // by_id[id - 1]; NULL when gone
    uint32_t id_count, id_capacity;
};

void kl_module_list_init(struct kl_module_list *list, const struct kldr_allocator *allocator);
// Destroys every listed module. Mappings are the caller's to give back first.
void kl_module_list_fini(struct kl_module_list *list);

// Appends at the tail (L13) and gives the module its id. False when memory is out: nothing has
// changed.
bool kl_module_list_append(struct kl_module_list *list, struct kl_module *module);

// Takes a module off the list; its id becomes unknown. Cannot fail.
void kl_module_list_remove(struct kl_module_list *list, struct kl_module *module);

struct kl_module *kl_module_list_by_id(const struct kl_module_list *list, uint32_t id);
struct kl_module *kl_module_list_by_base(const struct kl_module_list *list, const char *name,
                                         size_t length);
struct kl_module *kl_module_list_by_full(const struct kl_module_list *list, const char *name,
                                         size_t length);

// True when the two texts are equal, ASCII case ignored.
bool kl_module_list_same_name(const char *a, size_t a_length, const char *b, size_t b_length);
// True when text begins with prefix, ASCII case ignored.
bool kl_module_list_has_prefix(const char *text, size_t length, const char *prefix,
                               size_t prefix_length);

#endif
