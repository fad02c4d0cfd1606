// SPDX-License-Identifier: MIT
// The handle table: one for all, as all that runs is the system process. Numbers are multiples of
// four; those that were asked for with OBJ_KERNEL_HANDLE are negative and no good in user mode.

#include "kernel/ob/ob_state.h"
#include "world/world_object.h"

#define FIRST_CAPACITY 64u
#define MOST_HANDLES   (1u << 24)

#define GENERIC_BITS    0xF0000000u
#define MAXIMUM_ALLOWED 0x02000000u
#define ALL_RIGHTS      0x001FFFFFu

static bool grow(struct kldr_world *world, struct ks_ob_state *state)
{
    if (state->handle_count < state->handle_capacity) {
        return true;
    }
    uint32_t capacity = state->handle_capacity == 0 ? FIRST_CAPACITY : 2 * state->handle_capacity;
    struct ks_ob_handle *handles =
        capacity <= MOST_HANDLES
            ? world->allocator.reallocate(world->allocator.user, state->handles,
                                          capacity * sizeof *handles)
            : NULL;
    if (handles == NULL) {
        return false;
    }
    state->handles = handles;
    state->handle_capacity = capacity;
    return true;
}

// The index of a free entry.
static bool take_entry(struct kldr_world *world, struct ks_ob_state *state, uint32_t *out_index)
{
    if (state->free_first == 0) {
        *out_index = state->handle_count;
        return grow(world, state) && ++state->handle_count != 0;
    }
    *out_index = state->free_first - 1;
    state->free_first = state->handles[*out_index].next_free;
    if (state->free_first == 0) {
        state->free_last = 0;
    }
    return true;
}

static uint64_t number_of(const struct ks_ob_handle *entry, uint32_t index)
{
    uint64_t number = 4 * ((uint64_t)index + 1);
    return (entry->attributes & OBJ_KERNEL_HANDLE) != 0 ? KS_OB_KERNEL_HANDLE | number : number;
}

// NULL: no such open handle.
static struct ks_ob_handle *find(struct kldr_world *world, uint64_t handle)
{
    struct ks_ob_state *state = ks_ob_state(world);
    uint64_t number = (handle & ~KS_OB_KERNEL_HANDLE) / 4;
    if (state == NULL || number == 0 || number > state->handle_count) {
        return NULL;
    }
    struct ks_ob_handle *entry = &state->handles[number - 1];
    bool same =
        entry->object != NULL && number_of(entry, (uint32_t)number - 1) == (handle & ~UINT64_C(3));
    return same ? entry : NULL;
}

NTSTATUS ks_ob_handle_create(struct kldr_world *world, struct ks_object *object, uint32_t access,
                             uint32_t attributes, uint64_t maker, uint64_t *out_handle)
{
    struct ks_ob_state *state = ks_ob_state(world);
    uint32_t index = 0;
    if ((object->attributes & OBJ_EXCLUSIVE) != 0 && object->handles > 0) {
        return STATUS_ACCESS_DENIED;
    }
    if (!take_entry(world, state, &index)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    if ((access & (GENERIC_BITS | MAXIMUM_ALLOWED)) != 0) {
        access = ALL_RIGHTS;
    }
    state->handles[index] = (struct ks_ob_handle){
        .object = object, .access = access, .attributes = attributes, .maker = maker};
    object->handles++;
    ks_ob_reference(object);
    *out_handle = number_of(&state->handles[index], index);
    return STATUS_SUCCESS;
}

NTSTATUS ks_ob_handle_reference(struct kldr_world *world, uint64_t handle, enum ks_ob_type type,
                                uint32_t access, bool user_mode, struct ks_object **out_object)
{
    const struct ks_ob_handle *entry = find(world, handle);
    if (entry == NULL || (user_mode && (entry->attributes & OBJ_KERNEL_HANDLE) != 0)) {
        return STATUS_INVALID_HANDLE;
    }
    if (type != KS_OB_ANY && entry->object->type != type) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (user_mode && (access & ~entry->access) != 0) {
        return STATUS_ACCESS_DENIED;
    }
    ks_ob_reference(entry->object);
    *out_object = entry->object;
    return STATUS_SUCCESS;
}

bool ks_ob_handle_rights(struct kldr_world *world, uint64_t handle, uint32_t *out_access,
                         uint32_t *out_attributes)
{
    const struct ks_ob_handle *entry = find(world, handle);
    if (entry == NULL) {
        return false;
    }
    *out_access = entry->access;
    *out_attributes = entry->attributes & OBJ_INHERIT;
    return true;
}

static void free_entry(struct ks_ob_state *state, uint32_t index)
{
    state->handles[index] = (struct ks_ob_handle){0};
    if (state->free_last != 0) {
        state->handles[state->free_last - 1].next_free = index + 1;
    } else {
        state->free_first = index + 1;
    }
    state->free_last = index + 1;
}

NTSTATUS ks_ob_handle_close(struct kldr_world *world, uint64_t handle)
{
    struct ks_ob_handle *entry = find(world, handle);
    if (entry == NULL) {
        return STATUS_INVALID_HANDLE;
    }
    struct ks_ob_state *state = ks_ob_state(world);
    struct ks_object *object = entry->object;
    free_entry(state, (uint32_t)(entry - state->handles));
    object->handles--;
    const struct ks_ob_type_info *type = ks_ob_type_info(object->type);
    if (type->close != NULL) {
        type->close(world, object, object->handles);
    }
    if (object->handles == 0 && (object->attributes & OBJ_PERMANENT) == 0) {
        ks_ob_remove_name(world, object);
    }
    ks_ob_dereference(world, object);
    return STATUS_SUCCESS;
}

bool ks_ob_handle_next(struct kldr_world *world, size_t *index, uint64_t *out_handle,
                       struct ks_object **out_object, uint64_t *out_maker)
{
    const struct ks_ob_state *state = ks_ob_state(world);
    while (state != NULL && *index < state->handle_count) {
        uint32_t at = (uint32_t)(*index)++;
        const struct ks_ob_handle *entry = &state->handles[at];
        if (entry->object != NULL) {
            *out_handle = number_of(entry, at);
            *out_object = entry->object;
            *out_maker = entry->maker;
            return true;
        }
    }
    return false;
}
