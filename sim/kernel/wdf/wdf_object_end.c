// SPDX-License-Identifier: MIT
// How framework objects end.
#include "kernel/wdf/wdf_io.h"

#include "world/world_object.h"

static void leave_parent(struct ks_wdf_object *object)
{
    struct ks_wdf_object **place = object->parent != NULL ? &object->parent->first : NULL;
    while (place != NULL && *place != object) {
        place = &(*place)->sibling;
    }
    if (place != NULL) {
        *place = object->sibling;
    }
    object->parent = object->sibling = NULL;
}

static void free_data(struct kldr_world *world, struct ks_wdf_object *object)
{
    switch (object->type) {
    case KS_WDF_DRIVER:
        ks_nt_give(world, object->data.driver.path);
        break;
    case KS_WDF_MEMORY:
        if (object->data.memory.own) {
            ks_nt_give(world, object->data.memory.buffer);
        }
        break;
    case KS_WDF_WAIT_LOCK:
        ks_nt_give(world, object->data.lock.event);
        break;
    case KS_WDF_STRING:
        ks_nt_give(world, object->data.string);
        break;
    case KS_WDF_COLLECTION:
        world->allocator.release(world->allocator.user, object->data.collection.items);
        break;
    case KS_WDF_DEVICE:
        world->allocator.release(world->allocator.user, object->data.device);
        break;
    case KS_WDF_QUEUE:
        if (object->data.queue != NULL) {
            world->allocator.release(world->allocator.user, object->data.queue->waiting);
        }
        world->allocator.release(world->allocator.user, object->data.queue);
        break;
    default:
        break;
    }
}

void ks_wdf_object_free(struct kldr_world *world, struct ks_wdf_object *object)
{
    leave_parent(object);
    while (object->first != NULL) {
        leave_parent(object->first);
    }
    ks_wdf_object_unlist(world, object);
    *(object->previous != NULL ? &object->previous->next : &object->client->objects) = object->next;
    if (object->next != NULL) {
        object->next->previous = object->previous;
    }
    while (object->contexts != NULL) {
        struct ks_wdf_context *context = object->contexts;
        object->contexts = context->next;
        ks_nt_give(world, context->block);
        world->allocator.release(world->allocator.user, context);
    }
    free_data(world, object);
    ks_nt_give(world, object->handle);
    world->allocator.release(world->allocator.user, object);
}

static void call_back(const struct ks_kernel_call *call, const struct ks_wdf_object *object,
                      uint64_t function)
{
    const uint64_t arguments[] = {object->handle};
    if (function != 0) {
        ks_nt_call(call->world, function, arguments, 1, NULL);
    }
}

void ks_wdf_object_reference(struct ks_wdf_object *object)
{
    object->references++;
}

void ks_wdf_object_release(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    if (--object->references > 0) {
        return;
    }
    object->gone = true;
    for (struct ks_wdf_context *context = object->contexts; context != NULL;
         context = context->next) {
        call_back(call, object, context->destroy);
    }
    ks_wdf_object_free(call->world, object);
}

static struct ks_wdf_object *first_alive(const struct ks_wdf_object *object)
{
    struct ks_wdf_object *child = object->first;
    while (child != NULL && child->deleted) {
        child = child->sibling;
    }
    return child;
}

// What goes of a type when its objects' lives end, though somebody may still refer to them.
static void (*const ends[KS_WDF_TYPES])(const struct ks_kernel_call *, struct ks_wdf_object *) = {
    [KS_WDF_COLLECTION] = ks_wdf_collection_empty, [KS_WDF_KEY] = ks_wdf_registry_shut,
    [KS_WDF_DEVICE] = ks_wdf_device_end,           [KS_WDF_QUEUE] = ks_wdf_queue_end,
    [KS_WDF_REQUEST] = ks_wdf_request_end,         [KS_WDF_FILE] = ks_wdf_file_end,
};

static void clean_up_one(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    for (struct ks_wdf_context *context = object->contexts; context != NULL;
         context = context->next) {
        call_back(call, object, context->cleanup);
    }
    if (ends[object->type] != NULL) {
        ends[object->type](call, object);
    }
}

// The cleanup callbacks, from the farthest descendants up. A driver may make a tree of any depth.
static void clean_up(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    struct ks_wdf_object *at = object, *child;
    at->deleted = true;
    for (;;) {
        while ((child = first_alive(at)) != NULL) {
            at = child;
            at->deleted = true;
        }
        clean_up_one(call, at);
        if (at == object) {
            return;
        }
        at = at->parent;
    }
}

// The references of the objects' own lives. One that somebody else refers to stays, alone.
static void drop(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    struct ks_wdf_object *at = object;
    for (bool last = false; !last;) {
        while (at->first != NULL) {
            at = at->first;
        }
        struct ks_wdf_object *above = at->parent;
        last = at == object;
        leave_parent(at);
        at->dropped = true;
        ks_wdf_object_release(call, at);
        at = above;
    }
}

void ks_wdf_object_end(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    struct ks_wdf_client *client = object->client;
    if (!object->deleted) {
        client->busy++;
        clean_up(call, object);
        drop(call, object);
        client->busy--;
    }
}
