// SPDX-License-Identifier: MIT
// platform_child.h for POSIX systems: posix_spawn and a pair of sockets, which, unlike a pipe, can
// be written to without a signal when nobody reads any more.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE

#include "platform_child.h"

#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 // SO_NOSIGPIPE does it
#endif

#define STREAM         STDIN_FILENO
#define PATIENCE_NS    UINT64_C(5000000000)
#define PAUSE_FIRST_NS 20000L
#define PAUSE_MOST_NS  1000000L
#define NS_PER_MS      UINT64_C(1000000)
#define NS_PER_S       UINT64_C(1000000000)
#define POLL_MOST_MS   1000
#define PATH_ROOM      4096

extern char **environ;

struct ks_child {
    pid_t process;
    int stream;
};

// ---- starting ----

static bool find_program(char path[PATH_ROOM])
{
#if defined(__linux__)
    static const char self[] = "/proc/self/exe";
    static const char gone[] = " (deleted)";
    ssize_t length = readlink(self, path, PATH_ROOM - 1);
    path[length > 0 ? length : 0] = '\0';
    // The link leads to the very file, though another may have taken its name; but programs that
    // run others, as valgrind does, answer readlink only.
    if (length <= 0 || length == PATH_ROOM - 1 || strstr(path, gone) != NULL) {
        memcpy(path, self, sizeof self);
    }
    return true;
#elif defined(__APPLE__)
    uint32_t size = PATH_ROOM;
    return _NSGetExecutablePath(path, &size) == 0;
#else
    (void)path;
    return false;
#endif
}

// Replaces the path of the program by the helper's, when there is one.
static bool prefer_helper(const char *helper, char path[PATH_ROOM])
{
    static const char *const folders[] = {"", "../libexec/kldr/"};
    const char *slash = strrchr(path, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - path);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char found[PATH_ROOM];
        int length = snprintf(found, sizeof found, "%.*s%s%s", folder, path, folders[i], helper);
        if (length > 0 && length < PATH_ROOM && access(found, X_OK) == 0) {
            memcpy(path, found, (size_t)length + 1);
            return true;
        }
    }
    return false;
}

bool ks_child_has_helper(const char *helper)
{
    char path[PATH_ROOM];
    return find_program(path) && prefer_helper(helper, path);
}

static bool make_stream(int ends[2])
{
#if defined(SOCK_CLOEXEC)
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        return false;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#if defined(SO_NOSIGPIPE)
    const int on = 1;
    setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    return true;
#endif
}

static int spawn_with(const char *path, char *const arguments[], int stream,
                      posix_spawn_file_actions_t *files, posix_spawnattr_t *attributes,
                      pid_t *out_process)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    int error = posix_spawn_file_actions_adddup2(files, stream, STREAM);
    error = error != 0
                ? error
                : posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    error = error != 0 ? error : posix_spawnattr_setsigmask(attributes, &none);
    error = error != 0 ? error : posix_spawnattr_setsigdefault(attributes, &all);
    error = error != 0 ? error
                       : posix_spawnattr_setflags(attributes,
                                                  POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return error != 0 ? error
                      : posix_spawn(out_process, path, files, attributes, arguments, environ);
}

static int spawn(const char *argument, const char *helper, int stream, pid_t *out_process)
{
    char path[PATH_ROOM], name[] = "kldr";
    char *arguments[] = {name, (char *)(uintptr_t)argument, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    if (!find_program(path)) {
        return ENOENT;
    }
    if (helper != NULL) {
        prefer_helper(helper, path);
    }
    int error = posix_spawn_file_actions_init(&files);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = spawn_with(path, arguments, stream, &files, &attributes, out_process);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

static const char *why_of(int error)
{
    switch (error) {
    case ENOMEM:
        return "not enough memory";
    case EAGAIN:
    case EMFILE:
    case ENFILE:
        return "the system has no more processes or open files to give";
    case ENOENT:
    case EACCES:
        return "the program's own file cannot be started again";
    default:
        return "the system refuses it";
    }
}

struct ks_child *ks_child_start(const char *argument, const char *helper, const char **out_why)
{
    struct ks_child *child = malloc(sizeof *child);
    int ends[2], error = ENOMEM;
    if (child != NULL && !make_stream(ends)) {
        error = errno;
    } else if (child != NULL) {
        child->stream = ends[0];
        error = fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0
                    ? errno
                    : spawn(argument, helper, ends[1], &child->process);
        close(ends[1]);
        if (error == 0) {
            return child;
        }
        close(ends[0]);
    }
    free(child);
    *out_why = why_of(error);
    return NULL;
}

// ---- the stream ----

// Waits until the stream is ready. False: the time is over.
static bool wait_for(const struct ks_child *child, short events, uint64_t deadline)
{
    for (;;) {
        uint64_t now = ks_platform_now_ns();
        if (now >= deadline) {
            return false;
        }
        uint64_t left = (deadline - now) / NS_PER_MS + 1;
        struct pollfd poll_for = {.fd = child->stream, .events = events};
        if (poll(&poll_for, 1, left < POLL_MOST_MS ? (int)left : POLL_MOST_MS) > 0) {
            return true;
        }
    }
}

static bool must_wait(ssize_t done)
{
    return done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

enum ks_transfer ks_child_read(struct ks_child *child, void *bytes, size_t size, uint64_t deadline)
{
    uint8_t *at = bytes;
    while (size > 0) {
        ssize_t got = recv(child->stream, at, size, 0);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        } else if (!must_wait(got)) {
            return KS_TRANSFER_CLOSED;
        } else if (!wait_for(child, POLLIN, deadline)) {
            return KS_TRANSFER_TIME_OVER;
        }
    }
    return KS_TRANSFER_DONE;
}

enum ks_transfer ks_child_write(struct ks_child *child, const void *bytes, size_t size,
                                uint64_t deadline)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t done = send(child->stream, at, size, MSG_NOSIGNAL);
        if (done > 0) {
            at += done;
            size -= (size_t)done;
        } else if (!must_wait(done)) {
            return KS_TRANSFER_CLOSED;
        } else if (!wait_for(child, POLLOUT, deadline)) {
            return KS_TRANSFER_TIME_OVER;
        }
    }
    return KS_TRANSFER_DONE;
}

// ---- the end ----

static const char *name_of(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
        {SIGINT, "SIGINT"},   {SIGKILL, "SIGKILL"}, {SIGPIPE, "SIGPIPE"}, {SIGSEGV, "SIGSEGV"},
        {SIGSYS, "SIGSYS"},   {SIGTERM, "SIGTERM"}, {SIGTRAP, "SIGTRAP"}, {SIGXCPU, "SIGXCPU"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == number) {
            return names[i].name;
        }
    }
    return "";
}

// A process that ends closes its end of the stream shortly before; one may also do it for no
// reason.
static void await_hangup(const struct ks_child *child)
{
    struct pollfd poll_for = {.fd = child->stream, .events = 0};
    poll(&poll_for, 1, (int)(PATIENCE_NS / NS_PER_MS));
}

// Positive: the process has ended by itself; 0: it runs; negative: somebody else was told of its
// end, and the id may be another's by now.
static pid_t await_end(const struct ks_child *child, bool patient, int *out_status)
{
    struct timespec pause = {0, PAUSE_FIRST_NS};
    uint64_t until = ks_platform_now_ns() + (patient ? PATIENCE_NS : 0);
    if (patient) {
        await_hangup(child);
    }
    for (;;) {
        pid_t ended = waitpid(child->process, out_status, WNOHANG);
        if (ended > 0 || (ended < 0 && errno != EINTR) || ks_platform_now_ns() >= until) {
            return ended;
        }
        nanosleep(&pause, NULL);
        pause.tv_nsec = pause.tv_nsec < PAUSE_MOST_NS ? 2 * pause.tv_nsec : PAUSE_MOST_NS;
    }
}

void ks_child_end(struct ks_child *child, bool patient, struct ks_child_end *out_end)
{
    struct ks_child_end end = {.name = ""};
    int status = 0;
    pid_t ended = await_end(child, patient, &status);
    end.known = ended > 0;
    if (end.known && WIFSIGNALED(status)) {
        end.signal = WTERMSIG(status);
        end.name = name_of(end.signal);
        end.out_of_memory = end.signal == SIGKILL;
        end.out_of_time = end.signal == SIGXCPU;
    } else if (end.known) {
        end.code = WEXITSTATUS(status);
    } else if (ended == 0) {
        kill(child->process, SIGKILL);
        while (waitpid(child->process, &status, 0) < 0 && errno == EINTR) {
        }
    }
    close(child->stream);
    free(child);
    *out_end = end;
}

uint32_t ks_platform_process_id(void)
{
    return (uint32_t)getpid();
}

// ---- in the second process ----

bool ks_parent_connected(void)
{
    struct stat status;
    return fstat(STREAM, &status) == 0 && S_ISSOCK(status.st_mode);
}

bool ks_parent_watch(uint32_t parent)
{
#if defined(__linux__)
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        return false;
    }
#endif
    return (uint32_t)getppid() == parent; // it may have gone before
}

bool ks_parent_read(void *bytes, size_t size)
{
    uint8_t *at = bytes;
    while (size > 0) {
        ssize_t got = read(STREAM, at, size);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        } else if (!(got < 0 && errno == EINTR)) {
            return false;
        }
    }
    return true;
}

bool ks_parent_write(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t done = write(STREAM, at, size);
        if (done > 0) {
            at += done;
            size -= (size_t)done;
        } else if (!(done < 0 && errno == EINTR)) {
            return false;
        }
    }
    return true;
}

_Noreturn void ks_parent_leave(int code)
{
    _exit(code);
}
