// SPDX-License-Identifier: MIT
// Names are hashed and compared with ASCII letters folded to lower case. uthash must neither end
// the process nor lose an add silently when memory is out: HASH_NONFATAL_OOM makes it roll the add
// back, and uthash_nonfatal_oom tells us.

#include "module_list.h"

#include "alloc.h"

#include <string.h>

static unsigned fold(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned)c + ('a' - 'A') : c;
}

// Eight bytes at a time, with the bit set that tells letters' case apart: names that are equal but
// for case have the same hash. The host's byte order does not matter, no hash leaves this file.
static unsigned hash_name(const char *name, size_t length)
{
    const uint64_t fold_all = UINT64_C(0x2020202020202020);
    uint64_t hash = length;
    while (length > 0) {
        uint64_t word = 0;
        size_t part = length < sizeof word ? length : sizeof word;
        memcpy(&word, name, part);
        hash = (hash ^ (word | fold_all)) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
        name += part;
        length -= part;
    }
    return (unsigned)(hash ^ (hash >> 32));
}

static int compare_names(const void *a, const void *b, size_t length)
{
    const unsigned char *left = a, *right = b;
    for (size_t i = 0; i < length; i++) {
        if (fold(left[i]) != fold(right[i])) {
            return 1;
        }
    }
    return 0;
}

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) (*out_of_memory = true)
#define uthash_malloc(size)          kl_alloc_zeroed(allocator, (size))
#define uthash_free(block, size)     kl_alloc_release(allocator, (block))
#define HASH_KEYCMP(a, b, length)    compare_names((a), (b), (length))
#include <uthash.h>

// All modules that share one name, in list order.
struct kl_name_node {
    struct kl_module *first;
    UT_hash_handle hh;
};

// Which of the two names of a module an index is about.
enum index_kind { BY_BASE, BY_FULL };

static const char *key_of(const struct kl_module *module, enum index_kind kind)
{
    return kind == BY_BASE ? module->base_name : module->full_name;
}

static uint32_t key_length_of(const struct kl_module *module, enum index_kind kind)
{
    return kind == BY_BASE ? module->base_length : module->full_length;
}

static struct kl_module **next_of(struct kl_module *module, enum index_kind kind)
{
    return kind == BY_BASE ? &module->next_same_base : &module->next_same_full;
}

static struct kl_name_node *find_node(struct kl_name_node *index, const char *name, size_t length,
                                      unsigned hash)
{
    struct kl_name_node *node = NULL;
    HASH_FIND_BYHASHVALUE(hh, index, name, (unsigned)length, hash, node);
    return node;
}

static void add_node(const struct kldr_allocator *allocator, struct kl_name_node **index,
                     struct kl_name_node *node, const char *key, uint32_t length, unsigned hash,
                     bool *out_of_memory)
{
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, *index, key, length, hash, node);
}

static bool index_add(const struct kldr_allocator *allocator, struct kl_name_node **index,
                      struct kl_module *module, enum index_kind kind)
{
    const char *key = key_of(module, kind);
    uint32_t length = key_length_of(module, kind);
    unsigned hash = hash_name(key, length);
    struct kl_name_node *node = find_node(*index, key, length, hash);
    if (node != NULL) {
        struct kl_module **link = &node->first;
        while (*link != NULL) {
            link = next_of(*link, kind);
        }
        *link = module;
        return true;
    }
    node = kl_alloc_zeroed(allocator, sizeof *node);
    if (node == NULL) {
        return false;
    }
    node->first = module;
    bool out_of_memory = false;
    add_node(allocator, index, node, key, length, hash, &out_of_memory);
    if (out_of_memory) {
        kl_alloc_release(allocator, node);
        return false;
    }
    return true;
}

static void index_remove(const struct kldr_allocator *allocator, struct kl_name_node **index,
                         struct kl_module *module, enum index_kind kind)
{
    const char *key = key_of(module, kind);
    uint32_t length = key_length_of(module, kind);
    struct kl_name_node *node = find_node(*index, key, length, hash_name(key, length));
    if (node == NULL) {
        return;
    }
    struct kl_module **link = &node->first;
    while (*link != NULL && *link != module) {
        link = next_of(*link, kind);
    }
    if (*link != NULL) {
        *link = *next_of(module, kind);
        *next_of(module, kind) = NULL;
    }
    if (node->first == NULL) {
        HASH_DEL(*index, node);
        kl_alloc_release(allocator, node);
    } else {
        // The key was the removed module's own text; the hash of the next one's is the same.
        node->hh.key = (void *)(uintptr_t)key_of(node->first, kind);
    }
}

void kl_module_list_init(struct kl_module_list *list, const struct kldr_allocator *allocator)
{
    *list = (struct kl_module_list){.allocator = allocator};
}

void kl_module_list_fini(struct kl_module_list *list)
{
    while (list->first != NULL) {
        struct kl_module *module = list->first;
        kl_module_list_remove(list, module);
        kl_module_destroy(list->allocator, module);
    }
    kl_alloc_release(list->allocator, list->by_id);
    *list = (struct kl_module_list){.allocator = list->allocator};
}

static bool reserve_id(struct kl_module_list *list)
{
    if (list->id_count < list->id_capacity) {
        return true;
    }
    uint32_t capacity = list->id_capacity == 0 ? 16 : list->id_capacity * 2;
    struct kl_module **by_id =
        kl_alloc_resize(list->allocator, list->by_id, capacity, sizeof(struct kl_module *));
    if (by_id == NULL) {
        return false;
    }
    list->by_id = by_id;
    list->id_capacity = capacity;
    return true;
}

bool kl_module_list_append(struct kl_module_list *list, struct kl_module *module)
{
    if (!reserve_id(list) || !index_add(list->allocator, &list->by_base, module, BY_BASE)) {
        return false;
    }
    if (!index_add(list->allocator, &list->by_full, module, BY_FULL)) {
        index_remove(list->allocator, &list->by_base, module, BY_BASE);
        return false;
    }
    list->by_id[list->id_count++] = module;
    module->id = list->id_count;
    module->previous = list->last;
    module->next = NULL;
    *(list->last != NULL ? &list->last->next : &list->first) = module;
    list->last = module;
    list->count++;
    return true;
}

void kl_module_list_remove(struct kl_module_list *list, struct kl_module *module)
{
    index_remove(list->allocator, &list->by_base, module, BY_BASE);
    index_remove(list->allocator, &list->by_full, module, BY_FULL);
    *(module->previous != NULL ? &module->previous->next : &list->first) = module->next;
    *(module->next != NULL ? &module->next->previous : &list->last) = module->previous;
    module->previous = module->next = NULL;
    list->by_id[module->id - 1] = NULL;
    list->count--;
}

struct kl_module *kl_module_list_by_id(const struct kl_module_list *list, uint32_t id)
{
    return id != 0 && id <= list->id_count ? list->by_id[id - 1] : NULL;
}

struct kl_module *kl_module_list_by_base(const struct kl_module_list *list, const char *name,
                                         size_t length)
{
    struct kl_name_node *node = find_node(list->by_base, name, length, hash_name(name, length));
    return node != NULL ? node->first : NULL;
}

struct kl_module *kl_module_list_by_full(const struct kl_module_list *list, const char *name,
                                         size_t length)
{
    struct kl_name_node *node = find_node(list->by_full, name, length, hash_name(name, length));
    return node != NULL ? node->first : NULL;
}

bool kl_module_list_same_name(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && compare_names(a, b, a_length) == 0;
}

bool kl_module_list_has_prefix(const char *text, size_t length, const char *prefix,
                               size_t prefix_length)
{
    return length >= prefix_length && compare_names(text, prefix, prefix_length) == 0;
}
