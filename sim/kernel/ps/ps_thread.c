// SPDX-License-Identifier: MIT
// Ps: system threads, and what there is to know of threads and of the one process.

#include "kernel/ke/ke_state.h"
#include "kernel/ps/ps_notify.h"

#include "engine/native.h"

#define STOP_ACTIVE_EX_WORKER_THREAD_TERMINATION 0xE9u

#define ARGUMENT(n) (call->arguments[n])

static uint64_t status_of(uint32_t status)
{
    return status;
}

// ---- life ----

// A handle's attributes among OBJECT_ATTRIBUTES, which may be absent.
static uint32_t attributes_of(uint64_t address)
{
    return address != 0
               ? (uint32_t)((const OBJECT_ATTRIBUTES *)ks_guest_pointer(address))->Attributes
               : 0;
}

static uint64_t create(const struct ks_kernel_call *call, const uint64_t *arguments)
{
    struct ks_ke *ke = ks_ke(call->world);
    const struct ks_ke_thread_plan plan = {
        .routine = arguments[5], .context = arguments[6], .maker = call->caller};
    uint64_t handle = 0;
    uint32_t attributes = attributes_of(arguments[2]);
    ks_ob_probe(arguments[0], sizeof(HANDLE));
    if (arguments[4] != 0) {
        ks_ob_probe(arguments[4], sizeof(CLIENT_ID));
    }
    struct ks_ke_thread *thread = ks_ke_make_thread(ke, &plan);
    if (thread == NULL) {
        return status_of((uint32_t)STATUS_INSUFFICIENT_RESOURCES);
    }
    NTSTATUS status = ks_ob_handle_create(call->world, thread->header, (uint32_t)arguments[1],
                                          attributes, call->caller, &handle);
    if (!NT_SUCCESS(status)) {
        struct ks_object *header = thread->header;
        ks_ke_free_thread(ke, thread);
        ks_ob_dereference(call->world, header);
        return status_of((uint32_t)status);
    }
    ks_guest_put_number(arguments[0], sizeof(HANDLE), handle);
    if (arguments[4] != 0) {
        ks_guest_put_number(arguments[4], sizeof(HANDLE), KS_KE_PROCESS_ID);
        ks_guest_put_number(arguments[4] + sizeof(HANDLE), sizeof(HANDLE), thread->id);
    }
    ks_ps_notify_thread(call->world, thread->id, true);
    ks_ke_make_ready(ke, thread, false);
    return STATUS_SUCCESS;
}

uint64_t ks_ps_create_system_thread(const struct ks_kernel_call *call)
{
    return create(call, call->arguments);
}

// The same, with the driver or device object first that the thread keeps from being unloaded.
uint64_t ks_ps_io_create_system_thread(const struct ks_kernel_call *call)
{
    return create(call, call->arguments + 1);
}

// Does not come back, unless the thread is one that the system needs.
uint64_t ks_ps_terminate_system_thread(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    struct ks_ke_thread *thread = ke->current;
    if (thread == ke->first || thread->plan.run != NULL) {
        return ks_nt_stop(call, STOP_ACTIVE_EX_WORKER_THREAD_TERMINATION, thread->object, 0, 0, 0,
                          "ended a system worker thread instead of one of its own");
    }
    thread->exit_status = (int32_t)ARGUMENT(0);
    ks_ke_end_thread(ke);
    return 0;
}

// ---- questions ----

uint64_t ks_ps_get_current_thread_id(const struct ks_kernel_call *call)
{
    return ks_ke_current_thread_id(call->world);
}

uint64_t ks_ps_get_process_id(const struct ks_kernel_call *call)
{
    (void)call;
    return KS_KE_PROCESS_ID; // whatever thread or process is meant
}

uint64_t ks_ps_get_process(const struct ks_kernel_call *call)
{
    return ks_ke_system_process(call->world);
}

uint64_t ks_ps_get_thread_id(const struct ks_kernel_call *call)
{
    const struct ks_ke_thread *thread = ks_ke_thread_at(ks_ke(call->world), ARGUMENT(0));
    return thread != NULL ? thread->id : 0;
}

uint64_t ks_ps_is_system_thread(const struct ks_kernel_call *call)
{
    return ks_ke_thread_at(ks_ke(call->world), ARGUMENT(0)) != NULL;
}

uint64_t ks_ps_lookup_thread_by_thread_id(const struct ks_kernel_call *call)
{
    const struct ks_ke *ke = ks_ke(call->world);
    const struct ks_ke_thread *thread = ke->first;
    ks_ob_probe(ARGUMENT(1), sizeof(PVOID));
    while (thread != NULL && thread->id != ARGUMENT(0)) {
        thread = thread->next;
    }
    if (thread == NULL || thread->state == KS_KE_ENDED) {
        return status_of((uint32_t)STATUS_INVALID_PARAMETER);
    }
    ks_ob_reference(thread->header);
    ks_guest_put_number(ARGUMENT(1), sizeof(PVOID), thread->object);
    return STATUS_SUCCESS;
}

uint64_t ks_ps_lookup_process_by_process_id(const struct ks_kernel_call *call)
{
    uint64_t process = ks_ke_system_process(call->world);
    ks_ob_probe(ARGUMENT(1), sizeof(PVOID));
    if (ARGUMENT(0) != KS_KE_PROCESS_ID || process == 0) {
        return status_of((uint32_t)STATUS_INVALID_PARAMETER);
    }
    ks_ob_reference(ks_ob_find(call->world, process));
    ks_guest_put_number(ARGUMENT(1), sizeof(PVOID), process);
    return STATUS_SUCCESS;
}

// Kernel mode: nobody else is there.
uint64_t ks_ps_get_previous_mode(const struct ks_kernel_call *call)
{
    (void)call;
    return KernelMode;
}

// ---- the stack ----

static const struct ks_native_thread *stack_of(const struct ks_kernel_call *call)
{
    const struct ks_native_thread *stack = ks_ke(call->world)->current->native;
    if (stack == NULL) {
        ks_nt_lacking(call, "the limits of the stack that host-compiled code runs on");
    }
    return stack;
}

uint64_t ks_ps_io_get_stack_limits(const struct ks_kernel_call *call)
{
    const struct ks_native_thread *stack = stack_of(call);
    if (stack != NULL) {
        ks_guest_put_number(ARGUMENT(0), sizeof(PVOID), stack->stack_first);
        ks_guest_put_number(ARGUMENT(1), sizeof(PVOID), stack->stack_end);
    }
    return 0;
}

uint64_t ks_ps_get_current_thread_stack_base(const struct ks_kernel_call *call)
{
    const struct ks_native_thread *stack = stack_of(call);
    return stack != NULL ? stack->stack_end : 0;
}

uint64_t ks_ps_get_current_thread_stack_limit(const struct ks_kernel_call *call)
{
    const struct ks_native_thread *stack = stack_of(call);
    return stack != NULL ? stack->stack_first : 0;
}
