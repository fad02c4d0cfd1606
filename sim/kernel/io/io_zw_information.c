// SPDX-License-Identifier: MIT
// Zw: what is known of an open file. The driver is asked, but for what the file object itself says.

#include "kernel/io/io_ask.h"
#include "kernel/io/io_file.h"
#include "kernel/ob/ob_call.h"

// How much of a buffer a class needs; 0: kldr does not know it.
static size_t query_size(FILE_INFORMATION_CLASS class)
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
    case FileAccessInformation:
        return sizeof(FILE_ACCESS_INFORMATION);
    case FileNameInformation:
        return sizeof(FILE_NAME_INFORMATION);
    case FilePositionInformation:
        return sizeof(FILE_POSITION_INFORMATION);
    case FileModeInformation:
        return sizeof(FILE_MODE_INFORMATION);
    case FileAlignmentInformation:
        return sizeof(FILE_ALIGNMENT_INFORMATION);
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

static size_t set_size(FILE_INFORMATION_CLASS class)
{
    switch (class) {
    case FileBasicInformation:
        return sizeof(FILE_BASIC_INFORMATION);
    case FileRenameInformation:
        return sizeof(FILE_RENAME_INFORMATION);
    case FileDispositionInformation:
        return sizeof(FILE_DISPOSITION_INFORMATION);
    case FilePositionInformation:
        return sizeof(FILE_POSITION_INFORMATION);
    case FileAllocationInformation:
        return sizeof(FILE_ALLOCATION_INFORMATION);
    case FileEndOfFileInformation:
        return sizeof(FILE_END_OF_FILE_INFORMATION);
    default:
        return 0;
    }
}

// ---- what the file object says ----

static ULONG mode_of(const FILE_OBJECT *file)
{
    bool synchronous = (file->Flags & FO_SYNCHRONOUS_IO) != 0;
    bool alertable = (file->Flags & FO_ALERTABLE_IO) != 0;
    return ((file->Flags & FO_WRITE_THROUGH) != 0 ? FILE_WRITE_THROUGH : 0u) |
           ((file->Flags & FO_SEQUENTIAL_ONLY) != 0 ? FILE_SEQUENTIAL_ONLY : 0u) |
           ((file->Flags & FO_NO_INTERMEDIATE_BUFFERING) != 0 ? FILE_NO_INTERMEDIATE_BUFFERING
                                                              : 0u) |
           (synchronous && alertable ? FILE_SYNCHRONOUS_IO_ALERT : 0u) |
           (synchronous && !alertable ? FILE_SYNCHRONOUS_IO_NONALERT : 0u);
}

static uint32_t access_of(const struct ks_kernel_call *call, uint64_t handle)
{
    uint32_t access = 0, attributes = 0;
    ks_ob_handle_rights(call->world, handle, &access, &attributes);
    return access;
}

static ULONG alignment_of(const struct ks_object *file)
{
    return ks_io_device_body(ks_io_file_device(file))->AlignmentRequirement;
}

// False: the driver has to be asked.
static bool answer_itself(const struct ks_kernel_call *call, const struct ks_object *file,
                          FILE_INFORMATION_CLASS class, uint64_t to)
{
    const FILE_OBJECT *body = ks_guest_pointer(file->body);
    switch (class) {
    case FilePositionInformation:
        if ((body->Flags & FO_SYNCHRONOUS_IO) == 0) {
            return false;
        }
        ks_guest_put_number(to, 8, (uint64_t)body->CurrentByteOffset.QuadPart);
        return true;
    case FileModeInformation:
        ks_guest_put_number(to, 4, mode_of(body));
        return true;
    case FileAccessInformation:
        ks_guest_put_number(to, 4, access_of(call, call->arguments[0]));
        return true;
    case FileAlignmentInformation:
        ks_guest_put_number(to, 4, alignment_of(file));
        return true;
    default:
        return false;
    }
}

static void put_block(uint64_t address, NTSTATUS status, uint64_t information)
{
    IO_STATUS_BLOCK *block = ks_guest_pointer(address);
    block->Status = status;
    block->Information = (ULONG_PTR)information;
}

// The parts of FileAllInformation that are the file object's go into the buffer before the driver
// fills in its own.
static void prepare_all(const struct ks_kernel_call *call, struct ks_io_ask *ask)
{
    FILE_ALL_INFORMATION *all = ask->irp->AssociatedIrp.SystemBuffer;
    all->AccessInformation.AccessFlags = access_of(call, call->arguments[0]);
    all->ModeInformation.Mode = mode_of(ks_guest_pointer(ask->file->body));
    all->AlignmentInformation.AlignmentRequirement = alignment_of(ask->file);
}

// ---- asking ----

static struct ks_io_ask *begin(const struct ks_kernel_call *call, uint8_t major, uint64_t *answer)
{
    const struct ks_io_ask_plan plan = {
        .file = call->arguments[0], .block = call->arguments[1], .major = major};
    struct ks_io_ask *ask = NULL;
    *answer = ks_ob_call_answer(ks_io_ask_begin(call, &plan, &ask));
    return ask;
}

static uint64_t fail(struct ks_io_ask *ask)
{
    ks_io_ask_give_up(ask);
    return ks_ob_call_answer(STATUS_INSUFFICIENT_RESOURCES);
}

// (FileHandle, IoStatusBlock, FileInformation, Length, FileInformationClass)
uint64_t ks_io_zw_query_information(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    FILE_INFORMATION_CLASS class = (FILE_INFORMATION_CLASS)(uint32_t)a[4];
    uint32_t length = (uint32_t)a[3];
    uint64_t answer = 0;
    size_t least = query_size(class);
    if (least == 0) {
        return ks_nt_lacking(call, "this class of information on files");
    }
    if (length < least) {
        return ks_ob_call_answer(STATUS_INFO_LENGTH_MISMATCH);
    }
    ks_io_ask_touch(a[2], length, true);
    struct ks_io_ask *ask = begin(call, IRP_MJ_QUERY_INFORMATION, &answer);
    if (ask == NULL) {
        return answer;
    }
    if (answer_itself(call, ask->file, class, a[2])) {
        ks_io_ask_give_up(ask);
        put_block(a[1], STATUS_SUCCESS, least);
        return STATUS_SUCCESS;
    }
    ask->location->Parameters.QueryFile.Length = length;
    ask->location->Parameters.QueryFile.FileInformationClass = class;
    if (!ks_io_ask_copy(ask, 0, 0, a[2], length)) {
        return fail(ask);
    }
    if (class == FileAllInformation) {
        prepare_all(call, ask);
    }
    return ks_ob_call_answer(ks_io_ask_run(ask, NULL));
}

static bool set_itself(const struct ks_object *file, FILE_INFORMATION_CLASS class, uint64_t from,
                       NTSTATUS *out_status)
{
    FILE_OBJECT *body = ks_guest_pointer(file->body);
    if (class != FilePositionInformation || (body->Flags & FO_SYNCHRONOUS_IO) == 0) {
        return false;
    }
    int64_t offset = (int64_t)ks_guest_number(from, 8);
    *out_status = offset >= 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    if (offset >= 0) {
        body->CurrentByteOffset.QuadPart = offset;
    }
    return true;
}

uint64_t ks_io_zw_set_information(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    FILE_INFORMATION_CLASS class = (FILE_INFORMATION_CLASS)(uint32_t)a[4];
    uint32_t length = (uint32_t)a[3];
    uint64_t answer = 0;
    NTSTATUS status = STATUS_SUCCESS;
    size_t least = set_size(class);
    if (least == 0) {
        return ks_nt_lacking(call, "changes of this class of information on files");
    }
    if (length < least) {
        return ks_ob_call_answer(STATUS_INFO_LENGTH_MISMATCH);
    }
    ks_io_ask_touch(a[2], length, false);
    struct ks_io_ask *ask = begin(call, IRP_MJ_SET_INFORMATION, &answer);
    if (ask == NULL) {
        return answer;
    }
    if (set_itself(ask->file, class, a[2], &status)) {
        ks_io_ask_give_up(ask);
        put_block(a[1], status, 0);
        return ks_ob_call_answer(status);
    }
    ask->location->Parameters.SetFile.Length = length;
    ask->location->Parameters.SetFile.FileInformationClass = class;
    if (!ks_io_ask_copy(ask, a[2], length, 0, 0)) {
        return fail(ask);
    }
    if (class == FileRenameInformation) {
        ask->location->Parameters.SetFile.ReplaceIfExists =
            ((const FILE_RENAME_INFORMATION *)ask->irp->AssociatedIrp.SystemBuffer)
                ->ReplaceIfExists;
    }
    return ks_ob_call_answer(ks_io_ask_run(ask, NULL));
}

// (FileHandle, IoStatusBlock, FsInformation, Length, FsInformationClass)
uint64_t ks_io_zw_query_volume_information(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    uint32_t length = (uint32_t)a[3];
    uint64_t answer = 0;
    ks_io_ask_touch(a[2], length, true);
    struct ks_io_ask *ask = begin(call, IRP_MJ_QUERY_VOLUME_INFORMATION, &answer);
    if (ask == NULL) {
        return answer;
    }
    ask->location->Parameters.QueryVolume.Length = length;
    ask->location->Parameters.QueryVolume.FsInformationClass = (uint32_t)a[4];
    if (!ks_io_ask_copy(ask, 0, 0, a[2], length)) {
        return fail(ask);
    }
    return ks_ob_call_answer(ks_io_ask_run(ask, NULL));
}
