// SPDX-License-Identifier: MIT
// WMI: who provides data. There is no consumer: a device that registers is asked for its
// registration, as WMI does, and events go nowhere.

#include "kernel/io/io_own.h"
#include "kernel/ke/ke.h"
#include "kernel/registered.h"
#include "world/world_object.h"

#define TAG_WMI     0x494D5757u // 'WWMI'
#define FIRST_SIZE  1024u       // of the buffer for a registration
#define MOST_SIZE   0x10000u    // of it, and of an event
#define CALLBACK    0x80000000u // WMIREG_FLAG_CALLBACK
#define UPDATE      UINT64_C(1) // beside a handle, which is a multiple of 16
#define EVENT_ITEM  0x00000008u // WNODE_FLAG_EVENT_ITEM
#define HEADER_SIZE 48u         // of a WNODE_HEADER
#define FLAGS_AT    44u

static struct ks_registration *find(struct kldr_world *world, uint64_t device)
{
    struct ks_registration *one = ks_registered_next(world, KS_REGISTERED_WMI, NULL);
    while (one != NULL && one->context != device) {
        one = ks_registered_next(world, KS_REGISTERED_WMI, one);
    }
    return one;
}

// ---- asking for a registration ----

// *out_wanted: how much the driver needs, when the buffer is too small.
static kldr_status ask(struct kldr_world *world, struct ks_io_device *device, bool update,
                       uint32_t size, uint32_t *out_wanted)
{
    uint64_t buffer = ks_nt_take(world, size, TAG_WMI);
    struct ks_io_own *own =
        buffer != 0 ? ks_io_own_make(world, device, IRP_MJ_SYSTEM_CONTROL, IRP_MN_REGINFO_EX)
                    : NULL;
    NTSTATUS answer = STATUS_SUCCESS;
    *out_wanted = 0;
    if (own == NULL) {
        ks_nt_give(world, buffer);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    own->location->Parameters.WMI.ProviderId = (ULONG_PTR)device->object->body;
    own->location->Parameters.WMI.DataPath = (PVOID)(uintptr_t)update;
    own->location->Parameters.WMI.BufferSize = size;
    own->location->Parameters.WMI.Buffer = ks_guest_pointer(buffer);
    kldr_status status = ks_io_own_run(own, &answer);
    if (status == KLDR_STATUS_SUCCESS && answer == STATUS_BUFFER_TOO_SMALL) {
        *out_wanted = (uint32_t)ks_guest_number(buffer, 4);
    }
    ks_nt_give(world, buffer);
    return status;
}

// On a system worker thread. user: the registration's handle, and whether it is an update.
static void ask_later(struct kldr_world *world, void *user)
{
    uint64_t handle = (uint64_t)(uintptr_t)user & ~UPDATE;
    bool update = ((uint64_t)(uintptr_t)user & UPDATE) != 0;
    const struct ks_registration *one = ks_registered_find(world, KS_REGISTERED_WMI, handle);
    struct ks_io_device *device = one != NULL ? ks_io_device_find(world, one->context) : NULL;
    uint32_t wanted = 0;
    if (device == NULL || device->driver == NULL) {
        return; // it has gone meanwhile
    }
    struct ks_object *object = device->object;
    ks_ob_reference(object);
    if (ask(world, device, update, FIRST_SIZE, &wanted) == KLDR_STATUS_SUCCESS &&
        wanted > FIRST_SIZE && wanted <= MOST_SIZE) {
        ask(world, device, update, wanted, &wanted);
    }
    ks_ob_dereference(world, object);
}

static NTSTATUS queue(struct kldr_world *world, const struct ks_registration *one, bool update)
{
    const struct ks_ke_work work = {
        .run = ask_later, .user = (void *)(uintptr_t)(one->handle | (update ? UPDATE : 0))};
    return ks_ke_queue_work(world, &work) ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

// ---- what drivers call ----

static NTSTATUS enter(const struct ks_kernel_call *call)
{
    if (find(call->world, call->arguments[0]) != NULL) {
        return STATUS_SUCCESS;
    }
    const struct ks_registration *one =
        ks_registered_add(call, KS_REGISTERED_WMI, 0, call->arguments[0]);
    return one != NULL ? queue(call->world, one, false) : STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS control(const struct ks_kernel_call *call, struct ks_registration *one)
{
    switch ((uint32_t)call->arguments[1] & ~CALLBACK) {
    case WMIREG_ACTION_REGISTER:
        return enter(call);
    case WMIREG_ACTION_DEREGISTER:
        if (one == NULL) {
            return STATUS_INVALID_PARAMETER;
        }
        ks_registered_drop(call->world, one);
        return STATUS_SUCCESS;
    case WMIREG_ACTION_REREGISTER:
    case WMIREG_ACTION_UPDATE_GUIDS:
        return one != NULL ? queue(call->world, one, true) : STATUS_INVALID_PARAMETER;
    case WMIREG_ACTION_BLOCK_IRPS:
        return one != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER; // none are sent
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

// IoWMIRegistrationControl(DeviceObject, Action)
uint64_t ks_io_wmi_registration_control(const struct ks_kernel_call *call)
{
    if (((uint32_t)call->arguments[1] & CALLBACK) != 0) {
        return ks_nt_lacking(call, "WMI providers that are callbacks");
    }
    return ks_io_call_device(call, call->arguments[0]) != NULL
               ? KS_STATUS(control(call, find(call->world, call->arguments[0])))
               : 0;
}

// IoWMIWriteEvent(WnodeEventItem): the block becomes WMI's, which frees it.
uint64_t ks_io_wmi_write_event(const struct ks_kernel_call *call)
{
    uint64_t item = call->arguments[0];
    uint32_t size = (uint32_t)ks_guest_number(item, 4);
    uint32_t flags = (uint32_t)ks_guest_number(item + FLAGS_AT, 4);
    if (size < HEADER_SIZE || (flags & EVENT_ITEM) == 0) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    if (size > MOST_SIZE) {
        return KS_STATUS(STATUS_BUFFER_OVERFLOW);
    }
    ks_io_run(call, "ExFreePool", &item);
    return STATUS_SUCCESS;
}

// IoWMIDeviceObjectToProviderId(DeviceObject): 0 for one that is not registered.
uint64_t ks_io_wmi_provider_id(const struct ks_kernel_call *call)
{
    const struct ks_registration *one = find(call->world, call->arguments[0]);
    return one != NULL ? (uint32_t)one->handle : 0;
}
