// SPDX-License-Identifier: MIT
// platform_child.h for Windows: CreateProcess, two pipes, and a job object that ends the process
// when its last handle goes, which happens when the first process ends.
#define WIN32_LEAN_AND_MEAN

#include "platform_child.h"

#include "platform.h"

#include <windows.h>

#include <stdlib.h>
#include <wchar.h>

#define PATH_ROOM   32768
#define PATIENCE_MS 5000
#define PAUSE_MS    1
#define ENDED       222 // exit code of a process that ks_child_end ended

struct ks_child {
    HANDLE process, job, input, output;
};

// Handles that the new process inherits must not be inherited by another that is started meanwhile.
static SRWLOCK starting = SRWLOCK_INIT;

// ---- starting ----

static void close_handle(HANDLE handle)
{
    if (handle != NULL) {
        CloseHandle(handle);
    }
}

// A pipe of which one end is inherited.
static bool make_pipe(HANDLE *out_mine, HANDLE *out_theirs, bool they_read)
{
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, TRUE};
    HANDLE reading, writing;
    if (!CreatePipe(&reading, &writing, &attributes, 1 << 16)) {
        return false;
    }
    *out_theirs = they_read ? reading : writing;
    *out_mine = they_read ? writing : reading;
    return SetHandleInformation(*out_mine, HANDLE_FLAG_INHERIT, 0) != 0;
}

static HANDLE make_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    if (job != NULL) {
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    }
    return job;
}

// "PROGRAM" ARGUMENT
static bool create(struct ks_child *child, const char *argument, HANDLE input, HANDLE output)
{
    static const DWORD flags = CREATE_SUSPENDED | CREATE_NO_WINDOW;
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION made;
    wchar_t *line = calloc(PATH_ROOM, sizeof *line), *path = calloc(PATH_ROOM, sizeof *path);
    bool created = false;
    startup.hStdInput = input;
    startup.hStdOutput = output;
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (line != NULL && path != NULL && GetModuleFileNameW(NULL, path, PATH_ROOM) > 0) {
        wcscpy(line, L"kldr ");
        for (size_t i = 0, at = 5; argument[i] != '\0'; i++) {
            line[at + i] = (wchar_t)(unsigned char)argument[i];
        }
        created = CreateProcessW(path, line, NULL, NULL, TRUE, flags, NULL, NULL, &startup, &made);
    }
    free(line);
    free(path);
    if (created) {
        child->process = made.hProcess;
        AssignProcessToJobObject(child->job, made.hProcess);
        ResumeThread(made.hThread);
        CloseHandle(made.hThread);
    }
    return created;
}

static void free_child(struct ks_child *child)
{
    close_handle(child->job);
    close_handle(child->process);
    close_handle(child->input);
    close_handle(child->output);
    free(child);
}

bool ks_child_has_helper(const char *helper)
{
    (void)helper;
    return false;
}

struct ks_child *ks_child_start(const char *argument, const char *helper, const char **out_why)
{
    (void)helper; // there the program has everything
    struct ks_child *child = calloc(1, sizeof *child);
    HANDLE input = NULL, output = NULL;
    if (child == NULL) {
        *out_why = "not enough memory";
        return NULL;
    }
    AcquireSRWLockExclusive(&starting);
    child->job = make_job();
    bool started = child->job != NULL && make_pipe(&child->input, &input, true) &&
                   make_pipe(&child->output, &output, false) &&
                   create(child, argument, input, output);
    close_handle(input);
    close_handle(output);
    ReleaseSRWLockExclusive(&starting);
    if (!started) {
        *out_why = "the system refuses it";
        free_child(child);
        return NULL;
    }
    return child;
}

// ---- the stream ----

enum ks_transfer ks_child_read(struct ks_child *child, void *bytes, size_t size, uint64_t deadline)
{
    uint8_t *at = bytes;
    while (size > 0) {
        DWORD there = 0, got = 0;
        if (!PeekNamedPipe(child->output, NULL, 0, NULL, &there, NULL)) {
            return KS_TRANSFER_CLOSED;
        }
        if (there == 0) {
            if (ks_platform_now_ns() >= deadline) {
                return KS_TRANSFER_TIME_OVER;
            }
            Sleep(PAUSE_MS);
            continue;
        }
        if (!ReadFile(child->output, at, there < size ? there : (DWORD)size, &got, NULL)) {
            return KS_TRANSFER_CLOSED;
        }
        at += got;
        size -= got;
    }
    return KS_TRANSFER_DONE;
}

// The other side reads whatever it is sent before it does anything else.
enum ks_transfer ks_child_write(struct ks_child *child, const void *bytes, size_t size,
                                uint64_t deadline)
{
    const uint8_t *at = bytes;
    (void)deadline;
    while (size > 0) {
        DWORD done = 0, piece = size < (1u << 20) ? (DWORD)size : 1u << 20;
        if (!WriteFile(child->input, at, piece, &done, NULL)) {
            return KS_TRANSFER_CLOSED;
        }
        at += done;
        size -= done;
    }
    return KS_TRANSFER_DONE;
}

// ---- the end ----

void ks_child_end(struct ks_child *child, bool patient, struct ks_child_end *out_end)
{
    struct ks_child_end end = {.name = ""};
    DWORD code = 0;
    end.known = WaitForSingleObject(child->process, patient ? PATIENCE_MS : 0) == WAIT_OBJECT_0 &&
                GetExitCodeProcess(child->process, &code) != 0;
    if (end.known) {
        end.code = (int)code;
    } else {
        TerminateProcess(child->process, ENDED);
        WaitForSingleObject(child->process, INFINITE);
    }
    free_child(child);
    *out_end = end;
}

uint32_t ks_platform_process_id(void)
{
    return (uint32_t)GetCurrentProcessId();
}

// ---- in the second process ----

bool ks_parent_connected(void)
{
    return GetFileType(GetStdHandle(STD_INPUT_HANDLE)) == FILE_TYPE_PIPE &&
           GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)) == FILE_TYPE_PIPE;
}

bool ks_parent_watch(uint32_t parent)
{
    (void)parent; // the job object does it
    return true;
}

bool ks_parent_read(void *bytes, size_t size)
{
    uint8_t *at = bytes;
    while (size > 0) {
        DWORD got = 0, piece = size < (1u << 20) ? (DWORD)size : 1u << 20;
        if (!ReadFile(GetStdHandle(STD_INPUT_HANDLE), at, piece, &got, NULL) || got == 0) {
            return false;
        }
        at += got;
        size -= got;
    }
    return true;
}

bool ks_parent_write(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        DWORD done = 0, piece = size < (1u << 20) ? (DWORD)size : 1u << 20;
        if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), at, piece, &done, NULL)) {
            return false;
        }
        at += done;
        size -= done;
    }
    return true;
}

_Noreturn void ks_parent_leave(int code)
{
    TerminateProcess(GetCurrentProcess(), (UINT)code);
    abort();
}
