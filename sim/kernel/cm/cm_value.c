// SPDX-License-Identifier: MIT
// Cm: the values of a key.

#include "kernel/cm/cm.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

struct ks_cm_value *ks_cm_value(const struct ks_cm_key *key, const char *name)
{
    struct ks_cm_value *value = key->values;
    while (value != NULL && !ks_nt_text_same(value->name, name, true)) {
        value = value->next;
    }
    return value;
}

struct ks_cm_value *ks_cm_value_at(const struct ks_cm_key *key, uint32_t index)
{
    struct ks_cm_value *value = key->values;
    while (value != NULL && index-- > 0) {
        value = value->next;
    }
    return value;
}

static struct ks_cm_value *make(struct kldr_world *world, struct ks_cm_key *key, const char *name)
{
    struct ks_cm_value *value = world->allocator.allocate(world->allocator.user, sizeof *value);
    char *copy = ks_nt_text_copy(world, name);
    if (value == NULL || copy == NULL) {
        world->allocator.release(world->allocator.user, value);
        ks_nt_text_free(world, copy);
        return NULL;
    }
    *value = (struct ks_cm_value){.name = copy};
    struct ks_cm_value **link = &key->values;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = value;
    return value;
}

bool ks_cm_set_value(struct kldr_world *world, struct ks_cm_key *key, const char *name,
                     uint32_t type, const void *data, uint32_t size)
{
    uint8_t *copy = world->allocator.allocate(world->allocator.user, (size_t)size + 1);
    if (copy == NULL) {
        return false;
    }
    struct ks_cm_value *value = ks_cm_value(key, name);
    value = value != NULL ? value : make(world, key, name);
    if (value == NULL) {
        world->allocator.release(world->allocator.user, copy);
        return false;
    }
    if (data != NULL) {
        memcpy(copy, data, size);
    } else {
        memset(copy, 0, size);
    }
    world->allocator.release(world->allocator.user, value->data);
    value->data = copy;
    value->size = size;
    value->type = type;
    return true;
}

bool ks_cm_set_number(struct kldr_world *world, struct ks_cm_key *key, const char *name,
                      uint32_t number)
{
    uint8_t bytes[4];
    for (unsigned i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(number >> (8 * i));
    }
    return ks_cm_set_value(world, key, name, REG_DWORD, bytes, sizeof bytes);
}

bool ks_cm_set_text(struct kldr_world *world, struct ks_cm_key *key, const char *name,
                    uint32_t type, const char *text)
{
    size_t units = ks_nt_text_units(text);
    if (!ks_cm_set_value(world, key, name, type, NULL, (uint32_t)(2 * (units + 1)))) {
        return false;
    }
    ks_nt_text_put(text, (uint64_t)(uintptr_t)ks_cm_value(key, name)->data, units);
    return true;
}

bool ks_cm_delete_value(struct kldr_world *world, struct ks_cm_key *key, const char *name)
{
    struct ks_cm_value **link = &key->values;
    while (*link != NULL && !ks_nt_text_same((*link)->name, name, true)) {
        link = &(*link)->next;
    }
    struct ks_cm_value *value = *link;
    if (value == NULL) {
        return false;
    }
    *link = value->next;
    ks_nt_text_free(world, value->name);
    world->allocator.release(world->allocator.user, value->data);
    world->allocator.release(world->allocator.user, value);
    return true;
}
