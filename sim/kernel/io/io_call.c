// SPDX-License-Identifier: MIT
// The way down: an IRP goes to a driver's dispatch routine.

#include "kernel/io/io_pending.h"
#include "kernel/io/io_pnp.h"
#include "kernel/ke/ke_return.h"

#define STOP_NO_MORE_LOCATIONS 0x35u
#define STOP_VERIFIER_IO       0xC9u
#define VERIFIER_NO_IRP        3u
#define VERIFIER_NO_DEVICE     4u

static bool stop(const struct ks_io_actor *actor, uint32_t code, uint64_t first, uint64_t second,
                 uint64_t third, const char *text)
{
    const struct ks_kernel_call call = ks_io_actor_call(actor);
    ks_nt_stop(&call, code, first, second, third, 0, text);
    return false;
}

// The stack location of the device that is called becomes the current one.
static bool enter_location(const struct ks_io_actor *actor, const struct ks_io_device *device,
                           IRP *irp, uint64_t *out_function)
{
    irp->CurrentLocation--;
    if (irp->CurrentLocation <= 0) {
        return stop(actor, STOP_NO_MORE_LOCATIONS, ks_io_address(irp), 0, 0,
                    "passed an IRP on that has no stack location left");
    }
    IO_STACK_LOCATION *location = --irp->Tail.Overlay.CurrentStackLocation;
    location->DeviceObject = ks_io_device_body(device);
    UCHAR major = location->MajorFunction;
    const DRIVER_OBJECT *driver = ks_io_driver_body(device->driver);
    PDRIVER_DISPATCH function =
        driver->MajorFunction[major <= IRP_MJ_MAXIMUM_FUNCTION ? major : IRP_MJ_PNP];
    *out_function = (uint64_t)(uintptr_t)function;
    return true;
}

// kldr's own answer for a driver without a routine, where none has an address.
static bool refuse(const struct ks_io_actor *actor, IRP *irp, NTSTATUS *out_status)
{
    irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    irp->IoStatus.Information = 0;
    ks_io_complete(actor, ks_io_address(irp));
    *out_status = STATUS_INVALID_DEVICE_REQUEST;
    return true;
}

bool ks_io_call(const struct ks_io_actor *actor, uint64_t device, uint64_t address,
                NTSTATUS *out_status)
{
    struct kldr_world *world = actor->world;
    IRP *irp = ks_guest_pointer(address);
    struct ks_io_device *record = ks_io_device_find(world, device);
    uint64_t function = 0, result = 0;
    if (irp->Type != IO_TYPE_IRP) {
        return stop(actor, STOP_VERIFIER_IO, VERIFIER_NO_IRP, address, 0,
                    "passed on what is no IRP, or no longer");
    }
    if (record == NULL || record->driver == NULL) {
        return stop(actor, STOP_VERIFIER_IO, VERIFIER_NO_DEVICE, device, 0,
                    "passed an IRP to what is no device object, or no longer");
    }
    if (!enter_location(actor, record, irp, &function)) {
        return false;
    }
    struct ks_io_irp *known = ks_io_irp_find(world, address);
    if (known != NULL) {
        known->sent = true;
        known->arrived = false;
    }
    if (record->driver->declared) {
        return ks_io_declared_dispatch(world, record, irp, out_status);
    }
    if (function == 0) {
        return refuse(actor, irp, out_status);
    }
    const uint64_t arguments[] = {device, address};
    const struct ks_ke_kept kept = ks_ke_keep(world);
    const struct ks_io_visit visit =
        ks_io_pending_enter(known, (signed char)irp->CurrentLocation, function);
    if (!ks_nt_call_open(world, function, arguments, 2, &result) ||
        !ks_ke_is_kept(world, &kept, KS_KE_DISPATCH_ROUTINE, function, device)) {
        return false;
    }
    *out_status = (NTSTATUS)(uint32_t)result;
    ks_io_pending_leave(world, &visit, *out_status);
    return true;
}

// IofCallDriver(DeviceObject, Irp)
uint64_t ks_io_call_call_driver(const struct ks_kernel_call *call)
{
    const struct ks_io_actor actor = {call->world, call->caller};
    NTSTATUS status = STATUS_SUCCESS;
    return ks_io_call(&actor, call->arguments[0], call->arguments[1], &status) ? (uint32_t)status
                                                                               : 0;
}

// What is called for a request that a driver has no routine for.
uint64_t ks_io_call_invalid_request(const struct ks_kernel_call *call)
{
    const struct ks_io_actor actor = {call->world, call->caller};
    NTSTATUS status = STATUS_SUCCESS;
    refuse(&actor, ks_guest_pointer(call->arguments[1]), &status);
    return (uint32_t)status;
}
