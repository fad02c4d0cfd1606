// SPDX-License-Identifier: MIT
// Passing an IRP on and waiting for it, and completion routines that keep their driver.

#include "kernel/io/io_irp.h"

#include "engine/native.h"
#include "kernel/ke/ke.h"
#include "world/world_object.h"

#define TAG_UNLOAD 0x6C706D43u // 'Cmpl'

static void set_completion(IRP *irp, uint64_t function, uint64_t context, UCHAR control)
{
    IO_STACK_LOCATION *next = irp->Tail.Overlay.CurrentStackLocation - 1;
    next->CompletionRoutine = (PIO_COMPLETION_ROUTINE)(uintptr_t)function;
    next->Context = ks_guest_pointer(context);
    next->Control = control;
}

// ---- IoForwardIrpSynchronously ----

// The completion routine: (DeviceObject, Irp, Context), the context is an event.
uint64_t ks_io_forward_done(const struct ks_kernel_call *call)
{
    ks_ke_event_set(call->world, call->arguments[2]);
    return (uint32_t)STATUS_MORE_PROCESSING_REQUIRED;
}

// IoForwardIrpSynchronously(DeviceObject, Irp): false when there is no stack location left.
uint64_t ks_io_forward_synchronously(const struct ks_kernel_call *call)
{
    const struct ks_io_actor actor = {call->world, call->caller};
    IRP *irp = ks_guest_pointer(call->arguments[1]);
    NTSTATUS status = STATUS_SUCCESS;
    KEVENT event;
    uint64_t done = ks_nt_routine_address(call->world, "IopForwardDone");
    if (irp->CurrentLocation <= 1) {
        return FALSE;
    }
    if (done == 0) {
        return ks_nt_lacking(call, "IoForwardIrpSynchronously in this engine");
    }
    IO_STACK_LOCATION *current = irp->Tail.Overlay.CurrentStackLocation;
    current[-1] = *current;
    ks_ke_event_init(ks_io_address(&event), false, false);
    set_completion(irp, done, ks_io_address(&event),
                   SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR | SL_INVOKE_ON_CANCEL);
    if (!ks_io_call(&actor, call->arguments[0], call->arguments[1], &status)) {
        return FALSE;
    }
    if (status == STATUS_PENDING) {
        ks_ke_wait(call->world, ks_io_address(&event), NULL, false);
    }
    return TRUE;
}

// ---- IoSetCompletionRoutineEx ----

struct unload_context {
    uint64_t device, routine, context;
};

// Calls the driver's routine, and lets go of its device afterwards.
uint64_t ks_io_forward_unload_done(const struct ks_kernel_call *call)
{
    const struct unload_context own =
        *(const struct unload_context *)ks_guest_pointer(call->arguments[2]);
    const uint64_t arguments[] = {call->arguments[0], call->arguments[1], own.context};
    uint64_t result = 0;
    ks_nt_give(call->world, call->arguments[2]);
    ks_nt_call(call->world, own.routine, arguments, 3, &result);
    struct ks_object *device = ks_ob_find(call->world, own.device);
    if (device != NULL) {
        ks_ob_dereference(call->world, device);
    }
    return result;
}

// IoSetCompletionRoutineEx(DeviceObject, Irp, CompletionRoutine, Context, InvokeOnSuccess,
// InvokeOnError, InvokeOnCancel)
uint64_t ks_io_forward_set_completion(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_io_device *device = ks_io_call_device(call, a[0]);
    uint64_t done = ks_nt_routine_address(call->world, "IopUnloadSafeCompletion");
    IRP *irp = ks_guest_pointer(a[1]);
    ks_ob_probe(a[1], 1);
    uint64_t context = device != NULL && done != 0
                           ? ks_nt_take(call->world, sizeof(struct unload_context), TAG_UNLOAD)
                           : 0;
    if (context == 0) {
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    *(struct unload_context *)ks_guest_pointer(context) = (struct unload_context){a[0], a[2], a[3]};
    ks_ob_reference(device->object);
    set_completion(irp, done, context,
                   (UCHAR)(((a[4] & 0xFF) != 0 ? SL_INVOKE_ON_SUCCESS : 0) |
                           ((a[5] & 0xFF) != 0 ? SL_INVOKE_ON_ERROR : 0) |
                           ((a[6] & 0xFF) != 0 ? SL_INVOKE_ON_CANCEL : 0)));
    return STATUS_SUCCESS;
}
