// SPDX-License-Identifier: MIT
#include "kernel/io/io_own.h"

#include "kernel/ke/ke.h"
#include "world/world_object.h"

// Drivers are done with it.
static void on_done(struct kldr_world *world, struct ks_io_irp *record)
{
    struct ks_io_own *own = record->user;
    own->status = own->irp->IoStatus.Status;
    own->information = own->irp->IoStatus.Information;
    own->done = true;
    ks_ke_event_set(world, ks_io_address(&own->event));
}

// Nobody waits for it any more.
static void on_late(struct kldr_world *world, struct ks_io_irp *record)
{
    ks_io_irp_free(world, record);
}

struct ks_io_own *ks_io_own_make(struct kldr_world *world, struct ks_io_device *device,
                                 uint8_t major, uint8_t minor)
{
    struct ks_io_device *top = ks_io_attach_top(device);
    struct ks_io_own *own = world->allocator.allocate(world->allocator.user, sizeof *own);
    struct ks_io_irp *record =
        own != NULL ? ks_io_irp_make(world, ks_io_device_body(top)->StackSize, 0) : NULL;
    if (record == NULL) {
        world->allocator.release(world->allocator.user, own);
        return NULL;
    }
    *own = (struct ks_io_own){.world = world, .record = record, .device = top->object->body};
    record->done = on_done;
    record->user = own;
    record->threaded = true;
    own->irp = ks_guest_pointer(record->address);
    own->irp->Tail.Overlay.Thread = ks_guest_pointer(ks_ke_current_thread(world));
    own->location = own->irp->Tail.Overlay.CurrentStackLocation - 1;
    own->location->MajorFunction = major;
    own->location->MinorFunction = minor;
    if (major == IRP_MJ_PNP || major == IRP_MJ_POWER || major == IRP_MJ_SYSTEM_CONTROL) {
        own->irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    }
    ks_ke_event_init(ks_io_address(&own->event), false, false);
    return own;
}

kldr_status ks_io_own_send(struct ks_io_own *own)
{
    const struct ks_io_actor actor = {own->world, 0};
    NTSTATUS status = STATUS_SUCCESS;
    if (!ks_io_call(&actor, own->device, own->record->address, &status)) {
        return KLDR_ERROR_STOPPED;
    }
    if (!own->done || status != STATUS_PENDING) {
        own->status = status; // the caller of a driver believes what the driver returns
    }
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_io_own_wait(struct ks_io_own *own)
{
    if (own->done || own->status != STATUS_PENDING) {
        return KLDR_STATUS_SUCCESS;
    }
    uint32_t status = ks_ke_wait(own->world, ks_io_address(&own->event), NULL, false);
    return own->done ? KLDR_STATUS_SUCCESS : (kldr_status)status;
}

void ks_io_own_end(struct ks_io_own *own)
{
    struct kldr_world *world = own->world;
    if (own->done) {
        ks_io_irp_free(world, own->record);
    } else {
        own->record->done = on_late;
        own->record->user = NULL;
    }
    world->allocator.release(world->allocator.user, own);
}

kldr_status ks_io_own_run(struct ks_io_own *own, NTSTATUS *out_answer)
{
    kldr_status status = ks_io_own_send(own);
    if (status == KLDR_STATUS_SUCCESS) {
        status = ks_io_own_wait(own);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        *out_answer = own->status;
    }
    ks_io_own_end(own);
    return status;
}

kldr_status ks_io_own_simple(struct kldr_world *world, struct ks_io_device *device, uint8_t major,
                             uint8_t minor, NTSTATUS *out_answer)
{
    struct ks_io_own *own = ks_io_own_make(world, device, major, minor);
    return own != NULL ? ks_io_own_run(own, out_answer) : KLDR_ERROR_OUT_OF_MEMORY;
}
