// SPDX-License-Identifier: MIT
// A second process of this program, and the stream of bytes between the two. platform_child_posix.c
// and platform_child_windows.c are the only files that know how that is done.
//
// The first process starts the second with an argument that tells it what it is, and outlives it:
// when the first one goes, however that happens, the second one goes as well. What the second one
// sends may be anything, and it may stop at any moment.
#ifndef KS_PLATFORM_CHILD_H
#define KS_PLATFORM_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- in the first process ----

struct ks_child;

enum ks_transfer {
    KS_TRANSFER_DONE,
    KS_TRANSFER_CLOSED, // the other side is gone, or has closed the stream
    KS_TRANSFER_TIME_OVER,
};

// Whether the program of that name lies in this one's folder or, as an installation has it, in
// ../libexec/kldr (POSIX only).
bool ks_child_has_helper(const char *helper);

// Starts this program with one argument; or, when helper is not NULL, the program of that name, if
// it is there. Its standard input is the stream, its standard output leads nowhere. NULL: it cannot
// be done; *out_why says why in a few words.
struct ks_child *ks_child_start(const char *argument, const char *helper, const char **out_why);

// Exactly size bytes, until the platform's clock shows deadline (in ns).
enum ks_transfer ks_child_read(struct ks_child *child, void *bytes, size_t size, uint64_t deadline);
enum ks_transfer ks_child_write(struct ks_child *child, const void *bytes, size_t size,
                                uint64_t deadline);

// How it ended.
struct ks_child_end {
    bool known;         // false: it was ended by ks_child_end, or nobody can tell
    int code;           // exit code; not when it was killed
    int signal;         // that killed it; 0: none
    const char *name;   // of the signal, "SIGSEGV"; "" when it has none
    bool out_of_memory; // the signal is the one of a system that has no memory left
    bool out_of_time;   // the signal is the one of a limit on the processor's time
};

// Ends the process and frees the child. One that is about to end by itself is given a moment when
// patient is set.
void ks_child_end(struct ks_child *child, bool patient, struct ks_child_end *out_end);

// The id that ks_parent_is compares.
uint32_t ks_platform_process_id(void);

// ---- in the second process ----

// True when standard input is the stream of ks_child_start.
bool ks_parent_connected(void);
// From now on this process ends when the one of that id ends. False when it has ended already.
bool ks_parent_watch(uint32_t parent);
// Exactly size bytes. False: the stream is closed.
bool ks_parent_read(void *bytes, size_t size);
bool ks_parent_write(const void *bytes, size_t size);
// Ends the process at once, without any clean-up.
_Noreturn void ks_parent_leave(int code);

#endif
