// SPDX-License-Identifier: MIT
// Names in steps on devices and requests, and in what is expected of them. Devices and requests may
// be named anywhere once some step makes them; in which order is for the run to see. Names with a
// backslash are of objects and of devices that drivers report, which only the run knows.
#include "scenario/parse/cross_rules.h"

#include <string.h>

struct io_names {
    struct ks_names devices; // of add_device and open_file
    struct ks_names requests;
};

static void add(struct ks_names *names, const char *name)
{
    if (name != NULL) {
        ks_names_add(names, name, strlen(name));
    }
}

static bool is_request(const struct ks_step *step)
{
    return step->action >= KS_ACTION_READ && step->action <= KS_ACTION_IRP;
}

// ---- services ----

static void resolve_services(struct ks_cast *cast, struct ks_step *step)
{
    struct ks_step_io *io = step->io;
    for (size_t i = 0; i < io->service_count; i++) {
        struct ks_step_service *service = &io->services[i];
        const char *written = service->name;
        ks_cross_service(cast, service->name, service->place);
        ks_cross_resolve_service(cast, service);
        if (io->name == written) { // the default
            io->name = step->target = service->name;
        }
    }
}

static void resolve(struct ks_cast *cast, struct ks_step *step, struct io_names *names)
{
    if (step->action == KS_ACTION_ADD_DEVICE) {
        resolve_services(cast, step);
        add(&names->devices, step->io->name);
    } else if (step->action == KS_ACTION_OPEN_FILE) {
        add(&names->devices, step->io->as);
    } else if (is_request(step)) {
        add(&names->requests, step->io->as);
    } else if (step->action == KS_ACTION_SET_REGISTRY && step->io->registry.service != NULL) {
        struct ks_step_registry *registry = &step->io->registry;
        ks_cross_service(cast, registry->service, registry->service_place);
        const char *name = ks_cast_service(cast, registry->service);
        registry->service = name != NULL ? name : registry->service;
        step->target = registry->service;
    }
}

// ---- devices and requests ----

static void check_name(struct ks_cast *cast, const struct ks_names *names, const char *name,
                       struct ks_place place, const char *format)
{
    if (strchr(name, '\\') == NULL && ks_names_find(names, name, strlen(name)) == NULL) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, place,
                          ks_diagnose_near(cast->parse, ks_names_nearest(names, name)), format,
                          ks_diagnose_shown(cast->parse, name, strlen(name)));
    }
}

static void check_step(struct ks_cast *cast, const struct ks_step *step,
                       const struct io_names *names)
{
    const struct ks_step_io *io = step->io;
    bool of_request = step->action >= KS_ACTION_WAIT && step->action <= KS_ACTION_COMPLETE;
    if (io->device != NULL) {
        check_name(cast, &names->devices, io->device, io->device_place,
                   "no step makes a device or file %s");
    } else if (step->action == KS_ACTION_CLOSE_FILE && io->as != NULL) {
        check_name(cast, &names->devices, io->as, step->action_place, "no step opens a file %s");
    } else if (of_request && io->as != NULL) {
        check_name(cast, &names->requests, io->as, step->action_place,
                   "no step makes a request %s (`as`)");
    }
    unsigned major = io->major;
    if (io->minor_name.text != NULL && io->major_name.text != NULL) {
        ks_irp_words_minor(io->minor_name.text, &major);
    }
    if (major != io->major) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, io->minor_name.place, NULL,
                          "%s belongs to %s", io->minor_name.text, ks_irp_words_major_at(major));
    }
}

// ---- expectations ----

static void check_modules(struct ks_cast *cast, const struct ks_map *map,
                          const struct ks_map *checked, const char *key)
{
    bool same = checked != NULL && checked->pairs == map->pairs;
    for (size_t i = 0; i < map->pair_count && !same; i++) {
        ks_cross_module_key(cast, &map->pairs[i], key);
    }
}

static void check_stacks(struct ks_cast *cast, const struct ks_map *map,
                         const struct ks_map *checked)
{
    bool same = checked != NULL && checked->pairs == map->pairs;
    for (size_t i = 0; i < map->pair_count && !same; i++) {
        const struct ks_pair *pair = &map->pairs[i];
        for (size_t k = 0; k < pair->list_count && pair->list_mode != KS_LIST_NONE_OF; k++) {
            ks_cross_module(cast, pair->list[k], pair->list_places[k]);
        }
    }
}

static void check_request_key(struct ks_cast *cast, const struct ks_step *step, bool given,
                              struct ks_place place, struct ks_place checked, const char *key)
{
    if (given && place.begin != checked.begin && !is_request(step) &&
        step->action != KS_ACTION_WAIT) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, place, NULL,
                          "`%s` is an expectation of `read`, `write`, `ioctl`, `irp` and `wait`",
                          key);
    }
}

void ks_cross_io_expect(struct ks_cast *cast, const struct ks_step *step,
                        const struct ks_expect *expect, const struct ks_expect *base)
{
    static const struct ks_expect nothing;
    base = base == NULL ? &nothing : base;
    check_modules(cast, &expect->devices, &base->devices, "devices");
    check_modules(cast, &expect->pool, &base->pool, "pool");
    check_modules(cast, &expect->objects, &base->objects, "objects");
    check_stacks(cast, &expect->device_stack, &base->device_stack);
    check_request_key(cast, step, expect->information.given, expect->information.place,
                      base->information.place, "information");
    check_request_key(cast, step, expect->bytes.given, expect->bytes.place, base->bytes.place,
                      "bytes");
}

// ---- routines ----

// Only dispatch routines answer requests.
static void check_routine(struct ks_cast *cast, const struct ks_routine *routine, const char *name)
{
    for (size_t i = 0; i < routine->entry_count; i++) {
        const struct ks_routine_entry *entry = &routine->entries[i];
        if (entry->pass_down || entry->has_information || entry->bytes.given) {
            ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, entry->place, NULL,
                              "%s answers no requests: `information`, `bytes` and `pass_down` are "
                              "for `routines`",
                              name);
            return;
        }
    }
}

void ks_cross_io_routines(struct ks_cast *cast, const struct ks_image *image)
{
    check_routine(cast, &image->driver_entry, "DriverEntry");
    check_routine(cast, &image->dllinitialize, "DllInitialize");
    check_routine(cast, &image->dllunload, "DllUnload");
    check_routine(cast, &image->add_device, "AddDevice");
}

static void resolve_hardware(struct ks_cast *cast, const struct ks_scenario *scenario)
{
    for (size_t i = 0; i < scenario->hardware_count; i++) {
        const struct ks_scenario_hardware *hardware = &scenario->hardware[i];
        for (size_t k = 0; k < hardware->service_count; k++) {
            struct ks_step_service *service = &hardware->services[k];
            ks_cross_service(cast, service->name, service->place);
            ks_cross_resolve_service(cast, service);
        }
    }
}

void ks_cross_io(struct ks_cast *cast, struct ks_build *build)
{
    struct io_names names;
    resolve_hardware(cast, build->scenario);
    ks_names_init(&names.devices, cast->parse->arena, true);
    ks_names_init(&names.requests, cast->parse->arena, true);
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        if (built->step->io != NULL) {
            resolve(cast, built->step, &names);
        }
    }
    for (struct ks_built_step *built = build->steps; built != NULL && !cast->parse->truncated;
         built = built->next) {
        if (built->step->io != NULL) {
            check_step(cast, built->step, &names);
        }
    }
}
