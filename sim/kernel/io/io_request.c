// SPDX-License-Identifier: MIT
// Which table of functions a world has, and what it lacks.
#include "kernel/io/io_request.h"

#include "engine/emulate.h"
#include "kernel/io/io_services.h"
#include "world/world_steps.h"

const char *ks_io_object_kind(size_t index)
{
    static const char *const kinds[] = {"device", "symbolic_link", "file",     "irp",
                                        "thread", "timer",         "work_item"};
    return index < sizeof kinds / sizeof kinds[0] ? kinds[index] : NULL;
}

const char *ks_io_irql_name(size_t level)
{
    static const char *const names[] = {"PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"};
    return level < sizeof names / sizeof names[0] ? names[level] : NULL;
}

const struct ks_io_services *ks_io_services(const struct kldr_world *world)
{
    return ks_world_has_kernel(world) ? &ks_io_services_nt : &ks_io_services_declared;
}

const char *ks_io_lacks(const struct kldr_world *world, unsigned needs)
{
    const struct ks_io_services *services = ks_io_services(world);
    const struct {
        unsigned need;
        bool there;
        const char *what;
    } rules[] = {
        {KS_IO_NEEDS_DEVICES, services->add_device != NULL && services->remove_device != NULL,
         "`add_device` and `remove_device`"},
        {KS_IO_NEEDS_NAMED, services->create_device != NULL, "`devices` of declared images"},
        {KS_IO_NEEDS_REQUESTS,
         services->request != NULL && services->open_file != NULL && services->close_file != NULL,
         "requests to devices"},
        {KS_IO_NEEDS_WAITING, services->wait != NULL && services->cancel != NULL,
         "`wait` and `cancel`"},
        {KS_IO_NEEDS_COMPLETION, services->complete != NULL, "`complete`"},
        {KS_IO_NEEDS_POWER, services->power != NULL, "`power`"},
        {KS_IO_NEEDS_CLOCK, services->advance != NULL, "`advance`"},
        {KS_IO_NEEDS_REGISTRY, services->set_registry != NULL, "`set_registry`"},
        {KS_IO_NEEDS_PORTS,
         services->feed_port != NULL && services->port_writes != NULL && world->native != NULL &&
             ks_emulate_available(),
         "`port_io` and the expectation `port_writes`"},
        {KS_IO_NEEDS_STACK, services->see_stack != NULL && services->see_devices != NULL,
         "the expectations `device_stack` and `devices`"},
        {KS_IO_NEEDS_POOL, services->see_pool != NULL, "the expectation `pool`"},
        {KS_IO_NEEDS_OBJECTS, services->see_objects != NULL, "the expectation `objects`"},
        {KS_IO_NEEDS_IRQL, services->irql != NULL, "the expectation `irql`"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if ((needs & rules[i].need) != 0 && !rules[i].there) {
            return rules[i].what;
        }
    }
    return NULL;
}
