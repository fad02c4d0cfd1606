// SPDX-License-Identifier: MIT
// Making and opening sections.

#include "kernel/mm/mm_section.h"

#include "kernel/io/io_ask.h"
#include "kernel/mm/mm_pages.h"
#include "kernel/ob/ob_call.h"

#define BODY_SIZE 64u // nobody looks inside
#define TAG_BODY  0x6365534Du
#define PHYSICAL  "\\Device\\PhysicalMemory"

static bool is_writable(uint32_t protection)
{
    return (protection & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE)) != 0;
}

// One bit of the protections, and maybe modifiers.
static bool is_protection(uint32_t protection)
{
    uint32_t kind = protection & ~(uint32_t)(PAGE_NOCACHE | PAGE_WRITECOMBINE);
    return kind >= PAGE_READONLY && kind <= PAGE_EXECUTE_READWRITE && (kind & (kind - 1)) == 0;
}

static struct ks_object *make_object(struct kldr_world *world, uint64_t maker,
                                     const struct ks_mm_section *section)
{
    struct ks_object *object = ks_ob_create(world, KS_OB_SECTION, BODY_SIZE, maker);
    struct ks_mm_section *data =
        object != NULL ? world->allocator.allocate(world->allocator.user, sizeof *data) : NULL;
    if (data != NULL) {
        *data = *section;
        object->data = data;
    } else if (object != NULL) {
        ks_ob_dereference(world, object);
        object = NULL;
    }
    return object;
}

void ks_mm_section_end(struct kldr_world *world, struct ks_object *object)
{
    struct ks_mm_section *section = object->data;
    if (section == NULL) {
        return;
    }
    object->data = NULL;
    if (section->pages != 0) {
        ks_mm_pages_give(world, section->pages);
    }
    if (section->segment != NULL) {
        ks_mm_segment_drop(world, section->segment);
    }
    world->allocator.release(world->allocator.user, section);
}

bool ks_mm_section_add_physical(struct kldr_world *world)
{
    struct ks_object *there = NULL;
    const struct ks_mm_section physical = {
        .physical = true, .writable = true, .size = UINT64_C(1) << 48};
    if (NT_SUCCESS(ks_ob_look_up_path(world, PHYSICAL, KS_OB_SECTION, &there))) {
        ks_ob_dereference(world, there);
        return true;
    }
    struct ks_object *object = make_object(world, 0, &physical);
    const struct ks_ob_lookup lookup = {.name = PHYSICAL, .type = KS_OB_SECTION};
    if (object == NULL) {
        return false;
    }
    object->attributes = OBJ_PERMANENT;
    NTSTATUS status = ks_ob_enter(world, object, &lookup, NULL);
    ks_ob_dereference(world, object);
    return NT_SUCCESS(status);
}

// ---- of a file ----

struct wish {
    const struct ks_kernel_call *call;
    uint64_t size; // 0: the file's
    uint32_t protection;
    uint64_t file; // handle
};

static NTSTATUS query_size(struct kldr_world *world, struct ks_object *file, uint64_t *out_size)
{
    FILE_STANDARD_INFORMATION standard = {0};
    struct ks_io_ask *ask = ks_io_ask_make(world, file, NULL, IRP_MJ_QUERY_INFORMATION, 0);
    if (ask == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ask->quiet = true;
    ask->location->Parameters.QueryFile.Length = sizeof standard;
    ask->location->Parameters.QueryFile.FileInformationClass = FileStandardInformation;
    if (!ks_io_ask_copy(ask, 0, 0, ks_io_address(&standard), sizeof standard)) {
        ks_io_ask_give_up(ask);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    NTSTATUS status = ks_io_ask_run(ask, NULL);
    *out_size = (uint64_t)standard.EndOfFile.QuadPart;
    return NT_SUCCESS(status) && standard.Directory ? STATUS_INVALID_FILE_FOR_SECTION : status;
}

static NTSTATUS extend_file(struct kldr_world *world, struct ks_object *file, uint64_t size)
{
    FILE_END_OF_FILE_INFORMATION end = {.EndOfFile.QuadPart = (LONGLONG)size};
    struct ks_io_ask *ask = ks_io_ask_make(world, file, NULL, IRP_MJ_SET_INFORMATION, 0);
    if (ask == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ask->quiet = true;
    ask->location->Parameters.SetFile.Length = sizeof end;
    ask->location->Parameters.SetFile.FileInformationClass = FileEndOfFileInformation;
    if (!ks_io_ask_copy(ask, ks_io_address(&end), sizeof end, 0, 0)) {
        ks_io_ask_give_up(ask);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return ks_io_ask_run(ask, NULL);
}

static NTSTATUS take_segment(const struct wish *wish, struct ks_object *file,
                             struct ks_mm_section *section)
{
    struct kldr_world *world = wish->call->world;
    uint64_t size = 0;
    NTSTATUS status = query_size(world, file, &size);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    section->size = wish->size != 0 ? wish->size : size;
    if (section->size == 0) {
        return STATUS_MAPPED_FILE_SIZE_ZERO;
    }
    if (section->size > size) {
        status =
            section->writable ? extend_file(world, file, section->size) : STATUS_SECTION_TOO_BIG;
    }
    size = section->size > size ? section->size : size;
    return NT_SUCCESS(status) ? ks_mm_segment_take(wish->call, file, size, &section->segment)
                              : status;
}

static NTSTATUS fill(const struct wish *wish, struct ks_mm_section *section)
{
    struct kldr_world *world = wish->call->world;
    struct ks_object *file = NULL;
    section->writable = is_writable(wish->protection);
    section->size = wish->size;
    if (wish->file == 0) {
        return wish->size != 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER_4;
    }
    NTSTATUS status = ks_ob_handle_reference(world, wish->file, KS_OB_FILE, 0, false, &file);
    if (NT_SUCCESS(status)) {
        status = take_segment(wish, file, section);
        ks_ob_dereference(world, file);
    }
    return status;
}

// ---- what drivers call ----

static NTSTATUS create(const struct wish *wish, const struct ks_ob_attributes *attributes,
                       uint32_t access, uint64_t *out_handle)
{
    struct kldr_world *world = wish->call->world;
    struct ks_mm_section section = {0};
    NTSTATUS status = fill(wish, &section);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    struct ks_object *object = make_object(world, wish->call->caller, &section);
    if (object == NULL) {
        if (section.segment != NULL) {
            ks_mm_segment_drop(world, section.segment);
        }
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return ks_ob_insert(world, object, attributes, access, out_handle, NULL);
}

// ZwCreateSection(SectionHandle, DesiredAccess, ObjectAttributes, MaximumSize,
// SectionPageProtection, AllocationAttributes, FileHandle)
uint64_t ks_mm_section_create(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const uint32_t kinds = SEC_COMMIT | SEC_RESERVE | SEC_IMAGE, flags = (uint32_t)a[5];
    struct ks_ob_attributes attributes;
    uint64_t handle = 0;
    struct wish wish = {.call = call,
                        .size = a[3] != 0 ? ks_guest_number(a[3], 8) : 0,
                        .protection = (uint32_t)a[4],
                        .file = a[6]};
    ks_ob_probe(a[0], sizeof(HANDLE));
    if ((flags & kinds) == 0) {
        return ks_ob_call_answer(STATUS_INVALID_PARAMETER_6);
    }
    if (!is_protection(wish.protection)) {
        return ks_ob_call_answer(STATUS_INVALID_PAGE_PROTECTION);
    }
    if ((flags & SEC_IMAGE) != 0 || (wish.protection & PAGE_WRITECOPY) != 0) {
        return ks_nt_lacking(call, "sections of images, and such that copy what is written");
    }
    NTSTATUS status = ks_ob_attributes_init(call->world, a[2], &attributes);
    if (NT_SUCCESS(status)) {
        status = create(&wish, &attributes, (uint32_t)a[1], &handle);
        ks_ob_attributes_fini(call->world, &attributes);
    }
    if (NT_SUCCESS(status)) {
        ks_ob_call_put(a[0], handle);
    }
    return ks_ob_call_answer(status);
}

// ZwOpenSection(SectionHandle, DesiredAccess, ObjectAttributes)
uint64_t ks_mm_section_open(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    ks_mm_section_add_physical(call->world);
    return ks_ob_open_call(call, a[2], KS_OB_SECTION, (uint32_t)a[1], a[0]);
}

// MmCanFileBeTruncated(SectionPointer, NewFileSize): not while somebody has addresses of its data.
uint64_t ks_mm_section_can_truncate(const struct ks_kernel_call *call)
{
    const SECTION_OBJECT_POINTERS *pointers = ks_guest_pointer(call->arguments[0]);
    uint64_t size = call->arguments[1] != 0 ? ks_guest_number(call->arguments[1], 8) : 0;
    const struct ks_mm_segment *segment = ks_mm_segment_find(call->world, ks_io_address(pointers));
    bool mapped = pointers->ImageSectionObject != NULL ||
                  (segment != NULL && segment->views != 0 && size < segment->file_size);
    return !mapped;
}

// MmFlushImageSection(SectionPointer, FlushType): no driver's file system has images mapped.
uint64_t ks_mm_section_flush_image(const struct ks_kernel_call *call)
{
    const SECTION_OBJECT_POINTERS *pointers = ks_guest_pointer(call->arguments[0]);
    const struct ks_mm_segment *segment = ks_mm_segment_find(call->world, ks_io_address(pointers));
    bool deletes = (uint32_t)call->arguments[1] == MmFlushForDelete;
    return pointers->ImageSectionObject == NULL &&
           !(deletes && segment != NULL && segment->views != 0);
}
