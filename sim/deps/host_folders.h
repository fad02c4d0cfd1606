// SPDX-License-Identifier: MIT
// Where files of the host are looked for that stand for files of the simulated drivers folder.
//
// With folders given (--dir) these are the files that the user named, then those folders in their
// order; without, the importer's own folder, then the named files, then their folders. A folder may
// be named like a file, with a separator at its end. Folders in a folder are not looked into, as
// Windows does not. Names compare without regard to case; of several files that differ in case
// only, the first by its bytes counts.
#ifndef KS_DEPS_HOST_FOLDERS_H
#define KS_DEPS_HOST_FOLDERS_H

#include "platform.h"

struct ks_host_folder; // a folder's list of files, read once

struct ks_host_folders {
    const char *const *given; // --dir; borrowed
    size_t given_count;
    const char *const *files; // named by the user; borrowed
    size_t file_count;
    struct ks_host_folder *read; // in the order they were asked for
};

void ks_host_folders_init(struct ks_host_folders *folders, const char *const *given,
                          size_t given_count, const char *const *files, size_t file_count);
void ks_host_folders_fini(struct ks_host_folders *folders);

// The path of the file that an import of that name means, for an importer at a path. KS_IO_OK,
// KS_IO_NOT_FOUND or KS_IO_NO_MEMORY. The path lives as long as the folders.
enum ks_io ks_host_folders_find(struct ks_host_folders *folders, const char *importer,
                                const char *name, const char **out_path);

#endif
