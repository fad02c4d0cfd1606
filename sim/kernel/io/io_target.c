// SPDX-License-Identifier: MIT
// Changes of a device that its drivers report to who registered for them.

#include "kernel/io/io_interface.h"

#include "engine/native.h"
#include "kernel/io/io_file.h"
#include "kernel/io/io_notify.h"
#include "kernel/ke/ke.h"
#include "world/world_object.h"

#include <string.h>

#define TAG_CHANGE      0x67436F49u // 'IoCg'
#define STOP_PNP_FATAL  0xCAu
#define NO_PDO          2u
#define VERSION         1u
#define FIRST_OF_SYSTEM 0xCB3A4006u // first parts of the system's own events
#define LAST_OF_SYSTEM  0xCB3A4008u

struct ks_io_change {
    struct ks_io_change *next;
    uint64_t device; // object, referenced
    uint64_t block;  // a copy of what was reported
    uint64_t callback, context, maker;
};

static struct ks_io_device *base_of(struct ks_io_device *device)
{
    while (device->lower != NULL) {
        device = device->lower;
    }
    return device;
}

bool ks_io_target_find(struct kldr_world *world, uint64_t file, uint64_t *out_device)
{
    const struct ks_object *object = file != 0 ? ks_ob_find(world, file) : NULL;
    struct ks_io_device *device = object != NULL ? ks_io_file_device(object) : NULL;
    *out_device = device != NULL ? base_of(device)->object->body : 0;
    return device != NULL;
}

void ks_io_target_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->changes != NULL) {
        struct ks_io_change *change = state->changes;
        state->changes = change->next;
        world->allocator.release(world->allocator.user, change);
    }
}

// ---- telling ----

// A callback may unregister itself, not others.
static void tell(struct kldr_world *world, uint64_t device, uint64_t block)
{
    TARGET_DEVICE_CUSTOM_NOTIFICATION *change = ks_guest_pointer(block);
    for (struct ks_io_notify *notify = ks_io_state(world)->notifies, *next; notify != NULL;
         notify = next) {
        const uint64_t arguments[] = {block, notify->context};
        next = notify->next;
        if (notify->category == EventCategoryTargetDeviceChange && notify->device == device) {
            change->FileObject = ks_guest_pointer(notify->file);
            ks_nt_call(world, notify->callback, arguments, 2, NULL);
        }
    }
}

// On a system worker thread.
static void tell_later(struct kldr_world *world, void *user)
{
    struct ks_io_change *change = user, **link = &ks_io_state(world)->changes;
    struct ks_object *device = ks_ob_find(world, change->device);
    tell(world, change->device, change->block);
    if (change->callback != 0) {
        ks_nt_call(world, change->callback, &change->context, 1, NULL);
    }
    while (*link != change) {
        link = &(*link)->next;
    }
    *link = change->next;
    ks_nt_give(world, change->block);
    world->allocator.release(world->allocator.user, change);
    ks_ob_dereference(world, device);
}

// ---- what drivers call ----

// The device, and a copy of the report. NULL with *out_status, or the system has stopped.
static struct ks_io_device *begin(const struct ks_kernel_call *call, uint64_t *out_block,
                                  NTSTATUS *out_status)
{
    const TARGET_DEVICE_CUSTOM_NOTIFICATION *given = ks_guest_pointer(call->arguments[1]);
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    if (device != NULL && device->pnp == NULL) {
        ks_nt_stop(call, STOP_PNP_FATAL, NO_PDO, call->arguments[0], 0, 0,
                   "reported a change of what is no physical device object");
        return NULL;
    }
    *out_status = STATUS_INVALID_DEVICE_REQUEST;
    if (device == NULL ||
        (given->Event.Data1 >= FIRST_OF_SYSTEM && given->Event.Data1 <= LAST_OF_SYSTEM)) {
        return NULL;
    }
    *out_status = STATUS_INVALID_PARAMETER;
    size_t least = offsetof(TARGET_DEVICE_CUSTOM_NOTIFICATION, CustomDataBuffer);
    if (given->Version != VERSION || given->Size < least) {
        return NULL;
    }
    *out_status = STATUS_INSUFFICIENT_RESOURCES;
    *out_block = ks_nt_take(call->world, given->Size, TAG_CHANGE);
    if (*out_block == 0) {
        return NULL;
    }
    memcpy(ks_guest_pointer(*out_block), given, given->Size);
    return device;
}

// IoReportTargetDeviceChange(PhysicalDeviceObject, NotificationStructure)
uint64_t ks_io_target_report(const struct ks_kernel_call *call)
{
    NTSTATUS status = STATUS_SUCCESS;
    uint64_t block = 0;
    const struct ks_io_device *device = begin(call, &block, &status);
    if (device == NULL) {
        return KS_STATUS(status);
    }
    tell(call->world, device->object->body, block);
    ks_nt_give(call->world, block);
    return STATUS_SUCCESS;
}

// IoReportTargetDeviceChangeAsynchronous(PhysicalDeviceObject, NotificationStructure, Callback,
// Context)
uint64_t ks_io_target_report_later(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    NTSTATUS status = STATUS_SUCCESS;
    uint64_t block = 0;
    const struct ks_io_device *device = begin(call, &block, &status);
    if (device == NULL) {
        return KS_STATUS(status);
    }
    struct ks_io_change *change = world->allocator.allocate(world->allocator.user, sizeof *change);
    const struct ks_ke_work work = {.run = tell_later, .user = change};
    if (change == NULL || !ks_ke_queue_work(world, &work)) {
        world->allocator.release(world->allocator.user, change);
        ks_nt_give(world, block);
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    *change = (struct ks_io_change){.next = ks_io_state(world)->changes,
                                    .device = device->object->body,
                                    .block = block,
                                    .callback = call->arguments[2],
                                    .context = call->arguments[3]};
    ks_io_state(world)->changes = change;
    ks_ob_reference(device->object);
    return KS_STATUS(STATUS_PENDING);
}
