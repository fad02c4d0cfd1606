// SPDX-License-Identifier: MIT
// Declared drivers among real ones: their devices are real, what they answer is the scenario's.

#include "kernel/io/io_irp.h"
#include "kernel/io/io_pnp.h"

#include <string.h>

kldr_status ks_io_declared_device(struct kldr_world *world, struct ks_driver *driver,
                                  const char *name, struct ks_io_device *target)
{
    struct ks_io_device_plan plan = {.type = FILE_DEVICE_UNKNOWN, .name = name};
    struct ks_io_device *device = NULL;
    NTSTATUS status = ks_io_device_create(world, driver, &plan, &device);
    if (!NT_SUCCESS(status)) {
        return (kldr_status)status;
    }
    DEVICE_OBJECT *body = ks_io_device_body(device);
    body->Flags = (body->Flags & ~(ULONG)DO_DEVICE_INITIALIZING) | DO_BUFFERED_IO;
    if (target != NULL && ks_io_attach(world, device, target) == NULL) {
        ks_io_device_delete(world, device);
        return (kldr_status)STATUS_NO_SUCH_DEVICE;
    }
    return KLDR_STATUS_SUCCESS;
}

// Where the output of a request goes, and how much of it there is room for.
static void *output_of(const IRP *irp, const IO_STACK_LOCATION *location, ULONG *out_room)
{
    switch (location->MajorFunction) {
    case IRP_MJ_READ:
        *out_room = location->Parameters.Read.Length;
        break;
    case IRP_MJ_DEVICE_CONTROL:
    case IRP_MJ_INTERNAL_DEVICE_CONTROL:
        *out_room = location->Parameters.DeviceIoControl.OutputBufferLength;
        break;
    default:
        *out_room = 0;
    }
    if (irp->MdlAddress != NULL) {
        return MmGetMdlVirtualAddress(irp->MdlAddress);
    }
    return irp->AssociatedIrp.SystemBuffer != NULL ? irp->AssociatedIrp.SystemBuffer
                                                   : irp->UserBuffer;
}

static void put_output(const IRP *irp, const struct ks_io_answer *answer)
{
    ULONG room = 0;
    void *output = output_of(irp, irp->Tail.Overlay.CurrentStackLocation, &room);
    size_t size = answer->byte_count < room ? answer->byte_count : room;
    if (output != NULL && size != 0) {
        memcpy(output, answer->bytes, size);
    }
}

static bool pass_down(const struct ks_io_actor *actor, const struct ks_io_device *device, IRP *irp,
                      const struct ks_io_answer *answer, NTSTATUS *out_status)
{
    if (device->lower == NULL) {
        uint8_t major = irp->Tail.Overlay.CurrentStackLocation->MajorFunction;
        if (ks_io_end_declared(actor->world, device->driver, major, answer) !=
            KLDR_STATUS_SUCCESS) {
            return false;
        }
        *out_status = irp->IoStatus.Status = (NTSTATUS)answer->status;
        ks_io_complete(actor, ks_io_address(irp));
        return true;
    }
    irp->CurrentLocation++;
    irp->Tail.Overlay.CurrentStackLocation++;
    return ks_io_call(actor, device->lower->object->body, ks_io_address(irp), out_status);
}

// The device has passed IRP_MN_REMOVE_DEVICE on: it leaves the stack and goes.
static void remove_device(struct kldr_world *world, uint64_t address)
{
    struct ks_io_device *device = ks_io_device_find(world, address);
    if (device != NULL && device->lower != NULL) {
        ks_io_detach(world, device->lower);
        ks_io_device_delete(world, device);
    }
}

bool ks_io_declared_dispatch(struct kldr_world *world, struct ks_io_device *device, IRP *irp,
                             NTSTATUS *out_status)
{
    const struct ks_io_actor actor = {world, 0};
    IO_STACK_LOCATION *location = irp->Tail.Overlay.CurrentStackLocation;
    bool removing =
        location->MajorFunction == IRP_MJ_PNP && location->MinorFunction == IRP_MN_REMOVE_DEVICE;
    uint64_t address = device->object->body;
    struct ks_io_answer answer = {0};
    if (ks_io_ask_declared(world, device->driver, location->MajorFunction, device->object->body,
                           ks_io_address(irp), &answer) != KLDR_STATUS_SUCCESS) {
        return false;
    }
    if (answer.pass_down) {
        bool back = pass_down(&actor, device, irp, &answer, out_status);
        if (back && removing) {
            remove_device(world, address);
        }
        return back;
    }
    *out_status = (NTSTATUS)answer.status;
    if (!answer.declared) {
        return true; // real code was called, which dealt with the IRP itself
    }
    if (answer.status == KLDR_STATUS_PENDING) {
        location->Control |= SL_PENDING_RETURNED;
        return true;
    }
    put_output(irp, &answer);
    irp->IoStatus.Status = (NTSTATUS)answer.status;
    irp->IoStatus.Information = (ULONG_PTR)answer.information;
    ks_io_complete(&actor, ks_io_address(irp));
    return true;
}

// ---- what was left pending ----

// The device of a declared driver that an IRP is at. NULL: real code has it.
static const struct ks_io_device *keeper_of(struct kldr_world *world, const IRP *irp)
{
    if (irp->CurrentLocation > irp->StackCount) {
        return NULL;
    }
    const struct ks_io_device *device = ks_io_device_find(
        world, ks_io_address(irp->Tail.Overlay.CurrentStackLocation->DeviceObject));
    return device != NULL && device->driver != NULL && device->driver->declared ? device : NULL;
}

kldr_status ks_io_declared_complete(struct kldr_world *world, IRP *irp,
                                    const struct ks_io_completion *completion)
{
    const struct ks_io_actor actor = {world, 0};
    const struct ks_io_answer answer = {.bytes = completion->bytes,
                                        .byte_count = completion->byte_count};
    if (keeper_of(world, irp) == NULL) {
        return KLDR_STATUS_INVALID_DEVICE_REQUEST;
    }
    put_output(irp, &answer);
    irp->IoStatus.Status = (NTSTATUS)completion->status;
    irp->IoStatus.Information = (ULONG_PTR)completion->information;
    ks_io_complete(&actor, ks_io_address(irp));
    return KLDR_STATUS_SUCCESS;
}

void ks_io_declared_cancel(struct kldr_world *world, IRP *irp)
{
    const struct ks_io_completion completion = {.status = (kldr_status)STATUS_CANCELLED};
    ks_io_declared_complete(world, irp, &completion);
}
