// SPDX-License-Identifier: MIT
// What drivers register to be called for later: the end of their start, and shutdown.

#include "kernel/io/io_own.h"
#include "kernel/io/io_services.h"
#include "kernel/registered.h"

#include "world/world_object.h"

// A routine of IoRegisterDriverReinitialization.
struct ks_io_again {
    struct ks_io_again *next;
    uint64_t driver, routine, context;
    uint64_t maker; // code that registered it
};

// IoRegisterDriverReinitialization(DriverObject, DriverReinitializationRoutine, Context)
uint64_t ks_io_register_again(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    struct ks_io_state *state = ks_io_state(world);
    struct ks_io_again *again = world->allocator.allocate(world->allocator.user, sizeof *again);
    struct ks_io_again **link = &state->again;
    if (again == NULL) {
        return ks_nt_lacking(call, "as many routines to be called after the start");
    }
    *again = (struct ks_io_again){.driver = call->arguments[0],
                                  .routine = call->arguments[1],
                                  .context = call->arguments[2],
                                  .maker = call->caller};
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = again;
    return 0;
}

void ks_io_register_run(struct kldr_world *world, const struct ks_driver *driver)
{
    struct ks_io_again **link = &ks_io_state(world)->again;
    uint64_t object = driver->object->body;
    while (*link != NULL) {
        struct ks_io_again *again = *link;
        if (again->driver != object) {
            link = &again->next;
            continue;
        }
        *link = again->next;
        ULONG count = ++ks_io_driver_extension(driver)->Count;
        const uint64_t arguments[] = {object, again->context, count};
        uint64_t routine = again->routine;
        world->allocator.release(world->allocator.user, again);
        if (!ks_nt_call(world, routine, arguments, 3, NULL)) {
            return;
        }
        link = &ks_io_state(world)->again; // the routine may have registered another
    }
}

void ks_io_register_free_all(struct kldr_world *world, struct ks_io_state *state)
{
    while (state->again != NULL) {
        struct ks_io_again *again = state->again;
        state->again = again->next;
        world->allocator.release(world->allocator.user, again);
    }
}

void ks_io_register_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    const struct ks_io_state *state = world->nt->parts[KS_NT_IO].state;
    const struct ks_io_again *next = state != NULL ? state->again : NULL;
    for (; next != NULL; next = next->next) {
        const struct ks_registered registered = {"reinitialization", next->routine, next->maker, 0};
        see(user, &registered);
    }
}

// ---- shutdown ----

// The device stays until it is unregistered.
static uint64_t register_shutdown(const struct ks_kernel_call *call, bool last_chance)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    if (device != NULL && device->shutdown == 0) {
        device->shutdown = ++ks_io_state(call->world)->shutdowns;
        device->last_chance = last_chance;
        ks_io_device_body(device)->Flags |= DO_SHUTDOWN_REGISTERED;
        ks_ob_reference(device->object);
    }
    return STATUS_SUCCESS;
}

uint64_t ks_io_register_shutdown(const struct ks_kernel_call *call)
{
    return register_shutdown(call, false);
}

uint64_t ks_io_register_last_chance(const struct ks_kernel_call *call)
{
    return register_shutdown(call, true);
}

static void forget_shutdown(struct kldr_world *world, struct ks_io_device *device)
{
    device->shutdown = 0;
    ks_io_device_body(device)->Flags &= ~(ULONG)DO_SHUTDOWN_REGISTERED;
    ks_ob_dereference(world, device->object);
}

uint64_t ks_io_register_no_shutdown(const struct ks_kernel_call *call)
{
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    if (device != NULL && device->shutdown != 0) {
        forget_shutdown(call->world, device);
    }
    return 0;
}

// The one that registered last. NULL: none is left.
static struct ks_io_device *last_registered(struct kldr_world *world, bool last_chance)
{
    struct ks_io_device *last = NULL;
    for (struct ks_object *object = ks_ob_next(world, NULL); object != NULL;
         object = ks_ob_next(world, object)) {
        struct ks_io_device *device = object->type == KS_OB_DEVICE ? object->data : NULL;
        if (device != NULL && device->shutdown != 0 && device->last_chance == last_chance &&
            (last == NULL || device->shutdown > last->shutdown)) {
            last = device;
        }
    }
    return last;
}

// IRP_MJ_SHUTDOWN to each device that registered, the last one first.
static kldr_status send_shutdowns(struct kldr_world *world, bool last_chance)
{
    struct ks_io_device *device;
    kldr_status status = KLDR_STATUS_SUCCESS;
    while (status == KLDR_STATUS_SUCCESS &&
           (device = last_registered(world, last_chance)) != NULL) {
        NTSTATUS ignored = STATUS_SUCCESS;
        status = ks_io_own_simple(world, device, IRP_MJ_SHUTDOWN, 0, &ignored);
        if (status == KLDR_STATUS_SUCCESS) {
            forget_shutdown(world, device);
        }
    }
    return status;
}

kldr_status ks_io_register_shut_down(struct kldr_world *world, struct kldr_error *error)
{
    (void)error;
    kldr_status status =
        ks_io_state(world) != NULL ? send_shutdowns(world, false) : KLDR_STATUS_SUCCESS;
    return status == KLDR_STATUS_SUCCESS && ks_io_state(world) != NULL ? send_shutdowns(world, true)
                                                                       : status;
}
