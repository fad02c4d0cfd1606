// SPDX-License-Identifier: MIT
// Io: work items of devices and drivers, which stay as long as one is queued.

#include "kernel/io/io_driver.h"

#include "kernel/ke/ke.h"
#include "kernel/ke/ke_return.h"
#include "kernel/registered.h"
#include "world/world_object.h"

#define TAG_WORK               0x49576F49u // 'IoWI'
#define ITEM_SIZE              0x58u
#define STOP_INVALID_WORK_ITEM 0x96u

struct ks_io_work {
    struct ks_io_work *next;
    uint64_t item; // what the driver knows it by
    uint64_t object;
    uint64_t maker; // code that allocated or initialised it
    uint64_t routine, context;
    bool extended; // the routine gets the item as well
    bool queued;
};

static struct ks_io_work *find(struct kldr_world *world, uint64_t item)
{
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_work *work = state != NULL ? state->work : NULL;
    while (work != NULL && work->item != item) {
        work = work->next;
    }
    return work;
}

// The item a driver points to. NULL: the system stopped.
static struct ks_io_work *find_idle(const struct ks_kernel_call *call, const char *text)
{
    struct ks_io_work *work = find(call->world, call->arguments[0]);
    if (work == NULL || work->queued) {
        ks_nt_stop(call, STOP_INVALID_WORK_ITEM, call->arguments[0], 0, 0, 0, text);
        return NULL;
    }
    return work;
}

static bool add(const struct ks_kernel_call *call, uint64_t item, uint64_t object)
{
    struct kldr_world *world = call->world;
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_work *work =
        state != NULL ? world->allocator.allocate(world->allocator.user, sizeof *work) : NULL;
    if (work != NULL) {
        *work = (struct ks_io_work){
            .next = state->work, .item = item, .object = object, .maker = call->caller};
        state->work = work;
    }
    return work != NULL;
}

static void drop(struct kldr_world *world, struct ks_io_work *work)
{
    struct ks_io_work **link = &ks_io_state(world)->work;
    while (*link != work) {
        link = &(*link)->next;
    }
    *link = work->next;
    world->allocator.release(world->allocator.user, work);
}

void ks_io_work_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->work != NULL) {
        struct ks_io_work *work = state->work;
        state->work = work->next;
        world->allocator.release(world->allocator.user, work);
    }
}

void ks_io_work_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    const struct ks_io_state *state = ks_io_state(world);
    for (const struct ks_io_work *work = state != NULL ? state->work : NULL; work != NULL;
         work = work->next) {
        const struct ks_registered registered = {.kind = "io_work_item", .maker = work->maker};
        see(user, &registered);
    }
}

// On a worker thread. The item may be queued again, or be freed, by its own routine.
static void run(struct kldr_world *world, void *user)
{
    struct ks_io_work *work = user;
    const struct ks_io_work copy = *work;
    const uint64_t plain[] = {copy.object, copy.context};
    const uint64_t extended[] = {copy.object, copy.context, copy.item};
    work->queued = false;
    const struct ks_ke_kept kept = ks_ke_keep(world);
    if (ks_nt_call(world, copy.routine, copy.extended ? extended : plain, copy.extended ? 3 : 2,
                   NULL)) {
        ks_ke_is_kept(world, &kept, KS_KE_WORK_ROUTINE, copy.routine, copy.context);
    }
    struct ks_object *object = ks_ob_find(world, copy.object);
    if (object != NULL) {
        ks_ob_dereference(world, object);
    }
}

// ---- what drivers call ----

uint64_t ks_io_work_allocate(const struct ks_kernel_call *call)
{
    const struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    uint64_t item = device != NULL ? ks_nt_take(call->world, ITEM_SIZE, TAG_WORK) : 0;
    if (item != 0 && !add(call, item, call->arguments[0])) {
        ks_nt_give(call->world, item);
        item = 0;
    }
    return item;
}

uint64_t ks_io_work_free(const struct ks_kernel_call *call)
{
    struct ks_io_work *work =
        find_idle(call, "freed a work item that is still queued, or what is none");
    if (work != NULL) {
        ks_nt_give(call->world, work->item);
        drop(call->world, work);
    }
    return 0;
}

uint64_t ks_io_work_size(const struct ks_kernel_call *call)
{
    (void)call;
    return ITEM_SIZE;
}

// IoInitializeWorkItem(IoObject, IoWorkItem): the memory is the driver's.
uint64_t ks_io_work_initialize(const struct ks_kernel_call *call)
{
    ks_ob_probe(call->arguments[1], ITEM_SIZE);
    if (find(call->world, call->arguments[1]) == NULL &&
        !add(call, call->arguments[1], call->arguments[0])) {
        return ks_nt_lacking(call, "as many work items at once");
    }
    return 0;
}

uint64_t ks_io_work_uninitialize(const struct ks_kernel_call *call)
{
    struct ks_io_work *work =
        find_idle(call, "uninitialized a work item that is still queued, or what is none");
    if (work != NULL) {
        drop(call->world, work);
    }
    return 0;
}

// (IoWorkItem, WorkerRoutine, QueueType, Context)
static uint64_t queue(const struct ks_kernel_call *call, bool extended)
{
    struct ks_io_work *work =
        find_idle(call, "queued a work item that is queued already, or what is none");
    struct ks_object *object = work != NULL ? ks_ob_find(call->world, work->object) : NULL;
    struct ks_ke_work plan = {.run = run, .user = work, .maker = call->caller};
    plan.item = call->arguments[0];
    if (work == NULL || object == NULL) {
        return work == NULL ? 0
                            : ks_nt_stop(call, STOP_INVALID_WORK_ITEM, call->arguments[0], 0, 0, 0,
                                         "queued a work item whose device is gone");
    }
    work->routine = call->arguments[1];
    work->context = call->arguments[3];
    work->extended = extended;
    if (!ks_ke_queue_work(call->world, &plan)) {
        return ks_nt_lacking(call, "as many work items at once");
    }
    work->queued = true;
    ks_ob_reference(object);
    return 0;
}

uint64_t ks_io_work_queue(const struct ks_kernel_call *call)
{
    return queue(call, false);
}

uint64_t ks_io_work_queue_ex(const struct ks_kernel_call *call)
{
    return queue(call, true);
}
