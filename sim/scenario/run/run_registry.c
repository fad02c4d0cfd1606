// SPDX-License-Identifier: MIT
// The scenario's services in the registry, where code of drivers reads them.

#include "kernel/cm/cm.h"
#include "scenario/format/scalar.h"
#include "scenario/run/run_object.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

#define SERVICES "MACHINE\\SYSTEM\\CurrentControlSet\\Services"

// A number is REG_DWORD, everything else REG_SZ.
static bool set_parameter(struct kldr_world *world, struct ks_cm_key *key,
                          const struct ks_parameter *parameter)
{
    uint64_t number;
    bool is_number = ks_scalar_number(parameter->value, &number) && number <= UINT32_MAX;
    return is_number ? ks_cm_set_number(world, key, parameter->name, (uint32_t)number)
                     : ks_cm_set_text(world, key, parameter->name, REG_SZ, parameter->value);
}

static bool set_parameters(struct kldr_world *world, struct ks_cm_key *service_key,
                           const struct ks_service *service)
{
    struct ks_cm_key *key = service->parameter_count > 0
                                ? ks_cm_walk(world, service_key, "Parameters", true)
                                : service_key;
    bool done = key != NULL;
    for (size_t i = 0; done && i < service->parameter_count; i++) {
        done = set_parameter(world, key, &service->parameters[i]);
    }
    return done;
}

static bool set_service(struct kldr_world *world, struct ks_cm_key *services,
                        const struct ks_service *service)
{
    struct ks_cm_key *key = ks_cm_walk(world, services, service->name, false);
    return key != NULL &&
           (!service->has_start || ks_cm_set_number(world, key, "Start", service->start)) &&
           (!service->has_error_control ||
            ks_cm_set_number(world, key, "ErrorControl", service->error_control)) &&
           (!service->has_tag || ks_cm_set_number(world, key, "Tag", service->tag)) &&
           (service->group == NULL ||
            ks_cm_set_text(world, key, "Group", REG_SZ, service->group)) &&
           set_parameters(world, key, service);
}

bool ks_run_fill_registry(struct ks_runner *runner)
{
    struct kldr_world *world = runner->world;
    if (world->native == NULL || runner->scenario->service_count == 0) {
        return true;
    }
    struct ks_cm_key *root = ks_cm_root(world);
    struct ks_cm_key *services = root != NULL ? ks_cm_walk(world, root, SERVICES, false) : NULL;
    bool done = services != NULL && ks_cm_add_services(world, services);
    for (size_t i = 0; done && i < runner->scenario->service_count; i++) {
        done = set_service(world, services, &runner->scenario->services[i]);
    }
    if (!done) {
        ks_run_set_outcome(runner, KS_LIMIT, "the host has no memory left");
    }
    return done;
}
