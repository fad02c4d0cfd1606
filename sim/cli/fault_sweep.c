// SPDX-License-Identifier: MIT
#include "cli/fault_sweep.h"
#include "cli/commands.h"
#include "cli/fault_sweep_report.h"
#include "cli/fault_sweep_state.h"
#include "cli/parallel.h"

#include <stdio.h>
#include <stdlib.h>

struct sweep {
    const struct ks_run_context *context;
    struct ks_sweep_report report;
    struct ks_sweep_state *state;
    struct ks_sweep_totals totals;
    int code;
};

static void worsen(struct sweep *sweep, int code)
{
    sweep->code = ks_exit_code_worse(sweep->code, code);
}

// ---- one item ----

static void try_fault(void *user, size_t index)
{
    struct ks_swept *swept = user;
    struct ks_sweep_verdict *verdict = &swept->verdicts[index];
    struct ks_run_context context = *swept->context;
    struct ks_run_hand hand;
    if (verdict->known) {
        return;
    }
    context.fail_operation = verdict->site->number;
    if (ks_run_hand_init(&hand)) {
        const struct ks_result *faulted = ks_run_item(&context, &hand, swept->item);
        verdict->code = ks_fault_sweep_judge(swept->baseline, faulted, verdict);
    }
    verdict->out_of_memory =
        hand.runner == NULL || hand.worker == NULL || verdict->text.failed || verdict->json.failed;
    ks_run_hand_fini(&hand);
    if (swept->state != NULL && !verdict->out_of_memory) {
        ks_sweep_state_add(swept->state, swept->key, verdict);
    }
}

static void tell_item(struct sweep *sweep, struct ks_swept *swept)
{
    for (size_t i = 0; i < swept->count; i++) {
        const struct ks_sweep_verdict *verdict = &swept->verdicts[i];
        worsen(sweep, verdict->out_of_memory ? KS_EXIT_LIMIT : verdict->code);
        swept->misbehaviours += verdict->code != KS_EXIT_OK;
    }
    sweep->totals.operations += swept->baseline->operations;
    sweep->totals.faults += swept->count;
    sweep->totals.misbehaviours += swept->misbehaviours;
    ks_sweep_report_item(&sweep->report, swept);
}

static void choose_faults(const struct ks_run_settings *settings, struct ks_swept *swept)
{
    for (size_t i = 0; i < swept->baseline->fault_site_count; i++) {
        const struct ks_fault_site *site = &swept->baseline->fault_sites[i];
        if (site->number < settings->sweep_first || site->number > settings->sweep_last) {
            continue;
        }
        struct ks_sweep_verdict *verdict = &swept->verdicts[swept->count++];
        verdict->site = site;
        ks_text_buffer_init(&verdict->text, NULL);
        ks_text_buffer_init(&verdict->json, NULL);
        if (swept->state != NULL) {
            ks_sweep_state_find(swept->state, swept->key, verdict);
        }
    }
}

static void inject_all(struct sweep *sweep, struct ks_swept *swept)
{
    const struct ks_run_settings *settings = sweep->context->settings;
    swept->verdicts = calloc(swept->baseline->fault_site_count + 1, sizeof *swept->verdicts);
    if (swept->verdicts == NULL) {
        worsen(sweep, KS_EXIT_LIMIT);
        return;
    }
    if (swept->state != NULL) {
        swept->key = ks_sweep_state_key(sweep->context, swept->item, swept->baseline);
    }
    choose_faults(settings, swept);
    ks_parallel(settings->jobs, swept->count, try_fault, swept);
    tell_item(sweep, swept);
    for (size_t i = 0; i < swept->count; i++) {
        ks_text_buffer_fini(&swept->verdicts[i].text);
        ks_text_buffer_fini(&swept->verdicts[i].json);
    }
    free(swept->verdicts);
}

static void sweep_item(struct sweep *sweep, struct ks_run_hand *hand,
                       const struct ks_run_item *item)
{
    struct ks_swept swept = {.context = sweep->context, .item = item, .state = sweep->state};
    swept.baseline = ks_run_item(sweep->context, hand, item);
    const struct ks_result *baseline = swept.baseline;
    if (baseline->outcome == KS_PASSED || baseline->has_bugcheck) {
        inject_all(sweep, &swept);
        return;
    }
    ks_sweep_report_unfit(&sweep->report, item, baseline);
    sweep->totals.skipped += baseline->outcome == KS_SKIPPED;
    worsen(sweep, ks_outcome_exit_code(baseline->outcome));
}

// ---- all of them ----

static void sweep_all(struct sweep *sweep, const struct ks_run_selection *selection)
{
    for (size_t i = 0; i < selection->item_count; i++) {
        const struct ks_run_item *item = &selection->items[i];
        struct ks_run_hand hand;
        if (item->scenario == NULL) {
            ks_run_tell_bad_source("run", item->source);
            worsen(sweep, KS_EXIT_USAGE);
            continue;
        }
        if (ks_run_hand_init(&hand)) {
            sweep_item(sweep, &hand, item);
        } else {
            worsen(sweep, KS_EXIT_LIMIT);
        }
        ks_run_hand_fini(&hand);
    }
}

int ks_fault_sweep_run(const struct ks_run_context *context,
                       const struct ks_run_selection *selection)
{
    struct ks_run_context counting = *context;
    struct sweep sweep = {.context = &counting, .code = KS_EXIT_OK};
    counting.sweeps = true;
    if (context->settings->sweep_state != NULL) {
        int code = ks_sweep_state_open(context->settings->sweep_state, &sweep.state);
        if (code != KS_EXIT_OK) {
            return code;
        }
    }
    ks_sweep_report_begin(&sweep.report, context->settings);
    sweep_all(&sweep, selection);
    bool written = ks_sweep_report_end(&sweep.report, &sweep.totals);
    if (sweep.state != NULL && !ks_sweep_state_close(sweep.state)) {
        worsen(&sweep, KS_EXIT_USAGE);
    }
    if (written && sweep.totals.faults == 0 && sweep.totals.skipped == 0 &&
        sweep.code == KS_EXIT_OK) {
        fputs("kldr run: nothing was swept: no operation with these numbers begins a place where "
              "one can fail\n",
              stderr);
        return KS_EXIT_USAGE;
    }
    return written ? sweep.code : KS_EXIT_USAGE;
}
