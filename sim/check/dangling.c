// SPDX-License-Identifier: MIT
#include "check/dangling.h"

#include "check/places.h"
#include "engine/native.h"
#include "kernel/io/io_irp.h"
#include "kernel/registered.h"

static bool is_in(const struct ks_leftovers_image *image, uint64_t address)
{
    return address >= image->base && address < image->end;
}

#define IS_IN(image, routine) is_in(image, (uint64_t)(uintptr_t)(routine))

static void add(struct ks_places *routines, const struct ks_leftovers_image *image,
                uint64_t routine)
{
    if (is_in(image, routine)) {
        ks_places_add(routines, routine);
    }
}

#define ADD(routines, image, routine) add(&(routines), image, (uint64_t)(uintptr_t)(routine))
#define NOTHING                                                                                    \
    {                                                                                              \
        .routines = true                                                                           \
    }

static void report(struct kldr_world *world, const struct ks_leftovers_image *image,
                   const struct kldr_module_info *holder, const char *what,
                   const struct ks_places *routines)
{
    char text[KS_PLACES_TEXT];
    struct kldr_event event = {.kind = KLDR_EVENT_FINDING,
                               .reason = "dangling-routine",
                               .module = holder->base_name,
                               .module_id = holder->id,
                               .target = image->name,
                               .argument = what,
                               .count = (int32_t)routines->things,
                               .has = KLDR_EVENT_HAS_COUNT,
                               .fact = "U12"};
    if (routines->things != 0) {
        ks_places_write(routines, image, text);
        event.stack = text[0] != '\0' ? text : NULL;
        kldr_loader_emit(world->loader, &event);
    }
}

// ---- drivers ----

static void report_one(struct kldr_world *world, const struct ks_leftovers_image *image,
                       const struct kldr_module_info *holder, const char *what, uint64_t routine)
{
    struct ks_places routines = NOTHING;
    add(&routines, image, routine);
    report(world, image, holder, what, &routines);
}

static void report_tables(struct kldr_world *world, const struct ks_leftovers_image *image,
                          const struct ks_driver *driver, const struct kldr_module_info *holder)
{
    const DRIVER_OBJECT *body = ks_io_driver_body(driver);
    const DRIVER_EXTENSION *extension = ks_io_driver_extension(driver);
    struct ks_places dispatch = NOTHING;
    if (body == NULL || extension == NULL || driver->gone) {
        return;
    }
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        ADD(dispatch, image, body->MajorFunction[i]);
    }
    report(world, image, holder, "dispatch", &dispatch);
    report_one(world, image, holder, "start_io", (uint64_t)(uintptr_t)body->DriverStartIo);
    report_one(world, image, holder, "unload", (uint64_t)(uintptr_t)body->DriverUnload);
    report_one(world, image, holder, "add_device", (uint64_t)(uintptr_t)extension->AddDevice);
}

// ---- IRPs ----

// Location number n, from 1, of an IRP whose body a driver may have damaged. NULL: no such one.
static const IO_STACK_LOCATION *location_at(const struct ks_io_irp *irp, int number)
{
    const IRP *body = ks_guest_pointer(irp->address);
    return number >= 1 && number <= irp->locations
               ? (const IO_STACK_LOCATION *)(body + 1) + (number - 1)
               : NULL;
}

static bool is_held_by(struct kldr_world *world, const struct ks_io_irp *irp,
                       const struct ks_driver *driver)
{
    const IRP *body = ks_guest_pointer(irp->address);
    const IO_STACK_LOCATION *location = location_at(irp, (signed char)body->CurrentLocation);
    const struct ks_io_device *device =
        location != NULL ? ks_io_device_find(world, ks_io_address(location->DeviceObject)) : NULL;
    return device != NULL && device->driver == driver;
}

// The first of its completion routines that lies in the image; 0: none.
static uint64_t comes_back_to(const struct ks_io_irp *irp, const struct ks_leftovers_image *image)
{
    const UCHAR wanted = SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR | SL_INVOKE_ON_CANCEL;
    const IRP *body = ks_guest_pointer(irp->address);
    const IO_STACK_LOCATION *location;
    for (int i = (signed char)body->CurrentLocation; (location = location_at(irp, i)) != NULL;
         i++) {
        if ((location->Control & wanted) != 0 && IS_IN(image, location->CompletionRoutine)) {
            return (uint64_t)(uintptr_t)location->CompletionRoutine;
        }
    }
    return 0;
}

static void report_irps(struct kldr_world *world, const struct ks_leftovers_image *image,
                        const struct ks_driver *driver, const struct kldr_module_info *holder)
{
    struct ks_places completions = NOTHING, cancels = NOTHING;
    for (const struct ks_io_irp *irp = ks_io_irp_next(world, NULL); irp != NULL;
         irp = ks_io_irp_next(world, irp)) {
        if (irp->sent && !irp->ended && is_held_by(world, irp, driver)) {
            const IRP *body = ks_guest_pointer(irp->address);
            add(&completions, image, comes_back_to(irp, image));
            ADD(cancels, image, body->CancelRoutine);
        }
    }
    report(world, image, holder, "completion", &completions);
    report(world, image, holder, "cancel", &cancels);
}

// ---- registrations ----

struct search {
    struct kldr_world *world;
    const struct ks_leftovers_image *image;
};

static void see(void *user, const struct ks_registered *registered)
{
    const struct search *search = user;
    struct kldr_module_info holder;
    if (is_in(search->image, registered->routine) && !is_in(search->image, registered->maker) &&
        ks_native_module_at(search->world, registered->maker, &holder)) {
        report_one(search->world, search->image, &holder, registered->kind, registered->routine);
    }
}

void ks_dangling_report(struct kldr_world *world, const struct ks_leftovers_image *image)
{
    struct search search = {world, image};
    struct kldr_module_info holder;
    for (const struct ks_driver *driver = world->drivers; driver != NULL; driver = driver->next) {
        if (driver->module_id != image->module_id && driver->object != NULL &&
            kldr_loader_module(world->loader, driver->module_id, &holder)) {
            report_tables(world, image, driver, &holder);
            report_irps(world, image, driver, &holder);
        }
    }
    ks_ex_callback_see(world, see, &search);
    ks_io_interrupt_see(world, see, &search);
    ks_io_notify_see(world, see, &search);
    ks_io_register_see(world, see, &search);
    ks_ke_bugcheck_see(world, see, &search);
    ks_registered_list_see(world, see, &search);
    ks_ps_notify_see(world, see, &search);
}
