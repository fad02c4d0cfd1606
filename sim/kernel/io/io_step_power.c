// SPDX-License-Identifier: MIT
// Power requests of steps, and devices that declared drivers make in DriverEntry.

#include "kernel/io/io_pnp.h"
#include "kernel/io/io_steps.h"

kldr_status ks_io_steps_power(struct kldr_world *world, const struct ks_io_power *power,
                              struct kldr_error *error)
{
    struct ks_object *object = NULL;
    NTSTATUS answer = STATUS_SUCCESS;
    kldr_status status = ks_io_steps_device(world, power->device, &object, error);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    struct ks_io_own *own = ks_io_own_make(world, object->data, IRP_MJ_POWER,
                                           power->query ? IRP_MN_QUERY_POWER : IRP_MN_SET_POWER);
    if (own != NULL) {
        // S0 and D0 are the first states after "unspecified".
        own->location->Parameters.Power.Type =
            power->of_device ? DevicePowerState : SystemPowerState;
        own->location->Parameters.Power.State.SystemState =
            (SYSTEM_POWER_STATE)(power->state + PowerSystemWorking);
        own->location->Parameters.Power.ShutdownType =
            power->of_device || power->state == 0 ? PowerActionNone : PowerActionSleep;
        status = ks_io_own_run(own, &answer);
    } else {
        status = KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_ob_dereference(world, object);
    return status == KLDR_STATUS_SUCCESS ? (kldr_status)answer : status;
}

static uint64_t base_of(const struct kldr_world *world, const struct ks_driver *driver)
{
    struct kldr_module_info module;
    return kldr_loader_module(world->loader, driver->module_id, &module) ? module.base : 0;
}

kldr_status ks_io_steps_create_device(struct kldr_world *world, struct ks_driver *driver,
                                      const char *name, const char *link, struct kldr_error *error)
{
    struct ks_object *object = NULL;
    struct ks_ob_lookup lookup = {.name = link,
                                  .attributes = OBJ_CASE_INSENSITIVE | OBJ_PERMANENT,
                                  .type = KS_OB_SYMBOLIC_LINK};
    kldr_status status = ks_io_declared_device(world, driver, name, NULL);
    if (status == KLDR_STATUS_SUCCESS && link != NULL) {
        status =
            (kldr_status)ks_ob_make_link(world, &lookup, name, base_of(world, driver), &object);
        if (object != NULL) {
            ks_ob_dereference(world, object);
        }
    }
    if (!KLDR_NT_SUCCESS(status)) {
        kldr_error_set(error, status, KLDR_ORIGIN_KERNEL, KLDR_STAGE_INPUT,
                       "the device %.200s could not be made", name);
    }
    return status;
}

static void delete_links(struct kldr_world *world, uint64_t maker)
{
    struct ks_object *link = ks_ob_next(world, NULL);
    while (link != NULL) {
        struct ks_object *next = ks_ob_next(world, link);
        if (link->type == KS_OB_SYMBOLIC_LINK && link->maker == maker && !link->deleting) {
            ks_ob_make_temporary(world, link);
        }
        link = next;
    }
}

void ks_io_steps_delete_devices(struct kldr_world *world, struct ks_driver *driver)
{
    struct ks_io_device *device = driver->devices;
    uint64_t base = base_of(world, driver);
    if (base != 0) {
        delete_links(world, base);
    }
    while (device != NULL) {
        struct ks_io_device *next = device->next;
        ks_io_device_delete(world, device);
        device = next;
    }
}
