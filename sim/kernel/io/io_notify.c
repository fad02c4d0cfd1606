// SPDX-License-Identifier: MIT
// Plug and Play notifications: callbacks of drivers for interfaces that come and go, and for
// changes of a device that its drivers report (io_target.c). Nothing else happens that they would
// be called for.

#include "kernel/io/io_interface.h"

#include "kernel/io/io_notify.h"
#include "kernel/nt_text.h"
#include "kernel/registered.h"
#include "world/world_object.h"

#include <string.h>

#define TAG_NOTIFY        0x6E706E50u // 'Pnpn'
#define INCLUDE_EXISTING  1u          // PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES
#define NOTIFICATION_SIZE 1u

static void call_one(struct kldr_world *world, const struct ks_io_notify *notify,
                     const struct ks_io_interface *interface, bool arrived)
{
    static const GUID arrival = {
        0xCB3A4004, 0x46F0, 0x11D0, {0xB0, 0x8F, 0, 0x60, 0x97, 0x13, 5, 0x3F}};
    static const GUID removal = {
        0xCB3A4005, 0x46F0, 0x11D0, {0xB0, 0x8F, 0, 0x60, 0x97, 0x13, 5, 0x3F}};
    uint64_t string = ks_nt_text_make_string(world, interface->name, TAG_NOTIFY);
    uint64_t block = ks_nt_take(world, sizeof(DEVICE_INTERFACE_CHANGE_NOTIFICATION), TAG_NOTIFY);
    if (string != 0 && block != 0) {
        DEVICE_INTERFACE_CHANGE_NOTIFICATION *change = ks_guest_pointer(block);
        change->Version = NOTIFICATION_SIZE;
        change->Size = sizeof *change;
        change->Event = arrived ? arrival : removal;
        change->InterfaceClassGuid = interface->class_guid;
        change->SymbolicLinkName = ks_guest_pointer(string);
        const uint64_t arguments[] = {block, notify->context};
        ks_nt_call(world, notify->callback, arguments, 2, NULL);
    }
    ks_nt_give(world, block);
    ks_nt_give(world, string);
}

static bool wants(const struct ks_io_notify *notify, const struct ks_io_interface *interface)
{
    return notify->category == EventCategoryDeviceInterfaceChange &&
           memcmp(&notify->class_guid, &interface->class_guid, sizeof(GUID)) == 0;
}

// A callback may unregister itself, not others.
void ks_io_notify_interface(struct kldr_world *world, const struct ks_io_interface *interface,
                            bool arrived)
{
    for (struct ks_io_notify *notify = ks_io_state(world)->notifies, *next; notify != NULL;
         notify = next) {
        next = notify->next;
        if (wants(notify, interface)) {
            call_one(world, notify, interface, arrived);
        }
    }
}

void ks_io_notify_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->notifies != NULL) {
        struct ks_io_notify *notify = state->notifies;
        state->notifies = notify->next;
        world->allocator.release(world->allocator.user, notify);
    }
}

void ks_io_notify_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    const struct ks_io_state *state = world->nt->parts[KS_NT_IO].state;
    const struct ks_io_notify *next = state != NULL ? state->notifies : NULL;
    for (; next != NULL; next = next->next) {
        const struct ks_registered registered = {"notification", next->callback, next->maker, 0};
        see(user, &registered);
    }
}

static struct ks_io_notify *make(struct kldr_world *world, const struct ks_io_notify *plan)
{
    struct ks_io_notify *notify = world->allocator.allocate(world->allocator.user, sizeof *notify);
    if (notify == NULL) {
        return NULL;
    }
    *notify = *plan;
    notify->entry = ks_nt_take(world, 16, TAG_NOTIFY);
    if (notify->entry == 0) {
        world->allocator.release(world->allocator.user, notify);
        return NULL;
    }
    struct ks_io_notify **link = &ks_io_state(world)->notifies;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = notify;
    return notify;
}

// IoRegisterPlugPlayNotification(EventCategory, EventCategoryFlags, EventCategoryData,
// DriverObject, CallbackRoutine, Context, NotificationEntry)
uint64_t ks_io_notify_register(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_driver *driver = ks_io_call_driver(call, a[3]);
    struct ks_io_notify plan = {.category = (uint32_t)a[0],
                                .driver = a[3],
                                .callback = a[4],
                                .context = a[5],
                                .maker = call->caller};
    if (driver == NULL) {
        return 0;
    }
    ks_guest_put_number(a[6], sizeof(PVOID), 0);
    if (plan.category > EventCategoryTargetDeviceChange || a[4] == 0) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (plan.category == EventCategoryDeviceInterfaceChange) {
        plan.class_guid = *(const GUID *)ks_guest_pointer(a[2]);
    }
    if (plan.category == EventCategoryTargetDeviceChange) {
        plan.file = a[2];
        if (!ks_io_target_find(call->world, plan.file, &plan.device)) {
            return (uint32_t)STATUS_INVALID_PARAMETER;
        }
    }
    const struct ks_io_notify *notify = make(call->world, &plan);
    if (notify == NULL) {
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    ks_ob_reference(driver->object);
    ks_guest_put_number(a[6], sizeof(PVOID), notify->entry);
    for (const struct ks_io_interface *i = ks_io_interface_next(call->world, NULL);
         i != NULL && ((uint32_t)a[1] & INCLUDE_EXISTING) != 0; i = i->next) {
        if (i->enabled && wants(notify, i)) {
            call_one(call->world, notify, i, true);
        }
    }
    return STATUS_SUCCESS;
}

uint64_t ks_io_notify_unregister(const struct ks_kernel_call *call)
{
    struct ks_io_notify **link = &ks_io_state(call->world)->notifies;
    while (*link != NULL && (*link)->entry != call->arguments[0]) {
        link = &(*link)->next;
    }
    struct ks_io_notify *notify = *link;
    if (notify == NULL) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    *link = notify->next;
    struct ks_object *driver = ks_ob_find(call->world, notify->driver);
    ks_nt_give(call->world, notify->entry);
    call->world->allocator.release(call->world->allocator.user, notify);
    if (driver != NULL) {
        ks_ob_dereference(call->world, driver);
    }
    return STATUS_SUCCESS;
}
