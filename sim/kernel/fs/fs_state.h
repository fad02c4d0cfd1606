// SPDX-License-Identifier: MIT
// Between the files of kldr's file system.
#ifndef KS_KERNEL_FS_STATE_H
#define KS_KERNEL_FS_STATE_H

#include "kernel/fs/fs.h"
#include "kernel/io/io_file.h"
#include "kernel/io/io_irp.h"
#include "world/world_object.h"

#define KS_FS_SECTOR  512u
#define KS_FS_CLUSTER 4096u

// A file or folder that is open.
struct ks_fs_node {
    struct ks_fs_node *next;
    struct ks_file *file; // of the disk, referenced; NULL: a folder
    char *path;           // as the disk has it
    uint32_t files;       // file objects
    uint32_t handles;     // of them not cleaned up
    SHARE_ACCESS share;
    bool delete_pending; // goes with the last handle
    bool deleted;
    uint64_t block; // FSRTL_COMMON_FCB_HEADER and SECTION_OBJECT_POINTERS, which drivers see
};

// A file object.
struct ks_fs_open {
    struct ks_fs_open *next;
    struct ks_fs_node *node; // NULL: the volume itself
    char drive;
    bool append; // may only write behind the end
    bool delete_on_close;
    uint64_t pattern; // UNICODE_STRING of the first search in a folder; 0: all
    bool searched;
    size_t position; // in its list
};

struct ks_fs_state {
    bool started;
    struct ks_fs_node *nodes;
    struct ks_fs_open *opens;
};

// One request.
struct ks_fs_request {
    const struct ks_kernel_call *call;
    struct kldr_world *world;
    IRP *irp;
    const IO_STACK_LOCATION *location;
    FILE_OBJECT *file;       // NULL: none
    struct ks_fs_open *open; // NULL: none of this file system's
    char drive;              // of the volume
};

struct ks_fs_state *ks_fs_state(struct kldr_world *world);
// Where the request's data lie, in drivers' memory. 0: nowhere.
uint64_t ks_fs_buffer(const struct ks_fs_request *request);
// The status of a file that the disk answers.
NTSTATUS ks_fs_status(kldr_status status);
// Time of now, and of something that has none of its own.
uint64_t ks_fs_time(struct kldr_world *world, uint64_t time);

// ---- fs_node.c ----

// The node of what is open, or a new one. path is copied. NULL: no memory.
struct ks_fs_node *ks_fs_node_take(struct kldr_world *world, struct ks_file *file,
                                   const char *path);
void ks_fs_node_drop(struct kldr_world *world, struct ks_fs_node *node);
// The sizes that drivers see follow the file's.
void ks_fs_node_show(const struct ks_fs_node *node);
// Whether an image of it is loaded, so that it can neither be written nor deleted.
bool ks_fs_node_is_loaded(struct kldr_world *world, const struct ks_file *file);
NTSTATUS ks_fs_node_resize(struct kldr_world *world, struct ks_fs_node *node, uint64_t size);
struct ks_fs_open *ks_fs_open_of(struct kldr_world *world, uint64_t file);

// ---- the requests ----

NTSTATUS ks_fs_create(struct ks_fs_request *request);
NTSTATUS ks_fs_cleanup(struct ks_fs_request *request);
NTSTATUS ks_fs_close(struct ks_fs_request *request);
NTSTATUS ks_fs_read(struct ks_fs_request *request);
NTSTATUS ks_fs_write(struct ks_fs_request *request);
NTSTATUS ks_fs_query_information(struct ks_fs_request *request);
NTSTATUS ks_fs_set_information(struct ks_fs_request *request);
NTSTATUS ks_fs_query_volume(struct ks_fs_request *request);
NTSTATUS ks_fs_query_directory(struct ks_fs_request *request);
// Whether a file may be deleted.
NTSTATUS ks_fs_may_delete(struct ks_fs_request *request);

#endif
