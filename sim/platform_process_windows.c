// SPDX-License-Identifier: MIT
// platform.h for Windows: arguments, environment, console, clock and threads.
#define WIN32_LEAN_AND_MEAN
#define _CRT_SECURE_NO_WARNINGS

#include "platform_windows.h"

#include <fcntl.h>
#include <io.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

// Nested loads recurse; the default stack is 1 MiB.
#define THREAD_STACK_SIZE ((size_t)8 << 20)

char *ks_platform_program(void)
{
    wchar_t path[4096];
    DWORD length = GetModuleFileNameW(NULL, path, 4096);
    return length == 0 || length == 4096 ? NULL : ks_windows_narrow(path);
}

// main's own arguments went through the code page of the system; the command line did not.
char **ks_platform_arguments(int argc, char **argv, int *out_argc)
{
    int count = 0;
    LPWSTR *arguments = CommandLineToArgvW(GetCommandLineW(), &count);
    char **result = arguments == NULL ? NULL : calloc((size_t)count + 1, sizeof(*result));
    for (int i = 0; result != NULL && i < count; i++) {
        result[i] = ks_windows_narrow(arguments[i]);
        if (result[i] == NULL) {
            result = NULL;
        }
    }
    LocalFree(arguments);
    *out_argc = result == NULL ? argc : count;
    return result == NULL ? argv : result;
}

char *ks_platform_environment(const char *name)
{
    wchar_t wide_name[128];
    if (MultiByteToWideChar(CP_UTF8, 0, name, -1, wide_name, 128) <= 0) {
        return NULL;
    }
    SetLastError(ERROR_SUCCESS);
    DWORD size = GetEnvironmentVariableW(wide_name, NULL, 0);
    wchar_t *value = size == 0 ? NULL : malloc(size * sizeof(*value));
    if (value == NULL) {
        return NULL;
    }
    DWORD length = GetEnvironmentVariableW(wide_name, value, size);
    char *result = length < size ? ks_windows_narrow(value) : NULL;
    free(value);
    return result;
}

void ks_platform_prepare_streams(void)
{
    _setmode(_fileno(stdout), _O_BINARY);
    _setmode(_fileno(stderr), _O_BINARY);
    if (ks_platform_is_terminal(KS_STREAM_OUT) || ks_platform_is_terminal(KS_STREAM_ERROR)) {
        SetConsoleOutputCP(CP_UTF8);
    }
}

static HANDLE stream_handle(enum ks_stream stream)
{
    return GetStdHandle(stream == KS_STREAM_OUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

bool ks_platform_is_terminal(enum ks_stream stream)
{
    DWORD mode;
    return GetConsoleMode(stream_handle(stream), &mode) != 0;
}

bool ks_platform_enable_colors(enum ks_stream stream)
{
    DWORD mode;
    HANDLE handle = stream_handle(stream);
    return GetConsoleMode(handle, &mode) &&
           SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

uint64_t ks_platform_now_ns(void)
{
    LARGE_INTEGER frequency, now;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    uint64_t ticks = (uint64_t)now.QuadPart, rate = (uint64_t)frequency.QuadPart;
    return ticks / rate * UINT64_C(1000000000) + ticks % rate * UINT64_C(1000000000) / rate;
}

unsigned ks_platform_cpu_count(void)
{
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    return system.dwNumberOfProcessors < 1 ? 1 : (unsigned)system.dwNumberOfProcessors;
}

// ---- threads ----

struct ks_thread {
    HANDLE handle;
    void (*run)(void *user);
    void *user;
};

static DWORD WINAPI thread_main(LPVOID argument)
{
    struct ks_thread *thread = argument;
    thread->run(thread->user);
    return 0;
}

struct ks_thread *ks_thread_start(void (*run)(void *user), void *user)
{
    struct ks_thread *thread = malloc(sizeof(*thread));
    if (thread == NULL) {
        return NULL;
    }
    thread->run = run;
    thread->user = user;
    thread->handle = CreateThread(NULL, THREAD_STACK_SIZE, thread_main, thread,
                                  STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (thread->handle == NULL) {
        free(thread);
        return NULL;
    }
    return thread;
}

void ks_thread_join(struct ks_thread *thread)
{
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    free(thread);
}

struct ks_mutex {
    SRWLOCK lock;
};

struct ks_mutex *ks_mutex_create(void)
{
    struct ks_mutex *mutex = malloc(sizeof(*mutex));
    if (mutex != NULL) {
        InitializeSRWLock(&mutex->lock);
    }
    return mutex;
}

void ks_mutex_destroy(struct ks_mutex *mutex)
{
    free(mutex);
}

void ks_mutex_lock(struct ks_mutex *mutex)
{
    AcquireSRWLockExclusive(&mutex->lock);
}

void ks_mutex_unlock(struct ks_mutex *mutex)
{
    ReleaseSRWLockExclusive(&mutex->lock);
}

struct ks_condition {
    CONDITION_VARIABLE variable;
};

struct ks_condition *ks_condition_create(void)
{
    struct ks_condition *condition = malloc(sizeof(*condition));
    if (condition != NULL) {
        InitializeConditionVariable(&condition->variable);
    }
    return condition;
}

void ks_condition_destroy(struct ks_condition *condition)
{
    free(condition);
}

bool ks_condition_wait(struct ks_condition *condition, struct ks_mutex *mutex,
                       unsigned milliseconds)
{
    return SleepConditionVariableSRW(&condition->variable, &mutex->lock, milliseconds, 0) != 0;
}

void ks_condition_wake_all(struct ks_condition *condition)
{
    WakeAllConditionVariable(&condition->variable);
}
