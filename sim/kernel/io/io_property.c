// SPDX-License-Identifier: MIT
// What is known of a device that some bus found.

#include "kernel/io/io_pnp.h"

#include "kernel/ob/ob_call.h"

#include <stdio.h>
#include <string.h>

// A property that is a text; false: the device does not have it.
static bool text_of(struct kldr_world *world, const struct ks_io_device *device, uint32_t property,
                    char **out_text)
{
    const struct ks_io_node *node = device->pnp;
    const char *id = node->parent != NULL ? node->name : ks_io_node_id(node);
    char text[KLDR_NAME_SIZE];
    switch (property) {
    case DevicePropertyDeviceDescription:
    case DevicePropertyFriendlyName:
        *out_text =
            ks_nt_text_copy(world, node->description != NULL ? node->description : node->name);
        return true;
    case DevicePropertyLocationInformation:
        *out_text = node->location != NULL ? ks_nt_text_copy(world, node->location) : NULL;
        return node->location != NULL;
    case DevicePropertyPhysicalDeviceObjectName:
        *out_text = ks_ob_path(world, device->object);
        return true;
    case DevicePropertyEnumeratorName:
        snprintf(text, sizeof text, "%.*s", (int)strcspn(id, "\\"), id);
        *out_text = ks_nt_text_copy(world, text);
        return true;
    default:
        return false;
    }
}

static uint64_t give(const uint64_t *a, const void *data, size_t size)
{
    ks_guest_put_number(a[4], sizeof(ULONG), size);
    if ((uint32_t)a[2] < size) {
        return (uint32_t)STATUS_BUFFER_TOO_SMALL;
    }
    for (size_t i = 0; i < size; i++) {
        ks_guest_put_number(a[3] + i, 1, ((const uint8_t *)data)[i]);
    }
    return STATUS_SUCCESS;
}

static uint64_t give_text(const struct ks_kernel_call *call, const char *text)
{
    const uint64_t *a = call->arguments;
    size_t units = ks_nt_text_units(text), size = 2 * (units + 1);
    ks_guest_put_number(a[4], sizeof(ULONG), size);
    if ((uint32_t)a[2] < size) {
        return (uint32_t)STATUS_BUFFER_TOO_SMALL;
    }
    ks_nt_text_put(text, a[3], units);
    ks_guest_put_u16(a[3] + 2 * units, 0);
    return STATUS_SUCCESS;
}

// Lists of texts end with an empty one.
static uint64_t give_ids(const struct ks_kernel_call *call, const struct ks_io_ids *ids)
{
    const uint64_t *a = call->arguments;
    size_t size = 2;
    uint64_t at = a[3];
    for (unsigned i = 0; i < ids->count; i++) {
        size += 2 * (ks_nt_text_units(ids->texts[i]) + 1);
    }
    ks_guest_put_number(a[4], sizeof(ULONG), size);
    if ((uint32_t)a[2] < size) {
        return (uint32_t)STATUS_BUFFER_TOO_SMALL;
    }
    for (unsigned i = 0; i < ids->count; i++) {
        size_t units = ks_nt_text_units(ids->texts[i]);
        ks_nt_text_put(ids->texts[i], at, units);
        ks_guest_put_u16(at + 2 * units, 0);
        at += 2 * (units + 1);
    }
    ks_guest_put_u16(at, 0);
    return STATUS_SUCCESS;
}

// IoGetDeviceProperty(DeviceObject, DeviceProperty, BufferLength, PropertyBuffer, ResultLength)
uint64_t ks_io_property_get(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_io_device *device = ks_io_call_device(call, a[0]);
    uint32_t property = (uint32_t)a[1], number = 0;
    char *text = NULL;
    if (device == NULL) {
        return 0;
    }
    ks_guest_put_number(a[4], sizeof(ULONG), 0);
    if (device->pnp == NULL) {
        return (uint32_t)STATUS_INVALID_DEVICE_REQUEST;
    }
    ks_ob_probe(a[3], a[3] != 0 ? (uint32_t)a[2] : 0);
    if (property == DevicePropertyInstallState || property == DevicePropertyRemovalPolicy) {
        number = property == DevicePropertyRemovalPolicy ? 1 : 0; // no removal expected; installed
        return give(a, &number, sizeof number);
    }
    const struct ks_io_node *node = device->pnp;
    const struct ks_io_ids *ids =
        property == DevicePropertyHardwareID ? &node->hardware_ids : &node->compatible_ids;
    if (property == DevicePropertyHardwareID || property == DevicePropertyCompatibleIDs) {
        return ids->count != 0 ? give_ids(call, ids) : (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (!text_of(call->world, device, property, &text)) {
        return (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND;
    }
    uint64_t answer =
        text != NULL ? give_text(call, text) : (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    ks_nt_text_free(call->world, text);
    return answer;
}
