// SPDX-License-Identifier: MIT
// Zw: events that have handles and may have names, and waiting by handle.

#include "kernel/ke/ke_state.h"

#define ARGUMENT(n) (call->arguments[n])

static uint64_t answer(NTSTATUS status)
{
    return (uint32_t)status;
}

// ---- making and opening ----

struct wish {
    uint64_t attributes; // OBJECT_ATTRIBUTES
    uint32_t access;
    bool synchronization, signalled;
};

// The object is referenced once more when out_object is not NULL.
static NTSTATUS create(const struct ks_kernel_call *call, const struct wish *wish,
                       uint64_t *out_handle, struct ks_object **out_object)
{
    struct ks_ob_attributes attributes;
    NTSTATUS status = ks_ob_attributes_init(call->world, wish->attributes, &attributes);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    struct ks_object *object = ks_ob_create(call->world, KS_OB_EVENT, sizeof(KEVENT), call->caller);
    if (object != NULL) {
        ks_ke_event_init(object->body, wish->synchronization, wish->signalled);
        status =
            ks_ob_insert(call->world, object, &attributes, wish->access, out_handle, out_object);
    } else {
        status = STATUS_INSUFFICIENT_RESOURCES;
    }
    ks_ob_attributes_fini(call->world, &attributes);
    return status;
}

uint64_t ks_zw_event_create(const struct ks_kernel_call *call)
{
    const struct wish wish = {.attributes = ARGUMENT(2),
                              .access = (uint32_t)ARGUMENT(1),
                              .synchronization = (uint32_t)ARGUMENT(3) == SynchronizationEvent,
                              .signalled = (uint8_t)ARGUMENT(4) != 0};
    uint64_t handle = 0;
    if ((uint32_t)ARGUMENT(3) > SynchronizationEvent) {
        return answer(STATUS_INVALID_PARAMETER);
    }
    ks_ob_probe(ARGUMENT(0), sizeof(HANDLE));
    NTSTATUS status = create(call, &wish, &handle, NULL);
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(ARGUMENT(0), sizeof(HANDLE), handle);
    }
    return answer(status);
}

uint64_t ks_zw_event_open(const struct ks_kernel_call *call)
{
    struct ks_ob_attributes attributes;
    uint64_t handle = 0;
    ks_ob_probe(ARGUMENT(0), sizeof(HANDLE));
    NTSTATUS status = ks_ob_attributes_init(call->world, ARGUMENT(2), &attributes);
    if (!NT_SUCCESS(status)) {
        return answer(status);
    }
    status = ks_ob_open(call->world, &attributes, KS_OB_EVENT, (uint32_t)ARGUMENT(1), call->caller,
                        &handle);
    ks_ob_attributes_fini(call->world, &attributes);
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(ARGUMENT(0), sizeof(HANDLE), handle);
    }
    return answer(status);
}

// An event by name that is opened when it exists, and signalled when it is made. Answers the
// KEVENT, which lives as long as the handle.
static uint64_t create_named(const struct ks_kernel_call *call, bool synchronization)
{
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes,
                                    .ObjectName = ks_guest_pointer(ARGUMENT(0)),
                                    .Attributes = OBJ_OPENIF | OBJ_KERNEL_HANDLE};
    const struct wish wish = {.attributes = (uint64_t)(uintptr_t)&attributes,
                              .access = EVENT_ALL_ACCESS,
                              .synchronization = synchronization,
                              .signalled = true};
    struct ks_object *object = NULL;
    uint64_t handle = 0;
    ks_ob_probe(ARGUMENT(1), sizeof(HANDLE));
    if (!NT_SUCCESS(create(call, &wish, &handle, &object))) {
        return 0;
    }
    uint64_t body = object->body;
    ks_guest_put_number(ARGUMENT(1), sizeof(HANDLE), handle);
    ks_ob_dereference(call->world, object);
    return body;
}

uint64_t ks_zw_event_io_create_notification(const struct ks_kernel_call *call)
{
    return create_named(call, false);
}

uint64_t ks_zw_event_io_create_synchronization(const struct ks_kernel_call *call)
{
    return create_named(call, true);
}

// ---- setting ----

// previous: where the state before goes, or 0.
static uint64_t change(const struct ks_kernel_call *call, bool set, uint64_t previous)
{
    struct ks_object *object = NULL;
    if (previous != 0) {
        ks_ob_probe(previous, sizeof(LONG));
    }
    NTSTATUS status =
        ks_ob_handle_reference(call->world, ARGUMENT(0), KS_OB_EVENT, 0, false, &object);
    if (!NT_SUCCESS(status)) {
        return answer(status);
    }
    int32_t before =
        set ? ks_ke_event_set(call->world, object->body) : ks_ke_event_reset(object->body);
    ks_ob_dereference(call->world, object);
    if (previous != 0) {
        ks_guest_put_number(previous, sizeof(LONG), (uint32_t)before);
    }
    return STATUS_SUCCESS;
}

uint64_t ks_zw_event_set(const struct ks_kernel_call *call)
{
    return change(call, true, ARGUMENT(1));
}

uint64_t ks_zw_event_reset(const struct ks_kernel_call *call)
{
    return change(call, false, ARGUMENT(1));
}

uint64_t ks_zw_event_clear(const struct ks_kernel_call *call)
{
    return change(call, false, 0);
}

// ---- waiting ----

// What there is to wait for in an object; 0: nothing.
static uint64_t waitable_of(const struct ks_object *object)
{
    switch (object->type) {
    case KS_OB_EVENT:
    case KS_OB_FILE:
    case KS_OB_MUTANT:
    case KS_OB_PROCESS:
    case KS_OB_SEMAPHORE:
    case KS_OB_THREAD:
    case KS_OB_TIMER:
        return object->body + ks_ob_type_info(object->type)->wait_offset;
    default:
        return 0;
    }
}

uint64_t ks_zw_event_wait_for_single_object(const struct ks_kernel_call *call)
{
    struct ks_object *object = NULL;
    int64_t time = ARGUMENT(2) != 0 ? (int64_t)ks_guest_number(ARGUMENT(2), 8) : 0;
    NTSTATUS status =
        ks_ob_handle_reference(call->world, ARGUMENT(0), KS_OB_ANY, 0, false, &object);
    if (!NT_SUCCESS(status)) {
        return answer(status);
    }
    uint64_t waitable = waitable_of(object);
    const struct ks_ke_wait_plan plan = {.objects = &waitable,
                                         .count = 1,
                                         .alertable = (uint8_t)ARGUMENT(1) != 0,
                                         .timeout = ARGUMENT(2) != 0 ? &time : NULL,
                                         .caller = call->caller};
    uint64_t result = waitable != 0 ? ks_ke_wait_for(ks_ke(call->world), &plan)
                                    : answer(STATUS_OBJECT_TYPE_MISMATCH);
    ks_ob_dereference(call->world, object);
    return result;
}

// Others of the same priority run first. Answers whether there were any.
uint64_t ks_zw_event_yield(const struct ks_kernel_call *call)
{
    static const int64_t none = 0;
    struct ks_ke *ke = ks_ke(call->world);
    if (ke->ready_first[ke->current->priority] == NULL) {
        return answer((NTSTATUS)0x40000024); // STATUS_NO_YIELD_PERFORMED
    }
    return ks_ke_sleep(ke, &none, false, call->caller);
}
