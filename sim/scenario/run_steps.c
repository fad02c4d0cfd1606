// SPDX-License-Identifier: MIT
// Performing steps, one after the other, also inside routines.

#include "scenario/run_object.h"

#include <string.h>

// What an action did.
struct performed {
    struct ks_step_outcome outcome;
    struct kldr_error error;
};

// A status that says that the simulation is over rather than how the action went.
static bool ends_simulation(kldr_status status)
{
    return status == KLDR_ERROR_STOPPED || status == KLDR_ERROR_LIMIT ||
           status == KLDR_ERROR_INTERNAL;
}

static void set_status(struct performed *performed, kldr_status status)
{
    performed->outcome.has_status = true;
    performed->outcome.status = status;
}

// A load step without an ImagePath of its own uses the service's (H2); the parser gives implicit
// services one.
static kldr_status perform_load(struct ks_runner *runner, const struct ks_step *step,
                                struct kldr_error *error)
{
    return ks_io_load_driver(runner->world, step->service, step->image, error);
}

static kldr_status perform_image(struct ks_runner *runner, const struct ks_step *step,
                                 struct kldr_error *error)
{
    struct kldr_world *world = runner->world;
    if (step->action == KS_ACTION_LOAD_IMAGE) {
        return step->as_spelled ? ks_io_load_image(world, step->target, error)
                                : kldr_world_load_image(world, step->target, error);
    }
    return step->as_spelled ? ks_io_unload_image(world, step->target, error)
                            : kldr_world_unload_image(world, step->target, error);
}

static void perform_call(struct ks_runner *runner, const struct ks_call *by,
                         const struct ks_step *step, struct performed *performed)
{
    struct ks_step_outcome *outcome = &performed->outcome;
    kldr_status status =
        by != NULL
            ? ks_world_call_from(runner->world, by->module_id, step->call_module,
                                 step->call_routine, step->arguments, step->argument_count,
                                 &outcome->result, &performed->error)
            : kldr_world_call(runner->world, step->call_module, step->call_routine, step->arguments,
                              step->argument_count, &outcome->result, &performed->error);
    outcome->has_result = status == KLDR_STATUS_SUCCESS;
    set_status(performed, status);
}

// A28: create needs the file to be absent, delete and replace present.
static kldr_status perform_disk(struct ks_runner *runner, const struct ks_step *step,
                                struct kldr_error *error)
{
    struct ks_disk *disk = runner->world->disk;
    if (step->action == KS_ACTION_DELETE) {
        return ks_disk_remove(disk, step->target);
    }
    if (step->action == KS_ACTION_REPLACE) {
        kldr_status status = ks_disk_remove(disk, step->target);
        if (status != KLDR_STATUS_SUCCESS) {
            return status;
        }
    }
    return ks_run_add_image(runner, step->disk_image, error);
}

static void perform_lookup(struct ks_runner *runner, const struct ks_step *step,
                           struct performed *performed)
{
    struct ks_step_outcome *outcome = &performed->outcome;
    outcome->has_found = true;
    outcome->found = kldr_world_lookup(runner->world, step->target, &outcome->found_module) != 0;
}

// Everything that is still loaded is told; nothing is called.
static void perform_shutdown(struct ks_runner *runner)
{
    struct kldr_loader *loader = runner->world->loader;
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        struct kldr_module_info module;
        if (kldr_loader_module(loader, id, &module) && !module.core) {
            ks_world_note(runner->world, "still-loaded", module.base_name, id,
                          "still loaded at shutdown", NULL);
        }
    }
}

static void perform(struct ks_runner *runner, const struct ks_call *by, const struct ks_step *step,
                    struct performed *performed)
{
    struct kldr_error *error = &performed->error;
    switch (step->action) {
    case KS_ACTION_LOAD:
        set_status(performed, perform_load(runner, step, error));
        break;
    case KS_ACTION_UNLOAD:
        set_status(performed, kldr_world_unload(runner->world, step->target, error));
        break;
    case KS_ACTION_LOAD_IMAGE:
    case KS_ACTION_UNLOAD_IMAGE:
        set_status(performed, perform_image(runner, step, error));
        break;
    case KS_ACTION_CALL:
        perform_call(runner, by, step, performed);
        break;
    case KS_ACTION_LOOKUP:
        perform_lookup(runner, step, performed);
        break;
    case KS_ACTION_DELETE:
    case KS_ACTION_REPLACE:
    case KS_ACTION_CREATE:
        set_status(performed, perform_disk(runner, step, error));
        break;
    case KS_ACTION_RUN_QUEUED:
        set_status(performed, ks_world_run_queued(runner->world, step->target));
        break;
    case KS_ACTION_SHUTDOWN:
        perform_shutdown(runner);
        break;
    case KS_ACTION_CHECK:
    case KS_ACTION_BOOT:
    case KS_ACTION_OPEN:
    case KS_ACTION_CLOSE:
    case KS_ACTION_START_DEVICE:
        break; // check does nothing; the others are refused before anything runs
    }
}

static bool is_for_profile(const struct ks_step *step, enum kldr_profile profile)
{
    for (size_t i = 0; i < step->only_count; i++) {
        if (strcmp(step->only[i], kldr_profile_name(profile)) == 0) {
            return true;
        }
    }
    return step->only == NULL;
}

static kldr_status run_step(struct ks_runner *runner, const struct ks_call *by,
                            const struct ks_step *step)
{
    struct kldr_world *world = runner->world;
    struct performed performed = {0};
    const char *action = ks_action_name(step->action);
    const char *target = step->action == KS_ACTION_LOAD ? step->service : step->target;
    if (world->steps_run++ >= world->options.limits.steps) {
        kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
        return KLDR_ERROR_LIMIT;
    }
    performed.outcome.first_event = ks_event_log_count(runner->log);
    ks_world_step_begin(world, action, target);
    perform(runner, by, step, &performed);
    ks_world_step_end(world, action, target, performed.outcome.has_status,
                      performed.outcome.status);
    performed.outcome.end_event = ks_event_log_count(runner->log);
    ks_run_update_ring(runner);
    kldr_status stopped = KLDR_STATUS_SUCCESS;
    bool over = kldr_loader_stopped(world->loader, &stopped);
    if (!over || stopped == KLDR_ERROR_STOPPED) {
        ks_run_judge(runner, step, &performed.outcome, &performed.error);
    }
    return over ? stopped : KLDR_STATUS_SUCCESS;
}

kldr_status ks_run_steps(struct ks_runner *runner, const struct ks_call *by,
                         const struct ks_step *steps, size_t count)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < count && !ends_simulation(status); i++) {
        if (is_for_profile(&steps[i], runner->result.profile)) {
            status = run_step(runner, by, &steps[i]);
        }
    }
    return status;
}
