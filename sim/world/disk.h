// SPDX-License-Identifier: MIT
// The simulated disk: files by NT path. \SystemRoot is a link to \??\C:\Windows, which the disk
// follows and the loader does not (L3); a name without any backslash lies in the drivers folder.
// Case is ignored (ASCII).
//
// A file is reference-counted: an image that was loaded keeps its file's description after the file
// is deleted or replaced (L11).
#ifndef KS_WORLD_DISK_H
#define KS_WORLD_DISK_H

#include <kldr/alloc.h>
#include <kldr/status.h>

struct ks_engine;
struct ks_symbols;

struct ks_file {
    uint32_t references;
    uint32_t identity; // the same number means the same file (H6)
    char *path;        // as it was added: base name or full path
    const uint8_t *bytes;
    size_t size;
    const struct ks_engine *engine; // who runs the routines of images loaded from it
    const void *description;        // the engine's: what the routines do
    struct ks_symbols *symbols;     // once a report needed them; NULL: not yet
    void (*release)(void *user, struct ks_file *file); // frees bytes and description; may be NULL
    void *user;
};

struct ks_disk;

struct ks_disk *ks_disk_create(const struct kldr_allocator *allocator);
void ks_disk_destroy(struct ks_disk *disk);

// Makes a file with one reference, the caller's. NULL: no memory.
struct ks_file *ks_file_create(const struct kldr_allocator *allocator, const char *path);
struct ks_file *ks_file_retain(struct ks_file *file);
void ks_file_release(const struct kldr_allocator *allocator, struct ks_file *file);

// Puts a file on the disk (the disk takes its own reference).
//   STATUS_OBJECT_NAME_COLLISION   a file is there
//   KLDR_ERROR_OUT_OF_MEMORY
kldr_status ks_disk_add(struct ks_disk *disk, struct ks_file *file);

// STATUS_OBJECT_NAME_NOT_FOUND when there is none.
kldr_status ks_disk_remove(struct ks_disk *disk, const char *path);

// Borrows the file at a path. STATUS_OBJECT_NAME_NOT_FOUND, or STATUS_OBJECT_PATH_NOT_FOUND when
// its folder does not exist: a folder exists when a file lies or lay in or below it; the drivers
// folder and its parents always do (A10).
kldr_status ks_disk_find(const struct ks_disk *disk, const char *path, struct ks_file **out_file);

#endif
