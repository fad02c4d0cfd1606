// SPDX-License-Identifier: MIT
// Cc: the cache of a file system's files, a plain one: pages come by paging reads, and what is
// written goes to the file system by paging writes at once.

#include "kernel/mm/mm_segment.h"

#include "kernel/ob/ob_call.h"
#include "world/world_object.h"

#include <string.h>

#define STOP_CACHE_MANAGER 0x34u

// The file object's segment. NULL: it is not cached, and the system has stopped.
static struct ks_mm_segment *segment_of(const struct ks_kernel_call *call, uint64_t file)
{
    const FILE_OBJECT *body = ks_guest_pointer(file);
    struct ks_mm_segment *segment =
        body->PrivateCacheMap != NULL
            ? ks_mm_segment_find(call->world, ks_io_address(body->SectionObjectPointer))
            : NULL;
    if (segment == NULL) {
        ks_nt_stop(call, STOP_CACHE_MANAGER, 0, file, 0, 0,
                   "used the cache of a file without CcInitializeCacheMap");
    }
    return segment;
}

static void raise(const struct ks_kernel_call *call, NTSTATUS status)
{
    const uint64_t argument = KS_STATUS(status);
    ks_io_run(call, "ExRaiseStatus", &argument);
}

// ---- life ----

// CcInitializeCacheMap(FileObject, FileSizes, PinAccess, Callbacks, LazyWriteContext)
uint64_t ks_cc_cache_initialize(const struct ks_kernel_call *call)
{
    FILE_OBJECT *body = ks_guest_pointer(call->arguments[0]);
    const CC_FILE_SIZES sizes = *(const CC_FILE_SIZES *)ks_guest_pointer(call->arguments[1]);
    struct ks_object *file = ks_ob_call_object(call, call->arguments[0]);
    struct ks_mm_segment *segment = NULL;
    if (file == NULL || body->PrivateCacheMap != NULL) {
        return 0;
    }
    NTSTATUS status = ks_mm_segment_take(call, file, (uint64_t)sizes.FileSize.QuadPart, &segment);
    if (!NT_SUCCESS(status)) {
        raise(call, status);
        return 0;
    }
    SECTION_OBJECT_POINTERS *pointers = body->SectionObjectPointer;
    pointers->SharedCacheMap = pointers; // a mark: what kldr relies on lies elsewhere
    body->PrivateCacheMap = pointers;
    body->Flags |= FO_CACHE_SUPPORTED;
    return 0;
}

// CcUninitializeCacheMap(FileObject, TruncateSize, UninitializeEvent): whether the file's cache has
// gone.
uint64_t ks_cc_cache_uninitialize(const struct ks_kernel_call *call)
{
    FILE_OBJECT *body = ks_guest_pointer(call->arguments[0]);
    CACHE_UNINITIALIZE_EVENT *event = ks_guest_pointer(call->arguments[2]);
    SECTION_OBJECT_POINTERS *pointers = body->SectionObjectPointer;
    struct ks_mm_segment *segment = body->PrivateCacheMap != NULL
                                        ? ks_mm_segment_find(call->world, ks_io_address(pointers))
                                        : NULL;
    bool last = segment != NULL && segment->users == 1;
    body->PrivateCacheMap = NULL;
    if (segment != NULL && call->arguments[1] != 0) {
        ks_mm_segment_resize(call, segment, ks_guest_number(call->arguments[1], 8));
    }
    if (segment != NULL) {
        ks_mm_segment_drop(call->world, segment);
    }
    if (last) {
        pointers->SharedCacheMap = NULL;
    }
    if (event != NULL) {
        const uint64_t arguments[] = {ks_io_address(&event->Event), 0, 0};
        ks_io_run(call, "KeSetEvent", arguments);
    }
    return last;
}

// CcSetFileSizes(FileObject, FileSizes)
uint64_t ks_cc_cache_set_sizes(const struct ks_kernel_call *call)
{
    const FILE_OBJECT *body = ks_guest_pointer(call->arguments[0]);
    const CC_FILE_SIZES sizes = *(const CC_FILE_SIZES *)ks_guest_pointer(call->arguments[1]);
    struct ks_mm_segment *segment =
        ks_mm_segment_find(call->world, ks_io_address(body->SectionObjectPointer));
    if (segment != NULL &&
        !ks_mm_segment_resize(call, segment, (uint64_t)sizes.FileSize.QuadPart)) {
        raise(call, STATUS_INSUFFICIENT_RESOURCES);
    }
    return 0;
}

// ---- copying ----

// CcCopyRead(FileObject, FileOffset, Length, Wait, Buffer, IoStatus): FALSE when it would have to
// wait for pages and must not. A page that cannot be read is raised.
uint64_t ks_cc_cache_read(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    uint64_t offset = ks_guest_number(a[1], 8), length = (uint32_t)a[2];
    IO_STATUS_BLOCK *block = ks_guest_pointer(a[5]);
    struct ks_mm_segment *segment = segment_of(call, a[0]);
    if (segment == NULL) {
        return 0;
    }
    length = offset >= segment->file_size           ? 0
             : length < segment->file_size - offset ? length
                                                    : segment->file_size - offset;
    if ((a[3] & 0xFF) == 0 && !ks_mm_segment_has(segment, offset, length)) {
        return false;
    }
    NTSTATUS status = ks_mm_segment_fill(call->world, segment, offset, length);
    if (kldr_loader_stopped(call->world->loader, NULL)) {
        return 0;
    }
    if (!NT_SUCCESS(status)) {
        raise(call, status);
        return 0;
    }
    memcpy(ks_guest_pointer(a[4]), (const uint8_t *)ks_guest_pointer(segment->pages) + offset,
           (size_t)length);
    block->Status = STATUS_SUCCESS;
    block->Information = (ULONG_PTR)length;
    return true;
}

// CcCopyWrite(FileObject, FileOffset, Length, Wait, Buffer): the file's size has been set before.
uint64_t ks_cc_cache_write(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    uint64_t offset = ks_guest_number(a[1], 8), length = (uint32_t)a[2];
    struct ks_mm_segment *segment = segment_of(call, a[0]);
    if (segment == NULL || (a[3] & 0xFF) == 0) {
        return false; // it writes at once, which may have to wait
    }
    if (offset > segment->file_size || length > segment->file_size - offset) {
        raise(call, STATUS_INVALID_PARAMETER);
        return 0;
    }
    NTSTATUS status = ks_mm_segment_prepare(call->world, segment, offset, length);
    if (NT_SUCCESS(status) && !kldr_loader_stopped(call->world->loader, NULL)) {
        memcpy((uint8_t *)ks_guest_pointer(segment->pages) + offset, ks_guest_pointer(a[4]),
               (size_t)length);
        ks_mm_segment_mark(segment, offset, length);
        status = ks_mm_segment_flush(call->world, segment, offset, length);
    }
    if (!NT_SUCCESS(status) && !kldr_loader_stopped(call->world->loader, NULL)) {
        raise(call, status);
    }
    return NT_SUCCESS(status);
}

// ---- flushing and purging ----

// Offset and length of a range: all without an offset.
static void get_range(const uint64_t *a, const struct ks_mm_segment *segment, uint64_t *out_offset,
                      uint64_t *out_length)
{
    uint64_t offset = a[1] != 0 ? ks_guest_number(a[1], 8) : 0;
    bool all = a[1] == 0 || (uint32_t)a[2] == 0;
    *out_offset = offset < segment->size ? offset : segment->size;
    *out_length = all ? segment->size - *out_offset : (uint32_t)a[2];
}

// CcFlushCache(SectionObjectPointer, FileOffset, Length, IoStatus)
uint64_t ks_cc_cache_flush(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_mm_segment *segment = ks_mm_segment_find(call->world, a[0]);
    NTSTATUS status = STATUS_SUCCESS;
    uint64_t offset = 0, length = 0;
    if (segment != NULL) {
        get_range(a, segment, &offset, &length);
        status = ks_mm_segment_flush(call->world, segment, offset, length);
    }
    if (a[3] != 0) {
        IO_STATUS_BLOCK *block = ks_guest_pointer(a[3]);
        block->Status = status;
        block->Information = 0;
    }
    return 0;
}

// CcPurgeCacheSection(SectionObjectPointer, FileOffset, Length, Flags)
uint64_t ks_cc_cache_purge(const struct ks_kernel_call *call)
{
    struct ks_mm_segment *segment = ks_mm_segment_find(call->world, call->arguments[0]);
    uint64_t offset = 0, length = 0;
    if (segment == NULL) {
        return true;
    }
    get_range(call->arguments, segment, &offset, &length);
    return ks_mm_segment_purge(segment, offset, length);
}

// CcCanIWrite(FileObject, BytesToWrite, Wait, Retrying): nothing is ever put off.
uint64_t ks_cc_cache_can_write(const struct ks_kernel_call *call)
{
    (void)call;
    return true;
}
