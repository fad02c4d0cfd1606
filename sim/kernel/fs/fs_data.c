// SPDX-License-Identifier: MIT
// Reading and writing files of the simulated disk.

#include "kernel/fs/fs_state.h"

#include "kernel/io/io_ask.h"
#include "kernel/ke/ke.h"
#include "kernel/mm/mm_segment.h"

#include <string.h>

// Where a request begins: at ByteOffset, behind the end of the file, or where the last one stopped.
static bool find_offset(const struct ks_fs_request *request, bool write, uint64_t *out_offset)
{
    LARGE_INTEGER offset = request->location->Parameters.Read.ByteOffset;
    bool special = offset.u.HighPart == -1;
    if ((special && offset.u.LowPart == FILE_WRITE_TO_END_OF_FILE && write) ||
        (write && request->open->append)) {
        *out_offset = request->open->node->file->size;
        return true;
    }
    if (special && offset.u.LowPart == FILE_USE_FILE_POINTER_POSITION) {
        offset = request->file->CurrentByteOffset;
    }
    *out_offset = (uint64_t)offset.QuadPart;
    return offset.QuadPart >= 0;
}

static NTSTATUS finish(struct ks_fs_request *request, uint64_t offset, uint64_t length)
{
    request->irp->IoStatus.Information = (ULONG_PTR)length;
    if ((request->file->Flags & FO_SYNCHRONOUS_IO) != 0 &&
        (request->irp->Flags & IRP_PAGING_IO) == 0) {
        request->file->CurrentByteOffset.QuadPart = (LONGLONG)(offset + length);
    }
    return STATUS_SUCCESS;
}

// The file's data in memory, unless it is paging that asks. NULL: there are none.
static struct ks_mm_segment *segment_of(const struct ks_fs_request *request)
{
    return (request->irp->Flags & IRP_PAGING_IO) == 0
               ? ks_mm_segment_find(request->world,
                                    ks_io_address(request->file->SectionObjectPointer))
               : NULL;
}

// Where somebody has a view of the file, what drivers wrote there counts.
static const uint8_t *bytes_of(const struct ks_fs_request *request)
{
    const struct ks_mm_segment *segment = segment_of(request);
    return segment != NULL && segment->views != 0 &&
                   segment->file_size >= request->open->node->file->size
               ? ks_guest_pointer(segment->pages)
               : request->open->node->file->bytes;
}

// What was written goes into views as well.
static void show_in_views(const struct ks_fs_request *request, uint64_t offset, uint64_t length)
{
    const struct ks_mm_segment *segment = segment_of(request);
    if (segment != NULL && offset < segment->file_size) {
        uint64_t room = segment->file_size - offset;
        memcpy((uint8_t *)ks_guest_pointer(segment->pages) + offset,
               ks_guest_pointer(ks_fs_buffer(request)), (size_t)(length < room ? length : room));
    }
}

NTSTATUS ks_fs_read(struct ks_fs_request *request)
{
    struct ks_file *file = request->open->node->file;
    uint64_t offset = 0, length = request->location->Parameters.Read.Length;
    if (file == NULL) {
        return STATUS_INVALID_DEVICE_REQUEST; // a folder
    }
    if (!find_offset(request, false, &offset)) {
        return STATUS_INVALID_PARAMETER;
    }
    if (length == 0) {
        return finish(request, offset, 0);
    }
    if (offset >= file->size) {
        return STATUS_END_OF_FILE;
    }
    length = length < file->size - offset ? length : file->size - offset;
    memcpy(ks_guest_pointer(ks_fs_buffer(request)), bytes_of(request) + offset, (size_t)length);
    file->accessed = ks_ke_system_time(request->world);
    return finish(request, offset, length);
}

// Paging writes never make a file longer.
NTSTATUS ks_fs_write(struct ks_fs_request *request)
{
    struct ks_fs_node *node = request->open->node;
    uint64_t offset = 0, length = request->location->Parameters.Write.Length;
    if (node->file == NULL) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    if (!find_offset(request, true, &offset) || offset + length > INT64_MAX) {
        return STATUS_INVALID_PARAMETER;
    }
    size_t size = node->file->size;
    if ((request->irp->Flags & IRP_PAGING_IO) != 0) {
        length = offset >= size ? 0 : length < size - offset ? length : size - offset;
    }
    if (length == 0) {
        return finish(request, offset, 0);
    }
    ks_io_ask_touch(ks_fs_buffer(request), (uint32_t)length, false);
    NTSTATUS status =
        ks_fs_node_resize(request->world, node, offset + length > size ? offset + length : size);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    memcpy(ks_disk_bytes(node->file) + offset, ks_guest_pointer(ks_fs_buffer(request)),
           (size_t)length);
    show_in_views(request, offset, length);
    node->file->written = node->file->changed = ks_ke_system_time(request->world);
    node->file->attributes |= FILE_ATTRIBUTE_ARCHIVE;
    return finish(request, offset, length);
}
