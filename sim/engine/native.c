// SPDX-License-Identifier: MIT
// Calling the routines of real images: what they get as arguments, and what DriverEntry left in its
// driver object.

#include "engine/native.h"

#include "kernel/nt.h"
#include "world/world_steps.h"

#include <string.h>

#define TAG_DRIVER 0x76697244u // 'Driv'
#define TAG_STRING 0x206F6F49u // 'Ioo '
#define FREED      0xDD

// DRIVER_OBJECT of x64 Windows.
#define DRIVER_SIZE       0x150u
#define DRIVER_START      0x18u
#define DRIVER_IMAGE_SIZE 0x20u
#define DRIVER_EXTENSION  0x30u
#define DRIVER_NAME       0x38u
#define DRIVER_INIT       0x58u
#define DRIVER_UNLOAD     0x68u
#define DRIVER_MAJOR      0x70u
#define TYPE_DRIVER       4u
#define EXTENSION_SIZE    0x50u
#define ADD_DEVICE        0x08u

// A driver object in guest memory. Code of the driver may write what it likes there, so where the
// parts lie is kept here.
struct native_driver {
    uint64_t object, extension;
};

static void put(uint64_t address, uint64_t value)
{
    memcpy(ks_guest_pointer(address), &value, sizeof value);
}

static uint64_t get(uint64_t address)
{
    uint64_t value;
    memcpy(&value, ks_guest_pointer(address), sizeof value);
    return value;
}

// A UNICODE_STRING with its text behind it. 0: no memory.
static uint64_t make_string(struct kldr_world *world, const char *text)
{
    uint16_t length = (uint16_t)(2 * strlen(text)), room = (uint16_t)(length + 2);
    uint64_t string = ks_nt_take(world, 16 + (uint64_t)room, TAG_STRING);
    if (string == 0) {
        return 0;
    }
    put(string, length | (uint32_t)room << 16);
    put(string + 8, string + 16);
    uint8_t *units = ks_guest_pointer(string + 16);
    for (size_t i = 0; text[i] != '\0'; i++) {
        units[2 * i] = (uint8_t)text[i];
    }
    return string;
}

static bool make_object(struct kldr_world *world, const struct ks_instance *instance,
                        const struct ks_call *call)
{
    struct native_driver *made = world->allocator.allocate(world->allocator.user, sizeof *made);
    if (made == NULL) {
        return false;
    }
    uint64_t name = make_string(world, call->driver->object_name);
    *made = (struct native_driver){ks_nt_take(world, DRIVER_SIZE, TAG_DRIVER),
                                   ks_nt_take(world, EXTENSION_SIZE, TAG_DRIVER)};
    call->driver->engine_data = made;
    if (made->object == 0 || made->extension == 0 || name == 0) {
        return false;
    }
    put(made->object, TYPE_DRIVER | DRIVER_SIZE << 16);
    put(made->object + DRIVER_START, instance->base);
    put(made->object + DRIVER_IMAGE_SIZE, instance->size);
    put(made->object + DRIVER_EXTENSION, made->extension);
    memcpy(ks_guest_pointer(made->object + DRIVER_NAME), ks_guest_pointer(name), 16);
    put(made->object + DRIVER_INIT, instance->base + call->rva);
    put(made->extension, made->object);
    return true;
}

static bool has_driver_unload(const struct ks_instance *instance, const struct ks_driver *driver)
{
    const struct native_driver *made = driver->engine_data;
    (void)instance;
    return made != NULL && made->object != 0 && get(made->object + DRIVER_UNLOAD) != 0;
}

static bool is_pnp(const struct ks_instance *instance, const struct ks_driver *driver)
{
    const struct native_driver *made = driver->engine_data;
    (void)instance;
    return made != NULL && made->extension != 0 && get(made->extension + ADD_DEVICE) != 0;
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
    if (call->kind == KS_CALL_DRIVERENTRY && call->driver->engine_data == NULL &&
        !make_object(world, instance, call)) {
        return false;
    }
    if (call->driver != NULL) {
        const struct native_driver *made = call->driver->engine_data;
        arguments[(*count)++] = made->object;
        if (call->kind == KS_CALL_DRIVERUNLOAD) {
            *function = get(made->object + DRIVER_UNLOAD);
        }
    }
    if (call->registry_path != NULL) {
        *string = make_string(world, call->registry_path);
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
    const struct ks_native_request request = {function,         arguments, count,
                                              KS_NATIVE_CLOSED, NULL,      0};
    kldr_status status = ks_native_enter_guest(world, &request, out_result);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
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
