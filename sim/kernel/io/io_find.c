// SPDX-License-Identifier: MIT
// Finding devices by name and by file, and what threads say of their requests.

#include "kernel/io/io_file.h"
#include "kernel/io/io_own.h"
#include "kernel/ke/ke.h"
#include "kernel/nt_text.h"
#include "kernel/ob/ob_call.h"
#include "world/world_object.h"

// IoGetDeviceObjectPointer(ObjectName, DesiredAccess, FileObject, DeviceObject): the file that was
// opened for it keeps the device; its only handle is closed again.
uint64_t ks_io_find_pointer(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_io_open open = {.access = (uint32_t)a[1],
                                    .options = FILE_NON_DIRECTORY_FILE,
                                    .disposition = FILE_OPEN,
                                    .maker = call->caller};
    struct ks_object *file = NULL;
    uint64_t handle = 0;
    ks_ob_probe(a[2], sizeof(PVOID));
    ks_ob_probe(a[3], sizeof(PVOID));
    char *name = ks_nt_text_of_string(call->world, a[0]);
    kldr_status status = name != NULL ? ks_io_file_open(call->world, name, &open, &file)
                                      : KLDR_STATUS_INSUFFICIENT_RESOURCES;
    ks_nt_text_free(call->world, name);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (NT_SUCCESS(ks_ob_handle_create(call->world, file, open.access, OBJ_KERNEL_HANDLE,
                                       call->caller, &handle))) {
        ks_ob_handle_close(call->world, handle); // IRP_MJ_CLEANUP
    }
    ks_ob_call_put(a[2], file->body);
    ks_ob_call_put(a[3], ks_io_attach_top(ks_io_file_device(file))->object->body);
    return STATUS_SUCCESS;
}

uint64_t ks_io_find_related(const struct ks_kernel_call *call)
{
    const struct ks_object *file = ks_ob_call_object(call, call->arguments[0]);
    struct ks_io_device *device = file != NULL ? ks_io_file_device(file) : NULL;
    return device != NULL ? ks_io_attach_top(device)->object->body : 0;
}

uint64_t ks_io_find_requestor_process(const struct ks_kernel_call *call)
{
    const IRP *irp = ks_guest_pointer(call->arguments[0]);
    return irp->Tail.Overlay.Thread != NULL ? ks_ke_system_process(call->world) : 0;
}

uint64_t ks_io_find_is_synchronous(const struct ks_kernel_call *call)
{
    const IRP *irp = ks_guest_pointer(call->arguments[0]);
    const FILE_OBJECT *file = irp->Tail.Overlay.CurrentStackLocation->FileObject;
    bool waits = (irp->Flags & (IRP_SYNCHRONOUS_API | IRP_SYNCHRONOUS_PAGING_IO)) != 0 ||
                 (file != NULL && (file->Flags & FO_SYNCHRONOUS_IO) != 0);
    bool paging =
        (irp->Flags & IRP_PAGING_IO) != 0 && (irp->Flags & IRP_SYNCHRONOUS_PAGING_IO) == 0;
    return waits && !paging;
}

// ---- what a thread is at ----

struct ks_io_top {
    struct ks_io_top *next;
    uint64_t thread, irp;
};

static struct ks_io_top *find_top(struct kldr_world *world)
{
    struct ks_io_top *top = ks_io_state(world)->tops;
    uint64_t thread = ks_ke_current_thread(world);
    while (top != NULL && top->thread != thread) {
        top = top->next;
    }
    return top;
}

void ks_io_find_free_tops(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->tops != NULL) {
        struct ks_io_top *top = state->tops;
        state->tops = top->next;
        world->allocator.release(world->allocator.user, top);
    }
}

uint64_t ks_io_find_get_top(const struct ks_kernel_call *call)
{
    const struct ks_io_top *top = find_top(call->world);
    return top != NULL ? top->irp : 0;
}

uint64_t ks_io_find_set_top(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    struct ks_io_top *top = find_top(world);
    if (top == NULL) {
        top = world->allocator.allocate(world->allocator.user, sizeof *top);
        if (top == NULL) {
            return ks_nt_lacking(call, "top-level IRPs of as many threads");
        }
        *top = (struct ks_io_top){ks_io_state(world)->tops, ks_ke_current_thread(world), 0};
        ks_io_state(world)->tops = top;
    }
    top->irp = call->arguments[0];
    return 0;
}

// ---- what the system counts ----

uint64_t ks_io_find_configuration(const struct ks_kernel_call *call)
{
    struct ks_io_state *state = ks_io_state(call->world);
    if (state->configuration == 0) {
        state->configuration =
            ks_nt_take(call->world, sizeof(CONFIGURATION_INFORMATION), 0x666E6F43u);
        if (state->configuration != 0) {
            CONFIGURATION_INFORMATION *information = ks_guest_pointer(state->configuration);
            information->Version = sizeof *information;
        }
    }
    return state->configuration;
}
