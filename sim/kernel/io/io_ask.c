// SPDX-License-Identifier: MIT
#include "kernel/io/io_ask.h"

#include "kernel/io/io_file.h"
#include "kernel/ke/ke.h"
#include "kernel/mm/mm_mdl.h"

#include <string.h>

#define TAG_BUFFER 0x42736F49u // 'IosB'

// ---- the end ----

static void free_ask(struct kldr_world *world, struct ks_io_ask *ask)
{
    struct ks_io_ask **link = &ks_io_state(world)->asks;
    while (*link != ask) {
        link = &(*link)->next;
    }
    *link = ask->next;
    struct ks_object *file = ask->file, *event = ask->event;
    ks_nt_give(world, ask->extra);
    world->allocator.release(world->allocator.user, ask);
    if (event != NULL) {
        ks_ob_dereference(world, event);
    }
    ks_ob_dereference(world, file); // may be IRP_MJ_CLOSE
}

static void free_later(struct kldr_world *world, void *ask)
{
    free_ask(world, ask);
}

// Closing a file is nothing for DISPATCH_LEVEL, where a request may well be completed.
static void let_go(struct kldr_world *world, struct ks_io_ask *ask)
{
    const struct ks_ke_work work = {.run = free_later, .user = ask};
    if (ks_ke_irql(world) < KS_DISPATCH_LEVEL || !ks_ke_queue_work(world, &work)) {
        free_ask(world, ask);
    }
}

static void tell(const struct ks_io_ask *ask)
{
    FILE_OBJECT *file = ks_guest_pointer(ask->file->body);
    file->FinalStatus = ask->status;
    if (ask->block != 0) {
        IO_STATUS_BLOCK *block = ks_guest_pointer(ask->block);
        block->Status = ask->status;
        block->Information = (ULONG_PTR)ask->information;
    }
    ks_ke_event_set(ask->world,
                    ask->event != NULL ? ask->event->body : ks_io_address(&file->Event));
}

// A request that failed before it was pending is told by the service's result alone.
static void on_done(struct kldr_world *world, struct ks_io_irp *record)
{
    struct ks_io_ask *ask = record->user;
    bool told = !NT_ERROR(ask->irp->IoStatus.Status) || ask->irp->PendingReturned;
    ask->status = ask->irp->IoStatus.Status;
    ask->information = ask->irp->IoStatus.Information;
    ks_io_complete_deliver(world, record->address);
    ask->record = NULL;
    ask->over = true;
    if (told && !ask->quiet) {
        tell(ask);
    }
    if (ask->waiting) {
        ks_ke_event_set(world, ks_io_address(&ask->done));
    } else {
        let_go(world, ask);
    }
}

void ks_io_ask_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->asks != NULL) {
        struct ks_io_ask *ask = state->asks;
        state->asks = ask->next;
        world->allocator.release(world->allocator.user, ask);
    }
}

// ---- the beginning ----

static void fill(struct ks_io_ask *ask, uint8_t major, uint8_t minor)
{
    ask->record->done = on_done;
    ask->record->user = ask;
    ask->record->threaded = true;
    ask->irp = ks_guest_pointer(ask->record->address);
    ask->irp->Tail.Overlay.Thread = ks_guest_pointer(ks_ke_current_thread(ask->world));
    ask->irp->Tail.Overlay.OriginalFileObject = ks_guest_pointer(ask->file->body);
    ask->location = ask->irp->Tail.Overlay.CurrentStackLocation - 1;
    ask->location->MajorFunction = major;
    ask->location->MinorFunction = minor;
    ask->location->FileObject = ks_guest_pointer(ask->file->body);
    ks_ke_event_init(ks_io_address(&ask->done), false, false);
}

struct ks_io_ask *ks_io_ask_make(struct kldr_world *world, struct ks_object *file,
                                 struct ks_object *event, uint8_t major, uint8_t minor)
{
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_device *top = ks_io_attach_top(ks_io_file_device(file));
    struct ks_io_ask *ask = world->allocator.allocate(world->allocator.user, sizeof *ask);
    struct ks_io_irp *record =
        ask != NULL ? ks_io_irp_make(world, ks_io_device_body(top)->StackSize, 0) : NULL;
    if (record == NULL) {
        world->allocator.release(world->allocator.user, ask);
        return NULL;
    }
    *ask = (struct ks_io_ask){.next = state->asks,
                              .world = world,
                              .file = file,
                              .event = event,
                              .record = record,
                              .device = top->object->body,
                              .waiting = true};
    state->asks = ask;
    ks_ob_reference(file);
    if (event != NULL) {
        ks_ob_reference(event);
    }
    fill(ask, major, minor);
    return ask;
}

// The file, and the event reset. Both referenced when it succeeds.
static NTSTATUS reference(struct kldr_world *world, const struct ks_io_ask_plan *plan,
                          struct ks_object **out_file, struct ks_object **out_event)
{
    NTSTATUS status = ks_ob_handle_reference(world, plan->file, KS_OB_FILE, 0, false, out_file);
    if (!NT_SUCCESS(status) || plan->event == 0) {
        return status;
    }
    status = ks_ob_handle_reference(world, plan->event, KS_OB_EVENT, 0, false, out_event);
    if (NT_SUCCESS(status)) {
        ks_ke_event_reset((*out_event)->body);
    } else {
        ks_ob_dereference(world, *out_file);
    }
    return status;
}

NTSTATUS ks_io_ask_begin(const struct ks_kernel_call *call, const struct ks_io_ask_plan *plan,
                         struct ks_io_ask **out_ask)
{
    struct kldr_world *world = call->world;
    struct ks_object *file = NULL, *event = NULL;
    *out_ask = NULL;
    ks_ob_probe(plan->block, sizeof(IO_STATUS_BLOCK));
    if (plan->apc != 0) {
        ks_nt_lacking(call, "APC routines of requests to files");
        return STATUS_SUCCESS;
    }
    NTSTATUS status = reference(world, plan, &file, &event);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ks_ke_event_reset(ks_io_address(&((FILE_OBJECT *)ks_guest_pointer(file->body))->Event));
    struct ks_io_ask *ask = ks_io_ask_make(world, file, event, plan->major, plan->minor);
    if (ask != NULL) {
        ask->block = plan->block;
    }
    if (event != NULL) {
        ks_ob_dereference(world, event);
    }
    ks_ob_dereference(world, file);
    *out_ask = ask;
    return ask != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

// ---- buffers ----

void ks_io_ask_touch(uint64_t address, uint32_t size, bool write)
{
    uint64_t end = address + size;
    for (uint64_t at = address; at < end; at = (at | (PAGE_SIZE - 1)) + 1) {
        volatile uint8_t *byte = ks_guest_pointer(at);
        uint8_t value = *byte;
        if (write) {
            *byte = value;
        }
    }
}

bool ks_io_ask_copy(struct ks_io_ask *ask, uint64_t input, uint32_t input_size, uint64_t output,
                    uint32_t output_size)
{
    uint32_t size = input_size > output_size ? input_size : output_size;
    ask->irp->UserBuffer = ks_guest_pointer(output);
    if (size == 0) {
        return true;
    }
    uint64_t buffer = ks_nt_take(ask->world, size, TAG_BUFFER);
    if (buffer == 0) {
        return false;
    }
    if (input_size != 0) {
        memcpy(ks_guest_pointer(buffer), ks_guest_pointer(input), input_size);
    }
    ask->irp->AssociatedIrp.SystemBuffer = ks_guest_pointer(buffer);
    ask->irp->Flags |=
        IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER | (output_size != 0 ? IRP_INPUT_OPERATION : 0u);
    return true;
}

bool ks_io_ask_lock(struct ks_io_ask *ask, uint64_t address, uint32_t size, bool write)
{
    MDL *mdl = size != 0 ? ks_mm_mdl_make(ask->world, address, size) : NULL;
    if (mdl != NULL) {
        ks_mm_mdl_lock(ask->world, mdl, write);
        ask->irp->MdlAddress = mdl;
    }
    return size == 0 || mdl != NULL;
}

bool ks_io_ask_transfer(struct ks_io_ask *ask, uint64_t address, uint32_t size, bool write)
{
    ULONG flags = ((const DEVICE_OBJECT *)ks_guest_pointer(ask->device))->Flags;
    if ((flags & DO_BUFFERED_IO) != 0) {
        return ks_io_ask_copy(ask, address, write ? 0 : size, write ? address : 0,
                              write ? size : 0);
    }
    ask->irp->UserBuffer = ks_guest_pointer(address);
    return (flags & DO_DIRECT_IO) == 0 || ks_io_ask_lock(ask, address, size, write);
}

// ---- sending ----

void ks_io_ask_give_up(struct ks_io_ask *ask)
{
    ask->irp->IoStatus.Information = 0;
    ask->irp->Flags &= ~(ULONG)IRP_INPUT_OPERATION; // nothing comes back
    ks_io_complete_deliver(ask->world, ask->record->address);
    free_ask(ask->world, ask);
}

static NTSTATUS send(struct ks_io_ask *ask, bool wait, uint64_t *out_information)
{
    const struct ks_io_actor actor = {ask->world, 0};
    struct kldr_world *world = ask->world;
    NTSTATUS status = STATUS_SUCCESS;
    if (!ks_io_call(&actor, ask->device, ask->record->address, &status)) {
        return STATUS_SUCCESS; // the system stopped
    }
    if (!ask->over && wait && status == STATUS_PENDING) {
        uint32_t waited = ks_ke_wait(world, ks_io_address(&ask->done), NULL, false);
        if (!ask->over) {
            return (NTSTATUS)waited;
        }
    }
    if (!ask->over) {
        ask->waiting = false;
        return status;
    }
    status = wait && status == STATUS_PENDING ? ask->status : status;
    if (out_information != NULL) {
        *out_information = ask->information;
    }
    free_ask(world, ask);
    return status;
}

NTSTATUS ks_io_ask_send(struct ks_io_ask *ask)
{
    const FILE_OBJECT *file = ks_guest_pointer(ask->file->body);
    return send(ask, (file->Flags & FO_SYNCHRONOUS_IO) != 0, NULL);
}

NTSTATUS ks_io_ask_run(struct ks_io_ask *ask, uint64_t *out_information)
{
    return send(ask, true, out_information);
}
