// SPDX-License-Identifier: MIT
// Ke: the kernel functions that wait.

#include "kernel/ke/ke_state.h"

#define STOP_IRQL_NOT_LESS_OR_EQUAL        0x0Au
#define STOP_MAXIMUM_WAIT_OBJECTS_EXCEEDED 0x0Cu
#define STOP_ATTEMPTED_SWITCH_FROM_DPC     0xB8u

#define ARGUMENT(n) (call->arguments[n])

bool ks_ke_may_wait(const struct ks_kernel_call *call, uint64_t object, const int64_t *timeout)
{
    const struct ks_ke *ke = ks_ke(call->world);
    if (ke->nt->irql <= KS_APC_LEVEL || (timeout != NULL && *timeout == 0)) {
        return true;
    }
    if (ke->dpc_running != 0) {
        ks_nt_stop(call, STOP_ATTEMPTED_SWITCH_FROM_DPC, ke->current->object, 0, 0, 0,
                   "a DPC routine tried to wait");
    } else {
        ks_nt_stop(call, STOP_IRQL_NOT_LESS_OR_EQUAL, object, ke->nt->irql, 0, call->caller,
                   "waited at DISPATCH_LEVEL or above with a timeout that is not zero");
    }
    return false;
}

// NULL when there is none.
static const int64_t *read_timeout(uint64_t address, int64_t *timeout)
{
    if (address == 0) {
        return NULL;
    }
    *timeout = (int64_t)ks_guest_number(address, 8);
    return timeout;
}

// What drivers can wait for has a header of a type that can be waited for.
static bool is_waitable(const struct ks_kernel_call *call, uint64_t object)
{
    uint8_t type = ((const DISPATCHER_HEADER *)ks_guest_pointer(object))->Type & 0x7F;
    if (type <= KS_KE_SYNCHRONIZATION_TIMER && type != KS_KE_QUEUE && type != 7) {
        return true;
    }
    ks_nt_stop(call, 0xC4, 0x9A, object, type, 0, "waited for what is no dispatcher object");
    return false;
}

uint64_t ks_ke_wait_for_single_object(const struct ks_kernel_call *call)
{
    uint64_t object = ARGUMENT(0);
    int64_t time;
    const int64_t *timeout = read_timeout(ARGUMENT(4), &time);
    const struct ks_ke_wait_plan plan = {.objects = &object,
                                         .count = 1,
                                         .timeout = timeout,
                                         .alertable = (uint8_t)ARGUMENT(3) != 0,
                                         .caller = call->caller};
    if (!ks_ke_may_wait(call, object, timeout) || !is_waitable(call, object)) {
        return 0;
    }
    return ks_ke_wait_for(ks_ke(call->world), &plan);
}

uint64_t ks_ke_wait_for_multiple_objects(const struct ks_kernel_call *call)
{
    uint32_t count = (uint32_t)ARGUMENT(0);
    uint64_t objects[MAXIMUM_WAIT_OBJECTS];
    int64_t time;
    if (count > (ARGUMENT(7) != 0 ? MAXIMUM_WAIT_OBJECTS : THREAD_WAIT_OBJECTS)) {
        return ks_nt_stop(call, STOP_MAXIMUM_WAIT_OBJECTS_EXCEEDED, 0, 0, 0, 0,
                          "waited for more objects than there are wait blocks for");
    }
    for (uint32_t i = 0; i < count; i++) {
        objects[i] = ks_guest_number(ARGUMENT(1) + i * sizeof(PVOID), sizeof(PVOID));
        if (!is_waitable(call, objects[i])) {
            return 0;
        }
    }
    const int64_t *timeout = read_timeout(ARGUMENT(6), &time);
    const struct ks_ke_wait_plan plan = {.objects = objects,
                                         .count = count,
                                         .all = (uint32_t)ARGUMENT(2) == WaitAll,
                                         .timeout = timeout,
                                         .alertable = (uint8_t)ARGUMENT(5) != 0,
                                         .caller = call->caller};
    return ks_ke_may_wait(call, count > 0 ? objects[0] : 0, timeout)
               ? ks_ke_wait_for(ks_ke(call->world), &plan)
               : 0;
}

uint64_t ks_ke_delay_execution_thread(const struct ks_kernel_call *call)
{
    int64_t interval = (int64_t)ks_guest_number(ARGUMENT(2), 8);
    return ks_ke_sleep(ks_ke(call->world), &interval, (uint8_t)ARGUMENT(1) != 0, call->caller);
}

// ---- alerting ----

// Ends an alertable wait of the thread, or the next one. Answers whether it was alerted before.
uint64_t ks_ke_alert_thread(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    struct ks_ke_thread *thread = ks_ke_thread_at(ke, ARGUMENT(0));
    if (thread == NULL) {
        return FALSE;
    }
    bool before = thread->alerted;
    if (thread->state == KS_KE_WAITING && thread->alertable) {
        ks_ke_unwait(ke, thread, (uint32_t)STATUS_ALERTED);
    } else {
        thread->alerted = true;
    }
    return before;
}
