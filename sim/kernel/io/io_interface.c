// SPDX-License-Identifier: MIT
// Device interfaces: names made of a device's id and the class, links while they are enabled.

#include "kernel/io/io_interface.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <stdio.h>
#include <string.h>

#define TAG_INTERFACE 0x63664E44u // 'DNfc'
#define NON_ACTIVE    1u          // DEVICE_INTERFACE_INCLUDE_NONACTIVE
#define LONGEST_NAME  512u

struct ks_io_interface *ks_io_interface_next(struct kldr_world *world,
                                             const struct ks_io_interface *interface)
{
    struct ks_io_state *state = ks_io_state(world);
    return interface != NULL ? interface->next : state != NULL ? state->interfaces : NULL;
}

void ks_io_interface_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->interfaces != NULL) {
        struct ks_io_interface *interface = state->interfaces;
        state->interfaces = interface->next;
        ks_nt_text_free(world, interface->name);
        world->allocator.release(world->allocator.user, interface);
    }
}

// ---- names ----

void ks_io_interface_put_guid(const GUID *guid, char text[40])
{
    const UCHAR *b = guid->Data4;
    snprintf(text, 40, "{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", (unsigned)guid->Data1,
             guid->Data2, guid->Data3, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
}

// \??\KLDR#name#0000#{class}\reference
static char *make_name(struct kldr_world *world, const struct ks_io_node *node, const GUID *guid,
                       const char *reference)
{
    char text[LONGEST_NAME], class_text[40];
    ks_io_interface_put_guid(guid, class_text);
    int length = snprintf(text, sizeof text, "\\??\\%.200s#%04u#%s", ks_io_node_id(node),
                          (unsigned)node->instance, class_text);
    for (int i = 4; i < length; i++) {
        text[i] = text[i] == '\\' ? '#' : text[i];
    }
    if (reference[0] != '\0') {
        snprintf(text + length, sizeof text - (size_t)length, "\\%.200s", reference);
    }
    return ks_nt_text_copy(world, text);
}

struct ks_io_interface *ks_io_interface_find(struct kldr_world *world, const char *name)
{
    struct ks_io_interface *interface = ks_io_interface_next(world, NULL);
    while (interface != NULL && !ks_nt_text_same(interface->name, name, true)) {
        interface = interface->next;
    }
    return interface;
}

// ---- registering ----

static NTSTATUS add(struct kldr_world *world, char *name, const GUID *guid,
                    const struct ks_io_device *device, uint64_t maker,
                    struct ks_io_interface **out_interface)
{
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_interface *interface = ks_io_interface_find(world, name),
                           **link = &state->interfaces;
    if (interface != NULL) {
        ks_nt_text_free(world, name);
        *out_interface = interface;
        return STATUS_SUCCESS;
    }
    interface = world->allocator.allocate(world->allocator.user, sizeof *interface);
    if (interface == NULL) {
        ks_nt_text_free(world, name);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *interface = (struct ks_io_interface){
        .name = name, .class_guid = *guid, .device = device->object->body, .maker = maker};
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = interface;
    *out_interface = interface;
    return STATUS_SUCCESS;
}

// A UNICODE_STRING at an address gets the text in a block of pool that is the driver's to free.
static bool give_text(const struct ks_kernel_call *call, const char *text, uint64_t to)
{
    size_t units = ks_nt_text_units(text);
    uint64_t block = ks_ex_take(call, 2 * (units + 1), TAG_INTERFACE);
    if (block != 0) {
        ks_nt_text_put(text, block, units);
        ks_guest_put_u16(block + 2 * units, 0);
        *(UNICODE_STRING *)ks_guest_pointer(to) =
            (UNICODE_STRING){.Length = (USHORT)(2 * units),
                             .MaximumLength = (USHORT)(2 * units + 2),
                             .Buffer = ks_guest_pointer(block)};
    }
    return block != 0;
}

// IoRegisterDeviceInterface(PhysicalDeviceObject, InterfaceClassGuid, ReferenceString,
// SymbolicLinkName)
uint64_t ks_io_interface_register(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_io_device *device = ks_io_call_device(call, a[0]);
    struct ks_io_interface *interface = NULL;
    if (device == NULL || device->pnp == NULL) {
        return device != NULL ? (uint32_t)STATUS_INVALID_DEVICE_REQUEST : 0;
    }
    const GUID guid = *(const GUID *)ks_guest_pointer(a[1]);
    ks_ob_probe(a[3], sizeof(UNICODE_STRING));
    char *reference =
        a[2] != 0 ? ks_nt_text_of_string(call->world, a[2]) : ks_nt_text_copy(call->world, "");
    char *name = reference != NULL ? make_name(call->world, device->pnp, &guid, reference) : NULL;
    ks_nt_text_free(call->world, reference);
    NTSTATUS status = name != NULL ? add(call->world, name, &guid, device, call->caller, &interface)
                                   : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status) && !give_text(call, interface->name, a[3])) {
        status = STATUS_INSUFFICIENT_RESOURCES;
    }
    return (uint32_t)status;
}

// ---- enabling ----

static NTSTATUS enable(struct kldr_world *world, struct ks_io_interface *interface, uint64_t maker)
{
    struct ks_object *device = ks_ob_find(world, interface->device), *link = NULL;
    struct ks_ob_lookup lookup = {.name = interface->name,
                                  .attributes = OBJ_CASE_INSENSITIVE | OBJ_PERMANENT,
                                  .type = KS_OB_SYMBOLIC_LINK};
    if (interface->enabled) {
        return STATUS_OBJECT_NAME_EXISTS;
    }
    char *target = device != NULL ? ks_ob_path(world, device) : NULL;
    NTSTATUS status = target != NULL ? ks_ob_make_link(world, &lookup, target, maker, &link)
                                     : STATUS_INVALID_DEVICE_REQUEST;
    ks_nt_text_free(world, target);
    if (NT_SUCCESS(status)) {
        ks_ob_dereference(world, link);
        interface->enabled = true;
    }
    return status;
}

static NTSTATUS disable(struct kldr_world *world, struct ks_io_interface *interface)
{
    struct ks_object *link = NULL;
    if (!interface->enabled) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    interface->enabled = false;
    if (NT_SUCCESS(ks_ob_look_up_path(world, interface->name, KS_OB_SYMBOLIC_LINK, &link))) {
        ks_ob_make_temporary(world, link);
        ks_ob_dereference(world, link);
    }
    return STATUS_SUCCESS;
}

void ks_io_interface_forget(struct kldr_world *world, uint64_t device)
{
    for (struct ks_io_interface *interface = ks_io_interface_next(world, NULL); interface != NULL;
         interface = interface->next) {
        if (interface->device == device) {
            disable(world, interface);
            interface->device = 0;
        }
    }
}

// IoSetDeviceInterfaceState(SymbolicLinkName, Enable)
uint64_t ks_io_interface_set_state(const struct ks_kernel_call *call)
{
    char *name = ks_nt_text_of_string(call->world, call->arguments[0]);
    struct ks_io_interface *interface =
        name != NULL ? ks_io_interface_find(call->world, name) : NULL;
    bool on = (call->arguments[1] & 0xFF) != 0;
    ks_nt_text_free(call->world, name);
    if (interface == NULL) {
        return (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND;
    }
    NTSTATUS status =
        on ? enable(call->world, interface, call->caller) : disable(call->world, interface);
    if (status == STATUS_SUCCESS) {
        ks_io_notify_interface(call->world, interface, on);
    }
    return (uint32_t)status;
}

// ---- listing ----

// Which are asked for.
struct filter {
    GUID class_guid;
    uint64_t device; // 0: of all
    bool all;        // those that are not enabled as well
};

static const struct ks_io_interface *next_match(struct kldr_world *world,
                                                const struct ks_io_interface *interface,
                                                const struct filter *filter)
{
    do {
        interface = ks_io_interface_next(world, interface);
    } while (interface != NULL &&
             (memcmp(&interface->class_guid, &filter->class_guid, sizeof(GUID)) != 0 ||
              (!filter->all && !interface->enabled) ||
              (filter->device != 0 && interface->device != filter->device)));
    return interface;
}

// IoGetDeviceInterfaces(InterfaceClassGuid, PhysicalDeviceObject, Flags, SymbolicLinkList): names
// in a row, each with its end, and one more end.
uint64_t ks_io_interface_list(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct filter filter = {*(const GUID *)ks_guest_pointer(a[0]), a[1],
                                  ((uint32_t)a[2] & NON_ACTIVE) != 0};
    const struct ks_io_interface *interface = NULL;
    size_t units = 1;
    ks_guest_put_number(a[3], sizeof(PVOID), 0);
    while ((interface = next_match(call->world, interface, &filter)) != NULL) {
        units += ks_nt_text_units(interface->name) + 1;
    }
    uint64_t block = ks_ex_take(call, 2 * units, TAG_INTERFACE), at = block;
    if (block == 0) {
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    memset(ks_guest_pointer(block), 0, 2 * units);
    while ((interface = next_match(call->world, interface, &filter)) != NULL) {
        at += 2 * (ks_nt_text_put(interface->name, at, units) + 1);
    }
    ks_guest_put_number(a[3], sizeof(PVOID), block);
    return STATUS_SUCCESS;
}
