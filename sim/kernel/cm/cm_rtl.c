// SPDX-License-Identifier: MIT
// Rtl: the registry by path: what is asked for relative to well-known keys.

#include "kernel/cm/cm_rtl.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

#define LARGEST_VALUE 0x100000u
#define LONGEST       0x7FFFu // units of a path or a name

static const char *const roots[] = {
    "",
    "MACHINE\\SYSTEM\\CurrentControlSet\\Services\\",
    "MACHINE\\SYSTEM\\CurrentControlSet\\Control\\",
    "MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\",
    "MACHINE\\HARDWARE\\DEVICEMAP\\",
    "USER\\.DEFAULT\\",
};

char *ks_cm_text_of_driver(struct kldr_world *world, uint64_t address)
{
    size_t units = 0;
    while (address != 0 && units < LONGEST && ks_guest_u16(address + 2 * units) != 0) {
        units++;
    }
    return ks_nt_text_of_units(world, address, units);
}

// The rest of an absolute path behind \REGISTRY\, or NULL.
static const char *behind_root(const char *path)
{
    static const char root[] = "\\Registry\\";
    size_t length = sizeof root - 1;
    return strlen(path) >= length && ks_nt_text_same_part(root, path, length, true) ? path + length
                                                                                    : NULL;
}

static NTSTATUS walk(struct kldr_world *world, struct ks_cm_key *from, const char *first,
                     const char *second, bool make, struct ks_cm_key **out_key)
{
    struct ks_cm_key *key = ks_cm_walk(world, from, first, make);
    if (key != NULL && second[0] != '\0') {
        if (strcmp(first, roots[RTL_REGISTRY_SERVICES]) == 0 && !ks_cm_add_services(world, key)) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        key = ks_cm_walk(world, key, second, make);
    }
    if (key == NULL) {
        return make ? STATUS_INSUFFICIENT_RESOURCES : STATUS_OBJECT_NAME_NOT_FOUND;
    }
    *out_key = key;
    return STATUS_SUCCESS;
}

static NTSTATUS find_absolute(struct kldr_world *world, const char *path, bool make,
                              struct ks_cm_key **out_key)
{
    static const char services[] = "MACHINE\\SYSTEM\\CurrentControlSet\\Services\\";
    const char *rest = behind_root(path);
    if (rest == NULL) {
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    }
    size_t length = sizeof services - 1;
    if (strlen(rest) > length && ks_nt_text_same_part(services, rest, length, true)) {
        return walk(world, ks_cm_root(world), services, rest + length, make, out_key);
    }
    return walk(world, ks_cm_root(world), rest, "", make, out_key);
}

NTSTATUS ks_cm_find_relative(struct kldr_world *world, uint32_t relative_to, uint64_t path,
                             bool make, struct ks_cm_key **out_key)
{
    uint32_t root = relative_to & ~(uint32_t)(RTL_REGISTRY_OPTIONAL | RTL_REGISTRY_HANDLE);
    if ((relative_to & RTL_REGISTRY_HANDLE) != 0) {
        struct ks_object *object;
        NTSTATUS status = ks_cm_of_handle(world, path, &object, out_key);
        if (NT_SUCCESS(status)) {
            ks_ob_dereference(world, object); // the handle keeps it
        }
        return status;
    }
    if (root >= sizeof roots / sizeof roots[0]) {
        return STATUS_INVALID_PARAMETER;
    }
    char *text = ks_cm_text_of_driver(world, path);
    if (text == NULL || ks_cm_root(world) == NULL) {
        ks_nt_text_free(world, text);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    NTSTATUS status = root == RTL_REGISTRY_ABSOLUTE || text[0] == '\\'
                          ? find_absolute(world, text, make, out_key)
                          : walk(world, ks_cm_root(world), roots[root], text, make, out_key);
    ks_nt_text_free(world, text);
    return status;
}

// ---- one value, one key ----

// (relative to, path, name, type, data, length). The key is made when it is not there.
uint64_t ks_rtl_write_registry_value(const struct ks_kernel_call *call)
{
    struct ks_cm_key *key = NULL;
    uint32_t size = (uint32_t)call->arguments[5];
    const uint8_t *data = ks_guest_pointer(call->arguments[4]);
    if (size > LARGEST_VALUE) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    if (size != 0) {
        (void)ks_guest_number(call->arguments[4], 1);
        (void)ks_guest_number(call->arguments[4] + size - 1, 1);
    }
    char *name = ks_cm_text_of_driver(call->world, call->arguments[2]);
    NTSTATUS status = ks_cm_find_relative(call->world, (uint32_t)call->arguments[0],
                                          call->arguments[1], true, &key);
    if (NT_SUCCESS(status) &&
        (name == NULL ||
         !ks_cm_set_value(call->world, key, name, (uint32_t)call->arguments[3], data, size))) {
        status = STATUS_INSUFFICIENT_RESOURCES;
    }
    ks_nt_text_free(call->world, name);
    return KS_STATUS(status);
}

uint64_t ks_rtl_delete_registry_value(const struct ks_kernel_call *call)
{
    struct ks_cm_key *key = NULL;
    char *name = ks_cm_text_of_driver(call->world, call->arguments[2]);
    NTSTATUS status = ks_cm_find_relative(call->world, (uint32_t)call->arguments[0],
                                          call->arguments[1], false, &key);
    if (NT_SUCCESS(status)) {
        status = name == NULL                                 ? STATUS_INSUFFICIENT_RESOURCES
                 : ks_cm_delete_value(call->world, key, name) ? STATUS_SUCCESS
                                                              : STATUS_OBJECT_NAME_NOT_FOUND;
    }
    ks_nt_text_free(call->world, name);
    return KS_STATUS(status);
}

uint64_t ks_rtl_create_registry_key(const struct ks_kernel_call *call)
{
    struct ks_cm_key *key;
    return KS_STATUS(ks_cm_find_relative(call->world, (uint32_t)call->arguments[0],
                                         call->arguments[1], true, &key));
}

uint64_t ks_rtl_check_registry_key(const struct ks_kernel_call *call)
{
    struct ks_cm_key *key;
    return KS_STATUS(ks_cm_find_relative(call->world, (uint32_t)call->arguments[0],
                                         call->arguments[1], false, &key));
}
