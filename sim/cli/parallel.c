// SPDX-License-Identifier: MIT
#include "cli/parallel.h"
#include "platform.h"

#include <stdbool.h>

#define ITEMS_PER_THREAD 32
#define CHUNK            8
#define THREADS_MOST     64

struct share {
    struct ks_mutex *mutex;
    size_t next, count;
    void (*work)(void *user, size_t index);
    void *user;
};

unsigned ks_parallel_threads(unsigned jobs, size_t count)
{
    size_t threads = jobs;
    if (threads == 0) {
        size_t worth = (count + ITEMS_PER_THREAD - 1) / ITEMS_PER_THREAD;
        threads = ks_platform_cpu_count();
        threads = threads < worth ? threads : worth;
    }
    threads = threads < count ? threads : count;
    threads = threads < THREADS_MOST ? threads : THREADS_MOST;
    return threads < 1 ? 1 : (unsigned)threads;
}

static void run_share(void *user)
{
    struct share *share = user;
    for (;;) {
        ks_mutex_lock(share->mutex);
        size_t begin = share->next;
        size_t end = share->count - begin < CHUNK ? share->count : begin + CHUNK;
        share->next = end;
        ks_mutex_unlock(share->mutex);
        if (begin == end) {
            return;
        }
        for (size_t i = begin; i < end; i++) {
            share->work(share->user, i);
        }
    }
}

void ks_parallel(unsigned jobs, size_t count, void (*work)(void *user, size_t index), void *user)
{
    struct ks_thread *threads[THREADS_MOST];
    unsigned wanted = ks_parallel_threads(jobs, count), started = 0;
    struct share share = {.count = count, .work = work, .user = user};
    share.mutex = wanted > 1 ? ks_mutex_create() : NULL;
    if (share.mutex == NULL) {
        for (size_t i = 0; i < count; i++) {
            work(user, i);
        }
        return;
    }
    // This thread takes its share as well, so the work is done even when no other can be started.
    while (started + 1 < wanted &&
           (threads[started] = ks_thread_start(run_share, &share)) != NULL) {
        started++;
    }
    run_share(&share);
    for (unsigned i = 0; i < started; i++) {
        ks_thread_join(threads[i]);
    }
    ks_mutex_destroy(share.mutex);
}
