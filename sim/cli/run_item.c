// SPDX-License-Identifier: MIT
// One item under one set of options; and the kernel images, made once for all.
#include "cli/commands.h"
#include "cli/run_jobs.h"
#include "scenario/walk.h"

#include <stdio.h>
#include <string.h>

#define PROCESS_WEIGHT 16

static const enum kldr_machine machines[KS_RUN_KERNELS] = {
    KLDR_MACHINE_X64,
    KLDR_MACHINE_ARM64,
    KLDR_MACHINE_X86,
};

struct ks_run_options ks_run_options_for(const struct ks_run_context *context,
                                         const struct ks_run_item *item)
{
    const struct ks_run_settings *settings = context->settings;
    return (struct ks_run_options){
        .profile = item->profile,
        .policy = settings->policy,
        .policy_count = settings->policy_count,
        .kernels = context->kernels,
        .kernel_count = context->kernel_count,
        .variables = settings->variables,
        .variable_count = settings->variable_count,
        .directories = settings->directories,
        .directory_count = settings->directory_count,
        .cpu = settings->cpu == KS_CPU_NATIVE && ks_scenario_uses_real_images(item->scenario)
                   ? KLDR_CPU_NATIVE
                   : KLDR_CPU_NONE,
        .strict = settings->strict,
        .record = context->record,
        .want_edits = context->want_edits,
        .checks = settings->checks,
        .seed = settings->seed,
        .seconds = settings->timeout,
        .sweeps = context->sweeps,
        .fail_operation = context->fail_operation,
        .every_operation = settings->sweep_all,
    };
}

// A worker makes its own kernel images. A real image decides the machine when the scenario does
// not: then any may be needed.
static bool needs_machine(const struct ks_run_context *context, const struct ks_run_item *item,
                          enum kldr_machine machine)
{
    const struct ks_scenario *scenario = item->scenario;
    struct ks_run_options options;
    if (scenario == NULL) {
        return false;
    }
    options = ks_run_options_for(context, item);
    if (ks_worker_wanted(scenario, &options)) {
        return false;
    }
    if (scenario->machine != KLDR_MACHINE_UNKNOWN) {
        return scenario->machine == machine;
    }
    return machine == KLDR_MACHINE_X64 || ks_scenario_uses_real_images(scenario);
}

int ks_run_context_init(struct ks_run_context *context, const struct ks_run_settings *settings,
                        const struct ks_run_selection *selection)
{
    memset(context, 0, sizeof(*context));
    context->settings = settings;
    context->record = true;
    context->want_edits = settings->accept;
    for (size_t i = 0; i < KS_RUN_KERNELS; i++) {
        bool needed = false;
        for (size_t j = 0; j < selection->item_count && !needed; j++) {
            needed = needs_machine(context, &selection->items[j], machines[i]);
        }
        struct kldr_kernel *kernel = NULL;
        struct kldr_error error = {0};
        if (needed &&
            kldr_kernel_create(machines[i], NULL, &kernel, &error) != KLDR_STATUS_SUCCESS) {
            fprintf(stderr, "kldr run: the kernel images cannot be made: %s\n", error.detail);
            return error.status == KLDR_ERROR_OUT_OF_MEMORY ? KS_EXIT_LIMIT : KS_EXIT_INTERNAL;
        }
        if (needed) {
            context->kernels[context->kernel_count++] = kernel;
        }
    }
    return KS_EXIT_OK;
}

void ks_run_context_fini(struct ks_run_context *context)
{
    for (size_t i = 0; i < context->kernel_count; i++) {
        kldr_kernel_destroy((struct kldr_kernel *)(uintptr_t)context->kernels[i]);
    }
    memset(context, 0, sizeof(*context));
}

size_t ks_run_weight(const struct ks_run_context *context, const struct ks_run_selection *selection)
{
    size_t weight = 0;
    for (size_t i = 0; i < selection->item_count; i++) {
        const struct ks_run_item *item = &selection->items[i];
        weight++;
        if (item->scenario != NULL) {
            struct ks_run_options options = ks_run_options_for(context, item);
            weight += ks_worker_wanted(item->scenario, &options) ? PROCESS_WEIGHT - 1 : 0;
        }
    }
    return weight;
}

bool ks_run_hand_init(struct ks_run_hand *hand)
{
    *hand = (struct ks_run_hand){.runner = ks_runner_create(), .worker = ks_worker_create()};
    return hand->runner != NULL && hand->worker != NULL;
}

void ks_run_hand_fini(struct ks_run_hand *hand)
{
    ks_runner_destroy(hand->runner);
    ks_worker_destroy(hand->worker);
}

const struct ks_result *ks_run_item(const struct ks_run_context *context, struct ks_run_hand *hand,
                                    const struct ks_run_item *item)
{
    struct ks_run_options options = ks_run_options_for(context, item);
    const struct ks_result *result = ks_worker_wanted(item->scenario, &options)
                                         ? ks_worker_run(hand->worker, item->scenario, &options)
                                         : ks_runner_run(hand->runner, item->scenario, &options);
    if (result == NULL) {
        hand->made = (struct ks_result){.scenario = item->scenario,
                                        .profile = item->profile,
                                        .seed = options.seed,
                                        .outcome = KS_LIMIT,
                                        .reason = "not enough memory"};
        kldr_policy_init(&hand->made.policy, item->profile);
        return &hand->made;
    }
    return result;
}
