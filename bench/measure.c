// SPDX-License-Identifier: MIT
// Clocks, memory and child processes; see measure.h.
#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

double bench_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

// getrusage would also count what the parent had resident when it started this process.
double bench_peak_memory(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    double kilobytes = 0;

    if (file == NULL) {
        return 0;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kilobytes = strtod(line + 6, NULL);
        }
    }
    fclose(file);
    return kilobytes * 1024;
}

void bench_print_sample(const struct bench_sample *sample)
{
    printf("%.0f %.0f %.0f\n", sample->nanoseconds, sample->peak_memory, sample->size);
}

// Starts a program with standard output going to the descriptor.
static bool start(const char *const *arguments, int output, pid_t *out_child)
{
    posix_spawn_file_actions_t actions;
    char *copies[16];
    size_t count = 0;
    int error;

    while (arguments[count] != NULL && count < sizeof(copies) / sizeof(copies[0]) - 1) {
        copies[count] = strdup(arguments[count]);
        count++;
    }
    copies[count] = NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    error = posix_spawn(out_child, copies[0], &actions, NULL, copies, environ);
    posix_spawn_file_actions_destroy(&actions);
    while (count != 0) {
        free(copies[--count]);
    }
    if (error != 0) {
        fprintf(stderr, "bench: %s: %s\n", arguments[0], strerror(error));
    }
    return error == 0;
}

static bool wait_for(pid_t child, const char *name)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            perror("bench: waitpid");
            return false;
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "bench: %s failed\n", name);
        return false;
    }
    return true;
}

bool bench_run_timed(const char *const *arguments, double *out_nanoseconds)
{
    static int nowhere = -1;
    pid_t child;
    double begin;

    if (nowhere < 0) {
        nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    begin = bench_now();
    if (!start(arguments, nowhere, &child) || !wait_for(child, arguments[0])) {
        return false;
    }
    *out_nanoseconds = bench_now() - begin;
    return true;
}

bool bench_run_sample(const char *const *arguments, struct bench_sample *out_sample)
{
    FILE *output = tmpfile();
    pid_t child;
    bool read = false;

    if (output == NULL) {
        perror("bench: tmpfile");
        return false;
    }
    if (start(arguments, fileno(output), &child) && wait_for(child, arguments[0])) {
        rewind(output);
        read = fscanf(output, "%lf %lf %lf", &out_sample->nanoseconds, &out_sample->peak_memory,
                      &out_sample->size) == 3;
        if (!read) {
            fprintf(stderr, "bench: %s printed no sample\n", arguments[0]);
        }
    }
    fclose(output);
    return read;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return a < b ? -1 : a > b;
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return count % 2 != 0 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
