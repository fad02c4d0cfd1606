// SPDX-License-Identifier: MIT

#include "world/service.h"

#include <string.h>

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool ks_same_name(const char *a, const char *b)
{
    while (*a != '\0' && fold(*a) == fold(*b)) {
        a++;
        b++;
    }
    return fold(*a) == fold(*b);
}

// a + b + c as one text, or NULL.
static char *join(const struct kldr_allocator *allocator, const char *a, const char *b,
                  const char *c)
{
    size_t a_length = strlen(a), b_length = strlen(b), c_length = strlen(c);
    char *text = allocator->allocate(allocator->user, a_length + b_length + c_length + 1);
    if (text != NULL) {
        memcpy(text, a, a_length);
        memcpy(text + a_length, b, b_length);
        memcpy(text + a_length + b_length, c, c_length + 1);
    }
    return text;
}

void ks_service_list_init(struct ks_service_list *list, const struct kldr_allocator *allocator)
{
    *list = (struct ks_service_list){.allocator = allocator};
}

static void destroy_key(const struct kldr_allocator *allocator, struct ks_service_key *key)
{
    allocator->release(allocator->user, key->name);
    allocator->release(allocator->user, key->image_path);
    allocator->release(allocator->user, key->object_name);
    allocator->release(allocator->user, key);
}

void ks_service_list_fini(struct ks_service_list *list)
{
    while (list->first != NULL) {
        struct ks_service_key *key = list->first;
        list->first = key->next;
        destroy_key(list->allocator, key);
    }
}

const struct ks_service_key *ks_service_find(const struct ks_service_list *list, const char *name)
{
    const struct ks_service_key *key = list->first;
    while (key != NULL && !ks_same_name(key->name, name)) {
        key = key->next;
    }
    return key;
}

static bool copy_optional(const struct kldr_allocator *allocator, const char *text, char **out_copy)
{
    *out_copy = text != NULL ? join(allocator, text, "", "") : NULL;
    return text == NULL || *out_copy != NULL;
}

bool ks_service_set(struct ks_service_list *list, const char *name,
                    const struct kldr_service_config *config)
{
    const struct kldr_allocator *allocator = list->allocator;
    struct ks_service_key *key = allocator->allocate(allocator->user, sizeof *key);
    if (key == NULL) {
        return false;
    }
    *key = (struct ks_service_key){.type = config->type, .type_absent = config->type_absent};
    if (!copy_optional(allocator, name, &key->name) ||
        !copy_optional(allocator, config->image_path, &key->image_path) ||
        !copy_optional(allocator, config->object_name, &key->object_name)) {
        destroy_key(allocator, key);
        return false;
    }
    struct ks_service_key **link = &list->first;
    while (*link != NULL && !ks_same_name((*link)->name, name)) {
        link = &(*link)->next;
    }
    struct ks_service_key *old = *link;
    key->next = old != NULL ? old->next : NULL;
    *link = key;
    if (old != NULL) {
        destroy_key(allocator, old);
    }
    return true;
}

static char *make_image_path(const struct ks_service_list *list, const struct ks_service_key *key,
                             const char *name)
{
    const char *path = key != NULL ? key->image_path : NULL;
    if (path == NULL) {
        return join(list->allocator, "\\SystemRoot\\System32\\Drivers\\", name, ".SYS");
    }
    return join(list->allocator, path[0] == '\\' ? "" : "\\SystemRoot\\", path, "");
}

void ks_service_plan_init(const struct ks_service_list *list, const char *name,
                          struct ks_service_plan *out_plan)
{
    const struct ks_service_key *key = ks_service_find(list, name);
    const struct kldr_allocator *allocator = list->allocator;
    bool file_system = key != NULL && key->type == 2;
    *out_plan = (struct ks_service_plan){.status = KLDR_ERROR_OUT_OF_MEMORY};
    out_plan->plain_name = join(allocator, name, ".SYS", "");
    out_plan->image_path = make_image_path(list, key, name);
    out_plan->registry_path =
        join(allocator, "\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\", name, "");
    out_plan->object_name =
        key != NULL && key->object_name != NULL
            ? join(allocator, key->object_name, "", "")
            : join(allocator, file_system ? "\\FileSystem\\" : "\\Driver\\", name, "");
    if (out_plan->plain_name == NULL || out_plan->image_path == NULL ||
        out_plan->registry_path == NULL || out_plan->object_name == NULL) {
        return;
    }
    bool ill_formed = key != NULL && key->type_absent && key->object_name == NULL;
    out_plan->status = ill_formed ? KLDR_STATUS_ILL_FORMED_SERVICE_ENTRY : KLDR_STATUS_SUCCESS;
}

void ks_service_plan_fini(const struct ks_service_list *list, struct ks_service_plan *plan)
{
    const struct kldr_allocator *allocator = list->allocator;
    allocator->release(allocator->user, plan->plain_name);
    allocator->release(allocator->user, plan->image_path);
    allocator->release(allocator->user, plan->object_name);
    allocator->release(allocator->user, plan->registry_path);
    *plan = (struct ks_service_plan){0};
}
