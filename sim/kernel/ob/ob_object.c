// SPDX-License-Identifier: MIT
// Objects from creation to the last reference.

#include "kernel/ob/ob_state.h"
#include "world/world_object.h"

#include "kernel/nt_text.h"

#include <string.h>

#define FIRST_BUCKETS 256u

// ---- all of them ----

static uint32_t bucket_of(const struct ks_ob_state *state, uint64_t body)
{
    return (uint32_t)((body >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (state->bucket_count - 1);
}

static bool grow(struct kldr_world *world, struct ks_ob_state *state)
{
    uint32_t count = state->bucket_count == 0 ? FIRST_BUCKETS : 2 * state->bucket_count;
    if (state->object_count < state->bucket_count) {
        return true;
    }
    struct ks_object **buckets =
        world->allocator.allocate(world->allocator.user, count * sizeof *buckets);
    if (buckets == NULL) {
        return false;
    }
    memset(buckets, 0, count * sizeof *buckets);
    world->allocator.release(world->allocator.user, state->buckets);
    state->buckets = buckets;
    state->bucket_count = count;
    for (struct ks_object *object = state->first; object != NULL; object = object->next) {
        struct ks_object **bucket = &buckets[bucket_of(state, object->body)];
        object->bucket = *bucket;
        *bucket = object;
    }
    return true;
}

static void link_object(struct ks_ob_state *state, struct ks_object *object)
{
    struct ks_object **bucket = &state->buckets[bucket_of(state, object->body)];
    object->bucket = *bucket;
    *bucket = object;
    object->previous = state->last;
    if (state->last != NULL) {
        state->last->next = object;
    } else {
        state->first = object;
    }
    state->last = object;
    state->object_count++;
}

static void unlink_object(struct ks_ob_state *state, struct ks_object *object)
{
    struct ks_object **bucket = &state->buckets[bucket_of(state, object->body)];
    while (*bucket != object) {
        bucket = &(*bucket)->bucket;
    }
    *bucket = object->bucket;
    *(object->previous != NULL ? &object->previous->next : &state->first) = object->next;
    *(object->next != NULL ? &object->next->previous : &state->last) = object->previous;
    state->object_count--;
}

struct ks_object *ks_ob_find(struct kldr_world *world, uint64_t body)
{
    struct ks_ob_state *state = ks_ob_state(world);
    if (state == NULL || state->bucket_count == 0) {
        return NULL;
    }
    struct ks_object *object = state->buckets[bucket_of(state, body)];
    while (object != NULL && object->body != body) {
        object = object->bucket;
    }
    return object;
}

struct ks_object *ks_ob_next(struct kldr_world *world, const struct ks_object *object)
{
    struct ks_ob_state *state = ks_ob_state(world);
    return object != NULL ? object->next : state != NULL ? state->first : NULL;
}

// ---- life ----

struct ks_object *ks_ob_create(struct kldr_world *world, enum ks_ob_type type, uint64_t size,
                               uint64_t maker)
{
    struct ks_ob_state *state = ks_ob_state(world);
    if (state == NULL || !grow(world, state)) {
        return NULL;
    }
    struct ks_object *object = world->allocator.allocate(world->allocator.user, sizeof *object);
    if (object == NULL) {
        return NULL;
    }
    *object = (struct ks_object){.type = type, .references = 1, .maker = maker};
    object->body = ks_nt_take(world, size, ks_ob_type_info(type)->tag);
    if (object->body == 0) {
        world->allocator.release(world->allocator.user, object);
        return NULL;
    }
    link_object(state, object);
    return object;
}

static void free_header(struct kldr_world *world, struct ks_object *object)
{
    ks_nt_text_free(world, object->name);
    ks_nt_text_free(world, object->target);
    world->allocator.release(world->allocator.user, object);
}

void ks_ob_reference(struct ks_object *object)
{
    object->references++;
}

void ks_ob_dereference(struct kldr_world *world, struct ks_object *object)
{
    if (--object->references > 0 || object->deleting) {
        return;
    }
    const struct ks_ob_type_info *type = ks_ob_type_info(object->type);
    object->deleting = true;
    if (type->end != NULL) {
        type->end(world, object);
    }
    unlink_object(ks_ob_state(world), object);
    ks_nt_give(world, object->body);
    free_header(world, object);
}

// ---- state ----

static void fini(struct ks_nt *nt, void *memory)
{
    struct kldr_world *world = nt->world;
    struct ks_ob_state *state = memory;
    while (state->first != NULL) {
        struct ks_object *object = state->first;
        state->first = object->next;
        world->allocator.release(world->allocator.user, object->data);
        free_header(world, object);
    }
    world->allocator.release(world->allocator.user, state->buckets);
    world->allocator.release(world->allocator.user, state->handles);
}

struct ks_ob_state *ks_ob_state(struct kldr_world *world)
{
    struct ks_nt *nt = ks_nt(world);
    struct ks_ob_state *state = nt != NULL ? nt->parts[KS_NT_OB].state : NULL;
    if (state == NULL && nt != NULL) {
        state = ks_nt_state(world, KS_NT_OB, sizeof *state, fini);
        if (state != NULL) {
            state->broken = !ks_ob_make_tree(world, state);
        }
    }
    return state == NULL || state->broken ? NULL : state;
}

void ks_ob_probe(uint64_t address, size_t size)
{
    volatile uint8_t *bytes = ks_guest_pointer(address);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = bytes[i];
    }
}
