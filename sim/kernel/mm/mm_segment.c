// SPDX-License-Identifier: MIT
#include "kernel/mm/mm_segment.h"

#include "kernel/io/io_ask.h"
#include "kernel/io/io_driver.h"
#include "kernel/mm/mm_pages.h"
#include "world/world_object.h"

#include <string.h>

#define TAG_SEGMENT 0x65536D4Du // 'MmSe'
#define CHUNK       16u         // pages of one request
#define VALID       1u
#define DIRTY       2u

static uint64_t pages_in(uint64_t size)
{
    return (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

// ---- life ----

static struct ks_mm_segment **list_of(struct kldr_world *world)
{
    return &ks_io_state(world)->segments;
}

struct ks_mm_segment *ks_mm_segment_find(struct kldr_world *world, uint64_t pointers)
{
    struct ks_mm_segment *segment = *list_of(world);
    while (segment != NULL && segment->pointers != pointers) {
        segment = segment->next;
    }
    return segment;
}

void ks_mm_segment_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->segments != NULL) {
        struct ks_mm_segment *segment = state->segments;
        state->segments = segment->next;
        world->allocator.release(world->allocator.user, segment->states);
        world->allocator.release(world->allocator.user, segment);
    }
}

// Memory of kldr's own: what a file's data take is nobody's leak.
static bool take_memory(struct kldr_world *world, uint64_t size, uint64_t *out_pages,
                        uint8_t **out_states)
{
    const struct ks_kernel_call own = {.world = world};
    uint8_t *states = world->allocator.allocate(world->allocator.user, (size_t)pages_in(size) + 1);
    uint64_t pages = states != NULL ? ks_mm_pages_take(&own, size, TAG_SEGMENT) : 0;
    if (pages == 0) {
        world->allocator.release(world->allocator.user, states);
        return false;
    }
    memset(states, 0, (size_t)pages_in(size) + 1);
    *out_pages = pages;
    *out_states = states;
    return true;
}

static struct ks_mm_segment *make(struct kldr_world *world, struct ks_object *file, uint64_t size)
{
    struct ks_mm_segment *segment =
        world->allocator.allocate(world->allocator.user, sizeof *segment);
    if (segment == NULL) {
        return NULL;
    }
    *segment = (struct ks_mm_segment){.file = file, .file_size = size};
    segment->size = (pages_in(size) != 0 ? pages_in(size) : 1) << PAGE_SHIFT;
    if (!take_memory(world, segment->size, &segment->pages, &segment->states)) {
        world->allocator.release(world->allocator.user, segment);
        return NULL;
    }
    const FILE_OBJECT *body = ks_guest_pointer(file->body);
    segment->pointers = ks_io_address(body->SectionObjectPointer);
    ks_ob_reference(file);
    segment->next = *list_of(world);
    *list_of(world) = segment;
    return segment;
}

NTSTATUS ks_mm_segment_take(const struct ks_kernel_call *call, struct ks_object *file,
                            uint64_t size, struct ks_mm_segment **out_segment)
{
    struct kldr_world *world = call->world;
    const FILE_OBJECT *body = ks_guest_pointer(file->body);
    if (body->SectionObjectPointer == NULL) {
        return STATUS_INVALID_FILE_FOR_SECTION;
    }
    struct ks_mm_segment *segment =
        ks_mm_segment_find(world, ks_io_address(body->SectionObjectPointer));
    if (segment == NULL) {
        segment = make(world, file, size);
    } else if (size > segment->file_size && !ks_mm_segment_resize(call, segment, size)) {
        segment = NULL;
    }
    if (segment == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    segment->users++;
    *out_segment = segment;
    return STATUS_SUCCESS;
}

void ks_mm_segment_drop(struct kldr_world *world, struct ks_mm_segment *segment)
{
    struct ks_mm_segment **link = list_of(world);
    if (segment->users > 1) {
        segment->users--;
        return;
    }
    ks_mm_segment_flush(world, segment, 0, segment->size); // while others may still find it
    segment->users--;
    while (*link != segment) {
        link = &(*link)->next;
    }
    *link = segment->next;
    struct ks_object *file = segment->file;
    ks_mm_pages_give(world, segment->pages);
    world->allocator.release(world->allocator.user, segment->states);
    world->allocator.release(world->allocator.user, segment);
    ks_ob_dereference(world, file);
}

// ---- paging ----

// One paging request for whole pages.
static NTSTATUS page(struct kldr_world *world, struct ks_mm_segment *segment, uint64_t first,
                     uint64_t count, bool write)
{
    uint64_t address = segment->pages + (first << PAGE_SHIFT);
    uint64_t offset = first << PAGE_SHIFT, length = count << PAGE_SHIFT;
    if (write && offset + length > segment->file_size) {
        length = (segment->file_size - offset + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
    }
    struct ks_io_ask *ask =
        ks_io_ask_make(world, segment->file, NULL, write ? IRP_MJ_WRITE : IRP_MJ_READ, 0);
    if (ask == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ask->quiet = true;
    ask->irp->Flags |= IRP_PAGING_IO | IRP_NOCACHE | IRP_SYNCHRONOUS_PAGING_IO |
                       (write ? IRP_WRITE_OPERATION : IRP_READ_OPERATION);
    ask->irp->UserBuffer = ks_guest_pointer(address);
    ask->location->Parameters.Read.Length = (ULONG)length;
    ask->location->Parameters.Read.ByteOffset.QuadPart = (LONGLONG)offset;
    if (!ks_io_ask_lock(ask, address, (uint32_t)length, !write)) {
        ks_io_ask_give_up(ask);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    NTSTATUS status = ks_io_ask_run(ask, NULL);
    return !write && status == STATUS_END_OF_FILE ? STATUS_SUCCESS : status;
}

// Runs of pages whose state, masked, is what is wanted.
static NTSTATUS page_runs(struct kldr_world *world, struct ks_mm_segment *segment, uint64_t offset,
                          uint64_t length, bool write)
{
    uint64_t end = pages_in(offset + length), last = segment->size >> PAGE_SHIFT;
    end = end < last ? end : last;
    for (uint64_t i = offset >> PAGE_SHIFT; i < end;) {
        uint64_t count = 0;
        while (i + count < end && count < CHUNK &&
               (write ? (segment->states[i + count] & DIRTY) != 0
                      : (segment->states[i + count] & VALID) == 0)) {
            count++;
        }
        bool beyond = (i << PAGE_SHIFT) >= segment->file_size;
        NTSTATUS status =
            count != 0 && !beyond ? page(world, segment, i, count, write) : STATUS_SUCCESS;
        if (!NT_SUCCESS(status) || kldr_loader_stopped(world->loader, NULL)) {
            return status;
        }
        for (uint64_t at = i; at < i + count; at++) {
            segment->states[at] = write ? VALID : (uint8_t)(segment->states[at] | VALID);
        }
        i += count != 0 ? count : 1;
    }
    return STATUS_SUCCESS;
}

NTSTATUS ks_mm_segment_fill(struct kldr_world *world, struct ks_mm_segment *segment,
                            uint64_t offset, uint64_t length)
{
    return page_runs(world, segment, offset, length, false);
}

NTSTATUS ks_mm_segment_prepare(struct kldr_world *world, struct ks_mm_segment *segment,
                               uint64_t offset, uint64_t length)
{
    uint64_t end = offset + length, mask = PAGE_SIZE - 1;
    NTSTATUS status =
        (offset & mask) != 0 ? ks_mm_segment_fill(world, segment, offset, 1) : STATUS_SUCCESS;
    if (NT_SUCCESS(status) && (end & mask) != 0) {
        status = ks_mm_segment_fill(world, segment, end, 1);
    }
    for (uint64_t i = offset >> PAGE_SHIFT; NT_SUCCESS(status) && i < pages_in(end); i++) {
        segment->states[i] |= VALID;
    }
    return status;
}

bool ks_mm_segment_has(const struct ks_mm_segment *segment, uint64_t offset, uint64_t length)
{
    uint64_t at = offset >> PAGE_SHIFT, end = pages_in(offset + length);
    while (at < end && at < segment->size >> PAGE_SHIFT && (segment->states[at] & VALID) != 0) {
        at++;
    }
    return at >= end;
}

void ks_mm_segment_mark(struct ks_mm_segment *segment, uint64_t offset, uint64_t length)
{
    uint64_t end = pages_in(offset + length), last = segment->size >> PAGE_SHIFT;
    for (uint64_t i = offset >> PAGE_SHIFT; i < end && i < last; i++) {
        segment->states[i] |= VALID | DIRTY;
    }
}

NTSTATUS ks_mm_segment_flush(struct kldr_world *world, struct ks_mm_segment *segment,
                             uint64_t offset, uint64_t length)
{
    return page_runs(world, segment, offset, length, true);
}

bool ks_mm_segment_purge(struct ks_mm_segment *segment, uint64_t offset, uint64_t length)
{
    uint64_t end = pages_in(offset + length), last = segment->size >> PAGE_SHIFT;
    for (uint64_t i = offset >> PAGE_SHIFT; segment->views == 0 && i < end && i < last; i++) {
        segment->states[i] = 0;
        memset(ks_guest_pointer(segment->pages + (i << PAGE_SHIFT)), 0, PAGE_SIZE);
    }
    return segment->views == 0;
}

bool ks_mm_segment_resize(const struct ks_kernel_call *call, struct ks_mm_segment *segment,
                          uint64_t file_size)
{
    struct kldr_world *world = call->world;
    uint64_t size = (pages_in(file_size) != 0 ? pages_in(file_size) : 1) << PAGE_SHIFT;
    uint64_t pages = 0;
    uint8_t *states = NULL;
    if (file_size < segment->file_size) { // what is cut off is zero if it comes again
        uint64_t at = segment->pages + file_size;
        memset(ks_guest_pointer(at), 0, (size_t)(segment->pages + segment->size - at));
        for (uint64_t i = pages_in(file_size); i < segment->size >> PAGE_SHIFT; i++) {
            segment->states[i] = 0;
        }
    }
    if (size > segment->size) {
        // Twice as much, so that a file that grows bit by bit is moved seldom.
        uint64_t room = size < 2 * segment->size ? 2 * segment->size : size;
        if (segment->views != 0 || !take_memory(world, room, &pages, &states)) {
            return false;
        }
        memcpy(ks_guest_pointer(pages), ks_guest_pointer(segment->pages), (size_t)segment->size);
        memcpy(states, segment->states, (size_t)(segment->size >> PAGE_SHIFT));
        ks_mm_pages_give(world, segment->pages);
        world->allocator.release(world->allocator.user, segment->states);
        segment->pages = pages;
        segment->states = states;
        segment->size = room;
    }
    segment->file_size = file_size;
    return true;
}
