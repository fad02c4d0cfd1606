// SPDX-License-Identifier: MIT
// The queue in front of a driver's StartIo routine: one IRP at a time is current.

#include "kernel/io/io_irp.h"

#include "kernel/ke/ke.h"

static void start(const struct ks_kernel_call *call, DEVICE_OBJECT *device, IRP *irp)
{
    const uint64_t arguments[] = {ks_io_address(device), ks_io_address(irp)};
    uint64_t routine = (uint64_t)(uintptr_t)device->DriverObject->DriverStartIo;
    device->CurrentIrp = irp;
    ks_nt_call(call->world, routine, arguments, 2, NULL);
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
    device->CurrentIrp = NULL;
    const uint64_t arguments[] = {ks_io_address(&device->DeviceQueue), key != NULL ? *key : 0};
    KDEVICE_QUEUE_ENTRY *entry = ks_guest_pointer(ks_io_run(
        call, key != NULL ? "KeRemoveByKeyDeviceQueue" : "KeRemoveDeviceQueue", arguments));
    if (entry != NULL) {
        start(call, device, CONTAINING_RECORD(entry, IRP, Tail.Overlay.DeviceQueueEntry));
    }
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
