// SPDX-License-Identifier: MIT
// platform.h for POSIX systems: arguments, environment, terminal, clock and threads.
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE

#include "platform.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Nested loads recurse; some systems give new threads only 512 KiB.
#define THREAD_STACK_SIZE ((size_t)8 << 20)

char **ks_platform_arguments(int argc, char **argv, int *out_argc)
{
    *out_argc = argc;
    return argv;
}

char *ks_platform_environment(const char *name)
{
    const char *value = getenv(name);
    return value == NULL ? NULL : strdup(value);
}

void ks_platform_prepare_streams(void)
{
}

bool ks_platform_is_terminal(enum ks_stream stream)
{
    return isatty(stream == KS_STREAM_OUT ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

bool ks_platform_enable_colors(enum ks_stream stream)
{
    const char *terminal = getenv("TERM");
    return ks_platform_is_terminal(stream) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

uint64_t ks_platform_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

unsigned ks_platform_cpu_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (unsigned)count;
}

// ---- threads ----

struct ks_thread {
    pthread_t handle;
    void (*run)(void *user);
    void *user;
};

static void *thread_main(void *argument)
{
    struct ks_thread *thread = argument;
    thread->run(thread->user);
    return NULL;
}

struct ks_thread *ks_thread_start(void (*run)(void *user), void *user)
{
    struct ks_thread *thread = malloc(sizeof(*thread));
    pthread_attr_t attributes;
    if (thread == NULL || pthread_attr_init(&attributes) != 0) {
        free(thread);
        return NULL;
    }
    thread->run = run;
    thread->user = user;
    bool started = pthread_attr_setstacksize(&attributes, THREAD_STACK_SIZE) == 0 &&
                   pthread_create(&thread->handle, &attributes, thread_main, thread) == 0;
    pthread_attr_destroy(&attributes);
    if (!started) {
        free(thread);
        return NULL;
    }
    return thread;
}

void ks_thread_join(struct ks_thread *thread)
{
    pthread_join(thread->handle, NULL);
    free(thread);
}

struct ks_mutex {
    pthread_mutex_t handle;
};

struct ks_mutex *ks_mutex_create(void)
{
    struct ks_mutex *mutex = malloc(sizeof(*mutex));
    if (mutex != NULL && pthread_mutex_init(&mutex->handle, NULL) != 0) {
        free(mutex);
        return NULL;
    }
    return mutex;
}

void ks_mutex_destroy(struct ks_mutex *mutex)
{
    if (mutex != NULL) {
        pthread_mutex_destroy(&mutex->handle);
        free(mutex);
    }
}

void ks_mutex_lock(struct ks_mutex *mutex)
{
    pthread_mutex_lock(&mutex->handle);
}

void ks_mutex_unlock(struct ks_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->handle);
}

struct ks_condition {
    pthread_cond_t handle;
};

struct ks_condition *ks_condition_create(void)
{
    struct ks_condition *condition = malloc(sizeof(*condition));
    if (condition != NULL && pthread_cond_init(&condition->handle, NULL) != 0) {
        free(condition);
        return NULL;
    }
    return condition;
}

void ks_condition_destroy(struct ks_condition *condition)
{
    if (condition != NULL) {
        pthread_cond_destroy(&condition->handle);
        free(condition);
    }
}

bool ks_condition_wait(struct ks_condition *condition, struct ks_mutex *mutex,
                       unsigned milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until); // the clock that conditions use unless told otherwise
    until.tv_sec += (time_t)(milliseconds / 1000);
    until.tv_nsec += (long)(milliseconds % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    return pthread_cond_timedwait(&condition->handle, &mutex->handle, &until) != ETIMEDOUT;
}

void ks_condition_wake_all(struct ks_condition *condition)
{
    pthread_cond_broadcast(&condition->handle);
}
