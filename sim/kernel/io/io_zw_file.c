// SPDX-License-Identifier: MIT
// Zw: reading, writing, control codes, lists of folders, flushing.

#include "kernel/io/io_ask.h"
#include "kernel/io/io_file.h"
#include "kernel/ob/ob_call.h"

#include <string.h>

#define TAG_NAME 0x6E4E6F49u // 'IoNn'

// The first arguments of most services: FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock.
static struct ks_io_ask_plan plan_of(const struct ks_kernel_call *call, uint8_t major)
{
    const uint64_t *a = call->arguments;
    return (struct ks_io_ask_plan){
        .file = a[0], .event = a[1], .apc = a[2], .block = a[4], .major = major};
}

static uint64_t send_or_give_up(struct ks_io_ask *ask, bool ready)
{
    if (!ready) {
        ks_io_ask_give_up(ask);
        return ks_ob_call_answer(STATUS_INSUFFICIENT_RESOURCES);
    }
    return ks_ob_call_answer(ks_io_ask_send(ask));
}

// ---- reading and writing ----

// Without an offset a synchronous file goes on where it stopped; another one needs it.
static bool set_offset(struct ks_io_ask *ask, bool given, uint64_t value)
{
    const FILE_OBJECT *file = ks_guest_pointer(ask->file->body);
    LARGE_INTEGER offset = {.QuadPart = (LONGLONG)value};
    bool synchronous = (file->Flags & FO_SYNCHRONOUS_IO) != 0;
    bool current =
        given && offset.u.HighPart == -1 && offset.u.LowPart == FILE_USE_FILE_POINTER_POSITION;
    bool at_end = given && offset.u.HighPart == -1 &&
                  offset.u.LowPart == FILE_WRITE_TO_END_OF_FILE &&
                  ask->location->MajorFunction == IRP_MJ_WRITE;
    if ((!given || current) && !synchronous) {
        return false;
    }
    if (!given || current) {
        offset = file->CurrentByteOffset;
    }
    ask->location->Parameters.Read.ByteOffset = offset;
    return at_end || offset.QuadPart >= 0;
}

// (FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, Buffer, Length, ByteOffset, Key)
static uint64_t transfer(const struct ks_kernel_call *call, uint8_t major)
{
    const uint64_t *a = call->arguments;
    struct ks_io_ask_plan plan = plan_of(call, major);
    struct ks_io_ask *ask = NULL;
    uint32_t length = (uint32_t)a[6], key = a[8] != 0 ? (uint32_t)ks_guest_number(a[8], 4) : 0;
    uint64_t offset = a[7] != 0 ? ks_guest_number(a[7], 8) : 0;
    bool reads = major == IRP_MJ_READ;
    ks_io_ask_touch(a[5], length, reads);
    NTSTATUS status = ks_io_ask_begin(call, &plan, &ask);
    if (ask == NULL) {
        return ks_ob_call_answer(status);
    }
    if (!set_offset(ask, a[7] != 0, offset)) {
        ks_io_ask_give_up(ask);
        return ks_ob_call_answer(STATUS_INVALID_PARAMETER);
    }
    const FILE_OBJECT *file = ks_guest_pointer(ask->file->body);
    ask->location->Parameters.Read.Length = length;
    ask->location->Parameters.Read.Key = key;
    ask->irp->Flags |= reads ? IRP_READ_OPERATION : IRP_WRITE_OPERATION;
    ask->irp->Flags |= (file->Flags & FO_NO_INTERMEDIATE_BUFFERING) != 0 ? IRP_NOCACHE : 0u;
    if (!reads && (file->Flags & FO_WRITE_THROUGH) != 0) {
        ask->location->Flags |= SL_WRITE_THROUGH;
    }
    return send_or_give_up(ask, ks_io_ask_transfer(ask, a[5], length, reads));
}

uint64_t ks_io_zw_read_file(const struct ks_kernel_call *call)
{
    return transfer(call, IRP_MJ_READ);
}

uint64_t ks_io_zw_write_file(const struct ks_kernel_call *call)
{
    return transfer(call, IRP_MJ_WRITE);
}

// ---- control codes ----

static bool set_control_buffers(struct ks_io_ask *ask, const uint64_t *a)
{
    uint32_t code = (uint32_t)a[5], input_size = (uint32_t)a[7], output_size = (uint32_t)a[9];
    unsigned method = code & 3;
    if (method == METHOD_NEITHER) {
        ask->irp->UserBuffer = ks_guest_pointer(a[8]);
        ask->location->Parameters.DeviceIoControl.Type3InputBuffer = ks_guest_pointer(a[6]);
        return true;
    }
    if (method == METHOD_BUFFERED) {
        return ks_io_ask_copy(ask, a[6], input_size, a[8], output_size);
    }
    return ks_io_ask_copy(ask, a[6], input_size, 0, 0) &&
           ks_io_ask_lock(ask, a[8], output_size, method == METHOD_OUT_DIRECT);
}

// (FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, ControlCode, InputBuffer,
// InputBufferLength, OutputBuffer, OutputBufferLength)
static uint64_t control(const struct ks_kernel_call *call, uint8_t major)
{
    const uint64_t *a = call->arguments;
    struct ks_io_ask_plan plan = plan_of(call, major);
    struct ks_io_ask *ask = NULL;
    unsigned method = (unsigned)a[5] & 3;
    if (method != METHOD_NEITHER) {
        ks_io_ask_touch(a[6], (uint32_t)a[7], false);
        ks_io_ask_touch(a[8], (uint32_t)a[9], method != METHOD_IN_DIRECT);
    }
    NTSTATUS status = ks_io_ask_begin(call, &plan, &ask);
    if (ask == NULL) {
        return ks_ob_call_answer(status);
    }
    ask->location->Parameters.DeviceIoControl.IoControlCode = (uint32_t)a[5];
    ask->location->Parameters.DeviceIoControl.InputBufferLength = (uint32_t)a[7];
    ask->location->Parameters.DeviceIoControl.OutputBufferLength = (uint32_t)a[9];
    return send_or_give_up(ask, set_control_buffers(ask, a));
}

uint64_t ks_io_zw_device_control(const struct ks_kernel_call *call)
{
    return control(call, IRP_MJ_DEVICE_CONTROL);
}

uint64_t ks_io_zw_fs_control(const struct ks_kernel_call *call)
{
    return control(call, IRP_MJ_FILE_SYSTEM_CONTROL);
}

// ---- folders ----

// The pattern in memory of the request's own, which lives as long as it.
static bool set_pattern(struct ks_io_ask *ask, const UNICODE_STRING *name)
{
    if (name == NULL || name->Length == 0) {
        return true;
    }
    ask->extra = ks_nt_take(ask->world, sizeof(UNICODE_STRING) + name->Length, TAG_NAME);
    if (ask->extra == 0) {
        return false;
    }
    UNICODE_STRING *copy = ks_guest_pointer(ask->extra);
    ask->irp->Tail.Overlay.AuxiliaryBuffer = (PCHAR)copy;
    *copy = (UNICODE_STRING){name->Length, name->Length, (PWCH)(copy + 1)};
    memcpy(copy + 1, name->Buffer, name->Length);
    ask->location->Parameters.QueryDirectory.FileName = copy;
    return true;
}

// (FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, FileInformation, Length,
// FileInformationClass, ReturnSingleEntry, FileName, RestartScan)
uint64_t ks_io_zw_query_directory(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_io_ask_plan plan = plan_of(call, IRP_MJ_DIRECTORY_CONTROL);
    struct ks_io_ask *ask = NULL;
    const UNICODE_STRING *name = ks_guest_pointer(a[9]);
    plan.minor = IRP_MN_QUERY_DIRECTORY;
    ks_io_ask_touch(a[5], (uint32_t)a[6], true);
    if (name != NULL) {
        ks_io_ask_touch((uint64_t)(uintptr_t)name->Buffer, name->Length, false);
    }
    NTSTATUS status = ks_io_ask_begin(call, &plan, &ask);
    if (ask == NULL) {
        return ks_ob_call_answer(status);
    }
    ask->location->Flags |= (a[8] & 0xFF) != 0 ? SL_RETURN_SINGLE_ENTRY : 0;
    ask->location->Flags |= (a[10] & 0xFF) != 0 ? SL_RESTART_SCAN : 0;
    ask->location->Parameters.QueryDirectory.Length = (uint32_t)a[6];
    ask->location->Parameters.QueryDirectory.FileInformationClass =
        (FILE_INFORMATION_CLASS)(uint32_t)a[7];
    return send_or_give_up(ask, set_pattern(ask, name) &&
                                    ks_io_ask_transfer(ask, a[5], (uint32_t)a[6], true));
}

// ---- flushing ----

// (FileHandle, IoStatusBlock)
uint64_t ks_io_zw_flush(const struct ks_kernel_call *call)
{
    const struct ks_io_ask_plan plan = {
        .file = call->arguments[0], .block = call->arguments[1], .major = IRP_MJ_FLUSH_BUFFERS};
    struct ks_io_ask *ask = NULL;
    NTSTATUS status = ks_io_ask_begin(call, &plan, &ask);
    return ks_ob_call_answer(ask != NULL ? ks_io_ask_run(ask, NULL) : status);
}
