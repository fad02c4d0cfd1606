// SPDX-License-Identifier: MIT
// Ke: work items, run by system worker threads. A worker that waits does not hold up the others:
// there is another one as long as there are fewer than a limit.

#include "kernel/ke/ke_return.h"
#include "kernel/ke/ke_state.h"

#define WORKERS         32u
#define WORKER_PRIORITY 12u

static struct ks_ke_work_entry *take_first(struct ks_ke *ke)
{
    struct ks_ke_work_entry *entry = ke->work_first;
    if (entry != NULL) {
        ke->work_first = entry->next;
        if (ke->work_first == NULL) {
            ke->work_last = NULL;
        }
    }
    return entry;
}

static void run_entry(struct ks_ke *ke, const struct ks_ke_work *work)
{
    if (work->run != NULL) {
        work->run(ke->world, work->user);
        return;
    }
    const struct ks_ke_kept kept = ks_ke_keep(ke->world);
    if (ks_nt_call_base(ke->world, work->routine, work->arguments, 4, 0, NULL)) {
        ks_ke_is_kept(ke->world, &kept, KS_KE_WORK_ROUTINE, work->routine, work->arguments[0]);
    }
}

// A worker: runs what is queued, then waits to be found again.
static void run_worker(struct kldr_world *world, void *user)
{
    struct ks_ke *ke = user;
    (void)world;
    while (!ks_ke_stopped(ke)) {
        struct ks_ke_work_entry *entry = take_first(ke);
        if (entry == NULL) {
            ke->current->idle = ke->idle_workers;
            ke->idle_workers = ke->current;
            ks_ke_sleep(ke, NULL, false, 0);
            continue;
        }
        struct ks_ke_work work = entry->work;
        ke->world->allocator.release(ke->world->allocator.user, entry);
        run_entry(ke, &work);
    }
}

static bool wake_worker(struct ks_ke *ke)
{
    struct ks_ke_thread *thread = ke->idle_workers;
    if (thread != NULL) {
        ke->idle_workers = thread->idle;
        ks_ke_unwait(ke, thread, STATUS_SUCCESS);
        return true;
    }
    if (ke->worker_count == WORKERS) {
        return true; // one of them comes to it
    }
    const struct ks_ke_thread_plan plan = {.run = run_worker, .user = ke};
    thread = ks_ke_make_thread(ke, &plan);
    if (thread == NULL) {
        return ke->worker_count > 0;
    }
    thread->worker = true;
    thread->priority = thread->base_priority = WORKER_PRIORITY;
    ke->worker_count++;
    ks_ke_make_ready(ke, thread, false);
    return true;
}

bool ks_ke_queue_work(struct kldr_world *world, const struct ks_ke_work *work)
{
    struct ks_ke *ke = ks_ke(world);
    struct ks_ke_work_entry *entry =
        ke != NULL ? world->allocator.allocate(world->allocator.user, sizeof *entry) : NULL;
    if (entry == NULL || !wake_worker(ke)) {
        world->allocator.release(world->allocator.user, entry);
        return false;
    }
    *entry = (struct ks_ke_work_entry){.work = *work};
    *(ke->work_last != NULL ? &ke->work_last->next : &ke->work_first) = entry;
    ke->work_last = entry;
    return true;
}

void ks_ke_work_fini(struct ks_ke *ke)
{
    for (struct ks_ke_work_entry *entry = take_first(ke); entry != NULL; entry = take_first(ke)) {
        ke->world->allocator.release(ke->world->allocator.user, entry);
    }
}
