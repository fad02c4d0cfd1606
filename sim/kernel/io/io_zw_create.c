// SPDX-License-Identifier: MIT
// Zw: opening files, and what opens one to do a single thing with it.

#include "kernel/io/io_ask.h"
#include "kernel/io/io_file.h"
#include "kernel/ob/ob_call.h"

#include <string.h>

#define SYNCHRONOUS (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)
#define ALL_SHARING (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

// What a service was asked for.
struct wish {
    uint64_t handle, block; // where they go; block 0: nowhere
    uint64_t attributes;    // OBJECT_ATTRIBUTES
    struct ks_io_open open;
};

// ---- what options go together ----

static bool are_options_valid(const struct ks_io_open *open)
{
    uint32_t options = open->options;
    bool folder = (options & FILE_DIRECTORY_FILE) != 0;
    bool folder_disposition = open->disposition == FILE_CREATE || open->disposition == FILE_OPEN ||
                              open->disposition == FILE_OPEN_IF;
    return open->disposition <= FILE_MAXIMUM_DISPOSITION &&
           (open->share & ~(uint32_t)ALL_SHARING) == 0 && (options & SYNCHRONOUS) != SYNCHRONOUS &&
           ((options & SYNCHRONOUS) == 0 ||
            (open->access &
             (SYNCHRONIZE | GENERIC_ALL | GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE)) != 0) &&
           ((options & FILE_DELETE_ON_CLOSE) == 0 ||
            (open->access & (DELETE | GENERIC_ALL)) != 0) &&
           (!folder || ((options & FILE_NON_DIRECTORY_FILE) == 0 && folder_disposition)) &&
           ((options & FILE_NO_INTERMEDIATE_BUFFERING) == 0 ||
            (open->access & FILE_APPEND_DATA) == 0 || (open->access & FILE_WRITE_DATA) != 0);
}

// ---- opening ----

static uint32_t map_access(uint32_t access)
{
    static const struct {
        uint32_t generic, specific;
    } rights[] = {{GENERIC_READ, FILE_GENERIC_READ},
                  {GENERIC_WRITE, FILE_GENERIC_WRITE},
                  {GENERIC_EXECUTE, FILE_GENERIC_EXECUTE},
                  {GENERIC_ALL, FILE_ALL_ACCESS},
                  {MAXIMUM_ALLOWED, FILE_ALL_ACCESS}};
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
        if ((access & rights[i].generic) != 0) {
            access = (access & ~rights[i].generic) | rights[i].specific;
        }
    }
    return access;
}

static NTSTATUS open_file(struct kldr_world *world, const struct ks_ob_attributes *attributes,
                          const struct wish *wish, uint64_t *out_handle)
{
    struct ks_object *file = NULL;
    NTSTATUS status =
        (NTSTATUS)ks_io_file_open_named(world, &attributes->lookup, &wish->open, &file);
    if (NT_SUCCESS(status)) {
        NTSTATUS opened =
            ks_ob_handle_create(world, file, wish->open.access, attributes->lookup.attributes,
                                wish->open.maker, out_handle);
        status = NT_SUCCESS(opened) ? status : opened;
        ks_ob_dereference(world, file);
    }
    return status;
}

static NTSTATUS create(const struct ks_kernel_call *call, struct wish *wish, uint64_t *out_handle)
{
    struct ks_ob_attributes attributes;
    uint64_t information = 0;
    if (!are_options_valid(&wish->open)) {
        return STATUS_INVALID_PARAMETER;
    }
    NTSTATUS status = ks_ob_attributes_init(call->world, wish->attributes, &attributes);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    wish->open.maker = call->caller;
    wish->open.access = map_access(wish->open.access);
    wish->open.out_information = &information;
    status = open_file(call->world, &attributes, wish, out_handle);
    ks_ob_attributes_fini(call->world, &attributes);
    if (wish->block != 0) {
        IO_STATUS_BLOCK *block = ks_guest_pointer(wish->block);
        block->Status = status;
        block->Information = (ULONG_PTR)information;
    }
    return status;
}

static uint64_t create_for_caller(const struct ks_kernel_call *call, struct wish *wish)
{
    uint64_t handle = 0;
    ks_ob_probe(wish->handle, sizeof(PVOID));
    ks_ob_probe(wish->block, sizeof(IO_STATUS_BLOCK));
    NTSTATUS status = create(call, wish, &handle);
    if (NT_SUCCESS(status)) {
        ks_ob_call_put(wish->handle, handle);
    }
    return ks_ob_call_answer(status);
}

// ZwCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, AllocationSize,
// FileAttributes, ShareAccess, CreateDisposition, CreateOptions, EaBuffer, EaLength)
uint64_t ks_io_zw_create_file(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct wish wish = {.handle = a[0], .block = a[3], .attributes = a[2]};
    wish.open = (struct ks_io_open){.access = (uint32_t)a[1],
                                    .allocation = a[4] != 0 ? ks_guest_number(a[4], 8) : 0,
                                    .attributes = (uint32_t)a[5],
                                    .share = (uint32_t)a[6],
                                    .disposition = (uint32_t)a[7],
                                    .options = (uint32_t)a[8]};
    if (a[9] != 0 || (uint32_t)a[10] != 0) {
        return ks_nt_lacking(call, "extended attributes of files");
    }
    return create_for_caller(call, &wish);
}

// IoCreateFile(..., CreateFileType, InternalParameters, Options)
// IoCreateFileEx(..., DriverContext)
uint64_t ks_io_zw_io_create_file(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    if ((uint32_t)a[11] != CreateFileTypeNone || a[12] != 0) {
        return ks_nt_lacking(call, "named pipes and mailslots");
    }
    return ks_io_zw_create_file(call);
}

uint64_t ks_io_zw_io_create_file_ex(const struct ks_kernel_call *call)
{
    const IO_DRIVER_CREATE_CONTEXT *context = ks_guest_pointer(call->arguments[14]);
    if (context != NULL && context->Size != sizeof *context) {
        return ks_ob_call_answer(STATUS_INVALID_PARAMETER);
    }
    if (context != NULL && (context->ExtraCreateParameter != NULL ||
                            context->DeviceObjectHint != NULL || context->TxnParameters != NULL)) {
        return ks_nt_lacking(call, "what the driver context of IoCreateFileEx asks for");
    }
    return ks_io_zw_io_create_file(call);
}

// ZwOpenFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, ShareAccess, OpenOptions)
uint64_t ks_io_zw_open_file(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct wish wish = {.handle = a[0], .block = a[3], .attributes = a[2]};
    wish.open = (struct ks_io_open){.access = (uint32_t)a[1],
                                    .share = (uint32_t)a[4],
                                    .disposition = FILE_OPEN,
                                    .options = (uint32_t)a[5]};
    return create_for_caller(call, &wish);
}

// ---- one thing ----

// ZwDeleteFile(ObjectAttributes)
uint64_t ks_io_zw_delete_file(const struct ks_kernel_call *call)
{
    struct wish wish = {.attributes = call->arguments[0]};
    uint64_t handle = 0;
    wish.open = (struct ks_io_open){.access = DELETE,
                                    .share = ALL_SHARING,
                                    .disposition = FILE_OPEN,
                                    .options = FILE_DELETE_ON_CLOSE};
    NTSTATUS status = create(call, &wish, &handle);
    if (NT_SUCCESS(status)) {
        ks_ob_handle_close(call->world, handle);
    }
    return ks_ob_call_answer(status);
}

static NTSTATUS query_open(struct kldr_world *world, uint64_t handle,
                           FILE_NETWORK_OPEN_INFORMATION *out_information)
{
    struct ks_object *file = NULL;
    NTSTATUS status = ks_ob_handle_reference(world, handle, KS_OB_FILE, 0, false, &file);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    struct ks_io_ask *ask = ks_io_ask_make(world, file, NULL, IRP_MJ_QUERY_INFORMATION, 0);
    ks_ob_dereference(world, file);
    if (ask == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    if (!ks_io_ask_copy(ask, 0, 0, ks_io_address(out_information), sizeof *out_information)) {
        ks_io_ask_give_up(ask);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ask->location->Parameters.QueryFile.Length = sizeof *out_information;
    ask->location->Parameters.QueryFile.FileInformationClass = FileNetworkOpenInformation;
    return ks_io_ask_run(ask, NULL);
}

// ZwQueryFullAttributesFile(ObjectAttributes, FileInformation)
uint64_t ks_io_zw_query_full_attributes(const struct ks_kernel_call *call)
{
    FILE_NETWORK_OPEN_INFORMATION information = {0};
    struct wish wish = {.attributes = call->arguments[0]};
    uint64_t handle = 0;
    ks_ob_probe(call->arguments[1], sizeof information);
    wish.open = (struct ks_io_open){
        .access = FILE_READ_ATTRIBUTES, .share = ALL_SHARING, .disposition = FILE_OPEN};
    NTSTATUS status = create(call, &wish, &handle);
    if (!NT_SUCCESS(status)) {
        return ks_ob_call_answer(status);
    }
    status = query_open(call->world, handle, &information);
    ks_ob_handle_close(call->world, handle);
    if (NT_SUCCESS(status)) {
        memcpy(ks_guest_pointer(call->arguments[1]), &information, sizeof information);
    }
    return ks_ob_call_answer(status);
}
