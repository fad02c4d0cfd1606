// SPDX-License-Identifier: MIT
// kldr's file system driver: its volumes, and where requests to them go.

#include "kernel/fs/fs_state.h"

#include "kernel/ke/ke.h"
#include "kernel/nt_text.h"

#include <stdio.h>

// ---- state ----

static void fini(struct ks_nt *nt, void *memory)
{
    struct ks_fs_state *state = memory;
    struct kldr_world *world = nt->world;
    while (state->opens != NULL) {
        struct ks_fs_open *open = state->opens;
        state->opens = open->next;
        world->allocator.release(world->allocator.user, open);
    }
    while (state->nodes != NULL) {
        struct ks_fs_node *node = state->nodes;
        state->nodes = node->next;
        ks_file_release(&world->allocator, node->file);
        ks_nt_text_free(world, node->path);
        world->allocator.release(world->allocator.user, node);
    }
}

struct ks_fs_state *ks_fs_state(struct kldr_world *world)
{
    return ks_nt_state(world, KS_NT_FS, sizeof(struct ks_fs_state), fini);
}

bool ks_fs_is_started(struct kldr_world *world)
{
    const struct ks_fs_state *state = ks_fs_state(world);
    return state == NULL || state->started;
}

// ---- volumes ----

static bool add_link(struct kldr_world *world, const char *name, const char *target)
{
    struct ks_object *link = NULL;
    const struct ks_ob_lookup lookup = {
        .name = name, .type = KS_OB_SYMBOLIC_LINK, .attributes = OBJ_PERMANENT};
    NTSTATUS status = ks_ob_make_link(world, &lookup, target, 0, &link);
    if (NT_SUCCESS(status)) {
        ks_ob_dereference(world, link);
    }
    // A driver may have been there before.
    return NT_SUCCESS(status) || status == STATUS_OBJECT_NAME_COLLISION;
}

static bool add_volume(struct kldr_world *world, struct ks_driver *driver, unsigned number,
                       char letter)
{
    char name[40], link[24];
    struct ks_io_device *device = NULL;
    snprintf(name, sizeof name, "\\Device\\HarddiskVolume%u", number);
    snprintf(link, sizeof link, "\\GLOBAL??\\%c:", letter);
    const struct ks_io_device_plan plan = {
        .extension_size = 1, .type = FILE_DEVICE_DISK_FILE_SYSTEM, .name = name};
    if (!NT_SUCCESS(ks_io_device_create(world, driver, &plan, &device))) {
        return false;
    }
    DEVICE_OBJECT *body = ks_io_device_body(device);
    *(char *)body->DeviceExtension = letter;
    body->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    body->SectorSize = KS_FS_SECTOR;
    return add_link(world, link, name);
}

bool ks_fs_start(struct kldr_world *world)
{
    static char service[] = "KldrFs", name[] = "\\FileSystem\\KldrFs";
    struct ks_fs_state *state = ks_fs_state(world);
    struct ks_io_state *io = ks_io_state(world);
    if (state == NULL || io == NULL || state->started) {
        return state != NULL && io != NULL;
    }
    state->started = true;
    io->disk.service = service;
    io->disk.object_name = name;
    bool made = ks_io_driver_make(world, &io->disk);
    uint32_t drives = ks_disk_drives(world->disk);
    unsigned number = 0;
    for (unsigned i = 0; made && i < 26; i++) {
        if ((drives >> i & 1) != 0) {
            made = add_volume(world, &io->disk, ++number, (char)('A' + i));
        }
    }
    return made && add_link(world, "\\SystemRoot", "\\??\\C:\\Windows");
}

// ---- requests ----

uint64_t ks_fs_buffer(const struct ks_fs_request *request)
{
    const IRP *irp = request->irp;
    if (irp->MdlAddress != NULL) {
        return ks_io_address((const char *)irp->MdlAddress->StartVa + irp->MdlAddress->ByteOffset);
    }
    return ks_io_address(irp->AssociatedIrp.SystemBuffer != NULL ? irp->AssociatedIrp.SystemBuffer
                                                                 : irp->UserBuffer);
}

NTSTATUS ks_fs_status(kldr_status status)
{
    return KLDR_IS_OWN_STATUS(status) ? STATUS_INSUFFICIENT_RESOURCES : (NTSTATUS)status;
}

uint64_t ks_fs_time(struct kldr_world *world, uint64_t time)
{
    return time != 0 ? time : ks_ke_system_time(world) - ks_ke_interrupt_time(world);
}

static NTSTATUS lacking(const struct ks_fs_request *request, const char *what)
{
    ks_nt_lacking(request->call, what);
    return STATUS_INVALID_DEVICE_REQUEST;
}

static NTSTATUS answer_other(struct ks_fs_request *request)
{
    switch (request->location->MajorFunction) {
    case IRP_MJ_QUERY_VOLUME_INFORMATION:
        return ks_fs_query_volume(request);
    case IRP_MJ_FLUSH_BUFFERS:
    case IRP_MJ_SHUTDOWN:
        return STATUS_SUCCESS; // there is nothing between the files and their bytes
    case IRP_MJ_SYSTEM_CONTROL:
    case IRP_MJ_PNP:
    case IRP_MJ_POWER:
        return request->irp->IoStatus.Status;
    case IRP_MJ_FILE_SYSTEM_CONTROL:
        return lacking(request, "control codes of the simulated disk's file system");
    case IRP_MJ_DEVICE_CONTROL:
    case IRP_MJ_INTERNAL_DEVICE_CONTROL:
        return lacking(request, "control codes of the simulated disk");
    case IRP_MJ_LOCK_CONTROL:
        return lacking(request, "locks in files of the simulated disk");
    default:
        return lacking(request, "such requests to files of the simulated disk");
    }
}

// Those that need a file or folder.
static NTSTATUS answer_file(struct ks_fs_request *request)
{
    uint8_t major = request->location->MajorFunction;
    if (request->open == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    if (request->open->node == NULL) {
        return lacking(request, "requests to a whole volume of the simulated disk");
    }
    switch (major) {
    case IRP_MJ_READ:
        return ks_fs_read(request);
    case IRP_MJ_WRITE:
        return ks_fs_write(request);
    case IRP_MJ_QUERY_INFORMATION:
        return ks_fs_query_information(request);
    case IRP_MJ_SET_INFORMATION:
        return ks_fs_set_information(request);
    default:
        return request->location->MinorFunction == IRP_MN_QUERY_DIRECTORY
                   ? ks_fs_query_directory(request)
                   : lacking(request, "notification of changes in folders");
    }
}

static NTSTATUS answer(struct ks_fs_request *request)
{
    switch (request->location->MajorFunction) {
    case IRP_MJ_CREATE:
        return ks_fs_create(request);
    case IRP_MJ_CLEANUP:
        return ks_fs_cleanup(request);
    case IRP_MJ_CLOSE:
        return ks_fs_close(request);
    case IRP_MJ_READ:
    case IRP_MJ_WRITE:
    case IRP_MJ_QUERY_INFORMATION:
    case IRP_MJ_SET_INFORMATION:
    case IRP_MJ_DIRECTORY_CONTROL:
        return answer_file(request);
    default:
        return answer_other(request);
    }
}

// The dispatch routine of the file system's driver object.
uint64_t ks_fs_dispatch(const struct ks_kernel_call *call)
{
    const struct ks_io_actor actor = {call->world, call->caller};
    const struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    IRP *irp = ks_guest_pointer(call->arguments[1]);
    if (device == NULL) {
        return 0;
    }
    struct ks_fs_request request = {.call = call,
                                    .world = call->world,
                                    .irp = irp,
                                    .location = irp->Tail.Overlay.CurrentStackLocation};
    request.file = request.location->FileObject;
    request.drive = *(const char *)ks_io_device_body(device)->DeviceExtension;
    request.open = ks_fs_open_of(call->world, ks_io_address(request.file));
    NTSTATUS status = answer(&request);
    if (kldr_loader_stopped(call->world->loader, NULL)) {
        return 0;
    }
    irp->IoStatus.Status = status;
    ks_io_complete(&actor, call->arguments[1]);
    return (uint32_t)status;
}
