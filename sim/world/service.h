// SPDX-License-Identifier: MIT
// Service keys, as far as loading reads them (H2).
#ifndef KS_WORLD_SERVICE_H
#define KS_WORLD_SERVICE_H

#include <kldr/world.h>

struct ks_service_key {
    struct ks_service_key *next;
    char *name;
    char *image_path;  // NULL: default
    char *object_name; // NULL: by type
    uint32_t type;
    bool type_absent;
};

struct ks_service_list {
    const struct kldr_allocator *allocator;
    struct ks_service_key *first;
};

void ks_service_list_init(struct ks_service_list *list, const struct kldr_allocator *allocator);
void ks_service_list_fini(struct ks_service_list *list);

// Adds a key or replaces the one of that name (case ignored). False when memory is out.
bool ks_service_set(struct ks_service_list *list, const char *name,
                    const struct kldr_service_config *config);
const struct ks_service_key *ks_service_find(const struct ks_service_list *list, const char *name);

// What NtLoadDriver makes of a key (H2). Texts are owned: ks_service_plan_fini.
struct ks_service_plan {
    kldr_status status; // STATUS_SUCCESS, STATUS_ILL_FORMED_SERVICE_ENTRY, KLDR_ERROR_OUT_OF_MEMORY
    char *plain_name;   // <key>.SYS, compared with every FullDllName first
    char *image_path;   // what the image loader is given
    char *object_name;
    char *registry_path;
};
void ks_service_plan_init(const struct ks_service_list *list, const char *name,
                          struct ks_service_plan *out_plan);
void ks_service_plan_fini(const struct ks_service_list *list, struct ks_service_plan *plan);

// Equality of names, ASCII case ignored.
bool ks_same_name(const char *a, const char *b);

#endif
