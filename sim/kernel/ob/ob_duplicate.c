// SPDX-License-Identifier: MIT
// Ob: one more handle on the object of another one. There is one process, so its handles stay in
// it.

#include "kernel/ke/ke.h"
#include "kernel/ob/ob_call.h"

#define CURRENT_PROCESS UINT64_MAX
#define CLOSE_SOURCE    1u
#define SAME_ACCESS     2u
#define SAME_ATTRIBUTES 4u

static NTSTATUS look_at_process(const struct ks_kernel_call *call, uint64_t handle)
{
    struct ks_object *process = NULL;
    if (handle == CURRENT_PROCESS) {
        return STATUS_SUCCESS;
    }
    NTSTATUS status =
        ks_ob_handle_reference(call->world, handle, KS_OB_PROCESS, 0, false, &process);
    if (NT_SUCCESS(status)) {
        ks_ob_dereference(call->world, process);
    }
    return status;
}

static NTSTATUS duplicate(const struct ks_kernel_call *call, uint64_t *out_handle)
{
    const uint64_t *a = call->arguments;
    uint32_t options = (uint32_t)a[6], access = 0, attributes = 0;
    struct ks_object *object = NULL;
    NTSTATUS status = ks_ob_handle_reference(call->world, a[1], KS_OB_ANY, 0, false, &object);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ks_ob_handle_rights(call->world, a[1], &access, &attributes);
    if ((a[1] & KS_OB_KERNEL_HANDLE) == KS_OB_KERNEL_HANDLE) {
        attributes |= OBJ_KERNEL_HANDLE;
    }
    access = (options & SAME_ACCESS) != 0 ? access : (uint32_t)a[4];
    attributes = (options & SAME_ATTRIBUTES) != 0 ? attributes : (uint32_t)a[5];
    if (a[3] != 0) {
        status =
            ks_ob_handle_create(call->world, object, access, attributes, call->caller, out_handle);
    }
    ks_ob_dereference(call->world, object);
    return status;
}

// ZwDuplicateObject(SourceProcessHandle, SourceHandle, TargetProcessHandle, TargetHandle,
// DesiredAccess, HandleAttributes, Options). The source is closed also when the rest fails.
uint64_t ks_ob_duplicate(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    uint64_t handle = 0;
    if (a[3] != 0) {
        ks_ob_probe(a[3], sizeof(HANDLE));
    }
    NTSTATUS status = look_at_process(call, a[0]);
    if (NT_SUCCESS(status) && a[3] != 0) {
        status = look_at_process(call, a[2]);
    }
    if (NT_SUCCESS(status)) {
        status = duplicate(call, &handle);
        if (((uint32_t)a[6] & CLOSE_SOURCE) != 0 && status != STATUS_INVALID_HANDLE) {
            ks_ob_handle_close(call->world, a[1]);
        }
    }
    if (a[3] != 0) {
        ks_ob_call_put(a[3], handle);
    }
    return ks_ob_call_answer(status);
}
