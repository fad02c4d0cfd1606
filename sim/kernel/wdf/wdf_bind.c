// SPDX-License-Identifier: MIT
// WDFLDR.SYS: binding drivers to the framework. kldr's own framework comes with the first client;
// it is version 1.31 with the functions of that version, and takes clients of every earlier one and
// of those later ones that ask for no more functions.
#include "kernel/wdf/wdf_io.h"

#include "check/leftovers.h"
#include "engine/native.h"
#include "kernel/image/kernel_names.h"
#include "kernel/io/io_driver.h"
#include "kernel/nt_text.h"
#include "world/world_steps.h"

#include <stdio.h>

#define MAJOR 1u
#define COPY_MOST                                                                                  \
    438u // functions of version 1.13, the last whose clients have the table themselves

static void fini(struct ks_nt *nt, void *memory)
{
    struct ks_wdf_state *state = memory;
    while (state->clients != NULL) {
        struct ks_wdf_client *client = state->clients;
        while (client->objects != NULL) {
            ks_wdf_object_free(nt->world, client->objects);
        }
        while (client->inits != NULL) {
            ks_wdf_init_free(nt->world, client, client->inits);
        }
        state->clients = client->next;
        nt->world->allocator.release(nt->world->allocator.user, client);
    }
}

struct ks_wdf_state *ks_wdf_state(struct kldr_world *world)
{
    return ks_nt_state(world, KS_NT_WDF, sizeof(struct ks_wdf_state), fini);
}

static struct ks_wdf_client *client_by_globals(struct kldr_world *world, uint64_t globals)
{
    struct ks_wdf_state *state = ks_wdf_state(world);
    struct ks_wdf_client *client = state != NULL ? state->clients : NULL;
    while (client != NULL && client->globals != globals) {
        client = client->next;
    }
    return client;
}

struct ks_wdf_client *ks_wdf_client(const struct ks_kernel_call *call)
{
    struct ks_wdf_client *client = client_by_globals(call->world, call->arguments[0]);
    if (client == NULL) {
        ks_wdf_violation(call, WDF_INVALID_HANDLE, call->arguments[0], 0,
                         "called the framework with globals that no client has");
    }
    return client;
}

struct ks_wdf_client *ks_wdf_client_of_driver(struct kldr_world *world, uint64_t driver_object)
{
    struct ks_wdf_state *state = ks_wdf_state(world);
    struct ks_wdf_client *client = state != NULL ? state->clients : NULL;
    while (client != NULL && client->driver_object != driver_object) {
        client = client->next;
    }
    return client;
}

// ---- the framework's table ----

static const struct {
    const char *name;
    uint16_t index;
} functions[] = {
#define WDF_NAME(name, index) {#name, index},
#include "kernel/image/wdf01000_names.inc"
#undef WDF_NAME
};

#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])

// Loads the framework and makes its table in memory of drivers. False: no memory.
static bool load_framework(struct kldr_world *world, struct ks_wdf_state *state)
{
    if (state->table != 0) {
        return true;
    }
    if (ks_world_add_core(world, KS_KERNEL_WDF01000) != KLDR_STATUS_SUCCESS) {
        return false;
    }
    uint64_t base = world->native->kernel_base[KS_KERNEL_WDF01000];
    uint64_t table = ks_nt_take(world, FUNCTION_COUNT * sizeof(PVOID), KS_WDF_TAG);
    for (size_t i = 0; table != 0 && i < FUNCTION_COUNT; i++) {
        uint32_t rva = 0;
        ks_kernel_images_rva(KS_KERNEL_WDF01000, functions[i].name, &rva);
        ks_guest_put_number(table + sizeof(PVOID) * functions[i].index, sizeof(PVOID), base + rva);
    }
    state->table = table;
    return table != 0;
}

// ---- the bind ----

static bool is_known_count(uint32_t count)
{
    static const uint16_t counts[] = {383, 386, 387, 396, 432, COPY_MOST}; // 1.0 to 1.13
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i] == count) {
            return true;
        }
    }
    return count > COPY_MOST;
}

static bool is_kmdf(const struct ks_kernel_call *call, const WDF_BIND_INFO *info)
{
    static const char name[] = "KmdfLibrary";
    size_t units = 0;
    uint64_t at = (uint64_t)(uintptr_t)info->Component;
    while (units < sizeof name && ks_guest_u16(at + 2 * units) != 0) {
        units++;
    }
    char *text = ks_nt_text_of_units(call->world, at, units);
    bool same = text != NULL && ks_nt_text_same(text, name, true);
    ks_nt_text_free(call->world, text);
    return same;
}

static NTSTATUS check_info(const struct ks_kernel_call *call, const WDF_BIND_INFO *info)
{
    if (info->Size < sizeof *info || info->Component == NULL || info->FuncTable == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    if (!is_kmdf(call, info) || info->Version.Major != MAJOR) {
        return STATUS_NOT_FOUND;
    }
    return is_known_count(info->FuncCount) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static struct ks_wdf_client *add_client(struct kldr_world *world, struct ks_wdf_state *state,
                                        uint64_t driver_object)
{
    struct ks_wdf_client *client = world->allocator.allocate(world->allocator.user, sizeof *client);
    uint64_t globals =
        client != NULL ? ks_nt_take(world, sizeof(WDF_DRIVER_GLOBALS), KS_WDF_TAG) : 0;
    if (globals == 0) {
        world->allocator.release(world->allocator.user, client);
        return NULL;
    }
    *client = (struct ks_wdf_client){
        .next = state->clients, .globals = globals, .driver_object = driver_object};
    state->clients = client;
    return client;
}

static void fill_table(const WDF_BIND_INFO *info, uint64_t table)
{
    uint64_t given = (uint64_t)(uintptr_t)info->FuncTable;
    if (info->FuncCount > COPY_MOST) {
        ks_guest_put_number(given, sizeof(PVOID), table);
        return;
    }
    for (uint32_t i = 0; i < info->FuncCount; i++) {
        ks_guest_put_number(given + sizeof(PVOID) * i, sizeof(PVOID),
                            ks_guest_number(table + sizeof(PVOID) * i, sizeof(PVOID)));
    }
}

static NTSTATUS bind(const struct ks_kernel_call *call, WDF_BIND_INFO *info)
{
    struct kldr_world *world = call->world;
    struct ks_wdf_state *state = ks_wdf_state(world);
    struct ks_wdf_client *client = NULL;
    if (state != NULL && load_framework(world, state)) {
        client = add_client(world, state, call->arguments[0]);
    }
    if (client == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    fill_table(info, state->table);
    info->Module = ks_guest_pointer(state->table);
    ks_guest_put_number(call->arguments[3], sizeof(PVOID), client->globals);
    return STATUS_SUCCESS;
}

// WdfVersionBind(DriverObject, RegistryPath, BindInfo, ComponentGlobals)
uint64_t ks_wdf_bind_version(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    if (call->world->native == NULL) {
        return ks_nt_lacking(call, "the driver framework in this engine");
    }
    if (a[0] == 0 || a[1] == 0 || a[2] == 0 || a[3] == 0) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    WDF_BIND_INFO *info = ks_guest_pointer(a[2]);
    NTSTATUS status = check_info(call, info);
    if (status == STATUS_SUCCESS && info->FuncCount > FUNCTION_COUNT) {
        char what[96];
        snprintf(what, sizeof what, "version 1.%u of the driver framework, with %u functions",
                 (unsigned)info->Version.Minor, (unsigned)info->FuncCount);
        return ks_nt_lacking(call, what);
    }
    return KS_STATUS(status == STATUS_SUCCESS ? bind(call, info) : status);
}

// WdfVersionBindClass(BindInfo, ComponentGlobals, ClassBindInfo)
uint64_t ks_wdf_bind_class(const struct ks_kernel_call *call)
{
    return ks_nt_lacking(call, "class extensions of the driver framework (WdfVersionBindClass)");
}

// WdfVersionUnbindClass(BindInfo, ComponentGlobals, ClassBindInfo)
uint64_t ks_wdf_bind_unbind_class(const struct ks_kernel_call *call)
{
    return ks_nt_lacking(call, "class extensions of the driver framework (WdfVersionUnbindClass)");
}

// ---- the end ----

// What somebody still refers to.
static void tell_left(const struct ks_kernel_call *call, const struct ks_wdf_client *client)
{
    static const char *const names[KS_WDF_TYPES] = {"",
                                                    "WDFDRIVER",
                                                    "WDFOBJECT",
                                                    "WDFMEMORY",
                                                    "WDFSPINLOCK",
                                                    "WDFWAITLOCK",
                                                    "WDFSTRING",
                                                    "WDFCOLLECTION",
                                                    "WDFKEY",
                                                    "WDFDEVICE",
                                                    "WDFQUEUE",
                                                    "WDFREQUEST",
                                                    "WDFFILEOBJECT"};
    const struct ks_driver *driver = ks_io_driver_of_object(call->world, client->driver_object);
    for (unsigned type = KS_WDF_DRIVER; driver != NULL && type < KS_WDF_TYPES; type++) {
        uint32_t count = 0;
        for (const struct ks_wdf_object *o = client->objects; o != NULL; o = o->next) {
            count += (unsigned)o->type == type;
        }
        ks_leftovers_framework(call->world, driver->module_id, names[type], count);
    }
}

static void drop_client(const struct ks_kernel_call *call, struct ks_wdf_client *client)
{
    struct kldr_world *world = call->world;
    struct ks_wdf_client **place = &ks_wdf_state(world)->clients;
    tell_left(call, client);
    while (client->objects != NULL) {
        ks_wdf_object_free(world, client->objects);
    }
    while (client->inits != NULL) {
        ks_wdf_init_free(world, client, client->inits);
    }
    while (*place != client) {
        place = &(*place)->next;
    }
    *place = client->next;
    ks_nt_give(world, client->globals);
    world->allocator.release(world->allocator.user, client);
}

// WdfVersionUnbind(RegistryPath, BindInfo, ComponentGlobals)
uint64_t ks_wdf_bind_unbind(const struct ks_kernel_call *call)
{
    struct ks_wdf_client *client = client_by_globals(call->world, call->arguments[2]);
    if (client == NULL || call->arguments[1] == 0) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    if (client->busy != 0) {
        return ks_nt_lacking(call, "an unbind from inside of a callback of the driver framework");
    }
    if (client->driver != NULL) {
        ks_wdf_object_end(call, client->driver);
        client->driver = NULL;
    }
    ((WDF_BIND_INFO *)ks_guest_pointer(call->arguments[1]))->Module = NULL;
    drop_client(call, client);
    return STATUS_SUCCESS;
}
