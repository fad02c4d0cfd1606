// SPDX-License-Identifier: MIT
// A record of an IRP knows of each of its first locations whether it was passed on the way up, with
// which mark, and whether the routine there said STATUS_PENDING while the IRP was further down.
// When an IRP comes to a location that it has passed, it is on a new trip, and nothing is said of
// calls of the trip before.
#include "kernel/io/io_pending.h"

#include "engine/native.h"
#include "engine/native_source.h"
#include "world/world_object.h"

#define MOST_LOCATIONS 64

static uint64_t bit_of(int location)
{
    return UINT64_C(1) << (location - 1);
}

static void report(struct kldr_world *world, uint64_t routine, const char *what)
{
    struct kldr_event event = {
        .kind = KLDR_EVENT_FINDING, .reason = "pending-mismatch", .argument = what};
    struct kldr_module_info module;
    if (KS_CHECKED(world, PENDING_MISMATCH) && ks_native_module_at(world, routine, &module)) {
        char place[KS_NATIVE_PLACE_SIZE];
        ks_native_describe_at(world, &module, routine, false, place);
        event.stack = routine != module.base ? place : NULL; // a driver of the host's is its image
        event.module = module.base_name;
        event.module_id = module.id;
        kldr_loader_emit(world->loader, &event);
    }
}

struct ks_io_visit ks_io_pending_enter(struct ks_io_irp *irp, int location, uint64_t routine)
{
    struct ks_io_visit visit = {.location = location, .routine = routine};
    if (irp == NULL || location < 1 || location > MOST_LOCATIONS) {
        return visit;
    }
    if ((irp->passed & bit_of(location)) != 0) {
        irp->trip++;
        irp->passed = irp->marked = irp->promised = 0;
    }
    visit.irp = irp;
    visit.address = irp->address;
    visit.serial = irp->serial;
    visit.trip = irp->trip;
    return visit;
}

// The IRP has gone up past the location while the routine ran.
static const char *judge_passed(const struct ks_io_irp *irp, uint64_t bit, bool pending)
{
    bool marked = (irp->marked & bit) != 0;
    return pending == marked ? NULL : marked ? "not_returned" : "not_marked";
}

// It is still there, or further down.
static const char *judge_kept(struct ks_io_irp *irp, const struct ks_io_visit *visit, bool pending)
{
    const IRP *body = ks_guest_pointer(irp->address);
    bool here = (signed char)body->CurrentLocation == visit->location;
    const IO_STACK_LOCATION *location =
        (const IO_STACK_LOCATION *)(body + 1) + (visit->location - 1);
    bool marked =
        visit->location <= irp->locations && (location->Control & SL_PENDING_RETURNED) != 0;
    if (pending && !here) {
        irp->promised |= bit_of(visit->location);
        return NULL;
    }
    return pending ? (marked ? NULL : "not_marked") : marked ? "not_returned" : "not_completed";
}

void ks_io_pending_leave(struct kldr_world *world, const struct ks_io_visit *visit, NTSTATUS status)
{
    struct ks_io_irp *irp = visit->irp;
    bool pending = status == STATUS_PENDING;
    const char *what = NULL;
    if (irp == NULL || irp->serial != visit->serial || irp->trip != visit->trip) {
        return;
    }
    if ((irp->passed & bit_of(visit->location)) != 0) {
        what = judge_passed(irp, bit_of(visit->location), pending);
    } else if (ks_io_irp_find(world, visit->address) == irp) {
        what = judge_kept(irp, visit, pending);
    }
    if (what != NULL) {
        report(world, visit->routine, what);
    }
}

// The dispatch routine that a location was sent to. 0: it is gone.
static uint64_t routine_at(struct kldr_world *world, const IO_STACK_LOCATION *location)
{
    const struct ks_io_device *device =
        ks_io_device_find(world, ks_io_address(location->DeviceObject));
    const DRIVER_OBJECT *driver =
        device != NULL && device->driver != NULL ? ks_io_driver_body(device->driver) : NULL;
    return driver != NULL && location->MajorFunction <= IRP_MJ_MAXIMUM_FUNCTION
               ? (uint64_t)(uintptr_t)driver->MajorFunction[location->MajorFunction]
               : 0;
}

void ks_io_pending_pass(struct kldr_world *world, struct ks_io_irp *irp, int number,
                        const IO_STACK_LOCATION *location)
{
    bool marked = (location->Control & SL_PENDING_RETURNED) != 0;
    if (irp == NULL || number < 1 || number > MOST_LOCATIONS) {
        return;
    }
    irp->passed |= bit_of(number);
    irp->marked |= marked ? bit_of(number) : 0;
    if ((irp->promised & bit_of(number)) != 0 && !marked) {
        report(world, routine_at(world, location), "not_marked");
    }
}
