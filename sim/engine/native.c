// SPDX-License-Identifier: MIT
// Calling the routines of real images: what they get as arguments, and what DriverEntry left in its
// driver object.

#include "engine/native.h"

#include "kernel/io/io_driver.h"
#include "kernel/ke/ke.h"
#include "kernel/ke/ke_return.h"
#include "kernel/nt_text.h"
#include "world/world_steps.h"

#include <string.h>

#define TAG_STRING 0x206F6F49u // 'Ioo '

static bool has_driver_unload(const struct ks_instance *instance, const struct ks_driver *driver)
{
    const DRIVER_OBJECT *object = ks_io_driver_body(driver);
    (void)instance;
    return object != NULL && object->DriverUnload != NULL;
}

static bool is_pnp(const struct ks_instance *instance, const struct ks_driver *driver)
{
    const DRIVER_EXTENSION *extension = ks_io_driver_extension(driver);
    (void)instance;
    return extension != NULL && extension->AddDevice != NULL;
}

// Arguments of a call and what is called. False: no memory.
static bool prepare(const struct ks_instance *instance, const struct ks_call *call,
                    uint64_t *arguments, size_t *count, uint64_t *function, uint64_t *string)
{
    struct kldr_world *world = instance->world;
    *function = instance->base + call->rva;
    if (call->kind == KS_CALL_ROUTINE) {
        for (*count = 0; *count < call->argument_count && *count < 16; ++*count) {
            arguments[*count] = call->arguments[*count];
        }
        return true;
    }
    if (call->driver != NULL) {
        const DRIVER_OBJECT *object = ks_io_driver_body(call->driver);
        arguments[(*count)++] = call->driver->object->body;
        if (call->kind == KS_CALL_DRIVERUNLOAD) {
            *function = (uint64_t)(uintptr_t)object->DriverUnload;
        }
    }
    if (call->registry_path != NULL) {
        *string = ks_nt_text_make_string(world, call->registry_path, TAG_STRING);
        arguments[(*count)++] = *string;
    }
    return call->registry_path == NULL || *string != 0;
}

static kldr_status call_native(struct ks_instance *instance, const struct ks_call *call,
                               uint64_t *out_result)
{
    struct kldr_world *world = instance->world; // the image may go while its routine runs
    uint64_t arguments[16] = {0}, function = 0, string = 0;
    size_t count = 0;
    if (!prepare(instance, call, arguments, &count, &function, &string)) {
        kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
        return KLDR_ERROR_LIMIT;
    }
    const struct ks_native_request request = {
        .function = function,
        .arguments = arguments,
        .count = count,
        .purpose = KS_NATIVE_BASE,
    };
    const struct ks_ke_kept kept = ks_ke_keep(world);
    kldr_status status = ks_native_enter_guest(world, &request, out_result);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (call->kind != KS_CALL_ROUTINE &&
        !ks_ke_is_kept(world, &kept, KS_KE_OTHER_ROUTINE, function, 0)) {
        return KLDR_ERROR_STOPPED;
    }
    struct kldr_module_info module;
    if (call->kind == KS_CALL_DRIVERENTRY && KLDR_NT_SUCCESS((kldr_status)*out_result) &&
        kldr_loader_module(world->loader, call->module_id, &module)) {
        ks_native_discard(world, &module);
    }
    if (string != 0) {
        ks_nt_give(world, string); // N5: what the driver kept is dead
    }
    kldr_status reason = KLDR_STATUS_SUCCESS;
    return kldr_loader_stopped(world->loader, &reason) ? reason : KLDR_STATUS_SUCCESS;
}

// ---- names ----

static const char *routine_name(const struct ks_instance *instance, uint32_t rva)
{
    struct kldr_module_info module;
    struct kldr_export export;
    if (!ks_native_module_at(instance->world, instance->base, &module)) {
        return NULL;
    }
    for (uint32_t i = 0; kldr_image_export_name_at(module.image, i, &export); i++) {
        if (export.name != NULL && export.rva == rva && export.forwarder == NULL) {
            return export.name;
        }
    }
    return NULL;
}

const struct ks_engine ks_engine_native = {
    .name = "native",
    .runs_code = true,
    .call = call_native,
    .routine_name = routine_name,
    .has_driver_unload = has_driver_unload,
    .is_pnp = is_pnp,
};
