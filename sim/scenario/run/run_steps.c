// SPDX-License-Identifier: MIT
// Performing steps, one after the other, also inside routines.

#include "check/invariants.h"
#include "scenario/run/run_object.h"

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

// Devices that registered for it are told, then everything that is still loaded is reported.
static kldr_status perform_shutdown(struct ks_runner *runner, struct kldr_error *error)
{
    const struct ks_io_services *services = ks_io_services(runner->world);
    kldr_status status = services->shut_down != NULL && runner->world->nt != NULL
                             ? services->shut_down(runner->world, error)
                             : KLDR_STATUS_SUCCESS;
    struct kldr_loader *loader = runner->world->loader;
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        struct kldr_module_info module;
        if (kldr_loader_module(loader, id, &module) && !module.core) {
            ks_world_note(runner->world, "still-loaded", module.base_name, id,
                          "still loaded at shutdown", NULL);
        }
    }
    return status;
}

// ---- boot ----

static const struct ks_image *boot_image(const struct ks_scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->image_count; i++) {
        const struct ks_image *image = &scenario->images[i];
        if (ks_same_name(image->path, name) || ks_same_name(image->base_name, name)) {
            return image;
        }
    }
    return NULL;
}

// A boot list that the OS loader could not have left is a mistake of the scenario (A24).
static void refuse_boot(struct ks_runner *runner, const struct ks_step *step,
                        const struct kldr_error *error)
{
    char text[2 * KLDR_DETAIL_SIZE];
    struct ks_failure failure = {.step = step, .place = step->action_place, .key = "boot"};
    kldr_error_format(error, text, sizeof text);
    failure.wanted = failure.got = failure.note = "";
    failure.message = ks_run_text(runner, "%s", text);
    ks_run_add_failure(runner, &failure);
    ks_run_set_outcome(runner, KS_INVALID, failure.message);
    kldr_loader_stop(runner->world->loader, KLDR_ERROR_SCENARIO);
}

static void start_boot_drivers(struct ks_runner *runner, const struct kldr_boot_entry *entries,
                               const uint32_t *ids, size_t count)
{
    for (size_t i = 0; i < count && !kldr_loader_stopped(runner->world->loader, NULL); i++) {
        if (!entries[i].dependent) {
            ks_io_start_boot_driver(runner->world, ids[i]);
        }
    }
}

static void perform_boot(struct ks_runner *runner, const struct ks_step *step,
                         struct performed *performed)
{
    size_t count = step->module_count;
    struct kldr_boot_entry *entries = ks_arena_take(&runner->arena, count + 1, sizeof *entries);
    uint32_t *ids = ks_arena_take(&runner->arena, count + 1, sizeof *ids);
    if (entries == NULL || ids == NULL) {
        runner->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct ks_image *image = boot_image(runner->scenario, step->modules[i]);
        entries[i] = (struct kldr_boot_entry){image != NULL ? image->path : step->modules[i],
                                              image != NULL && image->flag_dependent};
    }
    kldr_status status =
        kldr_loader_boot(runner->world->loader, entries, count, ids, &performed->error);
    set_status(performed, status);
    if (status == KLDR_STATUS_SUCCESS) {
        start_boot_drivers(runner, entries, ids, count);
    } else if (!ends_simulation(status)) {
        refuse_boot(runner, step, &performed->error);
    }
}

// ---- faults ----

// Puts the step's faults up.
static void push_faults(struct ks_runner *runner, const struct ks_step *step,
                        struct ks_fault_frame *frame)
{
    *frame = (struct ks_fault_frame){.outer = runner->world->faults};
    if (step->fault_count > 0) {
        frame->faults = ks_arena_take(&runner->arena, step->fault_count, sizeof *frame->faults);
    }
    for (size_t i = 0; frame->faults != NULL && i < step->fault_count; i++) {
        const struct ks_fault *fault = &step->faults[i];
        frame->faults[frame->count++] =
            (struct ks_injected_fault){fault->operation, fault->n, fault->status, 0};
    }
    runner->world->faults = frame;
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
        set_status(performed, perform_shutdown(runner, error));
        break;
    case KS_ACTION_BOOT:
        perform_boot(runner, step, performed);
        break;
    case KS_ACTION_OPEN:
        set_status(performed, kldr_world_open(runner->world, step->target, error));
        break;
    case KS_ACTION_CLOSE:
        set_status(performed, kldr_world_close(runner->world, step->target, error));
        break;
    case KS_ACTION_START_DEVICE:
        set_status(performed,
                   ks_io_start_device(runner->world,
                                      step->service != NULL ? step->service : step->target,
                                      step->image, step->status, error));
        break;
    case KS_ACTION_CHECK:
        break;
    default:
        set_status(performed, ks_run_io(runner, step, &performed->outcome, error));
        break;
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

// ---- V6 ----

static bool is_load(const struct ks_step *step)
{
    return step->action == KS_ACTION_LOAD || step->action == KS_ACTION_LOAD_IMAGE;
}

// Performs a step; a load that fails must leave what was there as it was, unless routines did
// something themselves.
static void perform_checked(struct ks_runner *runner, const struct ks_call *by,
                            const struct ks_step *step, struct performed *performed)
{
    struct kldr_world *world = runner->world;
    struct ks_snapshot before = {0};
    uint32_t steps = world->steps_run;
    char why[KLDR_DETAIL_SIZE];
    bool taken = is_load(step) && ks_snapshot_take(world, &before);
    perform(runner, by, step, performed);
    bool failed =
        !KLDR_NT_SUCCESS(performed->outcome.status) && !kldr_loader_stopped(world->loader, NULL);
    if (taken && failed && world->steps_run == steps &&
        !ks_snapshot_unchanged(world, &before, why, sizeof why)) {
        ks_run_set_outcome(runner, KS_INTERNAL, ks_run_text(runner, "%s", why));
    }
    ks_snapshot_fini(world, &before);
}

// Debug builds look after every step, so that a broken invariant is seen where it breaks.
static void check_at_rest(struct ks_runner *runner)
{
#ifndef NDEBUG
    char why[KLDR_DETAIL_SIZE];
    if (runner->world->step_depth == 0 &&
        !ks_invariants_hold(runner->world, runner->log, why, sizeof why)) {
        ks_run_set_outcome(runner, KS_INTERNAL, ks_run_text(runner, "%s", why));
    }
#else
    (void)runner;
#endif
}

// Compares what the step expects, or shows the step to whoever watches.
static void look(struct ks_runner *runner, const struct ks_step *step,
                 const struct performed *performed)
{
    const struct ks_run_watcher *watcher = runner->options->watcher;
    if (watcher == NULL && !runner->options->sweeps) {
        ks_run_judge(runner, step, &performed->outcome, &performed->error);
    } else if (watcher != NULL && watcher->step_done != NULL && runner->world->step_depth == 0) {
        watcher->step_done(watcher->user, runner, step, runner->world->step_number,
                           &performed->outcome);
    }
}

static kldr_status run_step(struct ks_runner *runner, const struct ks_call *by,
                            const struct ks_step *step)
{
    struct kldr_world *world = runner->world;
    struct performed performed = {0};
    struct ks_fault_frame frame;
    const char *action = ks_action_name(step->action);
    const char *target = step->action == KS_ACTION_LOAD ? step->service : step->target;
    if (world->steps_run++ >= world->options.limits.steps) {
        kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
        return KLDR_ERROR_LIMIT;
    }
    performed.outcome.first_event = ks_event_log_count(runner->log);
    ks_run_io_begin(runner, &performed.outcome);
    ks_world_step_begin(world, action, target);
    push_faults(runner, step, &frame);
    perform_checked(runner, by, step, &performed);
    world->faults = frame.outer;
    ks_world_step_end(world, action, target, performed.outcome.has_status,
                      performed.outcome.status);
    performed.outcome.end_event = ks_event_log_count(runner->log);
    ks_run_update_ring(runner);
    check_at_rest(runner);
    kldr_status stopped = KLDR_STATUS_SUCCESS;
    bool over = kldr_loader_stopped(world->loader, &stopped);
    if (!over || stopped == KLDR_ERROR_STOPPED) {
        look(runner, step, &performed);
    }
    ks_run_io_done(runner, &performed.outcome);
    return over ? stopped : KLDR_STATUS_SUCCESS;
}

kldr_status ks_run_steps(struct ks_runner *runner, const struct ks_call *by,
                         const struct ks_step *steps, size_t count)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < count && !ends_simulation(status); i++) {
        if (is_for_profile(&steps[i], runner->result.profile)) {
            status = run_step(runner, by, &steps[i]);
        } else if (by == NULL) {
            runner->world->step_number++; // steps keep the numbers they have in the file
        }
    }
    return status;
}
