// SPDX-License-Identifier: MIT
// Po: power requests of drivers, and what they say of their devices' state.

#include "kernel/io/io_own.h"

#include "kernel/ke/ke.h"
#include "world/world_object.h"

#define TAG_POWER 0x72776F50u // 'Powr'

// What PoRequestPowerIrp sent; its completion calls the driver that asked.
struct request {
    uint64_t device, function, context;
    uint32_t state;
    uint8_t minor;
};

static void on_done(struct kldr_world *world, struct ks_io_irp *record)
{
    struct request *request = record->user;
    const struct request copy = *request;
    const IRP *irp = ks_guest_pointer(record->address);
    uint64_t block = ks_nt_take(world, sizeof(IO_STATUS_BLOCK), TAG_POWER);
    if (block != 0) {
        *(IO_STATUS_BLOCK *)ks_guest_pointer(block) = irp->IoStatus;
    }
    world->allocator.release(world->allocator.user, request);
    ks_io_irp_free(world, record);
    if (copy.function != 0) {
        const uint64_t arguments[] = {copy.device, copy.minor, copy.state, copy.context, block};
        ks_nt_call(world, copy.function, arguments, 5, NULL);
    }
    ks_nt_give(world, block);
    struct ks_object *device = ks_ob_find(world, copy.device);
    if (device != NULL) {
        ks_ob_dereference(world, device);
    }
}

static struct ks_io_irp *make(const struct ks_kernel_call *call, const struct ks_io_device *top,
                              const struct request *plan)
{
    struct kldr_world *world = call->world;
    struct request *request = world->allocator.allocate(world->allocator.user, sizeof *request);
    struct ks_io_irp *record =
        request != NULL ? ks_io_irp_make(world, ks_io_device_body(top)->StackSize, call->caller)
                        : NULL;
    if (record == NULL) {
        world->allocator.release(world->allocator.user, request);
        return NULL;
    }
    *request = *plan;
    record->done = on_done;
    record->user = request;
    record->threaded = true;
    IRP *irp = ks_guest_pointer(record->address);
    IO_STACK_LOCATION *location = irp->Tail.Overlay.CurrentStackLocation - 1;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    location->MajorFunction = IRP_MJ_POWER;
    location->MinorFunction = plan->minor;
    location->Parameters.Power.Type = DevicePowerState;
    location->Parameters.Power.State.DeviceState = (DEVICE_POWER_STATE)plan->state;
    return record;
}

// PoRequestPowerIrp(DeviceObject, MinorFunction, PowerState, CompletionFunction, Context, Irp)
uint64_t ks_po_power_request(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_io_actor actor = {call->world, call->caller};
    struct ks_io_device *device = ks_io_call_device(call, a[0]);
    const struct request plan = {.device = a[0],
                                 .function = a[3],
                                 .context = a[4],
                                 .state = (uint32_t)a[2],
                                 .minor = (uint8_t)a[1]};
    NTSTATUS status = STATUS_SUCCESS;
    if (device == NULL) {
        return 0;
    }
    if (plan.minor != IRP_MN_SET_POWER && plan.minor != IRP_MN_QUERY_POWER &&
        plan.minor != IRP_MN_WAIT_WAKE) {
        return (uint32_t)STATUS_INVALID_PARAMETER_2;
    }
    if (plan.minor == IRP_MN_WAIT_WAKE) {
        return ks_nt_lacking(call, "requests to be woken (IRP_MN_WAIT_WAKE)");
    }
    struct ks_io_device *top = ks_io_attach_top(device);
    struct ks_io_irp *record = make(call, top, &plan);
    if (record == NULL) {
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    ks_ob_reference(device->object);
    if (a[5] != 0) {
        ks_guest_put_number(a[5], sizeof(PVOID), record->address);
    }
    ks_io_call(&actor, top->object->body, record->address, &status);
    return STATUS_PENDING;
}

// PoSetPowerState(DeviceObject, Type, State): answers the state before.
uint64_t ks_po_power_set_state(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    if (device == NULL) {
        return 0;
    }
    bool of_device = (uint32_t)call->arguments[1] == DevicePowerState;
    uint8_t *state = of_device ? &device->device_power : &device->system_power;
    uint8_t before = *state;
    *state = (uint8_t)call->arguments[2];
    return before;
}

// PoStartNextPowerIrp(Irp): power requests are not queued by device, so the next one need not be
// started.
uint64_t ks_po_power_start_next(const struct ks_kernel_call *call)
{
    const IRP *irp = ks_guest_pointer(call->arguments[0]);
    return irp->Type == IO_TYPE_IRP
               ? 0
               : ks_nt_stop(call, 0x9F, 0x102, call->arguments[0], 0, 0,
                            "started the next power request with what is no IRP, or no longer");
}
