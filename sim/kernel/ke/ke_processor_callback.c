// SPDX-License-Identifier: MIT
// Ke: routines that want to be told of processors. None is ever added to a simulated system, so
// they are called for those that are there, when their driver asks for that.

#include "kernel/ke/ke_state.h"
#include "kernel/registered.h"

#define TAG            0x6F72504Bu // 'KPro'
#define STOP_REFERENCE 0x18u

static bool tell(const struct ks_kernel_call *call, uint64_t block,
                 KE_PROCESSOR_CHANGE_NOTIFY_STATE state, uint32_t processor, NTSTATUS *status)
{
    const uint64_t operation = block + sizeof(KE_PROCESSOR_CHANGE_NOTIFY_CONTEXT);
    const uint64_t arguments[] = {call->arguments[1], block, operation};
    KE_PROCESSOR_CHANGE_NOTIFY_CONTEXT *context = ks_guest_pointer(block);
    *context = (KE_PROCESSOR_CHANGE_NOTIFY_CONTEXT){
        .State = state, .NtNumber = processor, .Status = *status};
    context->ProcNumber.Number = (UCHAR)processor;
    ks_guest_put_number(operation, 4, (uint32_t)STATUS_SUCCESS);
    if (!ks_nt_call(call->world, call->arguments[0], arguments, 3, NULL)) {
        return false;
    }
    *status = (NTSTATUS)ks_guest_number(operation, 4);
    return true;
}

// All that are there, or those before the one at which the routine failed. False: the system
// stopped.
static bool tell_all(const struct ks_kernel_call *call, uint64_t block, NTSTATUS *status)
{
    uint32_t count = ks_ke_processor_count(call->world), told = 0;
    for (; told < count && NT_SUCCESS(*status); told++) {
        if (!tell(call, block, KeProcessorAddStartNotify, told, status)) {
            return false;
        }
    }
    const bool failed = !NT_SUCCESS(*status);
    for (uint32_t i = 0; i < told - failed; i++) {
        NTSTATUS ignored = failed ? *status : STATUS_SUCCESS;
        if (!tell(call, block, failed ? KeProcessorAddFailureNotify : KeProcessorAddCompleteNotify,
                  i, &ignored)) {
            return false;
        }
    }
    return true;
}

// (routine, context, flags): a handle, or NULL.
uint64_t ks_ke_register_processor_callback(const struct ks_kernel_call *call)
{
    struct ks_registration *made =
        ks_registered_add(call, KS_REGISTERED_PROCESSOR, call->arguments[0], call->arguments[1]);
    if (made == NULL || ((uint32_t)call->arguments[2] & KE_PROCESSOR_CHANGE_ADD_EXISTING) == 0) {
        return made != NULL ? made->handle : 0;
    }
    const uint64_t handle = made->handle;
    NTSTATUS status = STATUS_SUCCESS;
    uint64_t block = ks_nt_take(call->world, sizeof(KE_PROCESSOR_CHANGE_NOTIFY_CONTEXT) + 8, TAG);
    bool told = block != 0 && tell_all(call, block, &status);
    ks_nt_give(call->world, block);
    if (told && NT_SUCCESS(status)) {
        return handle;
    }
    made = ks_registered_find(call->world, KS_REGISTERED_PROCESSOR, handle);
    if (made != NULL) {
        ks_registered_drop(call->world, made);
    }
    return 0;
}

uint64_t ks_ke_deregister_processor_callback(const struct ks_kernel_call *call)
{
    struct ks_registration *found =
        ks_registered_find(call->world, KS_REGISTERED_PROCESSOR, call->arguments[0]);
    if (found == NULL) {
        return ks_nt_stop(call, STOP_REFERENCE, 0, call->arguments[0], 0, 0,
                          "deregistered a processor change callback that is not registered");
    }
    ks_registered_drop(call->world, found);
    return 0;
}
