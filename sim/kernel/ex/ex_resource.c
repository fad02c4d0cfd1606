// SPDX-License-Identifier: MIT
// Ex: resources (ERESOURCE), held by one thread exclusively or by any number of them shared, each
// as often as it took them. Who holds one is kept here by its address; the fields that drivers look
// at are kept as Windows has them.

#include "kernel/ex/ex_wait.h"

#define STOP_RESOURCE_NOT_OWNED 0xE3u
#define OWNED_EXCLUSIVE         0x80u // Flag

#define ARGUMENT(n) (call->arguments[n])

// One thread's hold of one resource.
struct ks_ex_hold {
    struct ks_ex_hold *next;
    uint64_t resource;
    uint64_t owner; // thread object, or what ExSetResourceOwnerPointer says
    uint32_t count;
    bool exclusive;
};

static ERESOURCE *resource_at(uint64_t address)
{
    return ks_guest_pointer(address);
}

static struct ks_ex_hold *find(const struct ks_ke *ke, uint64_t resource, uint64_t owner)
{
    struct ks_ex_hold *hold = ke->ex_holds;
    while (hold != NULL && (hold->resource != resource || (owner != 0 && hold->owner != owner))) {
        hold = hold->next;
    }
    return hold;
}

// What drivers see of it.
static void show(const struct ks_ke *ke, uint64_t address)
{
    ERESOURCE *resource = resource_at(address);
    const struct ks_ex_hold *first = find(ke, address, 0);
    uint32_t holders = 0;
    for (const struct ks_ex_hold *hold = ke->ex_holds; hold != NULL; hold = hold->next) {
        holders += hold->resource == address;
    }
    bool exclusive = first != NULL && first->exclusive;
    resource->ActiveEntries = holders;
    resource->ActiveCount = (SHORT)(holders > 0);
    resource->Flag =
        (USHORT)((resource->Flag & ~OWNED_EXCLUSIVE) | (exclusive ? OWNED_EXCLUSIVE : 0));
    resource->OwnerEntry.OwnerThread = exclusive ? (ULONG_PTR)first->owner : 0;
    resource->NumberOfSharedWaiters = ks_ex_count_waiters(ke, address, KS_EX_SHARED);
    resource->NumberOfExclusiveWaiters = ks_ex_count_waiters(ke, address, KS_EX_EXCLUSIVE);
}

static void hold_it(struct ks_ke *ke, uint64_t resource, uint64_t owner, bool exclusive)
{
    struct ks_ex_hold *hold = find(ke, resource, owner);
    if (hold != NULL) {
        hold->count++;
        return;
    }
    hold = ke->world->allocator.allocate(ke->world->allocator.user, sizeof *hold);
    if (hold == NULL) {
        kldr_loader_stop(ke->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        return;
    }
    *hold = (struct ks_ex_hold){ke->ex_holds, resource, owner, 1, exclusive};
    ke->ex_holds = hold;
}

static void drop(struct ks_ke *ke, struct ks_ex_hold *hold)
{
    struct ks_ex_hold **link = &ke->ex_holds;
    while (*link != hold) {
        link = &(*link)->next;
    }
    *link = hold->next;
    ke->world->allocator.release(ke->world->allocator.user, hold);
}

void ks_ex_resources_fini(struct ks_ke *ke)
{
    while (ke->ex_holds != NULL) {
        drop(ke, ke->ex_holds);
    }
}

// ---- life ----

static void forget_all(struct ks_ke *ke, uint64_t resource)
{
    struct ks_ex_hold *hold;
    while ((hold = find(ke, resource, 0)) != NULL) {
        drop(ke, hold);
    }
}

uint64_t ks_ex_resource_initialize(const struct ks_kernel_call *call)
{
    forget_all(ks_ke(call->world), ARGUMENT(0));
    *resource_at(ARGUMENT(0)) = (ERESOURCE){0};
    ks_ex_track(call, KS_EX_RESOURCE, ARGUMENT(0));
    return STATUS_SUCCESS;
}

uint64_t ks_ex_resource_delete(const struct ks_kernel_call *call)
{
    forget_all(ks_ke(call->world), ARGUMENT(0));
    ks_ex_untrack(call->world, ARGUMENT(0));
    return STATUS_SUCCESS;
}

// ---- acquiring ----

// Who gets on with exclusive waiters how.
enum manner { POLITE, STARVES_EXCLUSIVE, WAITS_FOR_EXCLUSIVE };

static bool can_share(const struct ks_ke *ke, uint64_t resource, enum manner manner)
{
    const struct ks_ex_hold *any = find(ke, resource, 0);
    const struct ks_ex_hold *mine = find(ke, resource, ke->current->object);
    bool wanted = ks_ex_first_waiter(ke, resource, KS_EX_EXCLUSIVE) != NULL;
    if (mine != NULL && (mine->exclusive || manner != WAITS_FOR_EXCLUSIVE)) {
        return true;
    }
    return (any == NULL || !any->exclusive) && (!wanted || manner == STARVES_EXCLUSIVE);
}

static uint64_t wait_for(const struct ks_kernel_call *call, enum ks_ex_kind kind)
{
    struct ks_ke *ke = ks_ke(call->world);
    const struct ks_ex_hold *first = find(ke, ARGUMENT(0), 0);
    if ((uint8_t)ARGUMENT(1) == 0) {
        return FALSE;
    }
    if (!ks_ke_irql_at_most(call, KS_APC_LEVEL)) {
        return FALSE;
    }
    resource_at(ARGUMENT(0))->ContentionCount++;
    // Whoever lets it go has made it the new holder.
    return ks_ex_wait(call, ARGUMENT(0), kind, "resource", first != NULL ? first->owner : 0) ==
           (uint32_t)STATUS_SUCCESS;
}

static uint64_t acquire_shared(const struct ks_kernel_call *call, enum manner manner)
{
    struct ks_ke *ke = ks_ke(call->world);
    if (!can_share(ke, ARGUMENT(0), manner)) {
        return wait_for(call, KS_EX_SHARED);
    }
    hold_it(ke, ARGUMENT(0), ke->current->object, false);
    show(ke, ARGUMENT(0));
    return TRUE;
}

uint64_t ks_ex_resource_acquire_shared(const struct ks_kernel_call *call)
{
    return acquire_shared(call, POLITE);
}

uint64_t ks_ex_resource_acquire_shared_starve(const struct ks_kernel_call *call)
{
    return acquire_shared(call, STARVES_EXCLUSIVE);
}

uint64_t ks_ex_resource_acquire_shared_wait(const struct ks_kernel_call *call)
{
    return acquire_shared(call, WAITS_FOR_EXCLUSIVE);
}

static bool acquire_exclusive_now(struct ks_ke *ke, uint64_t resource)
{
    const struct ks_ex_hold *any = find(ke, resource, 0);
    if (any != NULL && !(any->exclusive && any->owner == ke->current->object)) {
        return false;
    }
    hold_it(ke, resource, ke->current->object, true);
    show(ke, resource);
    return true;
}

uint64_t ks_ex_resource_acquire_exclusive(const struct ks_kernel_call *call)
{
    return acquire_exclusive_now(ks_ke(call->world), ARGUMENT(0)) ||
           wait_for(call, KS_EX_EXCLUSIVE);
}

uint64_t ks_ex_resource_try_to_acquire(const struct ks_kernel_call *call)
{
    return acquire_exclusive_now(ks_ke(call->world), ARGUMENT(0));
}

uint64_t ks_ex_resource_enter_and_acquire_exclusive(const struct ks_kernel_call *call)
{
    const uint64_t arguments[] = {ARGUMENT(0), TRUE};
    const struct ks_kernel_call inner = {call->world, arguments, call->caller};
    ks_ke_enter_critical_region(call);
    ks_ex_resource_acquire_exclusive(&inner);
    return ks_ke_current_thread(call->world);
}

uint64_t ks_ex_resource_enter_and_acquire_shared(const struct ks_kernel_call *call)
{
    const uint64_t arguments[] = {ARGUMENT(0), TRUE};
    const struct ks_kernel_call inner = {call->world, arguments, call->caller};
    ks_ke_enter_critical_region(call);
    ks_ex_resource_acquire_shared(&inner);
    return ks_ke_current_thread(call->world);
}

// ---- releasing ----

static void hand_over(struct ks_ke *ke, struct ks_ex_waiter *waiter)
{
    hold_it(ke, waiter->lock, waiter->thread->object, waiter->kind == KS_EX_EXCLUSIVE);
    ks_ex_let_go(ke, waiter);
}

// Nobody holds it exclusively now: all that wait to share it, after an exclusive owner; else, when
// it is free, the first that wants it alone.
static void let_others_in(struct ks_ke *ke, uint64_t resource, bool was_exclusive)
{
    struct ks_ex_waiter *waiter = ks_ex_first_waiter(ke, resource, KS_EX_SHARED);
    if (was_exclusive && waiter != NULL) {
        while (waiter != NULL) {
            hand_over(ke, waiter);
            waiter = ks_ex_first_waiter(ke, resource, KS_EX_SHARED);
        }
    } else if (find(ke, resource, 0) == NULL) {
        waiter = ks_ex_first_waiter(ke, resource, KS_EX_EXCLUSIVE);
        if (waiter != NULL) {
            hand_over(ke, waiter);
        }
    }
    show(ke, resource);
}

static uint64_t release_for(const struct ks_kernel_call *call, uint64_t owner)
{
    struct ks_ke *ke = ks_ke(call->world);
    struct ks_ex_hold *hold = find(ke, ARGUMENT(0), owner);
    if (hold == NULL) {
        return ks_nt_stop(call, STOP_RESOURCE_NOT_OWNED, ARGUMENT(0), owner,
                          (uint64_t)(uintptr_t)resource_at(ARGUMENT(0))->OwnerTable, 0,
                          "released a resource that the thread does not hold");
    }
    if (--hold->count == 0) {
        bool exclusive = hold->exclusive;
        drop(ke, hold);
        let_others_in(ke, ARGUMENT(0), exclusive);
    }
    return 0;
}

uint64_t ks_ex_resource_release(const struct ks_kernel_call *call)
{
    return release_for(call, ks_ke_current_thread(call->world));
}

uint64_t ks_ex_resource_release_for_thread(const struct ks_kernel_call *call)
{
    return release_for(call, ARGUMENT(1));
}

uint64_t ks_ex_resource_release_and_leave(const struct ks_kernel_call *call)
{
    ks_ex_resource_release(call);
    return ks_ke_leave_critical_region(call);
}

uint64_t ks_ex_resource_convert(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    struct ks_ex_hold *hold = find(ke, ARGUMENT(0), 0);
    if (hold == NULL || !hold->exclusive) {
        return ks_nt_stop(call, STOP_RESOURCE_NOT_OWNED, ARGUMENT(0), ke->current->object, 0, 0,
                          "converted a resource to shared that is not held exclusively");
    }
    hold->exclusive = false;
    let_others_in(ke, ARGUMENT(0), true);
    return 0;
}

// ---- questions ----

uint64_t ks_ex_resource_is_exclusive(const struct ks_kernel_call *call)
{
    const struct ks_ke *ke = ks_ke(call->world);
    const struct ks_ex_hold *hold = find(ke, ARGUMENT(0), ke->current->object);
    return hold != NULL && hold->exclusive;
}

// How often the thread holds it, either way.
uint64_t ks_ex_resource_is_shared(const struct ks_kernel_call *call)
{
    const struct ks_ke *ke = ks_ke(call->world);
    const struct ks_ex_hold *hold = find(ke, ARGUMENT(0), ke->current->object);
    return hold != NULL ? hold->count : 0;
}

uint64_t ks_ex_resource_shared_waiters(const struct ks_kernel_call *call)
{
    return ks_ex_count_waiters(ks_ke(call->world), ARGUMENT(0), KS_EX_SHARED);
}

uint64_t ks_ex_resource_exclusive_waiters(const struct ks_kernel_call *call)
{
    return ks_ex_count_waiters(ks_ke(call->world), ARGUMENT(0), KS_EX_EXCLUSIVE);
}

// Somebody else will release it, in the name of this pointer.
uint64_t ks_ex_resource_set_owner(const struct ks_kernel_call *call)
{
    const struct ks_ke *ke = ks_ke(call->world);
    struct ks_ex_hold *hold = find(ke, ARGUMENT(0), ke->current->object);
    if (hold == NULL) {
        return ks_nt_stop(call, STOP_RESOURCE_NOT_OWNED, ARGUMENT(0), ke->current->object, 0, 0,
                          "set the owner of a resource that the thread does not hold");
    }
    hold->owner = ARGUMENT(1);
    show(ke, ARGUMENT(0));
    return 0;
}
