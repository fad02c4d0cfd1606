// SPDX-License-Identifier: MIT
// DRIVER_OBJECTs: what drivers see of a driver object, and how long it stays.
//
// The object is referenced by whoever made it, until the driver is unloaded, and by each of its
// devices. The image's count goes with the object (H12), so an image whose devices are left behind
// stays.

#include "kernel/fs/fsrtl_lock.h"
#include "kernel/io/io_ask.h"
#include "kernel/io/io_interface.h"
#include "kernel/io/io_interrupt.h"
#include "kernel/io/io_irp.h"
#include "kernel/io/io_notify.h"
#include "kernel/io/io_pnp.h"
#include "kernel/io/io_steps.h"

#include "engine/native.h"
#include "kernel/nt_text.h"
#include "world/world_steps.h"

#define TAG_NAME                  0x206F6F49u // 'Ioo '
#define TAG_EXTENSION             0x76697244u // 'Driv'
#define STOP_REFERENCE_BY_POINTER 0x18u
#define HARDWARE_PATH             "\\REGISTRY\\MACHINE\\HARDWARE\\DESCRIPTION\\SYSTEM"

// A driver object and its extension, in one body.
struct body {
    DRIVER_OBJECT object;
    DRIVER_EXTENSION extension;
    uint64_t reserved[8];
};

static void free_irps(struct kldr_world *world, struct ks_io_irp *irp)
{
    while (irp != NULL) {
        struct ks_io_irp *next = irp->next;
        world->allocator.release(world->allocator.user, irp);
        irp = next;
    }
}

static void fini(struct ks_nt *nt, void *memory)
{
    struct ks_io_state *state = memory;
    free_irps(nt->world, state->first_irp);
    free_irps(nt->world, state->free_irps);
    while (state->nodes != NULL) {
        struct ks_io_node *node = state->nodes;
        state->nodes = node->next;
        ks_io_pnp_free(nt->world, node);
    }
    ks_io_steps_free(nt->world, state);
    ks_io_work_free_all(nt->world, state);
    ks_io_find_free_tops(nt->world, state);
    ks_io_interface_free_all(nt->world, state);
    ks_io_notify_free_all(nt->world, state);
    ks_io_interrupt_free_all(nt->world, state);
    ks_io_register_free_all(nt->world, state);
    ks_io_ask_free_all(nt->world, state);
    ks_fsrtl_lock_free_all(nt->world, state);
    ks_io_target_free_all(nt->world, state);
    ks_io_hint_free_all(nt->world, state);
    ks_mm_segment_free_all(nt->world, state);
    ks_mm_view_free_all(nt->world, state);
}

struct ks_io_state *ks_io_state(struct kldr_world *world)
{
    return ks_nt_state(world, KS_NT_IO, sizeof(struct ks_io_state), fini);
}

uint64_t ks_io_run(const struct ks_kernel_call *call, const char *name, const uint64_t *arguments)
{
    const struct ks_kernel_function *function = ks_function_find(name, NULL);
    struct ks_kernel_call inner = *call;
    inner.arguments = arguments;
    return function != NULL && function->run != NULL ? function->run(&inner) : 0;
}

struct ks_driver *ks_io_driver_of_object(struct kldr_world *world, uint64_t object)
{
    struct ks_driver *driver = world->drivers;
    while (driver != NULL && (driver->object == NULL || driver->object->body != object)) {
        driver = driver->next;
    }
    struct ks_driver *const own[] = {&ks_io_state(world)->bus, &ks_io_state(world)->disk};
    for (size_t i = 0; driver == NULL && i < sizeof own / sizeof own[0]; i++) {
        driver = own[i]->object != NULL && own[i]->object->body == object ? own[i] : NULL;
    }
    return driver;
}

DRIVER_OBJECT *ks_io_driver_body(const struct ks_driver *driver)
{
    return driver->object != NULL ? ks_guest_pointer(driver->object->body) : NULL;
}

DRIVER_EXTENSION *ks_io_driver_extension(const struct ks_driver *driver)
{
    struct body *body = driver->object != NULL ? ks_guest_pointer(driver->object->body) : NULL;
    return body != NULL ? &body->extension : NULL;
}

uint64_t ks_io_invalid_request(struct kldr_world *world)
{
    struct ks_io_state *state = ks_io_state(world);
    if (state != NULL && state->invalid_request == 0) {
        state->invalid_request = ks_nt_routine_address(world, "IopInvalidDeviceRequest");
    }
    return state != NULL ? state->invalid_request : 0;
}

// ---- making ----

// kldr's own drivers have no image, and one routine. NULL: another driver.
static const char *own_routine(struct kldr_world *world, const struct ks_driver *driver)
{
    const struct ks_io_state *state = ks_io_state(world);
    return driver == &state->bus    ? "KldrBusDispatch"
           : driver == &state->disk ? "KldrFsDispatch"
                                    : NULL;
}

static bool fill(struct kldr_world *world, const struct ks_driver *driver, struct body *body)
{
    struct kldr_module_info module;
    const char *own = own_routine(world, driver);
    DRIVER_OBJECT *object = &body->object;
    object->Type = IO_TYPE_DRIVER;
    object->Size = sizeof *object;
    object->DriverExtension = &body->extension;
    body->extension.DriverObject = object;
    uint64_t function =
        own != NULL ? ks_nt_routine_address(world, own) : ks_io_invalid_request(world);
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        object->MajorFunction[i] = (PDRIVER_DISPATCH)(uintptr_t)function;
    }
    if (own != NULL) {
        return true;
    }
    if (!kldr_loader_module(world->loader, driver->module_id, &module)) {
        return false;
    }
    object->DriverStart = ks_guest_pointer(module.base);
    object->DriverSize = module.size;
    object->DriverInit =
        (PDRIVER_INITIALIZE)(uintptr_t)(module.base + kldr_image_info(module.image)->entry_rva);
    return true;
}

static bool fill_names(struct kldr_world *world, struct ks_driver *driver, struct body *body)
{
    const char *const texts[] = {driver->object_name, driver->service, HARDWARE_PATH};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        driver->strings[i] = ks_nt_text_make_string(world, texts[i], TAG_NAME);
        if (driver->strings[i] == 0) {
            return false;
        }
    }
    body->object.DriverName = *(UNICODE_STRING *)ks_guest_pointer(driver->strings[0]);
    body->extension.ServiceKeyName = *(UNICODE_STRING *)ks_guest_pointer(driver->strings[1]);
    body->object.HardwareDatabase = ks_guest_pointer(driver->strings[2]);
    return true;
}

static void give_names(struct kldr_world *world, struct ks_driver *driver)
{
    for (size_t i = 0; i < sizeof driver->strings / sizeof driver->strings[0]; i++) {
        ks_nt_give(world, driver->strings[i]);
        driver->strings[i] = 0;
    }
}

bool ks_io_driver_make(struct kldr_world *world, struct ks_driver *driver)
{
    struct ks_ob_lookup lookup = {.name = driver->object_name, .attributes = OBJ_CASE_INSENSITIVE};
    if (driver->object != NULL) {
        return true;
    }
    struct ks_object *object = ks_io_state(world) != NULL
                                   ? ks_ob_create(world, KS_OB_DRIVER, sizeof(struct body), 0)
                                   : NULL;
    if (object == NULL) {
        return false;
    }
    struct body *body = ks_guest_pointer(object->body);
    object->attributes = OBJ_PERMANENT;
    // A name that another object has is told before by who starts the driver (H20).
    if (!fill(world, driver, body) || !fill_names(world, driver, body) ||
        ks_ob_enter(world, object, &lookup, NULL) == STATUS_INSUFFICIENT_RESOURCES) {
        give_names(world, driver);
        ks_ob_dereference(world, object);
        return false;
    }
    driver->object = object;
    return true;
}

// ---- after DriverEntry ----

void ks_io_driver_started(struct kldr_world *world, struct ks_driver *driver)
{
    DRIVER_OBJECT *object = ks_io_driver_body(driver);
    if (object == NULL) {
        return;
    }
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        if (object->MajorFunction[i] == NULL) {
            object->MajorFunction[i] = (PDRIVER_DISPATCH)(uintptr_t)ks_io_invalid_request(world);
        }
    }
    object->Flags |= DRVO_INITIALIZED;
    if (ks_io_driver_extension(driver)->AddDevice == NULL) {
        object->Flags |= DRVO_LEGACY_DRIVER;
    }
    for (struct ks_io_device *device = driver->devices; device != NULL; device = device->next) {
        ks_io_device_body(device)->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    }
    ks_io_register_run(world, driver);
}

bool ks_io_driver_is_busy(const struct ks_driver *driver)
{
    for (struct ks_io_device *device = driver->devices; device != NULL; device = device->next) {
        if (device->open != 0 || device->upper != NULL) {
            return true;
        }
    }
    return false;
}

// ---- the end ----

// The object's last reference has gone: so does the image's count.
void ks_io_driver_end(struct kldr_world *world, struct ks_object *object)
{
    struct ks_driver *driver = ks_io_driver_of_object(world, object->body);
    struct ks_io_state *state = ks_io_state(world);
    if (driver == NULL) {
        return; // it was never put to use
    }
    give_names(world, driver);
    while (driver->extensions != NULL) {
        struct ks_io_extension *extension = driver->extensions;
        driver->extensions = extension->next;
        ks_nt_give(world, extension->block);
        world->allocator.release(world->allocator.user, extension);
    }
    driver->object = NULL;
    kldr_status status = ks_io_drop_driver(world, driver);
    if (state != NULL) {
        state->unload_status = status;
    }
}

// ---- what drivers call ----

struct ks_driver *ks_io_call_driver(const struct ks_kernel_call *call, uint64_t address)
{
    struct ks_driver *driver = address != 0 ? ks_io_driver_of_object(call->world, address) : NULL;
    if (driver == NULL) {
        ks_nt_stop(call, STOP_REFERENCE_BY_POINTER, ks_ob_type_body(call->world, KS_OB_DRIVER),
                   address, 0, 0, "used an address as a driver object at which there is none");
    }
    return driver;
}

// IoAllocateDriverObjectExtension(DriverObject, ClientIdentificationAddress, Size, Extension)
uint64_t ks_io_driver_allocate_extension(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct kldr_world *world = call->world;
    struct ks_driver *driver = ks_io_call_driver(call, a[0]);
    if (driver == NULL) {
        return 0;
    }
    ks_guest_put_number(a[3], sizeof(PVOID), 0);
    for (struct ks_io_extension *e = driver->extensions; e != NULL; e = e->next) {
        if (e->id == a[1]) {
            return (uint32_t)STATUS_OBJECT_NAME_COLLISION;
        }
    }
    struct ks_io_extension *extension =
        world->allocator.allocate(world->allocator.user, sizeof *extension);
    uint64_t block = extension != NULL ? ks_nt_take(world, (uint32_t)a[2], TAG_EXTENSION) : 0;
    if (block == 0) {
        world->allocator.release(world->allocator.user, extension);
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    *extension = (struct ks_io_extension){driver->extensions, a[1], block};
    driver->extensions = extension;
    ks_guest_put_number(a[3], sizeof(PVOID), block);
    return STATUS_SUCCESS;
}

uint64_t ks_io_driver_get_extension(const struct ks_kernel_call *call)
{
    struct ks_driver *driver = ks_io_call_driver(call, call->arguments[0]);
    struct ks_io_extension *extension = driver != NULL ? driver->extensions : NULL;
    while (extension != NULL && extension->id != call->arguments[1]) {
        extension = extension->next;
    }
    return extension != NULL ? extension->block : 0;
}
