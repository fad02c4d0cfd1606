// SPDX-License-Identifier: MIT
// The queue in front of a driver's StartIo routine: one IRP at a time is current.

#include "kernel/io/io_irp.h"

#include "kernel/ke/ke.h"
#include "world/world_object.h"

// Bits of StartIoFlags.
#define REQUESTED      1u // the next packet, while StartIo was at one
#define BY_KEY         2u // with a key
#define DEFERRED       4u
#define NON_CANCELABLE 8u

static void call_start_io(const struct ks_kernel_call *call, DEVICE_OBJECT *device, IRP *irp)
{
    const uint64_t arguments[] = {ks_io_address(device), ks_io_address(irp)};
    uint64_t routine = (uint64_t)(uintptr_t)device->DriverObject->DriverStartIo;
    device->CurrentIrp = irp;
    device->DeviceObjectExtension->StartIoCount++;
    if (ks_nt_call(call->world, routine, arguments, 2, NULL)) {
        device->DeviceObjectExtension->StartIoCount--;
    }
}

// NULL: the queue is empty.
static IRP *take_next(const struct ks_kernel_call *call, DEVICE_OBJECT *device, const uint32_t *key)
{
    const uint64_t arguments[] = {ks_io_address(&device->DeviceQueue), key != NULL ? *key : 0};
    device->CurrentIrp = NULL;
    KDEVICE_QUEUE_ENTRY *entry = ks_guest_pointer(ks_io_run(
        call, key != NULL ? "KeRemoveByKeyDeviceQueue" : "KeRemoveDeviceQueue", arguments));
    return entry != NULL ? CONTAINING_RECORD(entry, IRP, Tail.Overlay.DeviceQueueEntry) : NULL;
}

// With that one, and those that were asked for while StartIo ran and put off until now.
static void start(const struct ks_kernel_call *call, DEVICE_OBJECT *device, IRP *irp)
{
    struct _DEVOBJ_EXTENSION *own = device->DeviceObjectExtension;
    while (irp != NULL) {
        call_start_io(call, device, irp);
        if (kldr_loader_stopped(call->world->loader, NULL)) {
            return;
        }
        uint32_t key = (uint32_t)own->StartIoKey;
        bool wanted = own->StartIoCount == 0 && (own->StartIoFlags & REQUESTED) != 0;
        bool by_key = (own->StartIoFlags & BY_KEY) != 0;
        if (wanted) {
            own->StartIoFlags &= ~(REQUESTED | BY_KEY);
        }
        irp = wanted ? take_next(call, device, by_key ? &key : NULL) : NULL;
    }
}

// IoStartPacket(DeviceObject, Irp, Key, CancelFunction)
uint64_t ks_io_start_packet(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_io_device *record = ks_io_call_device(call, a[0]);
    IRP *irp = ks_guest_pointer(a[1]);
    if (record == NULL) {
        return 0;
    }
    DEVICE_OBJECT *device = ks_io_device_body(record);
    uint32_t key = a[2] != 0 ? (uint32_t)ks_guest_number(a[2], 4) : 0;
    uint8_t irql = ks_ke_set_irql(call->world, KS_DISPATCH_LEVEL);
    if (a[3] != 0) {
        irp->CancelRoutine = (PDRIVER_CANCEL)(uintptr_t)a[3];
    }
    const uint64_t entry[] = {ks_io_address(&device->DeviceQueue),
                              ks_io_address(&irp->Tail.Overlay.DeviceQueueEntry), key};
    bool queued =
        ks_io_run(call, a[2] != 0 ? "KeInsertByKeyDeviceQueue" : "KeInsertDeviceQueue", entry) != 0;
    if (!queued) {
        start(call, device, irp);
    } else if (irp->Cancel) {
        ks_io_cancel(call, a[1]);
    }
    ks_ke_set_irql(call->world, irql);
    return 0;
}

static void next_packet(const struct ks_kernel_call *call, const uint32_t *key)
{
    const struct ks_io_device *record = ks_io_call_device(call, call->arguments[0]);
    if (record == NULL) {
        return;
    }
    DEVICE_OBJECT *device = ks_io_device_body(record);
    struct _DEVOBJ_EXTENSION *own = device->DeviceObjectExtension;
    if ((own->StartIoFlags & DEFERRED) != 0 && own->StartIoCount > 0) {
        own->StartIoFlags |= REQUESTED | (key != NULL ? BY_KEY : 0u);
        own->StartIoKey = key != NULL ? (LONG)*key : 0;
        return;
    }
    start(call, device, take_next(call, device, key));
}

// IoSetStartIoAttributes(DeviceObject, DeferredStartIo, NonCancelable): the cancel spin lock, which
// the second is about, is never waited for here.
uint64_t ks_io_start_set_attributes(const struct ks_kernel_call *call)
{
    const struct ks_io_device *record = ks_io_call_device(call, call->arguments[0]);
    if (record != NULL) {
        struct _DEVOBJ_EXTENSION *own = ks_io_device_body(record)->DeviceObjectExtension;
        own->StartIoFlags &= ~(DEFERRED | NON_CANCELABLE);
        own->StartIoFlags |= ((call->arguments[1] & 0xFF) != 0 ? DEFERRED : 0u) |
                             ((call->arguments[2] & 0xFF) != 0 ? NON_CANCELABLE : 0u);
    }
    return 0;
}

// IoStartNextPacket(DeviceObject, Cancelable)
uint64_t ks_io_start_next(const struct ks_kernel_call *call)
{
    next_packet(call, NULL);
    return 0;
}

// IoStartNextPacketByKey(DeviceObject, Cancelable, Key)
uint64_t ks_io_start_next_by_key(const struct ks_kernel_call *call)
{
    uint32_t key = (uint32_t)call->arguments[2];
    next_packet(call, &key);
    return 0;
}
