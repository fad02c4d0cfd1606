// SPDX-License-Identifier: MIT
// Lists of folders of the simulated disk, and what volumes say of themselves.

#include "kernel/fs/fs_information.h"

#include "kernel/io/io_ask.h"
#include "kernel/nt_text.h"

#include <string.h>

#define TAG_PATTERN 0x7446734Bu // 'KsFt'
#define ALIGNMENT   8u          // of entries

// ---- one entry ----

struct entry {
    const char *name;
    const struct ks_file *file;
};

// Where in an entry its name lies. 0: no class of lists.
static size_t name_offset(FILE_INFORMATION_CLASS class)
{
    switch (class) {
    case FileDirectoryInformation:
        return offsetof(FILE_DIRECTORY_INFORMATION, FileName);
    case FileFullDirectoryInformation:
        return offsetof(FILE_FULL_DIR_INFORMATION, FileName);
    case FileBothDirectoryInformation:
        return offsetof(FILE_BOTH_DIR_INFORMATION, FileName);
    case FileNamesInformation:
        return offsetof(FILE_NAMES_INFORMATION, FileName);
    default:
        return 0;
    }
}

static void fill(struct kldr_world *world, FILE_INFORMATION_CLASS class, const struct entry *entry,
                 uint64_t to)
{
    struct ks_fs_facts facts;
    ULONG length = (ULONG)(2 * ks_nt_text_units(entry->name));
    memset(ks_guest_pointer(to), 0, name_offset(class));
    if (class == FileNamesInformation) {
        ((FILE_NAMES_INFORMATION *)ks_guest_pointer(to))->FileNameLength = length;
        return;
    }
    FILE_DIRECTORY_INFORMATION *information = ks_guest_pointer(to);
    ks_fs_facts(world, entry->file, &facts);
    information->CreationTime.QuadPart = (LONGLONG)facts.times[0];
    information->LastAccessTime.QuadPart = (LONGLONG)facts.times[1];
    information->LastWriteTime.QuadPart = (LONGLONG)facts.times[2];
    information->ChangeTime.QuadPart = (LONGLONG)facts.times[3];
    information->EndOfFile.QuadPart = (LONGLONG)facts.size;
    information->AllocationSize.QuadPart = (LONGLONG)facts.allocated;
    information->FileAttributes = facts.attributes;
    information->FileNameLength = length;
}

// ---- the search ----

struct search {
    struct ks_fs_request *request;
    FILE_INFORMATION_CLASS class;
    struct ks_disk_entry *entries; // of the folder, without . and ..
    size_t count;
    uint64_t buffer;
    uint32_t room, used;
    uint64_t last; // entry; 0: none
};

static bool matches(const struct ks_fs_request *request, const char *name)
{
    uint64_t text = ks_nt_text_make_string(request->world, name, TAG_PATTERN);
    const uint64_t arguments[] = {request->open->pattern, text, true, 0};
    bool same = request->open->pattern == 0 || text == 0 ||
                (ks_io_run(request->call, "FsRtlIsNameInExpression", arguments) & 0xFF) != 0;
    ks_nt_give(request->world, text);
    return same;
}

// Number index of all that lies in the folder; those of the volume's root have no . and no ..
static bool entry_at(const struct search *search, size_t index, struct entry *out_entry)
{
    static const struct entry dots[] = {{".", NULL}, {"..", NULL}};
    size_t extra = strlen(search->request->open->node->path) > 6 ? 2 : 0;
    if (index < extra) {
        *out_entry = dots[index];
        return true;
    }
    if (index - extra >= search->count) {
        return false;
    }
    *out_entry =
        (struct entry){search->entries[index - extra].name, search->entries[index - extra].file};
    return true;
}

// Adds an entry behind the last. STATUS_BUFFER_OVERFLOW: only part of its name; any other failure:
// there is no room for it.
static NTSTATUS put(struct search *search, const struct entry *entry)
{
    uint32_t at = (search->used + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    size_t head = name_offset(search->class), units = ks_nt_text_units(entry->name);
    if (at > search->room || search->room - at < head) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    size_t room = (search->room - at - head) / 2;
    if (room < units && search->last != 0) {
        return STATUS_NO_MORE_ENTRIES;
    }
    size_t count = units < room ? units : room;
    uint64_t to = search->buffer + at;
    fill(search->request->world, search->class, entry, to);
    ks_nt_text_put(entry->name, to + head, count);
    if (search->last != 0) {
        ks_guest_put_number(search->last, sizeof(ULONG), to - search->last);
    }
    search->last = to;
    search->used = at + (uint32_t)(head + 2 * count);
    return count < units ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS list(struct search *search)
{
    struct ks_fs_open *open = search->request->open;
    bool single = (search->request->location->Flags & SL_RETURN_SINGLE_ENTRY) != 0;
    struct entry entry;
    while (entry_at(search, open->position, &entry)) {
        if (matches(search->request, entry.name)) {
            NTSTATUS status = put(search, &entry);
            if (!NT_SUCCESS(status) && status != STATUS_BUFFER_OVERFLOW) {
                return search->last != 0 ? STATUS_SUCCESS : status;
            }
            if (single || status == STATUS_BUFFER_OVERFLOW) {
                open->position++;
                return status;
            }
        }
        open->position++;
    }
    return search->last != 0 ? STATUS_SUCCESS
           : open->searched  ? STATUS_NO_MORE_FILES
                             : STATUS_NO_SUCH_FILE;
}

// The first search says the pattern for all; expressions are in capitals.
static bool keep_pattern(struct ks_fs_request *request)
{
    const UNICODE_STRING *given = request->location->Parameters.QueryDirectory.FileName;
    if (request->open->searched || given == NULL || given->Length == 0) {
        return true;
    }
    char *text = ks_nt_text_of_string(request->world, ks_io_address(given));
    for (char *at = text; at != NULL && *at != '\0'; at++) {
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - ('a' - 'A')) : *at;
    }
    uint64_t pattern = text != NULL ? ks_nt_text_make_string(request->world, text, TAG_PATTERN) : 0;
    ks_nt_text_free(request->world, text);
    if (pattern != 0 && request->open->pattern != 0) {
        ks_nt_give(request->world, request->open->pattern);
    }
    request->open->pattern = pattern != 0 ? pattern : request->open->pattern;
    return pattern != 0;
}

NTSTATUS ks_fs_query_directory(struct ks_fs_request *request)
{
    const IO_STACK_LOCATION *location = request->location;
    struct kldr_world *world = request->world;
    struct search search = {.request = request,
                            .class = location->Parameters.QueryDirectory.FileInformationClass,
                            .buffer = ks_fs_buffer(request),
                            .room = location->Parameters.QueryDirectory.Length};
    if (request->open->node->file != NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    if (name_offset(search.class) == 0) {
        ks_nt_lacking(request->call, "this class of lists of folders");
        return STATUS_INVALID_INFO_CLASS;
    }
    if ((location->Flags & SL_INDEX_SPECIFIED) != 0 || !keep_pattern(request)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ks_io_ask_touch(search.buffer, search.room, true);
    if ((location->Flags & SL_RESTART_SCAN) != 0) {
        request->open->position = 0;
    }
    kldr_status listed =
        ks_disk_list(world->disk, request->open->node->path, &search.entries, &search.count);
    NTSTATUS status = listed == KLDR_STATUS_SUCCESS ? list(&search) : ks_fs_status(listed);
    world->allocator.release(world->allocator.user, search.entries);
    request->open->searched = true;
    request->irp->IoStatus.Information = (ULONG_PTR)(NT_ERROR(status) ? 0 : search.used);
    return status;
}

// ---- volumes ----

static size_t fill_volume(struct kldr_world *world, ULONG class, void *to)
{
    if (class == FileFsVolumeInformation) {
        FILE_FS_VOLUME_INFORMATION *information = to;
        memset(information, 0, sizeof *information);
        information->VolumeCreationTime.QuadPart = (LONGLONG)ks_fs_time(world, 0);
        return offsetof(FILE_FS_VOLUME_INFORMATION, VolumeLabel);
    }
    if (class == FileFsSizeInformation) {
        FILE_FS_SIZE_INFORMATION *information = to;
        uint64_t units = world->options.limits.memory / KS_FS_CLUSTER;
        uint64_t used = ks_disk_written(world->disk) / KS_FS_CLUSTER;
        information->TotalAllocationUnits.QuadPart = (LONGLONG)units;
        information->AvailableAllocationUnits.QuadPart = (LONGLONG)(units - used);
        information->SectorsPerAllocationUnit = KS_FS_CLUSTER / KS_FS_SECTOR;
        information->BytesPerSector = KS_FS_SECTOR;
        return sizeof *information;
    }
    *(FILE_FS_DEVICE_INFORMATION *)to = (FILE_FS_DEVICE_INFORMATION){FILE_DEVICE_DISK, 0};
    return sizeof(FILE_FS_DEVICE_INFORMATION);
}

NTSTATUS ks_fs_query_volume(struct ks_fs_request *request)
{
    static const size_t least[] = {
        [FileFsVolumeInformation] = sizeof(FILE_FS_VOLUME_INFORMATION),
        [FileFsSizeInformation] = sizeof(FILE_FS_SIZE_INFORMATION),
        [FileFsDeviceInformation] = sizeof(FILE_FS_DEVICE_INFORMATION),
    };
    ULONG class = request->location->Parameters.QueryVolume.FsInformationClass;
    if (class >= sizeof least / sizeof least[0] || least[class] == 0) {
        ks_nt_lacking(request->call, "this class of information on the simulated disk");
        return STATUS_INVALID_INFO_CLASS;
    }
    if (request->location->Parameters.QueryVolume.Length < least[class]) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    request->irp->IoStatus.Information =
        (ULONG_PTR)fill_volume(request->world, class, request->irp->AssociatedIrp.SystemBuffer);
    return STATUS_SUCCESS;
}
