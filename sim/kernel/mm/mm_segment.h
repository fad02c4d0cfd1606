// SPDX-License-Identifier: MIT
// The data of a file in memory, for sections and for the cache alike, so that both see the same.
//
// A segment is known by the SECTION_OBJECT_POINTERS that a file system gives its file objects.
// Pages come by paging requests to the file's own stack, and go back by them.
#ifndef KS_KERNEL_MM_SEGMENT_H
#define KS_KERNEL_MM_SEGMENT_H

#include "kernel/io/io_state.h"

struct ks_mm_segment {
    struct ks_mm_segment *next;
    struct ks_object *file; // that paging requests are for; referenced
    uint64_t pointers;      // SECTION_OBJECT_POINTERS
    uint64_t pages, size;   // memory, whole pages
    uint64_t file_size;
    uint8_t *states; // of each page
    uint32_t users;  // sections, cache maps
    uint32_t views;  // addresses of it that drivers have: it cannot move
};

// That of a file, made when there is none; at least as large as size. The caller is one more user.
// STATUS_INVALID_FILE_FOR_SECTION: the file system gives no pointers.
NTSTATUS ks_mm_segment_take(const struct ks_kernel_call *call, struct ks_object *file,
                            uint64_t size, struct ks_mm_segment **out_segment);
// Dirty pages are written; the last user's end is its end.
void ks_mm_segment_drop(struct kldr_world *world, struct ks_mm_segment *segment);
// NULL: none.
struct ks_mm_segment *ks_mm_segment_find(struct kldr_world *world, uint64_t pointers);

// Brings the pages of a range. Data behind the end of the file are zero.
NTSTATUS ks_mm_segment_fill(struct kldr_world *world, struct ks_mm_segment *segment,
                            uint64_t offset, uint64_t length);
// The same without reading pages that the caller overwrites as a whole.
NTSTATUS ks_mm_segment_prepare(struct kldr_world *world, struct ks_mm_segment *segment,
                               uint64_t offset, uint64_t length);
// Whether all pages of a range are there.
bool ks_mm_segment_has(const struct ks_mm_segment *segment, uint64_t offset, uint64_t length);
void ks_mm_segment_mark(struct ks_mm_segment *segment, uint64_t offset, uint64_t length);
// Writes dirty pages of a range, as far as the file goes.
NTSTATUS ks_mm_segment_flush(struct kldr_world *world, struct ks_mm_segment *segment,
                             uint64_t offset, uint64_t length);
// Forgets pages of a range, so that they are read anew. False: somebody has their addresses.
bool ks_mm_segment_purge(struct ks_mm_segment *segment, uint64_t offset, uint64_t length);
// The file has another size. False: no memory, or somebody has addresses of it.
bool ks_mm_segment_resize(const struct ks_kernel_call *call, struct ks_mm_segment *segment,
                          uint64_t file_size);

#endif
