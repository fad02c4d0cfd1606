// SPDX-License-Identifier: MIT
// Ex: callback objects. Whoever made one notifies those who registered, in the order in which they
// did.

#include "kernel/ex/ex_callback.h"

#include "kernel/ob/ob.h"
#include "kernel/registered.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#define BODY_SIZE 0x38u

struct registration {
    struct registration *next;
    uint64_t object, routine, context;
    uint64_t maker;
    uint64_t handle; // a number that the driver gives back
};

struct state {
    struct registration *first;
    uint64_t last_handle;
};

static void fini(struct ks_nt *nt, void *user)
{
    struct state *state = user;
    while (state->first != NULL) {
        struct registration *gone = state->first;
        state->first = gone->next;
        nt->world->allocator.release(nt->world->allocator.user, gone);
    }
}

static struct state *state_of(struct kldr_world *world)
{
    return ks_nt_state(world, KS_NT_EX, sizeof(struct state), fini);
}

void ks_ex_callback_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    const struct state *state = world->nt->parts[KS_NT_EX].state;
    const struct registration *next = state != NULL ? state->first : NULL;
    for (; next != NULL; next = next->next) {
        const struct ks_registered registered = {"callback", next->routine, next->maker,
                                                 next->object};
        see(user, &registered);
    }
}

// Whether an object lets several register lies in what its type keeps.
static bool *takes_many(const struct ks_object *object)
{
    return object->data;
}

static NTSTATUS create(const struct ks_kernel_call *call, const struct ks_ob_attributes *attributes,
                       struct ks_object **out_object)
{
    struct kldr_world *world = call->world;
    struct ks_ob_lookup lookup = attributes->lookup;
    lookup.type = KS_OB_CALLBACK;
    if (attributes->named && NT_SUCCESS(ks_ob_look_up(world, &lookup, out_object))) {
        return STATUS_SUCCESS;
    }
    if ((uint8_t)call->arguments[2] == 0) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    struct ks_object *object = ks_ob_create(world, KS_OB_CALLBACK, BODY_SIZE, call->caller);
    bool *many = world->allocator.allocate(world->allocator.user, sizeof *many);
    if (object == NULL || many == NULL) {
        world->allocator.release(world->allocator.user, many);
        if (object != NULL) {
            ks_ob_dereference(world, object);
        }
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *many = (uint8_t)call->arguments[3] != 0;
    object->data = many;
    return ks_ob_insert(world, object, attributes, 0, NULL, out_object);
}

void ks_ex_end_callback(struct kldr_world *world, struct ks_object *object)
{
    world->allocator.release(world->allocator.user, object->data);
    object->data = NULL;
}

// (object, attributes, create, allow several)
uint64_t ks_ex_create_callback(const struct ks_kernel_call *call)
{
    struct ks_ob_attributes attributes;
    struct ks_object *object = NULL;
    ks_ob_probe(call->arguments[0], sizeof(PVOID));
    NTSTATUS status = ks_ob_attributes_init(call->world, call->arguments[1], &attributes);
    if (!NT_SUCCESS(status)) {
        return KS_STATUS(status);
    }
    status = create(call, &attributes, &object);
    ks_ob_attributes_fini(call->world, &attributes);
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(call->arguments[0], sizeof(PVOID), object->body);
    }
    return KS_STATUS(status);
}

// (object, routine, context): a handle, or NULL.
uint64_t ks_ex_register_callback(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    struct state *state = state_of(world);
    struct ks_object *object = ks_ob_find(world, call->arguments[0]);
    if (state == NULL || object == NULL || object->type != KS_OB_CALLBACK) {
        return 0;
    }
    struct registration **link = &state->first;
    while (*link != NULL) {
        if ((*link)->object == object->body && !*takes_many(object)) {
            return 0;
        }
        link = &(*link)->next;
    }
    struct registration *fresh = world->allocator.allocate(world->allocator.user, sizeof *fresh);
    if (fresh == NULL) {
        return 0;
    }
    state->last_handle += 16;
    *fresh = (struct registration){.object = object->body,
                                   .routine = call->arguments[1],
                                   .context = call->arguments[2],
                                   .maker = call->caller,
                                   .handle = state->last_handle};
    ks_ob_reference(object);
    *link = fresh;
    return fresh->handle;
}

uint64_t ks_ex_unregister_callback(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    struct state *state = state_of(world);
    struct registration **link = state != NULL ? &state->first : NULL;
    while (link != NULL && *link != NULL && (*link)->handle != call->arguments[0]) {
        link = &(*link)->next;
    }
    if (link == NULL || *link == NULL) {
        return ks_nt_stop(call, 0x18u, 0, call->arguments[0], 0, 0,
                          "unregistered a callback that is not registered");
    }
    struct registration *gone = *link;
    struct ks_object *object = ks_ob_find(world, gone->object);
    *link = gone->next;
    world->allocator.release(world->allocator.user, gone);
    if (object != NULL) {
        ks_ob_dereference(world, object);
    }
    return 0;
}

// (object, first, second). A routine may unregister itself or others.
uint64_t ks_ex_notify_callback(const struct ks_kernel_call *call)
{
    struct state *state = state_of(call->world);
    uint64_t last = 0;
    for (;;) {
        struct registration *next = state != NULL ? state->first : NULL;
        while (next != NULL && (next->object != call->arguments[0] || next->handle <= last)) {
            next = next->next;
        }
        if (next == NULL) {
            return 0;
        }
        const uint64_t arguments[] = {next->context, call->arguments[1], call->arguments[2]};
        last = next->handle;
        if (!ks_nt_call(call->world, next->routine, arguments, 3, NULL)) {
            return 0;
        }
    }
}
