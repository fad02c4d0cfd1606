// SPDX-License-Identifier: MIT
// Ob: what drivers do with handles.

#include "kernel/ke/ke.h"
#include "kernel/ob/ob_call.h"

#define CURRENT_PROCESS UINT64_MAX
#define CURRENT_THREAD  (UINT64_MAX - 1)

// ---- handle to object ----

// What stands for the current process and thread. NULL: another handle.
static struct ks_object *find_current(struct kldr_world *world, uint64_t handle)
{
    if (handle == CURRENT_PROCESS) {
        return ks_ob_find(world, ks_ke_system_process(world));
    }
    return handle == CURRENT_THREAD ? ks_ob_find(world, ks_ke_current_thread(world)) : NULL;
}

static NTSTATUS reference_handle(const struct ks_kernel_call *call, struct ks_object **out_object)
{
    const uint64_t *a = call->arguments;
    enum ks_ob_type type;
    if (!ks_ob_type_find(call->world, a[2], &type)) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    struct ks_object *current = find_current(call->world, a[0]);
    if (current != NULL && type != KS_OB_ANY && type != current->type) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (current != NULL) {
        ks_ob_reference(current);
        *out_object = current;
        return STATUS_SUCCESS;
    }
    return ks_ob_handle_reference(call->world, a[0], type, (uint32_t)a[1], (a[3] & 0xFF) != 0,
                                  out_object);
}

static uint64_t by_handle(const struct ks_kernel_call *call, uint64_t out, uint64_t information)
{
    struct ks_object *object = NULL;
    ks_ob_call_put(out, 0);
    if (information != 0) {
        ks_ob_probe(information, 2 * sizeof(ULONG));
    }
    NTSTATUS status = reference_handle(call, &object);
    if (NT_SUCCESS(status)) {
        uint32_t access = 0x1FFFFF, attributes = 0;
        ks_ob_handle_rights(call->world, call->arguments[0], &access, &attributes);
        ks_ob_call_put(out, object->body);
        if (information != 0) {
            ks_guest_put_number(information, 4, attributes);
            ks_guest_put_number(information + 4, 4, access);
        }
    }
    return ks_ob_call_answer(status);
}

// ObReferenceObjectByHandle(Handle, DesiredAccess, ObjectType, AccessMode, Object,
// HandleInformation)
uint64_t ks_ob_open_reference_by_handle(const struct ks_kernel_call *call)
{
    return by_handle(call, call->arguments[4], call->arguments[5]);
}

// With a tag before Object.
uint64_t ks_ob_open_reference_by_handle_tag(const struct ks_kernel_call *call)
{
    return by_handle(call, call->arguments[5], call->arguments[6]);
}

uint64_t ks_ob_open_is_kernel_handle(const struct ks_kernel_call *call)
{
    uint64_t handle = call->arguments[0];
    return (handle & KS_OB_KERNEL_HANDLE) == KS_OB_KERNEL_HANDLE && handle < CURRENT_THREAD;
}

// ---- object to handle ----

// ObOpenObjectByPointer(Object, HandleAttributes, PassedAccessState, DesiredAccess, ObjectType,
// AccessMode, Handle)
static uint64_t open_pointer(const struct ks_kernel_call *call, uint64_t out)
{
    const uint64_t *a = call->arguments;
    struct ks_object *object = ks_ob_call_object(call, a[0]);
    enum ks_ob_type type;
    uint64_t handle = 0;
    if (object == NULL) {
        return 0;
    }
    ks_ob_call_put(out, 0);
    if (!ks_ob_type_find(call->world, a[4], &type) || (type != KS_OB_ANY && type != object->type)) {
        return ks_ob_call_answer(STATUS_OBJECT_TYPE_MISMATCH);
    }
    NTSTATUS status = ks_ob_handle_create(call->world, object, (uint32_t)a[3], (uint32_t)a[1],
                                          call->caller, &handle);
    if (NT_SUCCESS(status)) {
        ks_ob_call_put(out, handle);
    }
    return ks_ob_call_answer(status);
}

uint64_t ks_ob_open_by_pointer(const struct ks_kernel_call *call)
{
    return open_pointer(call, call->arguments[6]);
}

uint64_t ks_ob_open_by_pointer_tag(const struct ks_kernel_call *call)
{
    return open_pointer(call, call->arguments[7]);
}

// ObOpenObjectByName(ObjectAttributes, ObjectType, AccessMode, AccessState, DesiredAccess,
// ParseContext, Handle)
uint64_t ks_ob_open_by_name(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    enum ks_ob_type type;
    ks_ob_probe(a[6], sizeof(PVOID));
    if (!ks_ob_type_find(call->world, a[1], &type)) {
        return ks_ob_call_answer(STATUS_OBJECT_TYPE_MISMATCH);
    }
    return ks_ob_open_call(call, a[0], type, (uint32_t)a[4], a[6]);
}

uint64_t ks_ob_open_call(const struct ks_kernel_call *call, uint64_t attributes_address,
                         enum ks_ob_type type, uint32_t access, uint64_t out)
{
    struct ks_ob_attributes attributes;
    uint64_t handle = 0;
    ks_ob_probe(out, sizeof(PVOID));
    NTSTATUS status = ks_ob_attributes_init(call->world, attributes_address, &attributes);
    if (NT_SUCCESS(status)) {
        status = ks_ob_open(call->world, &attributes, type, access, call->caller, &handle);
        ks_ob_attributes_fini(call->world, &attributes);
    }
    if (NT_SUCCESS(status)) {
        ks_ob_call_put(out, handle);
    }
    return ks_ob_call_answer(status);
}

// ---- closing ----

// ZwClose. Closing a kernel handle that is not open stops a system that is being debugged only.
uint64_t ks_ob_open_close(const struct ks_kernel_call *call)
{
    uint64_t handle = call->arguments[0];
    if (handle == CURRENT_PROCESS || handle == CURRENT_THREAD) {
        return STATUS_SUCCESS; // what stands for the current one needs no closing
    }
    return ks_ob_call_answer(ks_ob_handle_close(call->world, handle));
}
