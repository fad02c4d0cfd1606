// SPDX-License-Identifier: MIT
// The registry key of a device interface, for what drivers keep with it.

#include "kernel/cm/cm.h"
#include "kernel/io/io_interface.h"
#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <stdio.h>

#define CLASSES_KEY  "Machine\\System\\CurrentControlSet\\Control\\DeviceClasses"
#define LONGEST_PATH 512u

// The link's name is part of the key's, with # for each backslash.
static void make_path(const struct ks_io_interface *interface, char path[LONGEST_PATH])
{
    char guid[40], name[LONGEST_PATH / 2];
    ks_io_interface_put_guid(&interface->class_guid, guid);
    snprintf(name, sizeof name, "%s", interface->name);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '\\' ? '#' : *at;
    }
    snprintf(path, LONGEST_PATH, CLASSES_KEY "\\%s\\%s\\#\\Device Parameters", guid, name);
}

// IoOpenDeviceInterfaceRegistryKey(SymbolicLinkName, DesiredAccess, DeviceInterfaceRegKey): a key
// that is not there is made.
uint64_t ks_io_interface_key_open(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    char path[LONGEST_PATH], full[LONGEST_PATH + 16];
    uint64_t handle = 0;
    ks_ob_probe(a[2], sizeof(PVOID));
    char *name = ks_nt_text_of_string(call->world, a[0]);
    const struct ks_io_interface *interface =
        name != NULL ? ks_io_interface_find(call->world, name) : NULL;
    ks_nt_text_free(call->world, name);
    if (interface == NULL) {
        return KS_STATUS(STATUS_OBJECT_NAME_NOT_FOUND);
    }
    make_path(interface, path);
    snprintf(full, sizeof full, "\\Registry\\%s", path);
    struct ks_cm_key *root = ks_cm_root(call->world);
    if (root == NULL || ks_cm_walk(call->world, root, path, true) == NULL) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    const struct ks_ob_attributes attributes = {
        .lookup = {.name = full, .attributes = OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE},
        .named = true};
    NTSTATUS status =
        ks_ob_open(call->world, &attributes, KS_OB_KEY, (uint32_t)a[1], call->caller, &handle);
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(a[2], sizeof(PVOID), handle);
    }
    return KS_STATUS(status);
}
