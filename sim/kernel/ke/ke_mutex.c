// SPDX-License-Identifier: MIT
// Ke: mutexes. Each thread's are listed apart from them, so that those of a thread that ends are
// found: they are abandoned.

#include "kernel/ke/ke_state.h"

#define ARGUMENT(n) (call->arguments[n])

void ks_ke_own_mutex(struct ks_ke *ke, struct ks_ke_thread *thread, uint64_t mutex)
{
    const struct kldr_allocator *allocator = &ke->world->allocator;
    struct ks_ke_owned *owned = allocator->allocate(allocator->user, sizeof *owned);
    if (owned == NULL) {
        kldr_loader_stop(ke->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        return;
    }
    *owned = (struct ks_ke_owned){thread->owned, mutex};
    thread->owned = owned;
}

static void disown(struct ks_ke *ke, struct ks_ke_thread *thread, uint64_t mutex)
{
    struct ks_ke_owned **link = &thread->owned;
    while (*link != NULL && (*link)->mutex != mutex) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        struct ks_ke_owned *owned = *link;
        *link = owned->next;
        ke->world->allocator.release(ke->world->allocator.user, owned);
    }
}

// Nobody owns it any more.
static void set_free(struct ks_ke *ke, struct ks_ke_thread *thread, uint64_t address)
{
    KMUTANT *mutex = ks_guest_pointer(address);
    mutex->Header.SignalState = 1;
    mutex->OwnerThread = NULL;
    thread->kernel_apc_disable = (int16_t)(thread->kernel_apc_disable + mutex->ApcDisable);
    disown(ke, thread, address);
    ks_ke_wake(ke, address);
}

bool ks_ke_holds_mutex(const struct ks_ke *ke, const struct ks_ke_thread *thread,
                       uint64_t *out_mutex)
{
    for (const struct ks_ke_owned *owned = thread->owned; owned != NULL; owned = owned->next) {
        if (ks_ke_reachable(ke, owned->mutex, sizeof(KMUTANT)) &&
            ((const KMUTANT *)ks_guest_pointer(owned->mutex))->ApcDisable != 0) {
            *out_mutex = owned->mutex;
            return true;
        }
    }
    return false;
}

void ks_ke_abandon_mutexes(struct ks_ke *ke, struct ks_ke_thread *thread)
{
    while (thread->owned != NULL) {
        uint64_t address = thread->owned->mutex;
        KMUTANT *mutex = ks_guest_pointer(address);
        if (ks_ke_reachable(ke, address, sizeof *mutex) &&
            mutex->OwnerThread == ks_guest_pointer(thread->object)) {
            mutex->Abandoned = TRUE;
            set_free(ke, thread, address);
        } else {
            disown(ke, thread, address);
        }
    }
}

uint64_t ks_ke_initialize_mutex(const struct ks_kernel_call *call)
{
    KMUTANT *mutex = ks_guest_pointer(ARGUMENT(0));
    *mutex = (KMUTANT){0};
    mutex->Header.Type = KS_KE_MUTANT;
    mutex->Header.Size = sizeof *mutex / sizeof(ULONG);
    mutex->Header.SignalState = 1;
    mutex->Header.WaitListHead.Flink = mutex->Header.WaitListHead.Blink =
        &mutex->Header.WaitListHead;
    mutex->ApcDisable = 1;
    return 0;
}

// Answers the state before: 0 when it becomes free, less when it is still owned.
uint64_t ks_ke_release_mutex(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    KMUTANT *mutex = ks_guest_pointer(ARGUMENT(0));
    if (mutex->OwnerThread != ks_guest_pointer(ke->current->object)) {
        return ks_ke_raise(call, mutex->Abandoned ? (uint32_t)STATUS_ABANDONED_WAIT_0
                                                  : (uint32_t)STATUS_MUTANT_NOT_OWNED);
    }
    int32_t before = mutex->Header.SignalState++;
    if (before == 0) {
        set_free(ke, ke->current, ARGUMENT(0));
    }
    return (uint32_t)before;
}

uint64_t ks_ke_read_state_mutex(const struct ks_kernel_call *call)
{
    const KMUTANT *mutex = ks_guest_pointer(ARGUMENT(0));
    return (uint32_t)mutex->Header.SignalState;
}
