// SPDX-License-Identifier: MIT
// kldr run: select, run, report.
#include "cli/commands.h"
#include "cli/fault_sweep.h"
#include "cli/run_accept.h"
#include "cli/run_jobs.h"
#include "cli/run_list.h"
#include "cli/run_output.h"
#include "platform.h"

#include <stdio.h>

// The listener of ks_run_jobs.
struct run {
    struct ks_run_output *output;
    bool fail_fast;
    char unisolated[128]; // what the first process that lacked protection said
};

static bool deliver(void *user, const struct ks_run_item *item, const struct ks_result *result)
{
    struct run *run = user;
    ks_run_output_item(run->output, item, result);
    if (result != NULL && result->unisolated != NULL && run->unisolated[0] == '\0') {
        snprintf(run->unisolated, sizeof run->unisolated, "%s", result->unisolated);
    }
    return !run->fail_fast || ks_run_output_totals(run->output)->failed == 0;
}

static void show_progress(void *user, size_t index, const struct ks_run_item *item)
{
    struct run *run = user;
    ks_run_output_progress(run->output, index, item);
}

// Puts the items into random order and says how to repeat it.
static void shuffle(struct ks_run_settings *settings, struct ks_run_selection *selection,
                    char *headline, size_t size)
{
    uint64_t seed = settings->shuffle_seed;
    if (!settings->has_shuffle_seed) {
        seed = settings->has_seed ? settings->seed : ks_platform_now_ns() % 1000000;
    }
    ks_run_shuffle(selection, seed);
    snprintf(headline, size, "shuffled with --shuffle=%llu", (unsigned long long)seed);
    if (settings->format != KS_FORMAT_TEXT || settings->verbosity == 0) {
        fprintf(stderr, "kldr run: %s\n", headline);
    }
}

static int run_all(const struct ks_run_context *context, const struct ks_run_selection *selection,
                   const char *headline)
{
    const struct ks_run_settings *settings = context->settings;
    struct ks_run_output *output = ks_run_output_begin(settings, selection->item_count, headline);
    if (output == NULL) {
        return KS_EXIT_USAGE;
    }
    int code = KS_EXIT_OK;
    if (settings->accept) {
        code = ks_run_accept(context, selection, output);
    } else {
        struct run run = {output, settings->fail_fast, ""};
        struct ks_run_listener listener = {deliver, NULL, &run};
        listener.wait = ks_run_output_wants_progress(output) ? show_progress : NULL;
        if (!ks_run_jobs(context, selection, &listener)) {
            fputs("kldr run: not enough memory\n", stderr);
            code = KS_EXIT_LIMIT;
        }
        if (run.unisolated[0] != '\0' && settings->verbosity > 1) {
            fprintf(stderr,
                    "kldr run: note: code of drivers was not kept from all system calls: %s\n",
                    run.unisolated);
        }
    }
    return ks_exit_code_worse(code, ks_run_output_end(output));
}

static int run_selection(struct ks_run_settings *settings, struct ks_run_selection *selection)
{
    char text[64];
    const char *headline = NULL;
    if (selection->item_count == 0) {
        return ks_run_settings_error("no scenario is selected");
    }
    if (settings->list) {
        return ks_run_list(settings, selection);
    }
    if (settings->shuffle) {
        shuffle(settings, selection, text, sizeof(text));
        headline = text;
    }
    struct ks_run_context context;
    int code = ks_run_context_init(&context, settings, selection);
    if (code == KS_EXIT_OK) {
        code = settings->sweeps ? ks_fault_sweep_run(&context, selection)
                                : run_all(&context, selection, headline);
    }
    ks_run_context_fini(&context);
    return code;
}

int ks_cmd_run(int argc, char **argv)
{
    struct ks_run_settings settings;
    int code = ks_run_settings_parse(argc, argv, &settings);
    if (code == KS_SETTINGS_OK) {
        struct ks_run_selection selection;
        if (ks_run_select(&settings, &selection)) {
            code = run_selection(&settings, &selection);
        } else {
            fputs("kldr run: not enough memory\n", stderr);
            code = KS_EXIT_LIMIT;
        }
        ks_run_selection_fini(&selection);
    }
    ks_run_settings_fini(&settings);
    return code;
}
