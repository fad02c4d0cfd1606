// SPDX-License-Identifier: MIT
// Sections and their views. A section's memory is at one address, however often it is mapped.
#ifndef KS_KERNEL_MM_SECTION_H
#define KS_KERNEL_MM_SECTION_H

#include "kernel/mm/mm_segment.h"
#include "kernel/registered.h"

struct ks_mm_section {
    uint64_t size;
    uint64_t pages;                // of one without a file, once it is mapped; 0: none
    struct ks_mm_segment *segment; // of one with a file
    bool physical;                 // \Device\PhysicalMemory
    bool writable;
};

struct ks_mm_view {
    struct ks_mm_view *next;
    struct ks_object *section; // referenced
    uint64_t address, size, offset;
    uint64_t pages; // of the view's own, of memory of devices; 0: none
    bool writable;
    uint64_t maker;
};

// The section object \Device\PhysicalMemory is there from now on. False: no memory.
bool ks_mm_section_add_physical(struct kldr_world *world);

// Type function of Ob.
void ks_mm_section_end(struct kldr_world *world, struct ks_object *object);

#endif
