// SPDX-License-Identifier: MIT
// Ke: what drivers ask of threads: priorities, critical and guarded regions, the stack.

#include "kernel/ke/ke_state.h"

#define STOP_VERIFIER   0xC4u
#define NOT_IN_A_REGION 0x3Eu
#define LOW_PRIORITY    0
#define HIGH_PRIORITY   31
#define REALTIME        16

#define ARGUMENT(n) (call->arguments[n])

static struct ks_ke_thread *thread_of(const struct ks_kernel_call *call)
{
    return ks_ke_thread_at(ks_ke(call->world), ARGUMENT(0));
}

uint64_t ks_ke_get_current_thread(const struct ks_kernel_call *call)
{
    return ks_ke_current_thread(call->world);
}

// ---- priorities ----

static void set_priority(struct ks_ke *ke, struct ks_ke_thread *thread, int priority)
{
    bool ready = thread->state == KS_KE_READY;
    if (ready) {
        ks_ke_remove_ready(ke, thread);
    }
    thread->priority = (uint8_t)priority;
    if (ready) {
        ks_ke_make_ready(ke, thread, false);
    }
    ks_ke_mark(ke); // somebody else may be the highest now
}

uint64_t ks_ke_set_priority_thread(const struct ks_kernel_call *call)
{
    struct ks_ke_thread *thread = thread_of(call);
    int priority = (int32_t)ARGUMENT(1);
    if (thread == NULL || priority < LOW_PRIORITY || priority > HIGH_PRIORITY) {
        return 0;
    }
    uint8_t before = thread->priority;
    set_priority(ks_ke(call->world), thread, priority);
    return before;
}

uint64_t ks_ke_query_priority_thread(const struct ks_kernel_call *call)
{
    const struct ks_ke_thread *thread = thread_of(call);
    return thread != NULL ? thread->priority : 0;
}

// Relative to the process, whose base is the default priority. Answers the increment before. A
// thread stays in its class: below real time, or in it.
uint64_t ks_ke_set_base_priority_thread(const struct ks_kernel_call *call)
{
    struct ks_ke_thread *thread = thread_of(call);
    if (thread == NULL) {
        return 0;
    }
    int process = thread->base_priority >= REALTIME ? 24 : 8;
    int before = thread->base_priority - process, priority = process + (int32_t)ARGUMENT(1);
    int lowest = process > REALTIME ? REALTIME : 1, highest = process > REALTIME ? 31 : 15;
    priority = priority < lowest ? lowest : priority > highest ? highest : priority;
    thread->base_priority = (uint8_t)priority;
    set_priority(ks_ke(call->world), thread, priority);
    return (uint64_t)(uint32_t)before;
}

// ---- regions ----

uint64_t ks_ke_enter_critical_region(const struct ks_kernel_call *call)
{
    ks_ke(call->world)->current->kernel_apc_disable--;
    return 0;
}

uint64_t ks_ke_leave_critical_region(const struct ks_kernel_call *call)
{
    struct ks_ke_thread *thread = ks_ke(call->world)->current;
    if (thread->kernel_apc_disable >= 0 && KS_CHECKED(call->world, LOCK_USE)) {
        return ks_nt_stop(call, STOP_VERIFIER, NOT_IN_A_REGION, 0, 0, 0,
                          "left a critical region without being in one");
    }
    thread->kernel_apc_disable++;
    return 0;
}

uint64_t ks_ke_enter_guarded_region(const struct ks_kernel_call *call)
{
    ks_ke(call->world)->current->special_apc_disable--;
    return 0;
}

uint64_t ks_ke_leave_guarded_region(const struct ks_kernel_call *call)
{
    struct ks_ke_thread *thread = ks_ke(call->world)->current;
    if (thread->special_apc_disable >= 0 && KS_CHECKED(call->world, LOCK_USE)) {
        return ks_nt_stop(call, STOP_VERIFIER, NOT_IN_A_REGION, 0, 0, 0,
                          "left a guarded region without being in one");
    }
    thread->special_apc_disable++;
    return 0;
}

uint64_t ks_ke_are_apcs_disabled(const struct ks_kernel_call *call)
{
    const struct ks_ke_thread *thread = ks_ke(call->world)->current;
    return thread->kernel_apc_disable != 0 || thread->special_apc_disable != 0;
}

uint64_t ks_ke_are_all_apcs_disabled(const struct ks_kernel_call *call)
{
    const struct ks_ke *ke = ks_ke(call->world);
    return ke->current->special_apc_disable != 0 || ke->nt->irql >= KS_APC_LEVEL;
}

// ---- processors: there is one ----

uint32_t ks_ke_processor_count(struct kldr_world *world)
{
    (void)world;
    return 1;
}

uint64_t ks_ke_query_active_processors(const struct ks_kernel_call *call)
{
    (void)call;
    return 1; // the mask of processor 0
}

// Also gives the mask when there is a place for it.
uint64_t ks_ke_query_active_processor_count(const struct ks_kernel_call *call)
{
    if (ARGUMENT(0) != 0) {
        ks_guest_put_number(ARGUMENT(0), sizeof(KAFFINITY), 1);
    }
    return 1;
}

#define ALL_GROUPS 0xFFFFu

// Of a group, or of all of them: 0 for a group that does not exist.
uint64_t ks_ke_query_processor_count_ex(const struct ks_kernel_call *call)
{
    uint16_t group = (uint16_t)ARGUMENT(0);
    return group == 0 || group == ALL_GROUPS;
}

uint64_t ks_ke_query_group_affinity(const struct ks_kernel_call *call)
{
    return (uint16_t)ARGUMENT(0) == 0;
}

uint64_t ks_ke_query_one(const struct ks_kernel_call *call)
{
    (void)call;
    return 1; // processors or groups that there are, or may be
}

static void put_processor(uint64_t address)
{
    if (address != 0) {
        *(PROCESSOR_NUMBER *)ks_guest_pointer(address) = (PROCESSOR_NUMBER){0};
    }
}

uint64_t ks_ke_get_current_processor_number_ex(const struct ks_kernel_call *call)
{
    put_processor(ARGUMENT(0));
    return 0;
}

uint64_t ks_ke_get_processor_number_from_index(const struct ks_kernel_call *call)
{
    if ((uint32_t)ARGUMENT(0) != 0) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    put_processor(ARGUMENT(1));
    return STATUS_SUCCESS;
}

uint64_t ks_ke_get_processor_index_from_number(const struct ks_kernel_call *call)
{
    const PROCESSOR_NUMBER *number = ks_guest_pointer(ARGUMENT(0));
    return number->Group == 0 && number->Number == 0 ? 0 : INVALID_PROCESSOR_INDEX;
}

// A DPC can be told to run on the one processor only.
uint64_t ks_ke_set_target_processor_dpc_ex(const struct ks_kernel_call *call)
{
    const PROCESSOR_NUMBER *number = ks_guest_pointer(ARGUMENT(1));
    bool there = number->Group == 0 && number->Number == 0;
    return there ? (uint32_t)STATUS_SUCCESS : (uint32_t)STATUS_INVALID_PARAMETER;
}

uint64_t ks_ke_set_target_processor_dpc(const struct ks_kernel_call *call)
{
    KDPC *dpc = ks_guest_pointer(ARGUMENT(0));
    dpc->Number = (USHORT)((uint8_t)ARGUMENT(1) + 2048u); // as x64 Windows marks a target
    return 0;
}

// Affinities are kept and answered; every one of them means the one processor.
uint64_t ks_ke_set_system_affinity_thread_ex(const struct ks_kernel_call *call)
{
    struct ks_ke_thread *thread = ks_ke(call->world)->current;
    uint64_t before = thread->affinity;
    if ((ARGUMENT(0) & 1) == 0) {
        return 0; // no processor that is there: nothing changes
    }
    thread->affinity = 1;
    return before;
}

uint64_t ks_ke_revert_to_user_affinity_thread_ex(const struct ks_kernel_call *call)
{
    ks_ke(call->world)->current->affinity = ARGUMENT(0) & 1;
    return 0;
}

uint64_t ks_ke_revert_to_user_affinity_thread(const struct ks_kernel_call *call)
{
    ks_ke(call->world)->current->affinity = 0;
    return 0;
}
