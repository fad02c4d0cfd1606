// SPDX-License-Identifier: MIT
// Registry keys of devices of kldr's bus: of the device itself, and of its driver.

#include "kernel/cm/cm.h"
#include "kernel/io/io_pnp.h"
#include "world/world_object.h"

#include <stdio.h>

#define SYSTEM_KEY "Machine\\System\\CurrentControlSet"
#define UNKNOWN_KEY                                                                                \
    "Control\\Class\\{4D36E97E-E325-11CE-BFC1-08002BE10318}" // of devices of no class
#define LONGEST_PATH 512u

static void make_path(const struct ks_io_node *node, bool of_driver, char path[LONGEST_PATH])
{
    if (of_driver) {
        snprintf(path, LONGEST_PATH, SYSTEM_KEY "\\" UNKNOWN_KEY "\\%04u",
                 (unsigned)node->instance);
    } else if (node->parent != NULL) {
        snprintf(path, LONGEST_PATH, SYSTEM_KEY "\\Enum\\%.400s\\Device Parameters", node->name);
    } else {
        snprintf(path, LONGEST_PATH, SYSTEM_KEY "\\Enum\\%.200s\\%04u\\Device Parameters",
                 ks_io_node_id(node), (unsigned)node->instance);
    }
}

// IoOpenDeviceRegistryKey(DeviceObject, DevInstKeyType, DesiredAccess, DevInstRegKey): a key that
// is not there is made.
uint64_t ks_io_registry_open_key(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    const struct ks_io_device *device = ks_io_call_device(call, a[0]);
    uint32_t type = (uint32_t)a[1] & (PLUGPLAY_REGKEY_DEVICE | PLUGPLAY_REGKEY_DRIVER);
    char path[LONGEST_PATH], full[LONGEST_PATH + 16];
    uint64_t handle = 0;
    if (device == NULL) {
        return 0;
    }
    ks_guest_put_number(a[3], sizeof(PVOID), 0);
    if (device->pnp == NULL) {
        return (uint32_t)STATUS_INVALID_DEVICE_REQUEST;
    }
    if (type != PLUGPLAY_REGKEY_DEVICE && type != PLUGPLAY_REGKEY_DRIVER) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    make_path(device->pnp, type == PLUGPLAY_REGKEY_DRIVER, path);
    snprintf(full, sizeof full, "\\Registry\\%s", path);
    struct ks_cm_key *root = ks_cm_root(call->world);
    if (root == NULL || ks_cm_walk(call->world, root, path, true) == NULL) {
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    const struct ks_ob_attributes attributes = {
        .lookup = {.name = full, .attributes = OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE},
        .named = true};
    NTSTATUS status =
        ks_ob_open(call->world, &attributes, KS_OB_KEY, (uint32_t)a[2], call->caller, &handle);
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(a[3], sizeof(PVOID), handle);
    }
    return (uint32_t)status;
}
