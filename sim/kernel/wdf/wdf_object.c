// SPDX-License-Identifier: MIT
// Framework objects: how they are found and made, their attributes and contexts.
#include "kernel/wdf/wdf.h"

#include "world/world_object.h"

#define CONTEXT_LIMIT (UINT64_C(16) << 20)

// ---- finding ----

static struct ks_wdf_object **bucket_of(struct ks_wdf_state *state, uint64_t handle)
{
    return &state->buckets[(handle >> 4) % KS_WDF_BUCKETS];
}

struct ks_wdf_object *ks_wdf_object_find(struct kldr_world *world, uint64_t handle)
{
    struct ks_wdf_state *state = ks_wdf_state(world);
    struct ks_wdf_object *object = state != NULL ? *bucket_of(state, handle) : NULL;
    while (object != NULL && object->handle != handle) {
        object = object->bucket;
    }
    return object;
}

void ks_wdf_object_unlist(struct kldr_world *world, const struct ks_wdf_object *object)
{
    struct ks_wdf_object **place = bucket_of(ks_wdf_state(world), object->handle);
    while (*place != NULL && *place != object) {
        place = &(*place)->bucket;
    }
    if (*place != NULL) {
        *place = object->bucket;
    }
}

// ---- attributes ----

static bool level_is_inherited(const WDF_OBJECT_ATTRIBUTES *given)
{
    return given->ExecutionLevel == WdfExecutionLevelInheritFromParent;
}

static NTSTATUS check_context(const WDF_OBJECT_ATTRIBUTES *given)
{
    const WDF_OBJECT_CONTEXT_TYPE_INFO *type = given->ContextTypeInfo;
    if (type == NULL) {
        return given->ContextSizeOverride != 0 ? STATUS_OBJECT_NAME_INVALID : STATUS_SUCCESS;
    }
    if (given->ContextSizeOverride != 0 && given->ContextSizeOverride < type->ContextSize) {
        return STATUS_INVALID_PARAMETER;
    }
    return type->ContextName == NULL ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

NTSTATUS ks_wdf_object_check(const struct ks_kernel_call *call, uint64_t attributes, unsigned allow)
{
    if (attributes == 0) {
        return STATUS_SUCCESS;
    }
    const WDF_OBJECT_ATTRIBUTES *given = ks_guest_pointer(attributes);
    if (given->Size != sizeof *given) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    NTSTATUS status = check_context(given);
    if (status != STATUS_SUCCESS) {
        return status;
    }
    if (given->ParentObject != NULL) {
        if ((allow & KS_WDF_PARENT) == 0) {
            return STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED;
        }
        const uint64_t parent[] = {(uint64_t)(uintptr_t)given->ParentObject};
        const struct ks_kernel_call inner = {call->world, parent, call->caller};
        if (ks_wdf_argument(&inner, 0, KS_WDF_ANY) == NULL) {
            return STATUS_INVALID_HANDLE; // the system has stopped
        }
    }
    if ((unsigned)given->ExecutionLevel > WdfExecutionLevelDispatch ||
        given->ExecutionLevel == WdfExecutionLevelInvalid ||
        ((allow & KS_WDF_LEVELS) == 0 && !level_is_inherited(given))) {
        return STATUS_WDF_EXECUTION_LEVEL_INVALID;
    }
    if ((unsigned)given->SynchronizationScope > WdfSynchronizationScopeNone ||
        given->SynchronizationScope == WdfSynchronizationScopeInvalid ||
        ((allow & KS_WDF_LEVELS) == 0 &&
         given->SynchronizationScope != WdfSynchronizationScopeInheritFromParent)) {
        return STATUS_WDF_SYNCHRONIZATION_SCOPE_INVALID;
    }
    return STATUS_SUCCESS;
}

// ---- contexts ----

struct ks_wdf_context *ks_wdf_object_context(const struct ks_wdf_object *object, uint64_t type)
{
    struct ks_wdf_context *context = object->contexts;
    while (context != NULL && (context->type != type || type == 0)) {
        context = context->next;
    }
    return context;
}

struct ks_wdf_context *ks_wdf_object_add_context(struct kldr_world *world,
                                                 struct ks_wdf_object *object,
                                                 const WDF_OBJECT_ATTRIBUTES *given)
{
    struct ks_wdf_context made = {0};
    uint64_t size = 0;
    if (given != NULL) {
        made.cleanup = (uint64_t)(uintptr_t)given->EvtCleanupCallback;
        made.destroy = (uint64_t)(uintptr_t)given->EvtDestroyCallback;
    }
    if (given != NULL && given->ContextTypeInfo != NULL) {
        const WDF_OBJECT_CONTEXT_TYPE_INFO *type = given->ContextTypeInfo;
        made.type = (uint64_t)(uintptr_t)(type->UniqueType != NULL ? type->UniqueType : type);
        size = given->ContextSizeOverride != 0 ? given->ContextSizeOverride : type->ContextSize;
    }
    if (size > CONTEXT_LIMIT) {
        return NULL;
    }
    struct ks_wdf_context *context = world->allocator.allocate(world->allocator.user, sizeof made);
    made.block =
        context != NULL && made.type != 0 ? ks_nt_take(world, size != 0 ? size : 1, KS_WDF_TAG) : 0;
    if (context == NULL || (made.type != 0 && made.block == 0)) {
        world->allocator.release(world->allocator.user, context);
        return NULL;
    }
    *context = made;
    struct ks_wdf_context **place = &object->contexts;
    while (*place != NULL) {
        place = &(*place)->next;
    }
    return *place = context;
}

// ---- making ----

// Behind its siblings, so that they end in the order in which they were made.
static void enter(struct kldr_world *world, struct ks_wdf_client *client,
                  struct ks_wdf_object *object, struct ks_wdf_object *parent)
{
    struct ks_wdf_object **bucket = bucket_of(ks_wdf_state(world), object->handle);
    object->bucket = *bucket;
    *bucket = object;
    object->client = client;
    object->next = client->objects;
    if (client->objects != NULL) {
        client->objects->previous = object;
    }
    client->objects = object;
    object->parent = parent;
    struct ks_wdf_object **place = parent != NULL ? &parent->first : NULL;
    while (place != NULL && *place != NULL) {
        place = &(*place)->sibling;
    }
    if (place != NULL) {
        *place = object;
    }
}

static struct ks_wdf_object *parent_of(const struct ks_kernel_call *call,
                                       const struct ks_wdf_client *client,
                                       const WDF_OBJECT_ATTRIBUTES *given,
                                       struct ks_wdf_object *parent)
{
    if (given != NULL && given->ParentObject != NULL) {
        return ks_wdf_object_find(call->world, (uint64_t)(uintptr_t)given->ParentObject);
    }
    return parent != NULL ? parent : client->driver;
}

NTSTATUS ks_wdf_object_make(const struct ks_kernel_call *call, struct ks_wdf_client *client,
                            enum ks_wdf_type type, uint64_t attributes,
                            struct ks_wdf_object *parent, struct ks_wdf_object **out_object)
{
    struct kldr_world *world = call->world;
    const WDF_OBJECT_ATTRIBUTES *given = attributes != 0 ? ks_guest_pointer(attributes) : NULL;
    parent = parent_of(call, client, given, parent);
    if (parent != NULL && parent->deleted) {
        return STATUS_DELETE_PENDING;
    }
    struct ks_wdf_object *object = world->allocator.allocate(world->allocator.user, sizeof *object);
    if (object == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *object = (struct ks_wdf_object){.type = type, .references = 1};
    object->handle = ks_nt_take(world, 2 * sizeof(uint64_t), KS_WDF_TAG);
    enter(world, client, object, parent);
    if (object->handle == 0 || ks_wdf_object_add_context(world, object, given) == NULL) {
        ks_wdf_object_free(world, object);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *out_object = object;
    return STATUS_SUCCESS;
}
