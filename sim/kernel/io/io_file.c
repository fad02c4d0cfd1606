// SPDX-License-Identifier: MIT
#include "kernel/io/io_file.h"

#include "kernel/io/io_mount.h"
#include "kernel/io/io_own.h"
#include "kernel/io/io_pnp.h"
#include "kernel/ke/ke.h"
#include "kernel/nt_text.h"
#include "world/world_object.h"

#define TAG_FILE          0x656C6946u // 'File'
#define DISPOSITION_SHIFT 24

struct file {
    struct ks_io_device *device; // referenced
    struct ks_io_device *target; // where requests go: it, or the volume mounted on it; referenced
    uint64_t name;               // string that the body's points to; 0: none
    bool opened;                 // IRP_MJ_CREATE succeeded
    void *fs;                    // the file system's
};

// Between who opens and the parse function of devices.
struct context {
    const struct ks_io_open *open;
    kldr_status status; // what kldr itself has to say, or KLDR_STATUS_SUCCESS
};

struct ks_io_device *ks_io_file_device(const struct ks_object *file)
{
    const struct file *data = file->type == KS_OB_FILE ? file->data : NULL;
    return data != NULL ? data->target : NULL;
}

void *ks_io_file_private(const struct ks_object *file)
{
    const struct file *data = file->type == KS_OB_FILE ? file->data : NULL;
    return data != NULL ? data->fs : NULL;
}

void ks_io_file_set_private(struct ks_object *file, void *data)
{
    ((struct file *)file->data)->fs = data;
}

// ---- opening ----

static NTSTATUS may_open(const struct ks_io_device *device)
{
    const DEVICE_OBJECT *body = ks_io_device_body(device);
    const struct ks_io_node *node = ks_io_pnp_node(device);
    if ((node != NULL && node->gone) || device->deleting || device->driver == NULL ||
        device->driver->unload_pending || (body->Flags & DO_DEVICE_INITIALIZING) != 0) {
        return STATUS_NO_SUCH_DEVICE;
    }
    return (body->Flags & DO_EXCLUSIVE) != 0 && device->open > 0 ? STATUS_ACCESS_DENIED
                                                                 : STATUS_SUCCESS;
}

static void count_open(struct ks_io_device *device, int change)
{
    device->open = (uint32_t)((int)device->open + change);
    ks_io_device_body(device)->ReferenceCount = (LONG)device->open;
}

static ULONG flags_of(uint32_t options)
{
    static const struct {
        ULONG option, flag;
    } flags[] = {{FILE_SYNCHRONOUS_IO_ALERT, FO_SYNCHRONOUS_IO | FO_ALERTABLE_IO},
                 {FILE_SYNCHRONOUS_IO_NONALERT, FO_SYNCHRONOUS_IO},
                 {FILE_NO_INTERMEDIATE_BUFFERING, FO_NO_INTERMEDIATE_BUFFERING},
                 {FILE_WRITE_THROUGH, FO_WRITE_THROUGH},
                 {FILE_SEQUENTIAL_ONLY, FO_SEQUENTIAL_ONLY}};
    ULONG result = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        result |= (options & flags[i].option) != 0 ? flags[i].flag : 0;
    }
    return result;
}

static void fill(struct ks_object *object, const struct file *file, const struct ks_io_open *open)
{
    FILE_OBJECT *body = ks_guest_pointer(object->body);
    body->Type = IO_TYPE_FILE;
    body->Size = sizeof *body;
    body->DeviceObject = ks_io_device_body(file->device);
    body->Vpb = body->DeviceObject->Vpb;
    body->ReadAccess = (open->access & (FILE_READ_DATA | GENERIC_READ | GENERIC_ALL)) != 0;
    body->WriteAccess =
        (open->access & (FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE | GENERIC_ALL)) != 0;
    body->DeleteAccess = (open->access & DELETE) != 0;
    body->Flags = flags_of(open->options);
    body->RelatedFileObject = open->related != NULL ? ks_guest_pointer(open->related->body) : NULL;
    if (file->name != 0) {
        body->FileName = *(const UNICODE_STRING *)ks_guest_pointer(file->name);
    }
    ks_ke_event_init(ks_io_address(&body->Lock), true, false);
    ks_ke_event_init(ks_io_address(&body->Event), false, false);
    body->IrpList.Flink = body->IrpList.Blink = &body->IrpList;
}

static struct ks_object *make_file(struct kldr_world *world, struct ks_io_device *device,
                                   const char *name, const struct ks_io_open *open)
{
    struct ks_object *object = ks_ob_create(world, KS_OB_FILE, sizeof(FILE_OBJECT), open->maker);
    struct file *file =
        object != NULL ? world->allocator.allocate(world->allocator.user, sizeof *file) : NULL;
    if (file == NULL) {
        if (object != NULL) {
            ks_ob_dereference(world, object);
        }
        return NULL;
    }
    *file = (struct file){.device = device, .target = device};
    file->name = name[0] != '\0' ? ks_nt_text_make_string(world, name, TAG_FILE) : 0;
    object->data = file;
    file->target = ks_io_mount_find(world, device, name, open->access);
    ks_ob_reference(device->object);
    ks_ob_reference(file->target->object);
    count_open(device, 1);
    if (name[0] != '\0' && file->name == 0) {
        ks_ob_dereference(world, object);
        return NULL;
    }
    fill(object, file, open);
    return object;
}

// IRP_MJ_CREATE and what it is about.
static kldr_status send_create(struct kldr_world *world, struct ks_object *object,
                               const struct ks_io_open *open, NTSTATUS *out_answer)
{
    struct file *file = object->data;
    uint64_t block = ks_nt_take(world, sizeof(IO_SECURITY_CONTEXT), TAG_FILE);
    struct ks_io_own *own =
        block != 0 ? ks_io_own_make(world, file->target, IRP_MJ_CREATE, 0) : NULL;
    if (own == NULL) {
        ks_nt_give(world, block);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    IO_SECURITY_CONTEXT *security = ks_guest_pointer(block);
    security->DesiredAccess = open->access;
    security->FullCreateOptions = open->options;
    own->irp->Flags |= IRP_CREATE_OPERATION | IRP_SYNCHRONOUS_API;
    own->irp->RequestorMode = open->user_mode ? UserMode : KernelMode;
    own->irp->Tail.Overlay.OriginalFileObject = ks_guest_pointer(object->body);
    own->location->FileObject = ks_guest_pointer(object->body);
    own->location->Parameters.Create.SecurityContext = security;
    own->location->Parameters.Create.Options =
        open->disposition << DISPOSITION_SHIFT | (open->options & 0xFFFFFF);
    own->location->Parameters.Create.FileAttributes = (USHORT)open->attributes;
    own->location->Parameters.Create.ShareAccess = (USHORT)open->share;
    own->irp->Overlay.AllocationSize.QuadPart = (LONGLONG)open->allocation;
    kldr_status status = ks_io_own_send(own);
    status = status == KLDR_STATUS_SUCCESS ? ks_io_own_wait(own) : status;
    *out_answer = own->status;
    if (open->out_information != NULL) {
        *open->out_information = own->information;
    }
    ks_io_own_end(own);
    ks_nt_give(world, block);
    return status;
}

kldr_status ks_io_file_open_device(struct kldr_world *world, struct ks_io_device *device,
                                   const char *name, const struct ks_io_open *open,
                                   struct ks_object **out_file)
{
    NTSTATUS answer = may_open(device);
    if (!NT_SUCCESS(answer)) {
        return (kldr_status)answer;
    }
    struct ks_object *object = make_file(world, device, name, open);
    if (object == NULL) {
        return KLDR_STATUS_INSUFFICIENT_RESOURCES;
    }
    kldr_status status = send_create(world, object, open, &answer);
    if (status == KLDR_STATUS_SUCCESS && NT_SUCCESS(answer)) {
        ((struct file *)object->data)->opened = true;
        *out_file = object;
        return KLDR_STATUS_SUCCESS;
    }
    ks_ob_dereference(world, object);
    return status == KLDR_STATUS_SUCCESS ? (kldr_status)answer : status;
}

// The way leads behind a device, or behind an open file for a name that is relative to it.
NTSTATUS ks_io_file_parse(struct kldr_world *world, struct ks_object *object, const char *rest,
                          const struct ks_ob_lookup *lookup, struct ks_object **out_object)
{
    struct context *context = lookup->context;
    bool is_file = object->type == KS_OB_FILE;
    if (context == NULL) {
        if (rest[0] != '\0' || (lookup->type != KS_OB_ANY && lookup->type != object->type)) {
            return STATUS_OBJECT_TYPE_MISMATCH;
        }
        ks_ob_reference(object);
        *out_object = object;
        return STATUS_SUCCESS;
    }
    struct ks_io_open open = *context->open;
    open.related = is_file ? object : NULL;
    struct ks_io_device *device = is_file ? ks_io_file_device(object) : object->data;
    context->status = ks_io_file_open_device(world, device, rest, &open, out_object);
    return (NTSTATUS)context->status;
}

kldr_status ks_io_file_open_named(struct kldr_world *world, const struct ks_ob_lookup *named,
                                  const struct ks_io_open *open, struct ks_object **out_file)
{
    struct context context = {.open = open};
    struct ks_object *object = NULL;
    struct ks_ob_lookup lookup = *named;
    lookup.access = open->access;
    lookup.type = KS_OB_ANY;
    lookup.context = &context;
    NTSTATUS status = ks_ob_look_up(world, &lookup, &object);
    if (NT_SUCCESS(status) && object->type != KS_OB_FILE) {
        ks_ob_dereference(world, object);
        return (kldr_status)STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (NT_SUCCESS(status)) {
        *out_file = object;
    }
    return (kldr_status)status;
}

kldr_status ks_io_file_open(struct kldr_world *world, const char *path,
                            const struct ks_io_open *open, struct ks_object **out_file)
{
    const struct ks_ob_lookup lookup = {.name = path, .attributes = OBJ_CASE_INSENSITIVE};
    return ks_io_file_open_named(world, &lookup, open, out_file);
}

// ---- closing ----

static void send(struct kldr_world *world, struct ks_object *object, uint8_t major)
{
    struct file *file = object->data;
    struct ks_io_own *own = ks_io_own_make(world, file->target, major, 0);
    NTSTATUS ignored;
    if (own != NULL) {
        own->irp->Flags |= IRP_SYNCHRONOUS_API | (major == IRP_MJ_CLOSE ? IRP_CLOSE_OPERATION : 0u);
        own->location->FileObject = ks_guest_pointer(object->body);
        ks_io_own_run(own, &ignored);
    }
}

void ks_io_file_close(struct kldr_world *world, struct ks_object *object, uint32_t handles)
{
    const struct file *file = object->data;
    if (handles == 0 && file != NULL && file->opened) {
        send(world, object, IRP_MJ_CLEANUP);
        ((FILE_OBJECT *)ks_guest_pointer(object->body))->Flags |= FO_CLEANUP_COMPLETE;
    }
}

void ks_io_file_end(struct kldr_world *world, struct ks_object *object)
{
    struct file *file = object->data;
    if (file == NULL) {
        return;
    }
    if (file->opened) {
        send(world, object, IRP_MJ_CLOSE);
    }
    if (file->name != 0) {
        ks_nt_give(world, file->name);
    }
    struct ks_io_device *device = file->device;
    struct ks_object *kept = device->object, *target = file->target->object;
    object->data = NULL;
    world->allocator.release(world->allocator.user, file);
    count_open(device, -1);
    ks_io_pnp_file_closed(world, device);
    ks_io_device_release(world, device);
    ks_ob_dereference(world, target);
    ks_ob_dereference(world, kept);
}
