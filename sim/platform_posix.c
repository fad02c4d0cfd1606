// SPDX-License-Identifier: MIT
// platform.h for POSIX systems: files and folders.
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE

#include "platform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_DEPTH 64

// ---- files ----

static enum ks_io io_of_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return KS_IO_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return KS_IO_DENIED;
    case EISDIR:
        return KS_IO_IS_DIRECTORY;
    case ENOMEM:
        return KS_IO_NO_MEMORY;
    default:
        return KS_IO_FAILED;
    }
}

// Grows until the end of the file; capacity is the first guess.
static enum ks_io read_descriptor(int descriptor, size_t capacity, size_t limit,
                                  uint8_t **out_bytes, size_t *out_size)
{
    uint8_t *bytes = malloc(capacity + 1);
    size_t size = 0;
    enum ks_io io = bytes == NULL ? KS_IO_NO_MEMORY : KS_IO_OK;
    while (io == KS_IO_OK) {
        ssize_t got = read(descriptor, bytes + size, capacity + 1 - size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            io = got < 0 ? io_of_errno(errno) : KS_IO_OK;
            break;
        }
        size += (size_t)got;
        if (size > limit) {
            io = KS_IO_TOO_LARGE;
        } else if (size > capacity) {
            capacity = capacity > limit / 2 ? limit : capacity * 2;
            uint8_t *grown = realloc(bytes, capacity + 1);
            io = grown == NULL ? KS_IO_NO_MEMORY : KS_IO_OK;
            bytes = grown == NULL ? bytes : grown;
        }
    }
    if (io != KS_IO_OK) {
        free(bytes);
        return io;
    }
    bytes[size] = 0;
    *out_bytes = bytes;
    *out_size = size;
    return KS_IO_OK;
}

enum ks_io ks_platform_read_file(const char *path, size_t limit, uint8_t **out_bytes,
                                 size_t *out_size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return io_of_errno(errno);
    }
    struct stat status;
    enum ks_io io = KS_IO_FAILED;
    if (fstat(descriptor, &status) != 0) {
        io = io_of_errno(errno);
    } else if (S_ISDIR(status.st_mode)) {
        io = KS_IO_IS_DIRECTORY;
    } else if (S_ISREG(status.st_mode) && (uintmax_t)status.st_size > limit) {
        io = KS_IO_TOO_LARGE;
    } else {
        size_t guess = S_ISREG(status.st_mode) ? (size_t)status.st_size : 0;
        guess = guess > 4096 ? guess : 4096;
        io = read_descriptor(descriptor, guess < limit ? guess : limit, limit, out_bytes, out_size);
    }
    close(descriptor);
    return io;
}

struct ks_file_writer {
    int descriptor;
    bool failed;
    char *path;      // the file itself, links followed
    char *temporary; // NULL: written directly
};

static void writer_free(struct ks_file_writer *writer)
{
    if (writer->descriptor >= 0) {
        close(writer->descriptor);
    }
    free(writer->path);
    free(writer->temporary);
    free(writer);
}

// Opens a new file beside writer->path. mode is that of the file it will replace.
static enum ks_io open_temporary(struct ks_file_writer *writer, mode_t mode)
{
    size_t size = strlen(writer->path) + 40;
    writer->temporary = malloc(size);
    if (writer->temporary == NULL) {
        return KS_IO_NO_MEMORY;
    }
    for (unsigned i = 0; i < 100; i++) {
        snprintf(writer->temporary, size, "%s.%ld-%u.tmp", writer->path, (long)getpid(), i);
        writer->descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (writer->descriptor >= 0) {
            return KS_IO_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return io_of_errno(errno);
}

static enum ks_io open_target(struct ks_file_writer *writer, const char *path)
{
    struct stat status;
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) {
        return KS_IO_IS_DIRECTORY;
    }
    writer->path = exists ? realpath(path, NULL) : strdup(path);
    if (writer->path == NULL) {
        return io_of_errno(errno);
    }
    if (exists && !S_ISREG(status.st_mode)) {
        writer->descriptor = open(path, O_WRONLY | O_CLOEXEC);
        return writer->descriptor < 0 ? io_of_errno(errno) : KS_IO_OK;
    }
    if (exists && access(path, W_OK) != 0) {
        return io_of_errno(errno);
    }
    enum ks_io io = open_temporary(writer, exists ? status.st_mode & 0777 : 0666);
    if (io == KS_IO_OK && exists && fchmod(writer->descriptor, status.st_mode & 0777) != 0) {
        io = io_of_errno(errno);
    }
    return io;
}

enum ks_io ks_platform_writer_open(const char *path, struct ks_file_writer **out_writer)
{
    struct ks_file_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return KS_IO_NO_MEMORY;
    }
    writer->descriptor = -1;
    enum ks_io io = open_target(writer, path);
    if (io != KS_IO_OK) {
        writer_free(writer);
        return io;
    }
    *out_writer = writer;
    return KS_IO_OK;
}

bool ks_platform_writer_write(struct ks_file_writer *writer, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0 && !writer->failed) {
        ssize_t done = write(writer->descriptor, at, size);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            writer->failed = true;
        } else {
            at += done;
            size -= (size_t)done;
        }
    }
    return !writer->failed;
}

enum ks_io ks_platform_writer_commit(struct ks_file_writer *writer)
{
    bool closed = close(writer->descriptor) == 0;
    writer->descriptor = -1;
    enum ks_io io = writer->failed || !closed ? KS_IO_FAILED : KS_IO_OK;
    if (writer->temporary != NULL && io == KS_IO_OK &&
        rename(writer->temporary, writer->path) != 0) {
        io = io_of_errno(errno);
    }
    if (writer->temporary != NULL && io != KS_IO_OK) {
        unlink(writer->temporary);
    }
    writer_free(writer);
    return io;
}

void ks_platform_writer_abandon(struct ks_file_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->temporary != NULL) {
        unlink(writer->temporary);
    }
    writer_free(writer);
}

enum ks_path_kind ks_platform_path_kind(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return KS_PATH_ABSENT;
    }
    return S_ISDIR(status.st_mode) ? KS_PATH_DIRECTORY : KS_PATH_FILE;
}

bool ks_platform_is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

enum ks_io ks_platform_make_directory(const char *path)
{
    if (mkdir(path, 0777) == 0 || ks_platform_path_kind(path) == KS_PATH_DIRECTORY) {
        return KS_IO_OK;
    }
    return io_of_errno(errno);
}

// ---- folders ----

struct tree {
    const char *suffix;
    struct ks_path_list *list;
};

static bool ends_with(const char *name, const char *suffix)
{
    size_t name_length = strlen(name), suffix_length = strlen(suffix);
    return name_length >= suffix_length &&
           strcasecmp(name + name_length - suffix_length, suffix) == 0;
}

static enum ks_io tree_walk(struct tree *tree, const char *folder, unsigned depth);

static enum ks_io tree_entry(struct tree *tree, const char *folder, const char *name,
                             unsigned depth)
{
    char *path = ks_platform_join(folder, name);
    if (path == NULL) {
        return KS_IO_NO_MEMORY;
    }
    struct stat status;
    if (lstat(path, &status) != 0) {
        free(path);
        return KS_IO_OK; // gone since it was listed
    }
    if (S_ISDIR(status.st_mode)) {
        enum ks_io io = depth < TREE_DEPTH ? tree_walk(tree, path, depth + 1) : KS_IO_OK;
        free(path);
        return io;
    }
    if (!ends_with(name, tree->suffix) || ks_platform_path_kind(path) == KS_PATH_DIRECTORY) {
        free(path);
        return KS_IO_OK;
    }
    return ks_platform_path_list_add(tree->list, path) ? KS_IO_OK : KS_IO_NO_MEMORY;
}

static enum ks_io tree_walk(struct tree *tree, const char *folder, unsigned depth)
{
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return io_of_errno(errno);
    }
    enum ks_io io = KS_IO_OK;
    struct dirent *entry;
    while (io == KS_IO_OK && (entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            io = tree_entry(tree, folder, entry->d_name, depth);
        }
    }
    closedir(directory);
    return io;
}

static enum ks_io list_files(const char *root, const char *suffix, unsigned depth,
                             struct ks_path_list *out_list)
{
    struct ks_path_list list = {NULL, 0};
    struct tree tree = {suffix, &list};
    enum ks_io io = tree_walk(&tree, root, depth);
    if (io != KS_IO_OK) {
        ks_platform_path_list_fini(&list);
        return io;
    }
    ks_platform_path_list_sort(&list);
    *out_list = list;
    return KS_IO_OK;
}

enum ks_io ks_platform_list_tree(const char *root, const char *suffix,
                                 struct ks_path_list *out_list)
{
    return list_files(root, suffix, 0, out_list);
}

enum ks_io ks_platform_list_folder(const char *root, const char *suffix,
                                   struct ks_path_list *out_list)
{
    return list_files(root, suffix, TREE_DEPTH, out_list);
}

char *ks_platform_program(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
    return length <= 0 || (size_t)length == sizeof(path) ? NULL : strndup(path, (size_t)length);
}

bool ks_platform_is_absolute(const char *path)
{
    return path[0] == '/';
}

size_t ks_platform_folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}
