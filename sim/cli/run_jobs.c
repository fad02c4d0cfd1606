// SPDX-License-Identifier: MIT
// Workers take items in order and leave clones of their results; the calling thread hands them over
// in order. Workers run ahead by a window only, so that memory stays bounded.
#include "cli/run_jobs.h"
#include "cli/parallel.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW       256
#define THREADS_MOST 64
#define WAIT_MS      100

struct slot {
    struct ks_result *result; // NULL: there was nothing to run, or memory was out
    bool done;
    bool out_of_memory;
};

struct pool {
    const struct ks_run_context *context;
    const struct ks_run_selection *selection;
    struct ks_mutex *mutex;
    struct ks_condition *changed;
    struct slot *slots; // WINDOW of them, by index modulo WINDOW
    size_t next;        // to be taken by a worker
    size_t delivered;
    bool stop;
};

// ---- one thread ----

static bool run_inline(const struct ks_run_context *context,
                       const struct ks_run_selection *selection,
                       const struct ks_run_listener *listener)
{
    struct ks_run_hand hand;
    bool made = ks_run_hand_init(&hand), go_on = made;
    for (size_t i = 0; i < selection->item_count && go_on; i++) {
        const struct ks_run_item *item = &selection->items[i];
        const struct ks_result *result =
            item->scenario == NULL ? NULL : ks_run_item(context, &hand, item);
        go_on = listener->deliver(listener->user, item, result);
    }
    ks_run_hand_fini(&hand);
    return made;
}

// ---- several threads ----

// The next item for a worker, or the number of items when there is none for it any more.
static size_t take_item(struct pool *pool)
{
    size_t count = pool->selection->item_count, index = count;
    ks_mutex_lock(pool->mutex);
    while (!pool->stop && pool->next < count && pool->next - pool->delivered >= WINDOW) {
        ks_condition_wait(pool->changed, pool->mutex, WAIT_MS);
    }
    if (!pool->stop && pool->next < count) {
        index = pool->next++;
    }
    ks_mutex_unlock(pool->mutex);
    return index;
}

static void leave_result(struct pool *pool, size_t index, struct slot slot)
{
    ks_mutex_lock(pool->mutex);
    pool->slots[index % WINDOW] = slot;
    ks_condition_wake_all(pool->changed);
    ks_mutex_unlock(pool->mutex);
}

static void work(void *user)
{
    struct pool *pool = user;
    struct ks_run_hand hand;
    bool made = ks_run_hand_init(&hand);
    for (size_t index; (index = take_item(pool)) < pool->selection->item_count;) {
        const struct ks_run_item *item = &pool->selection->items[index];
        struct slot slot = {NULL, true, false};
        if (item->scenario != NULL) {
            const struct ks_result *result = made ? ks_run_item(pool->context, &hand, item) : NULL;
            slot.result = result == NULL ? NULL : ks_result_clone(result);
            slot.out_of_memory = slot.result == NULL;
        }
        leave_result(pool, index, slot);
    }
    ks_run_hand_fini(&hand);
}

// Waits for the result of an item.
static struct slot await(struct pool *pool, size_t index, const struct ks_run_listener *listener)
{
    struct slot *slot = &pool->slots[index % WINDOW];
    ks_mutex_lock(pool->mutex);
    while (!slot->done) {
        ks_condition_wait(pool->changed, pool->mutex, WAIT_MS);
        if (!slot->done && listener->wait != NULL) {
            ks_mutex_unlock(pool->mutex);
            listener->wait(listener->user, index, &pool->selection->items[index]);
            ks_mutex_lock(pool->mutex);
        }
    }
    struct slot taken = *slot;
    memset(slot, 0, sizeof(*slot));
    pool->delivered = index + 1;
    ks_condition_wake_all(pool->changed);
    ks_mutex_unlock(pool->mutex);
    return taken;
}

static void deliver_all(struct pool *pool, const struct ks_run_listener *listener)
{
    bool go_on = true;
    for (size_t i = 0; i < pool->selection->item_count && go_on; i++) {
        const struct ks_run_item *item = &pool->selection->items[i];
        struct slot slot = await(pool, i, listener);
        struct ks_result lost = {.scenario = item->scenario, .profile = item->profile};
        lost.outcome = KS_LIMIT;
        lost.reason = "not enough memory";
        kldr_policy_init(&lost.policy, item->profile);
        go_on = listener->deliver(listener->user, item, slot.out_of_memory ? &lost : slot.result);
        ks_result_free(slot.result);
    }
}

static void stop(struct pool *pool)
{
    ks_mutex_lock(pool->mutex);
    pool->stop = true;
    ks_condition_wake_all(pool->changed);
    ks_mutex_unlock(pool->mutex);
}

static bool run_threads(struct pool *pool, unsigned wanted, const struct ks_run_listener *listener)
{
    struct ks_thread *threads[THREADS_MOST];
    unsigned started = 0;
    while (started < wanted && started < THREADS_MOST &&
           (threads[started] = ks_thread_start(work, pool)) != NULL) {
        started++;
    }
    if (started > 0) {
        deliver_all(pool, listener);
    }
    stop(pool);
    for (unsigned i = 0; i < started; i++) {
        ks_thread_join(threads[i]);
    }
    for (size_t i = 0; i < WINDOW; i++) {
        ks_result_free(pool->slots[i].result);
    }
    return started > 0;
}

bool ks_run_jobs(const struct ks_run_context *context, const struct ks_run_selection *selection,
                 const struct ks_run_listener *listener)
{
    unsigned threads =
        ks_parallel_threads(context->settings->jobs, ks_run_weight(context, selection));
    threads = threads < selection->item_count ? threads : (unsigned)selection->item_count;
    if (threads == 1 && listener->wait == NULL) {
        return run_inline(context, selection, listener);
    }
    struct pool pool = {.context = context, .selection = selection};
    pool.mutex = ks_mutex_create();
    pool.changed = ks_condition_create();
    pool.slots = calloc(WINDOW, sizeof(*pool.slots));
    bool ran = pool.mutex != NULL && pool.changed != NULL && pool.slots != NULL &&
               run_threads(&pool, threads, listener);
    ks_mutex_destroy(pool.mutex);
    ks_condition_destroy(pool.changed);
    free(pool.slots);
    return ran || run_inline(context, selection, listener);
}
