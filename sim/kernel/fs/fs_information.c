// SPDX-License-Identifier: MIT
// What files and folders of the simulated disk say of themselves, and how that is changed.

#include "kernel/fs/fs_information.h"

#include "kernel/ke/ke.h"
#include "kernel/mm/mm_segment.h"
#include "kernel/nt_text.h"

#include <string.h>

#define SETTABLE                                                                                   \
    (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |                     \
     FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_TEMPORARY)
#define VOLUME_PATH 6u // length of \??\C:

// ---- facts ----

void ks_fs_facts(struct kldr_world *world, const struct ks_file *file,
                 struct ks_fs_facts *out_facts)
{
    static const struct ks_file folder = {0};
    const struct ks_file *from = file != NULL ? file : &folder;
    uint64_t size = from->size;
    *out_facts = (struct ks_fs_facts){
        .times = {ks_fs_time(world, from->created), ks_fs_time(world, from->accessed),
                  ks_fs_time(world, from->written), ks_fs_time(world, from->changed)},
        .size = size,
        .allocated = (size + KS_FS_CLUSTER - 1) & ~(uint64_t)(KS_FS_CLUSTER - 1),
        .attributes = file == NULL            ? FILE_ATTRIBUTE_DIRECTORY
                      : from->attributes != 0 ? from->attributes
                                              : FILE_ATTRIBUTE_NORMAL};
}

// The times and, where the structure has them first, nothing else.
static void put_times(LARGE_INTEGER *times, const struct ks_fs_facts *facts)
{
    for (unsigned i = 0; i < 4; i++) {
        times[i].QuadPart = (LONGLONG)facts->times[i];
    }
}

// ---- asking ----

static void fill_basic(FILE_BASIC_INFORMATION *to, const struct ks_fs_facts *facts)
{
    put_times(&to->CreationTime, facts);
    to->FileAttributes = facts->attributes;
}

static void fill_standard(FILE_STANDARD_INFORMATION *to, const struct ks_fs_request *request,
                          const struct ks_fs_facts *facts)
{
    to->AllocationSize.QuadPart = (LONGLONG)facts->allocated;
    to->EndOfFile.QuadPart = (LONGLONG)facts->size;
    to->NumberOfLinks = 1;
    to->DeletePending = request->open->node->delete_pending;
    to->Directory = request->open->node->file == NULL;
}

static void fill_network(FILE_NETWORK_OPEN_INFORMATION *to, const struct ks_fs_facts *facts)
{
    put_times(&to->CreationTime, facts);
    to->AllocationSize.QuadPart = (LONGLONG)facts->allocated;
    to->EndOfFile.QuadPart = (LONGLONG)facts->size;
    to->FileAttributes = facts->attributes;
}

// The name on the volume, as much as there is room for. *out_size: what was written.
static NTSTATUS fill_name(const struct ks_fs_request *request, FILE_NAME_INFORMATION *to,
                          ULONG length, size_t *out_size)
{
    const char *path = request->open->node->path + VOLUME_PATH;
    const char *name = path[0] != '\0' ? path : "\\";
    size_t head = offsetof(FILE_NAME_INFORMATION, FileName), units = ks_nt_text_units(name);
    size_t room = (length - head) / 2, count = units < room ? units : room;
    to->FileNameLength = (ULONG)(2 * units);
    ks_nt_text_put(name, ks_io_address(to->FileName), count);
    *out_size = head + 2 * count;
    return count < units ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS fill_all(const struct ks_fs_request *request, FILE_ALL_INFORMATION *to,
                         ULONG length, const struct ks_fs_facts *facts, size_t *out_size)
{
    size_t head = offsetof(FILE_ALL_INFORMATION, NameInformation);
    fill_basic(&to->BasicInformation, facts);
    fill_standard(&to->StandardInformation, request, facts);
    to->InternalInformation.IndexNumber.QuadPart =
        request->open->node->file != NULL ? request->open->node->file->identity : 0;
    to->EaInformation.EaSize = 0;
    to->PositionInformation.CurrentByteOffset = request->file->CurrentByteOffset;
    NTSTATUS status = fill_name(request, &to->NameInformation, length - (ULONG)head, out_size);
    *out_size += head;
    return status;
}

static size_t least_size(FILE_INFORMATION_CLASS class)
{
    switch (class) {
    case FileBasicInformation:
        return sizeof(FILE_BASIC_INFORMATION);
    case FileStandardInformation:
        return sizeof(FILE_STANDARD_INFORMATION);
    case FileInternalInformation:
        return sizeof(FILE_INTERNAL_INFORMATION);
    case FileEaInformation:
        return sizeof(FILE_EA_INFORMATION);
    case FilePositionInformation:
        return sizeof(FILE_POSITION_INFORMATION);
    case FileNameInformation:
        return sizeof(FILE_NAME_INFORMATION);
    case FileAllInformation:
        return sizeof(FILE_ALL_INFORMATION);
    case FileNetworkOpenInformation:
        return sizeof(FILE_NETWORK_OPEN_INFORMATION);
    case FileAttributeTagInformation:
        return sizeof(FILE_ATTRIBUTE_TAG_INFORMATION);
    default:
        return 0;
    }
}

static NTSTATUS query(const struct ks_fs_request *request, void *to, ULONG length, size_t *out_size)
{
    struct ks_fs_facts facts;
    const struct ks_fs_node *node = request->open->node;
    ks_fs_facts(request->world, node->file, &facts);
    switch (request->location->Parameters.QueryFile.FileInformationClass) {
    case FileBasicInformation:
        fill_basic(to, &facts);
        return STATUS_SUCCESS;
    case FileStandardInformation:
        fill_standard(to, request, &facts);
        return STATUS_SUCCESS;
    case FileInternalInformation:
        ((FILE_INTERNAL_INFORMATION *)to)->IndexNumber.QuadPart =
            node->file != NULL ? node->file->identity : 0;
        return STATUS_SUCCESS;
    case FileEaInformation:
        ((FILE_EA_INFORMATION *)to)->EaSize = 0;
        return STATUS_SUCCESS;
    case FilePositionInformation:
        ((FILE_POSITION_INFORMATION *)to)->CurrentByteOffset = request->file->CurrentByteOffset;
        return STATUS_SUCCESS;
    case FileNetworkOpenInformation:
        fill_network(to, &facts);
        return STATUS_SUCCESS;
    case FileAttributeTagInformation:
        *(FILE_ATTRIBUTE_TAG_INFORMATION *)to =
            (FILE_ATTRIBUTE_TAG_INFORMATION){facts.attributes, 0};
        return STATUS_SUCCESS;
    case FileNameInformation:
        return fill_name(request, to, length, out_size);
    default:
        return fill_all(request, to, length, &facts, out_size);
    }
}

NTSTATUS ks_fs_query_information(struct ks_fs_request *request)
{
    ULONG length = request->location->Parameters.QueryFile.Length;
    size_t size = least_size(request->location->Parameters.QueryFile.FileInformationClass);
    if (size == 0) {
        ks_nt_lacking(request->call, "this class of information on files of the simulated disk");
        return STATUS_INVALID_INFO_CLASS;
    }
    if (length < size) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    NTSTATUS status = query(request, request->irp->AssociatedIrp.SystemBuffer, length, &size);
    request->irp->IoStatus.Information = (ULONG_PTR)size;
    return status;
}

// ---- changing ----

// 0 and -1 leave a time as it is.
static void set_time(uint64_t *time, LARGE_INTEGER given)
{
    if (given.QuadPart > 0) {
        *time = (uint64_t)given.QuadPart;
    }
}

// Folders keep neither times nor attributes: what would change one is not simulated.
static NTSTATUS set_folder(const struct ks_fs_request *request, const FILE_BASIC_INFORMATION *from)
{
    uint32_t plain = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_NORMAL;
    if ((from->FileAttributes & FILE_ATTRIBUTE_TEMPORARY) != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    if ((from->FileAttributes & ~plain) != 0 || from->CreationTime.QuadPart > 0 ||
        from->LastAccessTime.QuadPart > 0 || from->LastWriteTime.QuadPart > 0 ||
        from->ChangeTime.QuadPart > 0) {
        ks_nt_lacking(request->call, "times and attributes of folders");
    }
    return STATUS_SUCCESS;
}

static NTSTATUS set_basic(const struct ks_fs_request *request, struct ks_fs_node *node,
                          const FILE_BASIC_INFORMATION *from)
{
    if (node->file == NULL) {
        return set_folder(request, from);
    }
    if ((from->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    set_time(&node->file->created, from->CreationTime);
    set_time(&node->file->accessed, from->LastAccessTime);
    set_time(&node->file->written, from->LastWriteTime);
    set_time(&node->file->changed, from->ChangeTime);
    if (from->FileAttributes != 0) {
        node->file->attributes = from->FileAttributes & SETTABLE;
    }
    return STATUS_SUCCESS;
}

NTSTATUS ks_fs_may_delete(struct ks_fs_request *request)
{
    const struct ks_fs_node *node = request->open->node;
    struct ks_disk_entry *entries = NULL;
    size_t count = 0;
    if (node->file != NULL) {
        return (node->file->attributes & FILE_ATTRIBUTE_READONLY) != 0 ||
                       ks_fs_node_is_loaded(request->world, node->file)
                   ? STATUS_CANNOT_DELETE
                   : STATUS_SUCCESS;
    }
    kldr_status status = ks_disk_list(request->world->disk, node->path, &entries, &count);
    request->world->allocator.release(request->world->allocator.user, entries);
    return status != KLDR_STATUS_SUCCESS     ? ks_fs_status(status)
           : node->path[VOLUME_PATH] == '\0' ? STATUS_CANNOT_DELETE
           : count != 0                      ? (NTSTATUS)KS_DISK_NOT_EMPTY
                                             : STATUS_SUCCESS;
}

static NTSTATUS set_disposition(struct ks_fs_request *request,
                                const FILE_DISPOSITION_INFORMATION *from)
{
    NTSTATUS status = from->DeleteFile ? ks_fs_may_delete(request) : STATUS_SUCCESS;
    if (NT_SUCCESS(status)) {
        request->open->node->delete_pending = from->DeleteFile;
        request->file->DeletePending = from->DeleteFile;
    }
    return status;
}

// An allocation smaller than the file cuts it.
static NTSTATUS set_size(struct ks_fs_request *request, LONGLONG size, bool allocation)
{
    struct ks_fs_node *node = request->open->node;
    if (node->file == NULL) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    if (size < 0) {
        return STATUS_INVALID_PARAMETER;
    }
    if (allocation && (uint64_t)size >= node->file->size) {
        return STATUS_SUCCESS;
    }
    const struct ks_mm_segment *segment =
        ks_mm_segment_find(request->world, ks_io_address(request->file->SectionObjectPointer));
    if (segment != NULL && segment->views != 0 && (uint64_t)size < segment->file_size) {
        return STATUS_USER_MAPPED_FILE;
    }
    return ks_fs_node_resize(request->world, node, (uint64_t)size);
}

NTSTATUS ks_fs_set_information(struct ks_fs_request *request)
{
    const void *from = request->irp->AssociatedIrp.SystemBuffer;
    ULONG length = request->location->Parameters.SetFile.Length;
    switch (request->location->Parameters.SetFile.FileInformationClass) {
    case FileBasicInformation:
        return length < sizeof(FILE_BASIC_INFORMATION)
                   ? STATUS_INFO_LENGTH_MISMATCH
                   : set_basic(request, request->open->node, from);
    case FileDispositionInformation:
        return set_disposition(request, from);
    case FileEndOfFileInformation:
    case FileAllocationInformation:
        return set_size(request, ((const FILE_END_OF_FILE_INFORMATION *)from)->EndOfFile.QuadPart,
                        request->location->Parameters.SetFile.FileInformationClass ==
                            FileAllocationInformation);
    case FilePositionInformation:
        request->file->CurrentByteOffset =
            ((const FILE_POSITION_INFORMATION *)from)->CurrentByteOffset;
        return STATUS_SUCCESS;
    case FileRenameInformation:
        return ks_fs_rename(request, from, length);
    default:
        ks_nt_lacking(request->call, "changes of this class of information on files");
        return STATUS_INVALID_INFO_CLASS;
    }
}
