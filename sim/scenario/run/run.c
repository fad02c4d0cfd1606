// SPDX-License-Identifier: MIT
// One run: a fresh world, the steps, the judgement. Everything a result points to is in the model,
// in the runner's arena or in its event log.

#include "scenario/run/run_object.h"

#include "check/invariants.h"
#include "engine/native.h"
#include "platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_code;
    unsigned rank; // a worse outcome replaces a better one: 3, 2, 5, 4, 1
} outcomes[] = {
    [KS_PASSED] = {"passed", 0, 0},   [KS_FAILED] = {"failed", 1, 2},
    [KS_SKIPPED] = {"skipped", 0, 1}, [KS_UNSUPPORTED] = {"unsupported", 2, 5},
    [KS_INVALID] = {"invalid", 2, 6}, [KS_STOPPED] = {"stopped", 4, 3},
    [KS_LIMIT] = {"limit", 5, 4},     [KS_INTERNAL] = {"internal", 3, 7},
};

const char *ks_outcome_name(enum ks_outcome outcome)
{
    return outcomes[outcome].name;
}

int ks_outcome_exit_code(enum ks_outcome outcome)
{
    return outcomes[outcome].exit_code;
}

// ---- texts, failures, the ring ----

const char *ks_run_text(struct ks_runner *runner, const char *format, ...)
{
    char buffer[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    const char *text = ks_arena_copy(&runner->arena, buffer, strlen(buffer));
    return text != NULL ? text : "";
}

void ks_run_set_outcome(struct ks_runner *runner, enum ks_outcome outcome, const char *reason)
{
    if (outcomes[outcome].rank > outcomes[runner->result.outcome].rank) {
        runner->result.outcome = outcome;
        runner->result.reason = reason;
    }
}

static bool grow(void **array, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
    void *grown = realloc(*array, wanted * size);
    if (grown == NULL) {
        return false;
    }
    *array = grown;
    *capacity = wanted;
    return true;
}

void ks_run_add_failure(struct ks_runner *runner, const struct ks_failure *failure)
{
    struct ks_result *result = &runner->result;
    if (!grow((void **)&runner->failures, &runner->failure_capacity, result->failure_count,
              sizeof *failure)) {
        runner->out_of_memory = true;
        return;
    }
    runner->failures[result->failure_count] = *failure;
    runner->failures[result->failure_count].event_count = ks_event_log_count(runner->log);
    runner->failures[result->failure_count++].step_number =
        runner->world != NULL ? runner->world->step_number : 0;
    result->failures = runner->failures;
    ks_run_set_outcome(runner, KS_FAILED, "");
}

void ks_run_add_edit(struct ks_runner *runner, const struct ks_accept_edit *edit)
{
    struct ks_result *result = &runner->result;
    if (!runner->options->want_edits || edit->place.end == 0) {
        return;
    }
    if (!grow((void **)&runner->edits, &runner->edit_capacity, result->edit_count, sizeof *edit)) {
        runner->out_of_memory = true;
        return;
    }
    runner->edits[result->edit_count++] = *edit;
    result->edits = runner->edits;
}

void ks_run_update_ring(struct ks_runner *runner)
{
    for (; runner->ring_seen < ks_event_log_count(runner->log); runner->ring_seen++) {
        const struct kldr_event *event = ks_event_log_at(runner->log, runner->ring_seen);
        if (event->kind != KLDR_EVENT_IMAGE_UNMAPPED || !event->flag) {
            continue;
        }
        size_t slot = (runner->ring_first + runner->ring_count) % KS_RING_SIZE;
        if (runner->ring_count == KS_RING_SIZE) {
            runner->ring_first =
                (runner->ring_first + 1) % KS_RING_SIZE; // the oldest is overwritten (U14)
        } else {
            runner->ring_count++;
        }
        runner->ring[slot] = event->module;
    }
}

// ---- the runner ----

struct ks_runner *ks_runner_create(void)
{
    struct ks_runner *runner = calloc(1, sizeof *runner);
    if (runner == NULL) {
        return NULL;
    }
    ks_arena_init(&runner->arena, NULL, NULL);
    runner->log = ks_event_log_create();
    if (runner->log == NULL) {
        ks_runner_destroy(runner);
        return NULL;
    }
    return runner;
}

void ks_runner_destroy(struct ks_runner *runner)
{
    if (runner != NULL) {
        ks_event_log_destroy(runner->log);
        ks_arena_fini(&runner->arena);
        ks_fault_sweep_fini(&runner->sweep);
        free(runner->failures);
        free(runner->edits);
        free(runner);
    }
}

static void record_event(void *user, const struct kldr_event *event)
{
    struct ks_runner *runner = user;
    ks_event_log_append(runner->log, event);
    runner->result.finding_count += event->kind == KLDR_EVENT_FINDING;
}

static void begin(struct ks_runner *runner, const struct ks_scenario *scenario,
                  const struct ks_run_options *options)
{
    ks_event_log_clear(runner->log);
    ks_arena_fini(&runner->arena);
    ks_arena_init(&runner->arena, NULL, NULL);
    ks_fault_sweep_fini(&runner->sweep);
    runner->sweep.fail = options->fail_operation;
    runner->sweep.all = options->every_operation;
    runner->options = options;
    runner->scenario = scenario;
    runner->world = NULL;
    runner->made_data = NULL;
    runner->ring_first = runner->ring_count = runner->ring_seen = 0;
    runner->out_of_memory = runner->judged_bugcheck = false;
    runner->result = (struct ks_result){
        .scenario = scenario, .profile = options->profile, .seed = options->seed};
    runner->result.outcome = KS_PASSED;
    runner->result.reason = "";
    runner->result.events = runner->log;
}

// ---- before the world ----

static bool apply_overrides(struct ks_runner *runner, const struct ks_policy_override *overrides,
                            size_t count)
{
    struct kldr_error error;
    for (size_t i = 0; i < count; i++) {
        if (kldr_policy_set(&runner->result.policy, overrides[i].knob, overrides[i].value,
                            &error) != KLDR_STATUS_SUCCESS) {
            ks_run_set_outcome(runner, KS_INVALID, ks_run_text(runner, "%s", error.detail));
            return false;
        }
    }
    return true;
}

static bool may_run(struct ks_runner *runner)
{
    const struct ks_scenario *scenario = runner->scenario;
    const char *skip = scenario->skip_all != NULL
                           ? scenario->skip_all
                           : scenario->skip_profile[runner->options->profile];
    if (skip != NULL) {
        ks_run_set_outcome(runner, KS_SKIPPED, skip);
        return false;
    }
    return true;
}

static const struct kldr_kernel *kernel_for(const struct ks_run_options *options,
                                            enum kldr_machine machine)
{
    for (size_t i = 0; i < options->kernel_count; i++) {
        if (options->kernels[i] != NULL && kldr_kernel_machine(options->kernels[i]) == machine) {
            return options->kernels[i];
        }
    }
    return NULL;
}

// The scenario's, changed by those of the options.
static struct kldr_checks checks_of(const struct ks_runner *runner)
{
    struct kldr_checks checks = runner->scenario->checks;
    const struct kldr_checks *more = &runner->options->checks;
    checks.on = (checks.on & ~more->off) | more->on;
    checks.off = (checks.off & ~more->on) | more->off;
    return checks;
}

static bool make_world(struct ks_runner *runner)
{
    const struct ks_limits *limits = &runner->scenario->limits;
    struct kldr_error error;
    struct kldr_world_options options = {
        .policy = runner->result.policy, .on_event = record_event, .user = runner};
    if (!ks_run_find_machine(runner, &options.machine)) {
        return false;
    }
    options.kernel = kernel_for(runner->options, options.machine);
    options.limits.depth = limits->depth;
    options.limits.modules = limits->modules;
    options.limits.steps = limits->steps;
    options.limits.memory = limits->memory;
    options.cpu = runner->options->cpu;
    options.seed = runner->options->seed;
    options.checks = checks_of(runner);
    kldr_status status = kldr_world_create(&options, &runner->world, &error);
    if (status != KLDR_STATUS_SUCCESS) {
        runner->world = NULL;
        if (status == KLDR_ERROR_CPU_UNAVAILABLE) {
            ks_run_set_outcome(runner, KS_SKIPPED,
                               ks_run_text(runner, "it uses real images, and %s", error.detail));
        } else {
            ks_run_set_outcome(runner, KS_LIMIT, ks_run_text(runner, "no world: %s", error.detail));
        }
        return false;
    }
    runner->world->scenario = runner;
    runner->world->sweep = runner->options->sweeps ? &runner->sweep : NULL;
    return true;
}

// What code of drivers reads of the processor; the plan's parts are the model's.
static bool set_processor(struct ks_runner *runner)
{
    const struct ks_scenario_processor *processor = &runner->scenario->processor;
    struct ks_native *native = runner->world->native;
    if (native == NULL) {
        return true;
    }
    native->computer.cpuid =
        (struct ks_cpuid_plan){processor->hypervisor, processor->leaves, processor->leaf_count};
    if (!ks_msr_give(&native->computer.msr, processor->msrs, processor->msr_count)) {
        ks_run_set_outcome(runner, KS_LIMIT, "the host has no memory left");
        return false;
    }
    return true;
}

static void set_deadline(struct ks_runner *runner)
{
    uint32_t seconds =
        runner->options->seconds != 0 ? runner->options->seconds : runner->scenario->limits.seconds;
    seconds = seconds != 0 ? seconds : 30;
    runner->world->deadline = ks_platform_now_ns() + seconds * UINT64_C(1000000000);
}

// ---- after the steps ----

static void judge_stop(struct ks_runner *runner)
{
    kldr_status reason = KLDR_STATUS_SUCCESS;
    struct ks_result *result = &runner->result;
    result->has_bugcheck = kldr_world_bugcheck(runner->world, &result->bugcheck);
    if (result->has_bugcheck && !runner->judged_bugcheck) {
        ks_run_set_outcome(runner, KS_STOPPED,
                           ks_run_text(runner, "the simulated system stopped with code 0x%X%s%s",
                                       (unsigned)result->bugcheck.code,
                                       result->bugcheck.module[0] != 0 ? " in " : "",
                                       result->bugcheck.module));
    }
    if (!kldr_loader_stopped(runner->world->loader, &reason) || result->has_bugcheck) {
        return;
    }
    if (reason == KLDR_ERROR_INTERNAL) {
        ks_run_set_outcome(runner, KS_INTERNAL, "the loader contradicted itself");
    } else if (ks_world_check_time(runner->world) != KLDR_STATUS_SUCCESS) {
        ks_run_set_outcome(runner, KS_LIMIT,
                           "the time limit was reached (limits.seconds, --timeout)");
    } else {
        ks_run_set_outcome(runner, KS_LIMIT,
                           "a limit on depth, modules, steps or memory was reached (see `limits`)");
    }
}

static void judge_invariants(struct ks_runner *runner)
{
    char why[KLDR_DETAIL_SIZE];
    if (!ks_invariants_hold(runner->world, runner->log, why, sizeof why)) {
        ks_run_set_outcome(runner, KS_INTERNAL, ks_run_text(runner, "%s", why));
    }
}

static void tell_operations(struct ks_runner *runner)
{
    const struct ks_fault_sweep *sweep = &runner->sweep;
    runner->result.operations = sweep->operations;
    runner->result.fault_sites = sweep->sites;
    runner->result.fault_site_count = sweep->site_count;
    if (sweep->incomplete) {
        ks_run_set_outcome(runner, KS_LIMIT,
                           "operations fail at more places than a fault sweep can keep");
    }
}

static void run_steps(struct ks_runner *runner)
{
    const struct ks_run_options *options = runner->options;
    size_t count = runner->scenario->step_count;
    count = options->steps > 0 && options->steps < count ? options->steps : count;
    ks_run_steps(runner, NULL, runner->scenario->steps, count);
    if (options->watcher != NULL && options->watcher->run_done != NULL) {
        options->watcher->run_done(options->watcher->user, runner);
    }
}

static void run_in_world(struct ks_runner *runner)
{
    const struct ks_run_keeper *keeper = runner->options->keeper;
    if (!ks_run_io_check(runner) || !set_processor(runner) || !ks_run_fill_disk(runner)) {
        return;
    }
    if (keeper != NULL) {
        keeper->ready(keeper->user, runner);
    }
    set_deadline(runner);
    run_steps(runner);
    judge_stop(runner);
    judge_invariants(runner);
    tell_operations(runner);
    runner->result.ran_no_code = runner->world->uncalled;
    runner->result.steps_run = runner->world->steps_run;
    if (!ks_event_log_complete(runner->log) || runner->out_of_memory) {
        ks_run_set_outcome(runner, KS_LIMIT, "the host has no memory left");
    }
}

const struct ks_result *ks_runner_run(struct ks_runner *runner, const struct ks_scenario *scenario,
                                      const struct ks_run_options *options)
{
    begin(runner, scenario, options);
    kldr_policy_init(&runner->result.policy, options->profile);
    if (may_run(runner) && apply_overrides(runner, scenario->policy, scenario->policy_count) &&
        apply_overrides(runner, options->policy, options->policy_count) && make_world(runner)) {
        run_in_world(runner);
    }
    kldr_world_destroy(runner->world);
    runner->world = NULL;
    return &runner->result;
}
