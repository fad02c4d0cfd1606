// SPDX-License-Identifier: MIT
// Ke: asynchronous procedure calls. One of kernel mode runs in its thread as soon as nothing keeps
// it away: a special one (without a normal routine) at APC_LEVEL, unless IRQL or a guarded region
// does; another one's normal routine at PASSIVE_LEVEL, unless a critical region does too, or one
// that runs. A wait is interrupted for it and goes on. There is no user mode whose APCs could be
// delivered.

#include "kernel/ke/ke_return.h"
#include "kernel/ke/ke_state.h"

#define TYPE_APC             18u
#define STOP_KMODE_EXCEPTION 0x1Eu
#define TAG_APC              0x20637041u // 'Apc '

struct ks_ke_apc {
    struct ks_ke_apc *next;
    uint64_t object, maker;
    bool special;
};

// Where the driver's structure has its routines.
#define KERNEL_ROUTINE(apc)  ((apc)->Reserved[0])
#define RUNDOWN_ROUTINE(apc) ((apc)->Reserved[1])
#define NORMAL_ROUTINE(apc)  ((apc)->Reserved[2])

// ---- which one is next ----

static bool is_deliverable(const struct ks_ke_thread *thread, const struct ks_ke_apc *apc,
                           uint8_t irql)
{
    return irql < KS_APC_LEVEL && thread->special_apc_disable == 0 &&
           (apc->special || (thread->kernel_apc_disable == 0 && !thread->apc_in_progress));
}

// Special ones stand before the others.
static void insert(struct ks_ke_thread *thread, struct ks_ke_apc *apc)
{
    struct ks_ke_apc **link = &thread->apcs;
    while (*link != NULL && ((*link)->special || !apc->special)) {
        link = &(*link)->next;
    }
    apc->next = *link;
    *link = apc;
}

static void release(struct ks_ke *ke, struct ks_ke_apc *apc)
{
    ke->world->allocator.release(ke->world->allocator.user, apc);
}

// False: its memory is gone, which is the end.
static bool take(struct ks_ke *ke, struct ks_ke_thread *thread, KAPC *out)
{
    struct ks_ke_apc *apc = thread->apcs;
    uint64_t object = apc->object, maker = apc->maker;
    thread->apcs = apc->next;
    release(ke, apc);
    if (!ks_ke_reachable(ke, object, sizeof(KAPC))) {
        ks_ke_stop_unreachable(ke, object, maker, "a queued APC lay in memory that is gone");
        return false;
    }
    KAPC *body = ks_guest_pointer(object);
    body->Inserted = FALSE;
    *out = *body;
    return true;
}

// ---- running ----

// What the kernel routine may change lies in memory of drivers: the normal routine and its
// arguments.
enum { ROUTINE, ARGUMENT, FIRST, SECOND, VALUES };

static bool run_kernel_routine(struct ks_ke *ke, uint64_t object, const KAPC *apc, uint64_t block)
{
    const void *values[VALUES] = {NORMAL_ROUTINE(apc), apc->NormalContext, apc->SystemArgument1,
                                  apc->SystemArgument2};
    uint64_t arguments[VALUES + 1] = {object};
    uint64_t routine = (uint64_t)(uintptr_t)KERNEL_ROUTINE(apc);
    for (unsigned i = 0; i < VALUES; i++) {
        arguments[i + 1] = block + 8 * i;
        ks_guest_put_number(arguments[i + 1], sizeof(PVOID), (uint64_t)(uintptr_t)values[i]);
    }
    ke->nt->irql = KS_APC_LEVEL;
    const struct ks_ke_kept kept = ks_ke_keep(ke->world);
    return ks_nt_call_base(ke->world, routine, arguments, VALUES + 1, STOP_KMODE_EXCEPTION, NULL) &&
           ks_ke_is_kept(ke->world, &kept, KS_KE_OTHER_ROUTINE, routine, 0);
}

static void run_normal_routine(struct ks_ke *ke, struct ks_ke_thread *thread,
                               const uint64_t values[VALUES])
{
    ke->nt->irql = KS_PASSIVE_LEVEL;
    thread->apc_in_progress = true;
    const struct ks_ke_kept kept = ks_ke_keep(ke->world);
    if (ks_nt_call_base(ke->world, values[ROUTINE], &values[ARGUMENT], VALUES - 1,
                        STOP_KMODE_EXCEPTION, NULL)) {
        ks_ke_is_kept(ke->world, &kept, KS_KE_OTHER_ROUTINE, values[ROUTINE], 0);
    }
    thread->apc_in_progress = false;
}

static void deliver_first(struct ks_ke *ke, struct ks_ke_thread *thread)
{
    const uint64_t object = thread->apcs->object;
    const bool special = thread->apcs->special;
    uint64_t values[VALUES] = {0};
    KAPC apc;
    uint64_t block = ks_nt_take(ke->world, 8 * VALUES, TAG_APC);
    if (block == 0) {
        kldr_loader_stop(ke->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        return;
    }
    bool ran = take(ke, thread, &apc) && run_kernel_routine(ke, object, &apc, block);
    for (unsigned i = 0; i < VALUES; i++) {
        values[i] = ks_guest_number(block + 8 * i, sizeof(PVOID));
    }
    ks_nt_give(ke->world, block);
    if (ran && !special && values[ROUTINE] != 0) {
        run_normal_routine(ke, thread, values);
    }
}

void ks_ke_deliver_apcs(struct ks_ke *ke)
{
    struct ks_ke_thread *thread = ke->current;
    while (thread->apcs != NULL && !ks_ke_stopped(ke) &&
           is_deliverable(thread, thread->apcs, ke->nt->irql)) {
        uint8_t irql = ke->nt->irql;
        deliver_first(ke, thread);
        ke->nt->irql = irql;
    }
}

void ks_ke_drop_apcs(struct ks_ke *ke, struct ks_ke_thread *thread)
{
    while (thread->apcs != NULL) {
        struct ks_ke_apc *apc = thread->apcs;
        thread->apcs = apc->next;
        if (ks_ke_reachable(ke, apc->object, sizeof(KAPC))) {
            ((KAPC *)ks_guest_pointer(apc->object))->Inserted = FALSE;
        }
        release(ke, apc);
    }
}

// ---- kernel functions ----

// (apc, thread, environment, kernel routine, rundown routine, normal routine, mode, context)
uint64_t ks_ke_initialize_apc(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    KAPC *apc = ks_guest_pointer(a[0]);
    *apc = (KAPC){.Type = TYPE_APC, .Size = sizeof *apc, .Thread = ks_guest_pointer(a[1])};
    KERNEL_ROUTINE(apc) = ks_guest_pointer(a[3]);
    RUNDOWN_ROUTINE(apc) = ks_guest_pointer(a[4]);
    NORMAL_ROUTINE(apc) = ks_guest_pointer(a[5]);
    if (a[5] != 0) {
        apc->ApcMode = (KPROCESSOR_MODE)a[6];
        apc->NormalContext = ks_guest_pointer(a[7]);
    }
    return 0;
}

// (apc, first, second, increment): FALSE when it is queued, or its thread has ended.
uint64_t ks_ke_insert_queue_apc(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    KAPC *body = ks_guest_pointer(call->arguments[0]);
    struct ks_ke_thread *thread = ks_ke_thread_at(ke, (uint64_t)(uintptr_t)body->Thread);
    if (body->ApcMode != KernelMode) {
        return ks_nt_lacking(call, "APCs of user mode");
    }
    if (body->Inserted || thread == NULL || thread->state == KS_KE_ENDED) {
        return FALSE;
    }
    struct ks_ke_apc *apc = ke->world->allocator.allocate(ke->world->allocator.user, sizeof *apc);
    if (apc == NULL) {
        kldr_loader_stop(ke->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        return FALSE;
    }
    *apc = (struct ks_ke_apc){.object = call->arguments[0],
                              .maker = call->caller,
                              .special = NORMAL_ROUTINE(body) == NULL};
    body->SystemArgument1 = ks_guest_pointer(call->arguments[1]);
    body->SystemArgument2 = ks_guest_pointer(call->arguments[2]);
    body->Inserted = TRUE;
    insert(thread, apc);
    ks_ke_mark(ke);
    if (thread->state == KS_KE_WAITING && is_deliverable(thread, apc, thread->irql)) {
        ks_ke_unwait(ke, thread, KS_KE_INTERRUPTED);
    }
    return TRUE;
}

// Answers whether it was queued.
uint64_t ks_ke_remove_queue_apc(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    KAPC *body = ks_guest_pointer(call->arguments[0]);
    struct ks_ke_thread *thread = ks_ke_thread_at(ke, (uint64_t)(uintptr_t)body->Thread);
    struct ks_ke_apc **link = thread != NULL ? &thread->apcs : NULL;
    while (link != NULL && *link != NULL && (*link)->object != call->arguments[0]) {
        link = &(*link)->next;
    }
    if (link == NULL || *link == NULL) {
        return FALSE;
    }
    struct ks_ke_apc *gone = *link;
    *link = gone->next;
    release(ke, gone);
    body->Inserted = FALSE;
    return TRUE;
}

// (mode): whether the thread was alerted, which it no longer is.
uint64_t ks_ke_test_alert_thread(const struct ks_kernel_call *call)
{
    struct ks_ke_thread *thread = ks_ke(call->world)->current;
    bool alerted = thread->alerted;
    thread->alerted = false;
    return alerted;
}
