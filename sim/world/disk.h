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

#include <stdbool.h>

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
    // For drivers: times in units of 100 ns since 1601, 0: since the world began; FILE_ATTRIBUTE_.
    uint64_t created, accessed, written, changed;
    uint32_t attributes;
    size_t capacity; // of bytes, once they are the disk's own (ks_disk_resize)
    size_t charged;  // of it against the limit
    bool owned;
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

// ---- what drivers change (disk_file.c) ----

#define KS_DISK_FULL      ((kldr_status)UINT32_C(0xC000007F))
#define KS_DISK_NOT_EMPTY ((kldr_status)UINT32_C(0xC0000101))

struct ks_disk_rules {
    uint64_t limit;                 // for what drivers write, all files together
    const struct ks_engine *engine; // of images that they write
};
// Makes a file's bytes the disk's own and as many as size, new ones zero. KS_DISK_FULL,
// KLDR_ERROR_OUT_OF_MEMORY.
kldr_status ks_disk_resize(struct ks_disk *disk, struct ks_file *file, size_t size,
                           const struct ks_disk_rules *rules);
// The bytes of a file that was resized.
uint8_t *ks_disk_bytes(struct ks_file *file);
// Puts a file under another path, where none is.
kldr_status ks_disk_rename(struct ks_disk *disk, struct ks_file *file, const char *path);

// What all files that drivers wrote take of the limit.
uint64_t ks_disk_written(const struct ks_disk *disk);

// ---- folders (disk_folder.c) ----

// A file, or a folder, as it was spelled when it came.
struct ks_disk_entry {
    const char *name;     // last component; borrowed
    struct ks_file *file; // NULL: a folder
};

bool ks_disk_has_folder(const struct ks_disk *disk, const char *path);
// The folder above it exists. STATUS_OBJECT_NAME_COLLISION, KLDR_ERROR_OUT_OF_MEMORY.
kldr_status ks_disk_add_folder(struct ks_disk *disk, const char *path);
// One that nothing lies in. KS_DISK_NOT_EMPTY.
kldr_status ks_disk_remove_folder(struct ks_disk *disk, const char *path);
// What lies in a folder, by name, case folded; an array of the allocator's.
// KLDR_ERROR_OUT_OF_MEMORY.
kldr_status ks_disk_list(const struct ks_disk *disk, const char *path,
                         struct ks_disk_entry **out_entries, size_t *out_count);
// The drive letters of all paths on it, as bits from A.
uint32_t ks_disk_drives(const struct ks_disk *disk);

#endif
