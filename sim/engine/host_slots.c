// SPDX-License-Identifier: MIT
// A stop function gets no argument that would tell it why it was called, so there is a pool of
// them, one per reason. The pool and the stack of calls belong to the thread: a world with host
// drivers is used by one thread.

#include "engine/host_slots.h"

#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define STOP_DRIVER_UNLOADED 0xCEu
#define POOL_SIZE            64u

#if defined(_MSC_VER)
#define THREAD_LOCAL __declspec(thread)
#else
#define THREAD_LOCAL _Thread_local
#endif

// Why a stop function stops.
struct reason {
    struct kldr_world *world;
    uint32_t code;
    char module[KLDR_NAME_SIZE];
    char text[KLDR_NAME_SIZE + KLDR_SYMBOL_SIZE + 64];
};

static THREAD_LOCAL struct reason reasons[POOL_SIZE];
static THREAD_LOCAL unsigned reason_count;
static THREAD_LOCAL struct ks_host_frame *innermost;

void ks_host_frame_push(struct ks_host_frame *frame, struct kldr_world *world)
{
    frame->outer = innermost;
    frame->world = world;
    frame->base = frame->outer != NULL ? frame->outer->base : 0;
    innermost = frame;
}

void ks_host_frame_pop(struct ks_host_frame *frame)
{
    innermost = frame->outer;
}

struct ks_host_frame *ks_host_frame_innermost(void)
{
    return innermost;
}

struct ks_host_frame *ks_host_frame_exchange(struct ks_host_frame *frame)
{
    struct ks_host_frame *before = innermost;
    innermost = frame;
    return before;
}

// Outside any call of the world's (a test that calls a dead slot itself) there is nowhere to go
// back to: the world has stopped, and the caller gets 0.
static uintptr_t stop(unsigned index)
{
    const struct reason *reason = &reasons[index];
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {0, 8, 0, 0};
    if (reason->world != NULL) {
        ks_world_stop(reason->world, reason->code, parameters, reason->module, 0, reason->text);
    }
    if (innermost != NULL && innermost->world == reason->world) {
        longjmp(innermost->back, 1);
    }
    return 0;
}

#define STOPPER(n)                                                                                 \
    static uintptr_t stopper_##n(void)                                                             \
    {                                                                                              \
        return stop(n);                                                                            \
    }
// clang-format off
#define STOPPERS(M) \
    M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) \
    M(8) M(9) M(10) M(11) M(12) M(13) M(14) M(15) \
    M(16) M(17) M(18) M(19) M(20) M(21) M(22) M(23) \
    M(24) M(25) M(26) M(27) M(28) M(29) M(30) M(31) \
    M(32) M(33) M(34) M(35) M(36) M(37) M(38) M(39) \
    M(40) M(41) M(42) M(43) M(44) M(45) M(46) M(47) \
    M(48) M(49) M(50) M(51) M(52) M(53) M(54) M(55) \
    M(56) M(57) M(58) M(59) M(60) M(61) M(62) M(63)
// clang-format on
STOPPERS(STOPPER)

#define STOPPER_ENTRY(n) stopper_##n,
static uintptr_t (*const stoppers[POOL_SIZE])(void) = {STOPPERS(STOPPER_ENTRY)};

// A stop function for a reason. When the pool is used up the oldest reason gives way.
static kldr_any_function stopper_for(struct kldr_world *world, uint32_t code, const char *module,
                                     const char *text)
{
    for (unsigned i = 0; i < POOL_SIZE && i < reason_count; i++) {
        if (reasons[i].world == world && reasons[i].code == code &&
            strcmp(reasons[i].text, text) == 0) {
            return (kldr_any_function)stoppers[i];
        }
    }
    unsigned index = reason_count++ % POOL_SIZE;
    struct reason *reason = &reasons[index];
    reason->world = world;
    reason->code = code;
    snprintf(reason->module, sizeof reason->module, "%s", module);
    snprintf(reason->text, sizeof reason->text, "%s", text);
    return (kldr_any_function)stoppers[index];
}

void ks_host_forget_world(const struct kldr_world *world)
{
    for (unsigned i = 0; i < POOL_SIZE; i++) {
        if (reasons[i].world == world) {
            reasons[i].world = NULL;
        }
    }
}

// ---- slots ----

static const struct ks_host_image *image_of(const struct ks_instance *instance)
{
    return instance->file->description;
}

static void write_slot(const struct kldr_host_import *import, kldr_any_function function,
                       void *data)
{
    if (import->data) {
        memcpy(import->slot, &data, sizeof data);
    } else {
        memcpy(import->slot, &function, sizeof function);
    }
}

static kldr_any_function unloaded_stopper(struct ks_instance *instance, const char *module)
{
    char text[KLDR_NAME_SIZE + 64];
    snprintf(text, sizeof text, "code of %.250s ran after the image was unloaded", module);
    return stopper_for(instance->world, STOP_DRIVER_UNLOADED, module, text);
}

// What a cell's address stands for in C: the export of a host-compiled driver at that address.
static const struct kldr_host_export *export_at(const struct kldr_world *world, uint64_t address)
{
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        struct kldr_module_info module;
        struct kldr_export found;
        if (!kldr_loader_module(world->loader, id, &module) || module.cookie == NULL ||
            address < module.base || address - module.base >= module.size) {
            continue;
        }
        const struct ks_instance *instance = module.cookie;
        const struct kldr_host_driver *driver =
            instance->file->engine == &ks_engine_host ? image_of(instance)->driver : NULL;
        for (size_t i = 0; driver != NULL && i < driver->export_count; i++) {
            if (kldr_image_export_listed(module.image, driver->exports[i].name, &found) &&
                found.forwarder == NULL && module.base + found.rva == address) {
                return &driver->exports[i];
            }
        }
    }
    return NULL;
}

struct bind {
    struct ks_instance *instance;
    const struct kldr_host_import *import;
};

static bool bind_cell(void *user, const struct kldr_binding *binding)
{
    const struct bind *bind = user;
    const struct kldr_host_import *import = bind->import;
    bool by_name = import->name != NULL && binding->symbol != NULL &&
                   strcmp(import->name, binding->symbol) == 0;
    bool by_ordinal =
        import->name == NULL && binding->symbol == NULL && import->ordinal == binding->ordinal;
    if (!ks_same_name(import->module, binding->module) || (!by_name && !by_ordinal)) {
        return true;
    }
    const struct kldr_host_export *export = export_at(bind->instance->world, binding->address);
    if (export != NULL) {
        write_slot(import, export->function, export->data);
        return false;
    }
    char text[KLDR_NAME_SIZE + KLDR_SYMBOL_SIZE + 64];
    snprintf(text, sizeof text,
             "%.200s!%.200s is no host-compiled routine: it cannot be called from C",
             binding->module, binding->symbol != NULL ? binding->symbol : "(by ordinal)");
    write_slot(
        import,
        stopper_for(bind->instance->world, KLDR_ERROR_NOT_IMPLEMENTED, binding->module, text),
        NULL);
    return false;
}

void ks_host_bind_slots(struct ks_instance *instance, uint32_t module_id)
{
    const struct kldr_host_driver *driver = image_of(instance)->driver;
    for (size_t i = 0; i < driver->import_count; i++) {
        struct bind bind = {instance, &driver->imports[i]};
        kldr_loader_bindings(instance->world->loader, module_id, bind_cell, &bind);
    }
}

// Slots of other drivers that hold an export of a driver that goes.
static void kill_slots_into(struct ks_instance *gone, const struct kldr_host_driver *importer)
{
    const struct kldr_host_driver *driver = image_of(gone)->driver;
    for (size_t i = 0; i < importer->import_count; i++) {
        const struct kldr_host_import *import = &importer->imports[i];
        for (size_t j = 0; j < driver->export_count; j++) {
            const void *held = NULL;
            kldr_any_function function = NULL;
            memcpy(import->data ? (void *)&held : (void *)&function, import->slot,
                   import->data ? sizeof held : sizeof function);
            if (import->data ? held != NULL && held == driver->exports[j].data
                             : function != NULL && function == driver->exports[j].function) {
                write_slot(import, unloaded_stopper(gone, driver->name), NULL);
            }
        }
    }
}

void ks_host_release_slots(struct ks_instance *instance)
{
    struct kldr_world *world = instance->world;
    const struct kldr_host_driver *driver = image_of(instance)->driver;
    for (size_t i = 0; i < driver->import_count; i++) {
        write_slot(&driver->imports[i], unloaded_stopper(instance, driver->name), NULL);
    }
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        const struct ks_instance *other = ks_world_instance(world, id);
        if (other != NULL && other != instance && other->file->engine == &ks_engine_host) {
            kill_slots_into(instance, image_of(other)->driver);
        }
    }
}
