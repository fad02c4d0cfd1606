// SPDX-License-Identifier: MIT
// One item under one set of options; and the kernel images, made once for all.
#include "cli/commands.h"
#include "cli/run_jobs.h"
#include "platform.h"

#include <stdio.h>
#include <string.h>

static const enum kldr_machine machines[KS_RUN_KERNELS] = {
    KLDR_MACHINE_X64,
    KLDR_MACHINE_ARM64,
    KLDR_MACHINE_X86,
};

static bool runs_real_code(const struct ks_run_context *context, const struct ks_scenario *scenario)
{
    return context->settings->cpu == KS_CPU_NATIVE && ks_run_uses_real_images(scenario);
}

// A real image decides the machine when the scenario does not: then any may be needed.
static bool needs_machine(const struct ks_scenario *scenario, enum kldr_machine machine)
{
    if (scenario->machine != KLDR_MACHINE_UNKNOWN) {
        return scenario->machine == machine;
    }
    return machine == KLDR_MACHINE_X64 || ks_run_uses_real_images(scenario);
}

int ks_run_context_init(struct ks_run_context *context, const struct ks_run_settings *settings,
                        const struct ks_run_selection *selection)
{
    memset(context, 0, sizeof(*context));
    context->settings = settings;
    context->record = true;
    context->want_edits = settings->accept;
    context->native = ks_mutex_create();
    if (context->native == NULL) {
        fputs("kldr run: not enough memory\n", stderr);
        return KS_EXIT_LIMIT;
    }
    for (size_t i = 0; i < KS_RUN_KERNELS; i++) {
        bool needed = false;
        for (size_t j = 0; j < selection->item_count && !needed; j++) {
            const struct ks_scenario *scenario = selection->items[j].scenario;
            needed = scenario != NULL && needs_machine(scenario, machines[i]);
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
    ks_mutex_destroy(context->native);
    memset(context, 0, sizeof(*context));
}

// A result that no run made.
static const struct ks_result *make_result(const struct ks_run_context *context,
                                           const struct ks_run_item *item, enum ks_outcome outcome,
                                           const char *reason, struct ks_result *scratch)
{
    memset(scratch, 0, sizeof(*scratch));
    scratch->scenario = item->scenario;
    scratch->profile = item->profile;
    kldr_policy_init(&scratch->policy, item->profile);
    scratch->seed = context->settings->seed;
    scratch->outcome = outcome;
    scratch->reason = reason;
    return scratch;
}

const struct ks_result *ks_run_item(const struct ks_run_context *context, struct ks_runner *runner,
                                    const struct ks_run_item *item, struct ks_result *scratch)
{
    const struct ks_run_settings *settings = context->settings;
    const struct ks_scenario *scenario = item->scenario;
    bool native = runs_real_code(context, scenario);
    struct ks_run_options options = {
        .profile = item->profile,
        .policy = settings->policy,
        .policy_count = settings->policy_count,
        .kernels = context->kernels,
        .kernel_count = context->kernel_count,
        .variables = settings->variables,
        .variable_count = settings->variable_count,
        .directories = settings->directories,
        .directory_count = settings->directory_count,
        .cpu = native ? KLDR_CPU_NATIVE : KLDR_CPU_NONE,
        .strict = settings->strict,
        .record = context->record,
        .want_edits = context->want_edits,
        .seed = settings->seed,
        .seconds = settings->timeout,
    };
    if (native) {
        ks_mutex_lock(context->native); // one such world at a time
    }
    const struct ks_result *result = ks_runner_run(runner, scenario, &options);
    if (native) {
        ks_mutex_unlock(context->native);
    }
    if (result == NULL) {
        return make_result(context, item, KS_LIMIT, "not enough memory", scratch);
    }
    return result;
}
