// SPDX-License-Identifier: MIT
// Zw: what drivers ask of the whole system: the list of loaded modules; loading and unloading other
// drivers.

#include "engine/native.h"
#include "kernel/cm/cm_rtl.h"
#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <stdio.h>
#include <string.h>

// ---- ZwQuerySystemInformation ----

#define SYSTEM_BASIC_INFORMATION  0u
#define SYSTEM_MODULE_INFORMATION 11u
#define SYSTEM_KERNEL_DEBUGGER    35u
#define LAST_CLASS                255u

#define MODULE_SIZE 296u // RTL_PROCESS_MODULE_INFORMATION
#define PATH_SIZE   256u

static void write_module(uint64_t at, const struct kldr_module_info *module, uint16_t index)
{
    char path[PATH_SIZE] = {0};
    const char *name = strrchr(module->full_name, '\\');
    snprintf(path, sizeof path, "%s", module->full_name);
    for (uint64_t i = 0; i < MODULE_SIZE; i++) {
        ks_guest_put_number(at + i, 1, 0);
    }
    ks_guest_put_number(at + 16, 8, module->base);
    ks_guest_put_number(at + 24, 4, module->size);
    ks_guest_put_number(at + 32, 2, index);
    ks_guest_put_number(at + 36, 2, (uint16_t)module->load_count);
    ks_guest_put_number(at + 38, 2, name != NULL ? (uint64_t)(name + 1 - module->full_name) : 0);
    for (uint64_t i = 0; i < PATH_SIZE; i++) {
        ks_guest_put_number(at + 40 + i, 1, (uint8_t)path[i]);
    }
}

static NTSTATUS query_modules(struct kldr_world *world, uint64_t buffer, uint32_t room,
                              uint32_t *out_length)
{
    struct kldr_module_info module;
    uint32_t count = 0;
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        count++;
    }
    *out_length = 8 + count * MODULE_SIZE;
    if (room < *out_length) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    uint16_t index = 0;
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id), index++) {
        if (kldr_loader_module(world->loader, id, &module)) {
            write_module(buffer + 8 + (uint64_t)index * MODULE_SIZE, &module, index);
        }
    }
    ks_guest_put_number(buffer, 8, index);
    return STATUS_SUCCESS;
}

// One processor, pages of 4 KiB, 1 GiB.
static NTSTATUS query_basic(uint64_t buffer, uint32_t room, uint32_t *out_length)
{
    static const uint64_t fields[][3] = {
        {4, 4, 156250},   {8, 4, 0x1000},   {12, 4, 0x40000}, {16, 4, 1},
        {20, 4, 0x40000}, {24, 4, 0x10000}, {32, 8, 0x10000}, {40, 8, UINT64_C(0x7FFFFFFEFFFF)},
        {48, 8, 1},       {56, 1, 1}};
    *out_length = 64;
    if (room != *out_length) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    for (uint64_t i = 0; i < 64; i++) {
        ks_guest_put_number(buffer + i, 1, 0);
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        ks_guest_put_number(buffer + fields[i][0], (unsigned)fields[i][1], fields[i][2]);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS query_debugger(struct kldr_world *world, uint64_t buffer, uint32_t room,
                               uint32_t *out_length)
{
    uint64_t enabled = 0, absent = 1;
    *out_length = 2;
    if (room < 2) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    ks_function_variable(world, "KdDebuggerEnabled", &enabled);
    ks_function_variable(world, "KdDebuggerNotPresent", &absent);
    ks_guest_put_number(buffer, 1, enabled & 0xFF);
    ks_guest_put_number(buffer + 1, 1, absent & 0xFF);
    return STATUS_SUCCESS;
}

// (class, buffer, room, length)
uint64_t ks_zw_query_system_information(const struct ks_kernel_call *call)
{
    uint32_t which = (uint32_t)call->arguments[0], room = (uint32_t)call->arguments[2], length = 0;
    uint64_t buffer = call->arguments[1];
    NTSTATUS status;
    switch (which) {
    case SYSTEM_BASIC_INFORMATION:
        status = query_basic(buffer, room, &length);
        break;
    case SYSTEM_MODULE_INFORMATION:
        status = query_modules(call->world, buffer, room, &length);
        break;
    case SYSTEM_KERNEL_DEBUGGER:
        status = query_debugger(call->world, buffer, room, &length);
        break;
    default:
        if (which > LAST_CLASS) {
            return KS_STATUS(STATUS_INVALID_INFO_CLASS);
        }
        return ks_nt_lacking(call, "this class of ZwQuerySystemInformation");
    }
    if (call->arguments[3] != 0) {
        ks_guest_put_number(call->arguments[3], 4, length);
    }
    return KS_STATUS(status);
}

// ---- loading and unloading drivers ----

// A service whose key a driver wrote itself is one from now on.
static bool adopt_service(struct kldr_world *world, const struct ks_cm_key *key)
{
    const struct ks_cm_value *path = ks_cm_value(key, "ImagePath");
    if (ks_service_find(&world->services, key->name) != NULL || path == NULL || path->size < 2) {
        return true;
    }
    char *text = ks_nt_text_of_units(world, (uint64_t)(uintptr_t)path->data, path->size / 2 - 1);
    const struct ks_cm_value *type = ks_cm_value(key, "Type");
    const struct kldr_service_config config = {
        .image_path = text,
        .type = type != NULL && type->size >= 1 ? type->data[0] : 0,
        .type_absent = type == NULL,
    };
    bool done = text != NULL && ks_service_set(&world->services, key->name, &config);
    ks_nt_text_free(world, text);
    return done;
}

// The name of the service whose key a driver names. Freed with ks_nt_text_free.
static NTSTATUS service_of(struct kldr_world *world, uint64_t unicode_string, char **out_name)
{
    static const char services[] = "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\";
    struct ks_cm_key *root = ks_cm_root(world), *key = NULL;
    char *path = ks_nt_text_of_string(world, unicode_string);
    if (path == NULL || root == NULL) {
        ks_nt_text_free(world, path);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (strlen(path) >= sizeof services &&
        ks_nt_text_same_part(services, path, sizeof services - 1, true)) {
        struct ks_cm_key *all =
            ks_cm_walk(world, root, "MACHINE\\SYSTEM\\ControlSet001\\Services", false);
        key = all != NULL && ks_cm_add_services(world, all)
                  ? ks_cm_walk(world, all, path + sizeof services - 1, false)
                  : NULL;
    }
    ks_nt_text_free(world, path);
    if (key != NULL) {
        *out_name = adopt_service(world, key) ? ks_nt_text_copy(world, key->name) : NULL;
        status = *out_name != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    return status;
}

static uint64_t change(const struct ks_kernel_call *call,
                       kldr_status (*how)(struct kldr_world *world, const char *service,
                                          struct kldr_error *error))
{
    char *name = NULL;
    NTSTATUS status = service_of(call->world, call->arguments[0], &name);
    if (!NT_SUCCESS(status)) {
        return KS_STATUS(status);
    }
    struct kldr_error error = {0};
    kldr_status result = how(call->world, name, &error);
    ks_nt_text_free(call->world, name);
    return KS_STATUS(result);
}

uint64_t ks_zw_load_driver(const struct ks_kernel_call *call)
{
    return change(call, kldr_world_load);
}

uint64_t ks_zw_unload_driver(const struct ks_kernel_call *call)
{
    return change(call, kldr_world_unload);
}
