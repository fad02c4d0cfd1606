// SPDX-License-Identifier: MIT
// Views of sections: ZwMapViewOfSection and its end.

#include "kernel/mm/mm_section.h"

#include "kernel/io/io_driver.h"
#include "kernel/ke/ke.h"
#include "kernel/mm/mm_pages.h"
#include "kernel/ob/ob_call.h"
#include "world/world_object.h"

#include <string.h>

#define CURRENT_PROCESS UINT64_MAX
#define GRANULARITY     UINT64_C(0x10000)
#define PAGE_MASK       (UINT64_C(0x1000) - 1)
#define TAG_PAGES       0x6365534Du // 'MSec'
#define NO_DEVICE       0xFF
#define MOST_ZERO_BITS  21u

// ---- one view ----

static NTSTATUS place_plain(const struct ks_kernel_call *call, struct ks_mm_section *section,
                            struct ks_mm_view *view)
{
    const struct ks_kernel_call own = {.world = call->world}; // the section's, not a driver's leak
    if (section->pages == 0) {
        section->pages = ks_mm_pages_take(&own, section->size, TAG_PAGES);
    }
    view->address = section->pages + view->offset;
    return section->pages != 0 ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS place_file(const struct ks_kernel_call *call, struct ks_mm_section *section,
                           struct ks_mm_view *view)
{
    struct ks_mm_segment *segment = section->segment;
    NTSTATUS status = ks_mm_segment_fill(call->world, segment, 0, segment->file_size);
    if (NT_SUCCESS(status)) {
        segment->views++;
        view->address = segment->pages + view->offset;
    }
    return status;
}

// Memory is seen where it is; what no memory is answers like a bus without a device.
static NTSTATUS place_physical(const struct ks_kernel_call *call, struct ks_mm_view *view)
{
    const struct ks_kernel_call own = {.world = call->world};
    const struct ks_pool *pool = &ks_nt(call->world)->pool;
    uint64_t address = ks_mm_virtual(call->world, view->offset);
    if (address != 0 && ks_pool_holds(pool, address, view->size)) {
        view->address = address;
        return STATUS_SUCCESS;
    }
    view->pages = view->address = ks_mm_pages_take(&own, view->size, TAG_PAGES);
    if (view->pages == 0) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    memset(ks_guest_pointer(view->pages), NO_DEVICE, (size_t)view->size);
    return STATUS_SUCCESS;
}

static NTSTATUS place(const struct ks_kernel_call *call, struct ks_mm_view *view)
{
    struct ks_mm_section *section = view->section->data;
    return section->physical          ? place_physical(call, view)
           : section->segment != NULL ? place_file(call, section, view)
                                      : place_plain(call, section, view);
}

static NTSTATUS add_view(const struct ks_kernel_call *call, const struct ks_mm_view *plan,
                         struct ks_mm_view **out_view)
{
    struct kldr_world *world = call->world;
    struct ks_mm_view *view = world->allocator.allocate(world->allocator.user, sizeof *view);
    if (view == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *view = *plan;
    NTSTATUS status = place(call, view);
    if (!NT_SUCCESS(status)) {
        world->allocator.release(world->allocator.user, view);
        return status;
    }
    view->next = ks_io_state(world)->views;
    ks_io_state(world)->views = view;
    ks_ob_reference(view->section);
    *out_view = view;
    return STATUS_SUCCESS;
}

static void end_view(struct kldr_world *world, struct ks_mm_view *view)
{
    struct ks_mm_section *section = view->section->data;
    struct ks_object *object = view->section;
    if (view->pages != 0) {
        ks_mm_pages_give(world, view->pages);
    }
    if (section->segment != NULL) {
        section->segment->views--;
        if (view->writable) {
            ks_mm_segment_mark(section->segment, view->offset, view->size);
            ks_mm_segment_flush(world, section->segment, view->offset, view->size);
        }
    }
    world->allocator.release(world->allocator.user, view);
    ks_ob_dereference(world, object);
}

// ---- for others ----

void ks_mm_view_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->views != NULL) {
        struct ks_mm_view *view = state->views;
        state->views = view->next;
        world->allocator.release(world->allocator.user, view);
    }
}

void ks_mm_view_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    const struct ks_io_state *state = world->nt->parts[KS_NT_IO].state;
    const struct ks_mm_view *view = state != NULL ? state->views : NULL;
    for (; view != NULL; view = view->next) {
        const struct ks_registered registered = {"view", 0, view->maker, 0};
        see(user, &registered);
    }
}

// ---- what drivers call ----

static NTSTATUS check_process(struct kldr_world *world, uint64_t handle)
{
    struct ks_object *process = NULL;
    if (handle == CURRENT_PROCESS) {
        return STATUS_SUCCESS;
    }
    NTSTATUS status = ks_ob_handle_reference(world, handle, KS_OB_PROCESS, 0, false, &process);
    if (NT_SUCCESS(status)) {
        ks_ob_dereference(world, process); // there is only one
    }
    return status;
}

static bool is_writable(uint32_t protection)
{
    return (protection & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE)) != 0;
}

// What the view is of the section; *size 0: all that follows.
static NTSTATUS plan_view(struct ks_mm_view *view, uint64_t offset, uint64_t size,
                          uint32_t protection)
{
    const struct ks_mm_section *section = view->section->data;
    uint64_t whole = (section->size + PAGE_MASK) & ~PAGE_MASK;
    view->offset = offset & ~(GRANULARITY - 1);
    view->writable = is_writable(protection);
    if (view->writable && !section->writable) {
        return STATUS_SECTION_PROTECTION;
    }
    if (view->offset >= whole || (section->physical && size == 0)) {
        return STATUS_INVALID_VIEW_SIZE;
    }
    size += size != 0 ? offset - view->offset : 0;
    view->size = ((size != 0 ? size : whole - view->offset) + PAGE_MASK) & ~PAGE_MASK;
    return view->size > whole - view->offset || view->size < size ? STATUS_INVALID_VIEW_SIZE
                                                                  : STATUS_SUCCESS;
}

static NTSTATUS check_arguments(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    uint32_t inherit = (uint32_t)a[7], kind = (uint32_t)a[9] & 0xFF;
    if (a[3] > MOST_ZERO_BITS) {
        return STATUS_INVALID_PARAMETER_4;
    }
    if (inherit != ViewShare && inherit != ViewUnmap) {
        return STATUS_INVALID_PARAMETER_8;
    }
    return kind < PAGE_READONLY || kind > PAGE_EXECUTE_READWRITE || (kind & (kind - 1)) != 0
               ? STATUS_INVALID_PAGE_PROTECTION
               : check_process(call->world, a[1]);
}

// ZwMapViewOfSection(SectionHandle, ProcessHandle, BaseAddress, ZeroBits, CommitSize,
// SectionOffset, ViewSize, InheritDisposition, AllocationType, Win32Protect)
uint64_t ks_mm_view_map(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_mm_view plan = {.maker = call->caller}, *view = NULL;
    ks_ob_probe(a[2], sizeof(PVOID));
    ks_ob_probe(a[6], sizeof(SIZE_T));
    ks_ob_probe(a[5], a[5] != 0 ? sizeof(LARGE_INTEGER) : 0);
    uint64_t offset = a[5] != 0 ? ks_guest_number(a[5], 8) : 0, size = ks_guest_number(a[6], 8);
    if (ks_guest_number(a[2], 8) != 0) {
        return ks_nt_lacking(call, "views of sections at an address that the driver chooses");
    }
    NTSTATUS status = check_arguments(call);
    if (NT_SUCCESS(status)) {
        status = ks_ob_handle_reference(call->world, a[0], KS_OB_SECTION, 0, false, &plan.section);
    }
    if (!NT_SUCCESS(status)) {
        return ks_ob_call_answer(status);
    }
    status = plan_view(&plan, offset, size, (uint32_t)a[9]);
    status = NT_SUCCESS(status) ? add_view(call, &plan, &view) : status;
    ks_ob_dereference(call->world, plan.section);
    if (NT_SUCCESS(status)) {
        ks_ob_call_put(a[2], view->address);
        ks_guest_put_number(a[6], 8, view->size);
        if (a[5] != 0) {
            ks_guest_put_number(a[5], 8, view->offset);
        }
    }
    return ks_ob_call_answer(status);
}

// ZwUnmapViewOfSection(ProcessHandle, BaseAddress): any address in it will do. Of several at one
// address the last one goes.
uint64_t ks_mm_view_unmap(const struct ks_kernel_call *call)
{
    uint64_t address = call->arguments[1];
    NTSTATUS status = check_process(call->world, call->arguments[0]);
    if (!NT_SUCCESS(status)) {
        return ks_ob_call_answer(status);
    }
    struct ks_mm_view **link = &ks_io_state(call->world)->views;
    while (*link != NULL &&
           (address < (*link)->address || address - (*link)->address >= (*link)->size)) {
        link = &(*link)->next;
    }
    struct ks_mm_view *view = *link;
    if (view == NULL) {
        return ks_ob_call_answer(STATUS_NOT_MAPPED_VIEW);
    }
    *link = view->next;
    end_view(call->world, view);
    return STATUS_SUCCESS;
}
