// SPDX-License-Identifier: MIT
// Device stacks: who lies on whom.

#include "kernel/io/io_driver.h"

#include "world/world_object.h"

#define GOING (DOE_UNLOAD_PENDING | DOE_DELETE_PENDING | DOE_REMOVE_PENDING | DOE_REMOVE_PROCESSED)

struct ks_io_device *ks_io_attach_top(struct ks_io_device *device)
{
    while (device->upper != NULL) {
        device = device->upper;
    }
    return device;
}

struct ks_io_device *ks_io_attach(struct kldr_world *world, struct ks_io_device *device,
                                  struct ks_io_device *target)
{
    struct ks_io_device *top = ks_io_attach_top(target);
    DEVICE_OBJECT *body = ks_io_device_body(device), *below = ks_io_device_body(top);
    (void)world;
    if (top == device || device->lower != NULL || top->deleting ||
        (below->Flags & DO_DEVICE_INITIALIZING) != 0 ||
        (below->DeviceObjectExtension->ExtensionFlags & GOING) != 0 || below->StackSize == 127) {
        return NULL;
    }
    top->upper = device;
    device->lower = top;
    below->AttachedDevice = body;
    body->StackSize = (CCHAR)(below->StackSize + 1);
    body->AlignmentRequirement = below->AlignmentRequirement;
    body->SectorSize = below->SectorSize;
    body->DeviceObjectExtension->AttachedTo = below;
    return top;
}

void ks_io_detach(struct kldr_world *world, struct ks_io_device *lower)
{
    struct ks_io_device *upper = lower->upper;
    if (upper == NULL) {
        return;
    }
    lower->upper = upper->lower = NULL;
    ks_io_device_body(lower)->AttachedDevice = NULL;
    ks_io_device_body(upper)->DeviceObjectExtension->AttachedTo = NULL;
    ks_io_device_release(world, lower);
}

// ---- what drivers call ----

static struct ks_io_device *attach_call(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    struct ks_io_device *target =
        device != NULL ? ks_io_call_device(call, call->arguments[1]) : NULL;
    return target != NULL ? ks_io_attach(call->world, device, target) : NULL;
}

uint64_t ks_io_attach_to_stack(const struct ks_kernel_call *call)
{
    struct ks_io_device *lower = attach_call(call);
    return lower != NULL ? lower->object->body : 0;
}

// IoAttachDeviceToDeviceStackSafe(SourceDevice, TargetDevice, AttachedToDeviceObject)
uint64_t ks_io_attach_to_stack_safe(const struct ks_kernel_call *call)
{
    ks_ob_probe(call->arguments[2], sizeof(PVOID));
    struct ks_io_device *lower = attach_call(call);
    if (lower == NULL) {
        return (uint32_t)STATUS_NO_SUCH_DEVICE;
    }
    ks_guest_put_number(call->arguments[2], sizeof(PVOID), lower->object->body);
    return STATUS_SUCCESS;
}

uint64_t ks_io_attach_detach(const struct ks_kernel_call *call)
{
    struct ks_io_device *lower = ks_io_call_device(call, call->arguments[0]);
    if (lower != NULL) {
        ks_io_detach(call->world, lower);
    }
    return 0;
}

static uint64_t give(struct ks_io_device *device, bool reference)
{
    if (device == NULL) {
        return 0;
    }
    if (reference) {
        ks_ob_reference(device->object);
    }
    return device->object->body;
}

uint64_t ks_io_attach_get_attached(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    return device != NULL ? give(ks_io_attach_top(device), false) : 0;
}

uint64_t ks_io_attach_get_attached_reference(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    return device != NULL ? give(ks_io_attach_top(device), true) : 0;
}

uint64_t ks_io_attach_get_lower(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    return device != NULL ? give(device->lower, true) : 0;
}

uint64_t ks_io_attach_get_base_reference(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    while (device != NULL && device->lower != NULL) {
        device = device->lower;
    }
    return give(device, true);
}

// IoEnumerateDeviceObjectList(DriverObject, DeviceObjectList, ListSize, ActualNumber): the list has
// the newest first.
uint64_t ks_io_attach_enumerate(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_driver *driver = ks_io_call_driver(call, a[0]);
    uint32_t room = (uint32_t)a[2] / (uint32_t)sizeof(PVOID), count = 0;
    if (driver == NULL) {
        return 0;
    }
    ks_ob_probe(a[1], a[1] != 0 ? room * sizeof(PVOID) : 0);
    ks_ob_probe(a[3], sizeof(ULONG));
    for (const struct ks_io_device *d = driver->devices; d != NULL; d = d->next) {
        count++;
    }
    ks_guest_put_number(a[3], sizeof(ULONG), count);
    if (a[1] == 0 || room < count) {
        return (uint32_t)STATUS_BUFFER_TOO_SMALL;
    }
    for (struct ks_io_device *d = driver->devices; d != NULL; d = d->next) {
        ks_guest_put_number(a[1] + --count * sizeof(PVOID), sizeof(PVOID), give(d, true));
    }
    return STATUS_SUCCESS;
}
