// SPDX-License-Identifier: MIT
// File systems of drivers: who registered, who wants to hear of that, and mounting a volume on the
// first who recognizes it.

#include "kernel/io/io_mount.h"

#include "kernel/io/io_own.h"
#include "kernel/registered.h"
#include "world/world_object.h"

#define MOST_FILE_SYSTEMS 32u // that are asked

// ---- registering ----

static struct ks_registration *find(struct kldr_world *world, enum ks_registered_kind kind,
                                    uint64_t context, uint64_t routine)
{
    struct ks_registration *one = ks_registered_next(world, kind, NULL);
    while (one != NULL && (one->context != context || one->routine != routine)) {
        one = ks_registered_next(world, kind, one);
    }
    return one;
}

static void tell(struct kldr_world *world, uint64_t device, bool active)
{
    const uint64_t arguments[] = {device, active};
    ks_registered_hold(world);
    for (const struct ks_registration *one =
             ks_registered_next(world, KS_REGISTERED_FILE_SYSTEM_CHANGE, NULL);
         one != NULL; one = ks_registered_next(world, KS_REGISTERED_FILE_SYSTEM_CHANGE, one)) {
        if (!ks_nt_call(world, one->routine, arguments, 2, NULL)) {
            break;
        }
    }
    ks_registered_release(world);
}

// IoRegisterFileSystem(DeviceObject)
uint64_t ks_io_mount_register(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    if (device == NULL ||
        find(call->world, KS_REGISTERED_FILE_SYSTEM, call->arguments[0], 0) != NULL) {
        return 0;
    }
    if (ks_registered_add(call, KS_REGISTERED_FILE_SYSTEM, 0, call->arguments[0]) == NULL) {
        return ks_nt_lacking(call, "as many file systems");
    }
    ks_io_device_body(device)->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    ks_ob_reference(device->object);
    tell(call->world, call->arguments[0], true);
    return 0;
}

uint64_t ks_io_mount_unregister(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    struct ks_registration *one =
        device != NULL ? find(call->world, KS_REGISTERED_FILE_SYSTEM, call->arguments[0], 0) : NULL;
    if (one != NULL) {
        ks_registered_drop(call->world, one);
        tell(call->world, call->arguments[0], false);
        ks_ob_dereference(call->world, device->object);
    }
    return 0;
}

// IoRegisterFsRegistrationChange(DriverObject, DriverNotificationRoutine): the routine hears of
// those that are there at once.
uint64_t ks_io_mount_register_change(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    if (ks_io_call_driver(call, a[0]) == NULL) {
        return 0;
    }
    if (find(call->world, KS_REGISTERED_FILE_SYSTEM_CHANGE, a[0], a[1]) != NULL) {
        return KS_STATUS(STATUS_DEVICE_ALREADY_ATTACHED);
    }
    if (ks_registered_add(call, KS_REGISTERED_FILE_SYSTEM_CHANGE, a[1], a[0]) == NULL) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    ks_registered_hold(call->world);
    for (const struct ks_registration *one =
             ks_registered_next(call->world, KS_REGISTERED_FILE_SYSTEM, NULL);
         one != NULL; one = ks_registered_next(call->world, KS_REGISTERED_FILE_SYSTEM, one)) {
        const uint64_t arguments[] = {one->context, true};
        if (!ks_nt_call(call->world, a[1], arguments, 2, NULL)) {
            break;
        }
    }
    ks_registered_release(call->world);
    return STATUS_SUCCESS;
}

uint64_t ks_io_mount_unregister_change(const struct ks_kernel_call *call)
{
    struct ks_registration *one =
        find(call->world, KS_REGISTERED_FILE_SYSTEM_CHANGE, call->arguments[0], call->arguments[1]);
    if (one != NULL) {
        ks_registered_drop(call->world, one);
    }
    return 0;
}

// ---- mounting ----

static DEVICE_TYPE wanted_type(DEVICE_TYPE device)
{
    return device == FILE_DEVICE_CD_ROM ? FILE_DEVICE_CD_ROM_FILE_SYSTEM
           : device == FILE_DEVICE_TAPE ? FILE_DEVICE_TAPE_FILE_SYSTEM
                                        : FILE_DEVICE_DISK_FILE_SYSTEM;
}

static bool try(struct kldr_world *world, struct ks_io_device *device,
                struct ks_io_device *file_system)
{
    struct ks_io_own *own =
        ks_io_own_make(world, file_system, IRP_MJ_FILE_SYSTEM_CONTROL, IRP_MN_MOUNT_VOLUME);
    NTSTATUS answer = STATUS_UNSUCCESSFUL;
    if (own == NULL) {
        return false;
    }
    own->irp->Flags |= IRP_MOUNT_COMPLETION | IRP_SYNCHRONOUS_PAGING_IO;
    own->location->Parameters.MountVolume.Vpb = ks_io_device_body(device)->Vpb;
    own->location->Parameters.MountVolume.DeviceObject =
        ks_io_device_body(ks_io_attach_top(device));
    return ks_io_own_run(own, &answer) == KLDR_STATUS_SUCCESS && NT_SUCCESS(answer);
}

// The last that registered is asked first.
static void mount(struct kldr_world *world, struct ks_io_device *device)
{
    uint64_t candidates[MOST_FILE_SYSTEMS];
    unsigned count = 0;
    for (const struct ks_registration *one =
             ks_registered_next(world, KS_REGISTERED_FILE_SYSTEM, NULL);
         one != NULL; one = ks_registered_next(world, KS_REGISTERED_FILE_SYSTEM, one)) {
        if (count < MOST_FILE_SYSTEMS) {
            candidates[count++] = one->context;
        }
    }
    PVPB vpb = ks_io_device_body(device)->Vpb;
    while (count-- > 0 && (vpb->Flags & VPB_MOUNTED) == 0) {
        struct ks_io_device *file_system = ks_io_device_find(world, candidates[count]);
        if (file_system != NULL && file_system->driver != NULL &&
            ks_io_device_body(file_system)->DeviceType ==
                wanted_type(ks_io_device_body(device)->DeviceType) &&
            try(world, device, file_system)) {
            vpb->Flags |= VPB_MOUNTED;
        }
        if (kldr_loader_stopped(world->loader, NULL)) {
            return;
        }
    }
}

// Attributes of the device itself can be asked without a file system.
static bool needs_volume(const char *name, uint32_t access)
{
    const uint32_t harmless = SYNCHRONIZE | FILE_READ_ATTRIBUTES | READ_CONTROL;
    return name[0] != '\0' || (access & ~harmless) != 0;
}

struct ks_io_device *ks_io_mount_find(struct kldr_world *world, struct ks_io_device *device,
                                      const char *name, uint32_t access)
{
    const PVPB vpb = ks_io_device_body(device)->Vpb;
    if (vpb == NULL || !needs_volume(name, access)) {
        return device;
    }
    if ((vpb->Flags & VPB_MOUNTED) == 0) {
        mount(world, device);
    }
    struct ks_io_device *volume = (vpb->Flags & VPB_MOUNTED) != 0
                                      ? ks_io_device_find(world, ks_io_address(vpb->DeviceObject))
                                      : NULL;
    return volume != NULL ? volume : device;
}
