// SPDX-License-Identifier: MIT
#include "world/hardware.h"

#include "world/service.h"

#include <string.h>

void ks_hardware_list_init(struct ks_hardware_list *list, const struct kldr_allocator *allocator)
{
    *list = (struct ks_hardware_list){.allocator = allocator};
}

static void destroy(const struct kldr_allocator *allocator, struct ks_hardware *entry)
{
    for (size_t i = 0; i < entry->driver_count; i++) {
        allocator->release(allocator->user, entry->drivers[i].name);
        allocator->release(allocator->user, entry->drivers[i].image);
    }
    allocator->release(allocator->user, entry->id);
    allocator->release(allocator->user, entry);
}

void ks_hardware_list_fini(struct ks_hardware_list *list)
{
    while (list->first != NULL) {
        struct ks_hardware *entry = list->first;
        list->first = entry->next;
        destroy(list->allocator, entry);
    }
}

static struct ks_hardware **place_of(struct ks_hardware_list *list, const char *id)
{
    struct ks_hardware **link = &list->first;
    while (*link != NULL && !ks_same_name((*link)->id, id)) {
        link = &(*link)->next;
    }
    return link;
}

const struct ks_hardware *ks_hardware_find(const struct ks_hardware_list *list, const char *id)
{
    const struct ks_hardware *entry = list->first;
    while (entry != NULL && !ks_same_name(entry->id, id)) {
        entry = entry->next;
    }
    return entry;
}

// False: memory is out.
static bool copy(const struct kldr_allocator *allocator, const char *text, char **out_copy)
{
    size_t size = text != NULL ? strlen(text) + 1 : 0;
    *out_copy = text != NULL ? allocator->allocate(allocator->user, size) : NULL;
    if (*out_copy != NULL) {
        memcpy(*out_copy, text, size);
    }
    return text == NULL || *out_copy != NULL;
}

static bool fill(const struct kldr_allocator *allocator, struct ks_hardware *entry, const char *id,
                 const struct ks_io_service *services, size_t count)
{
    bool done = copy(allocator, id, &entry->id);
    for (size_t i = 0; i < count && done; i++) {
        struct ks_hardware_driver *driver = &entry->drivers[entry->driver_count++];
        done = copy(allocator, services[i].name, &driver->name) &&
               copy(allocator, services[i].image, &driver->image);
    }
    return done;
}

bool ks_hardware_set(struct ks_hardware_list *list, const char *id,
                     const struct ks_io_service *services, size_t count)
{
    const struct kldr_allocator *allocator = list->allocator;
    struct ks_hardware *entry = allocator->allocate(allocator->user, sizeof *entry);
    if (entry == NULL) {
        return false;
    }
    *entry = (struct ks_hardware){0};
    if (!fill(allocator, entry, id, services, count)) {
        destroy(allocator, entry);
        return false;
    }
    struct ks_hardware **link = place_of(list, id), *old = *link;
    entry->next = old != NULL ? old->next : NULL;
    *link = entry;
    if (old != NULL) {
        destroy(allocator, old);
    }
    return true;
}
