// SPDX-License-Identifier: MIT
// Ke: deferred procedure calls. They run at DISPATCH_LEVEL, on the stack of whoever is current,
// as soon as the IRQL allows; one of high importance before the others. There is one processor, so
// a DPC never waits for one of another.

#include "kernel/ke/ke_return.h"
#include "kernel/ke/ke_state.h"

#define STOP_KMODE_EXCEPTION 0x1Eu
// ---- the queue ----

static struct ks_ke_dpc *find(const struct ks_ke *ke, uint64_t object)
{
    struct ks_ke_dpc *entry = ke->dpc_first;
    while (entry != NULL && entry->object != object) {
        entry = entry->next;
    }
    return entry;
}

static struct ks_ke_dpc *make_entry(struct ks_ke *ke)
{
    struct ks_ke_dpc *entry = ke->dpc_unused;
    if (entry != NULL) {
        ke->dpc_unused = entry->next;
        return entry;
    }
    return ke->world->allocator.allocate(ke->world->allocator.user, sizeof *entry);
}

static void insert(struct ks_ke *ke, struct ks_ke_dpc *entry, bool in_front)
{
    entry->next = in_front ? ke->dpc_first : NULL;
    if (in_front) {
        ke->dpc_first = entry;
    } else {
        *(ke->dpc_last != NULL ? &ke->dpc_last->next : &ke->dpc_first) = entry;
    }
    if (ke->dpc_last == NULL || !in_front) {
        ke->dpc_last = entry;
    }
}

static void drop(struct ks_ke *ke, struct ks_ke_dpc *entry)
{
    struct ks_ke_dpc **link = &ke->dpc_first, *previous = NULL;
    while (*link != entry) {
        previous = *link;
        link = &previous->next;
    }
    *link = entry->next;
    if (ke->dpc_last == entry) {
        ke->dpc_last = previous;
    }
    entry->next = ke->dpc_unused;
    ke->dpc_unused = entry;
}

bool ks_ke_dpc_queue(struct ks_ke *ke, const struct ks_ke_dpc *dpc, uint64_t argument1,
                     uint64_t argument2)
{
    if (find(ke, dpc->object) != NULL) {
        return false;
    }
    if (!ks_ke_reachable(ke, dpc->object, sizeof(KDPC))) {
        ks_ke_stop_unreachable(ke, dpc->object, dpc->maker,
                               "a timer's DPC lay in an image that is gone");
        return false;
    }
    KDPC *object = ks_guest_pointer(dpc->object);
    object->SystemArgument1 = ks_guest_pointer(argument1);
    object->SystemArgument2 = ks_guest_pointer(argument2);
    object->DpcData = object; // set while it is queued, as drivers know
    struct ks_ke_dpc *entry = make_entry(ke);
    if (entry == NULL) {
        kldr_loader_stop(ke->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        return false;
    }
    *entry = *dpc;
    insert(ke, entry, object->Importance == HighImportance);
    ks_ke_mark(ke);
    return true;
}

bool ks_ke_dpc_remove(struct ks_ke *ke, uint64_t object)
{
    struct ks_ke_dpc *entry = find(ke, object);
    if (entry != NULL) {
        ((KDPC *)ks_guest_pointer(object))->DpcData = NULL;
        drop(ke, entry);
    }
    return entry != NULL;
}

bool ks_ke_queue_dpc(struct kldr_world *world, uint64_t dpc, uint64_t argument1, uint64_t argument2,
                     uint64_t maker)
{
    struct ks_ke *ke = ks_ke(world);
    const struct ks_ke_dpc entry = {.object = dpc, .maker = maker};
    return ke != NULL && ks_ke_dpc_queue(ke, &entry, argument1, argument2);
}

// ---- running ----

struct deferred {
    uint64_t object, routine, arguments[4];
    bool threaded;
};

// Takes the first one out of the queue. False: its object is gone, which is the end.
static bool take_first(struct ks_ke *ke, struct deferred *out)
{
    uint64_t address = ke->dpc_first->object, maker = ke->dpc_first->maker;
    uint64_t timer = ke->dpc_first->timer;
    drop(ke, ke->dpc_first);
    if (!ks_ke_reachable(ke, address, sizeof(KDPC))) {
        ks_ke_stop_unreachable(ke, address, maker, "a queued DPC lay in an image that is gone");
        return false;
    }
    KDPC *object = ks_guest_pointer(address);
    out->object = address;
    out->threaded = object->Type == KS_KE_TYPE_THREADED_DPC;
    out->routine = (uint64_t)(uintptr_t)object->DeferredRoutine;
    out->arguments[0] = timer != 0 ? timer : address;
    out->arguments[1] = (uint64_t)(uintptr_t)object->DeferredContext;
    out->arguments[2] = (uint64_t)(uintptr_t)object->SystemArgument1;
    out->arguments[3] = (uint64_t)(uintptr_t)object->SystemArgument2;
    object->DpcData = NULL;
    return true;
}

static void run(struct ks_ke *ke, const struct deferred *dpc)
{
    uint8_t before = ke->nt->irql;
    ke->nt->irql = KS_DISPATCH_LEVEL;
    ke->dpc_running = dpc->object;
    const struct ks_ke_kept kept = ks_ke_keep(ke->world);
    bool came_back =
        ks_nt_call_base(ke->world, dpc->routine, dpc->arguments, 4, STOP_KMODE_EXCEPTION, NULL);
    ke->dpc_running = 0;
    if (came_back) {
        ks_ke_is_kept(ke->world, &kept, KS_KE_DPC_ROUTINE, dpc->routine, 0);
    }
    ke->nt->irql = before;
}

void ks_ke_run_dpcs(struct ks_ke *ke)
{
    struct deferred dpc;
    while (ke->dpc_first != NULL && ke->dpc_running == 0 && ke->nt->irql < KS_DISPATCH_LEVEL &&
           !ks_ke_stopped(ke) && take_first(ke, &dpc)) {
        if (!dpc.threaded) {
            run(ke, &dpc);
            continue;
        }
        struct ks_ke_work work = {.routine = dpc.routine, .maker = dpc.routine};
        for (unsigned i = 0; i < 4; i++) {
            work.arguments[i] = dpc.arguments[i];
        }
        ks_ke_queue_work(ke->world, &work);
    }
}

void ks_ke_dpcs_fini(struct ks_ke *ke)
{
    const struct kldr_allocator *allocator = &ke->world->allocator;
    while (ke->dpc_first != NULL) {
        drop(ke, ke->dpc_first);
    }
    while (ke->dpc_unused != NULL) {
        struct ks_ke_dpc *entry = ke->dpc_unused;
        ke->dpc_unused = entry->next;
        allocator->release(allocator->user, entry);
    }
}

// ---- kernel functions ----

static uint64_t initialize(const struct ks_kernel_call *call, uint8_t type)
{
    KDPC *object = ks_guest_pointer(call->arguments[0]);
    object->Type = type;
    object->Importance = MediumImportance;
    object->Number = 0;
    object->DeferredRoutine = (PKDEFERRED_ROUTINE)(uintptr_t)call->arguments[1];
    object->DeferredContext = ks_guest_pointer(call->arguments[2]);
    object->DpcData = NULL;
    return 0;
}

uint64_t ks_ke_initialize_dpc(const struct ks_kernel_call *call)
{
    return initialize(call, KS_KE_TYPE_DPC);
}

uint64_t ks_ke_initialize_threaded_dpc(const struct ks_kernel_call *call)
{
    return initialize(call, KS_KE_TYPE_THREADED_DPC);
}

uint64_t ks_ke_insert_queue_dpc(const struct ks_kernel_call *call)
{
    return ks_ke_queue_dpc(call->world, call->arguments[0], call->arguments[1], call->arguments[2],
                           call->caller);
}

uint64_t ks_ke_remove_queue_dpc(const struct ks_kernel_call *call)
{
    return ks_ke_dpc_remove(ks_ke(call->world), call->arguments[0]);
}

uint64_t ks_ke_set_importance_dpc(const struct ks_kernel_call *call)
{
    ((KDPC *)ks_guest_pointer(call->arguments[0]))->Importance = (UCHAR)call->arguments[1];
    return 0;
}

// All DPCs have run when this comes back, for it is called at PASSIVE_LEVEL: what is queued runs
// now.
uint64_t ks_ke_flush_queued_dpcs(const struct ks_kernel_call *call)
{
    ks_ke_run_dpcs(ks_ke(call->world));
    return 0;
}
