// SPDX-License-Identifier: MIT
// Framework collections: ordered lists of objects, each of which is referenced for each place that
// it has in one.
#include "kernel/wdf/wdf.h"

#include "world/world_object.h"

#include <string.h>

// WdfCollectionCreate(Globals, CollectionAttributes, Collection)
uint64_t ks_wdf_collection_create(const struct ks_kernel_call *call)
{
    struct ks_wdf_client *client = ks_wdf_client(call);
    struct ks_wdf_object *object;
    if (client == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    ks_wdf_put_handle(call, 2, 0);
    NTSTATUS status = ks_wdf_object_check(call, call->arguments[1], KS_WDF_PARENT);
    if (status == STATUS_SUCCESS) {
        status =
            ks_wdf_object_make(call, client, KS_WDF_COLLECTION, call->arguments[1], NULL, &object);
    }
    if (status == STATUS_SUCCESS) {
        ks_wdf_put_handle(call, 2, object->handle);
    }
    return KS_STATUS(status);
}

static bool reserve(struct kldr_world *world, struct ks_wdf_object *object)
{
    if (object->data.collection.count < object->data.collection.capacity) {
        return true;
    }
    uint32_t capacity = object->data.collection.capacity * 2 + 8;
    struct ks_wdf_object **items =
        world->allocator.reallocate(world->allocator.user, object->data.collection.items,
                                    capacity * sizeof(struct ks_wdf_object *));
    if (items == NULL) {
        return false;
    }
    object->data.collection.items = items;
    object->data.collection.capacity = capacity;
    return true;
}

// WdfCollectionAdd(Globals, Collection, Object)
uint64_t ks_wdf_collection_add(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_COLLECTION), *item;
    if (object == NULL || (item = ks_wdf_argument(call, 2, KS_WDF_ANY)) == NULL) {
        return 0;
    }
    if (object->data.collection.count == UINT16_MAX || !reserve(call->world, object)) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    ks_wdf_object_reference(item);
    object->data.collection.items[object->data.collection.count++] = item;
    return STATUS_SUCCESS;
}

static void take_out(const struct ks_kernel_call *call, struct ks_wdf_object *object,
                     uint32_t index)
{
    struct ks_wdf_object **items = object->data.collection.items, *item = items[index];
    uint32_t behind = --object->data.collection.count - index;
    memmove(&items[index], &items[index + 1], behind * sizeof(struct ks_wdf_object *));
    ks_wdf_object_release(call, item);
}

void ks_wdf_collection_empty(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    while (object->data.collection.count > 0) {
        take_out(call, object, object->data.collection.count - 1);
    }
}

static uint64_t stop_not_there(const struct ks_kernel_call *call)
{
    return ks_wdf_violation(call, WDF_INVALID_HANDLE, call->arguments[2], 0,
                            "removed from a collection what is not in it");
}

// WdfCollectionRemove(Globals, Collection, Item): its first place
uint64_t ks_wdf_collection_remove(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_COLLECTION), *item;
    if (object == NULL || (item = ks_wdf_argument(call, 2, KS_WDF_ANY)) == NULL) {
        return 0;
    }
    for (uint32_t i = 0; i < object->data.collection.count; i++) {
        if (object->data.collection.items[i] == item) {
            take_out(call, object, i);
            return 0;
        }
    }
    return stop_not_there(call);
}

// WdfCollectionRemoveItem(Globals, Collection, Index)
uint64_t ks_wdf_collection_remove_item(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_COLLECTION);
    uint32_t index = (uint32_t)call->arguments[2];
    if (object != NULL && index < object->data.collection.count) {
        take_out(call, object, index);
    } else if (object != NULL) {
        stop_not_there(call);
    }
    return 0;
}

// WdfCollectionGetCount(Globals, Collection)
uint64_t ks_wdf_collection_get_count(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_COLLECTION);
    return object != NULL ? object->data.collection.count : 0;
}

static uint64_t handle_at(const struct ks_wdf_object *object, uint32_t index)
{
    return object != NULL && index < object->data.collection.count
               ? object->data.collection.items[index]->handle
               : 0;
}

// WdfCollectionGetItem(Globals, Collection, Index)
uint64_t ks_wdf_collection_get_item(const struct ks_kernel_call *call)
{
    return handle_at(ks_wdf_argument(call, 1, KS_WDF_COLLECTION), (uint32_t)call->arguments[2]);
}

// WdfCollectionGetFirstItem(Globals, Collection)
uint64_t ks_wdf_collection_get_first(const struct ks_kernel_call *call)
{
    return handle_at(ks_wdf_argument(call, 1, KS_WDF_COLLECTION), 0);
}

// WdfCollectionGetLastItem(Globals, Collection)
uint64_t ks_wdf_collection_get_last(const struct ks_kernel_call *call)
{
    const struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_COLLECTION);
    return handle_at(object, object != NULL ? object->data.collection.count - 1 : 0);
}
