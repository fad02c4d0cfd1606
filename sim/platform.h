// SPDX-License-Identifier: MIT
// Everything that the host's operating system is asked for: files, folders, terminal, environment,
// clock, threads, fibers. The files named platform_*_posix.c and platform_*_windows.c are the only
// ones of kldr that know which system it is.
//
// Paths and arguments are UTF-8 on every system. A folder separator in a result is always '/'.
// Nothing here prints; what failed comes back as a value.
#ifndef KS_PLATFORM_H
#define KS_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- files ----

enum ks_io {
    KS_IO_OK,
    KS_IO_NOT_FOUND,
    KS_IO_DENIED,
    KS_IO_IS_DIRECTORY,
    KS_IO_TOO_LARGE, // larger than the limit given
    KS_IO_NO_MEMORY,
    KS_IO_FAILED, // anything else
};

// "no such file", "permission denied", ...
const char *ks_platform_io_text(enum ks_io io);

// Reads a whole file of at most limit bytes. A NUL follows the bytes that is not counted. Freed
// with free(). Pipes are read to their end.
enum ks_io ks_platform_read_file(const char *path, size_t limit, uint8_t **out_bytes,
                                 size_t *out_size);

// A file that appears under its name only when it is complete. Devices and pipes are written
// directly.
struct ks_file_writer;
enum ks_io ks_platform_writer_open(const char *path, struct ks_file_writer **out_writer);
// False after any write of this writer failed.
bool ks_platform_writer_write(struct ks_file_writer *writer, const void *bytes, size_t size);
// Puts the file in place and frees the writer. On failure whatever was at path is unchanged.
enum ks_io ks_platform_writer_commit(struct ks_file_writer *writer);
// Leaves whatever was at path unchanged and frees the writer, which may be NULL.
void ks_platform_writer_abandon(struct ks_file_writer *writer);

// The three above in one.
enum ks_io ks_platform_write_file(const char *path, const void *bytes, size_t size);

enum ks_path_kind { KS_PATH_ABSENT, KS_PATH_FILE, KS_PATH_DIRECTORY };
// Pipes and devices count as files; a path that cannot be examined counts as absent.
enum ks_path_kind ks_platform_path_kind(const char *path);

// True for a symbolic link or another thing that stands for a path elsewhere.
bool ks_platform_is_link(const char *path);

// Makes one folder. An existing folder is success.
enum ks_io ks_platform_make_directory(const char *path);

struct ks_path_list {
    char **paths;
    size_t count;
};
// Takes path over, also on failure, which means that memory is out.
bool ks_platform_path_list_add(struct ks_path_list *list, char *path);
// By their bytes.
void ks_platform_path_list_sort(struct ks_path_list *list);
void ks_platform_path_list_fini(struct ks_path_list *list);
// Every file below root (links to folders are not followed) whose name ends in suffix, case
// ignored.
enum ks_io ks_platform_list_tree(const char *root, const char *suffix,
                                 struct ks_path_list *out_list);
// The same of the files of the folder itself, without those of folders in it.
enum ks_io ks_platform_list_folder(const char *root, const char *suffix,
                                   struct ks_path_list *out_list);

// folder + '/' + name, or name alone when folder is empty or name is absolute. Freed with free();
// NULL when memory is out.
char *ks_platform_join(const char *folder, const char *name);
bool ks_platform_is_absolute(const char *path);
// The length of the folder part of a path, its last separator included; 0 when there is none.
size_t ks_platform_folder_length(const char *path);

// ---- process ----

// The arguments as UTF-8. On POSIX systems these are main's own.
char **ks_platform_arguments(int argc, char **argv, int *out_argc);

// The path of this program's file, freed with free(). NULL when the system does not tell.
char *ks_platform_program(void);

// The value of an environment variable, freed with free(). NULL when it is not set.
char *ks_platform_environment(const char *name);

enum ks_stream { KS_STREAM_OUT, KS_STREAM_ERROR };
// Makes both streams carry bytes as they are (no line-end translation) and UTF-8.
void ks_platform_prepare_streams(void);
bool ks_platform_is_terminal(enum ks_stream stream);
// True when the stream's terminal understands colour sequences; switches them on where that is
// needed.
bool ks_platform_enable_colors(enum ks_stream stream);

uint64_t ks_platform_now_ns(void);    // monotonic; the zero point means nothing
unsigned ks_platform_cpu_count(void); // at least 1

// ---- threads ----

struct ks_thread;
struct ks_mutex;
struct ks_condition;

// NULL when the system has no more of them.
struct ks_thread *ks_thread_start(void (*run)(void *user), void *user);
// Waits for the end of the thread and frees it.
void ks_thread_join(struct ks_thread *thread);

struct ks_mutex *ks_mutex_create(void);
void ks_mutex_destroy(struct ks_mutex *mutex);
void ks_mutex_lock(struct ks_mutex *mutex);
void ks_mutex_unlock(struct ks_mutex *mutex);

struct ks_condition *ks_condition_create(void);
void ks_condition_destroy(struct ks_condition *condition);
// Waits at most milliseconds; may return early. Returns false when the time is over.
bool ks_condition_wait(struct ks_condition *condition, struct ks_mutex *mutex,
                       unsigned milliseconds);
void ks_condition_wake_all(struct ks_condition *condition);

// ---- fibers ----

// A stack that takes turns with others on one thread of the host. Sanitizers and valgrind are told
// which stack is in use.
struct ks_fiber;

// Stands for the stack that the caller runs on, whichever that is when it switches away.
struct ks_fiber *ks_fiber_adopt(void);
// A new stack of about this size on which run(user) begins when it is first switched to. run must
// not return: its last act is ks_fiber_leave. NULL: no memory.
struct ks_fiber *ks_fiber_create(size_t size, void (*run)(void *user), void *user);
// Not for the one in use. What lies on its stack is forgotten.
void ks_fiber_destroy(struct ks_fiber *fiber);
// Goes on in to, until somebody switches to from, which is the one in use.
void ks_fiber_switch(struct ks_fiber *from, struct ks_fiber *to);
// The same for the last time: from is destroyed by somebody else afterwards.
void ks_fiber_leave(struct ks_fiber *from, struct ks_fiber *to);

#endif
