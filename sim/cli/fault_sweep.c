// SPDX-License-Identifier: MIT
#include "cli/fault_sweep.h"
#include "cli/commands.h"
#include "cli/parallel.h"
#include "cli/stdout_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What became of one fault.
struct verdict {
    const struct ks_fault_site *site;
    struct ks_text_buffer text; // what went wrong
    bool misbehaves, out_of_memory;
};

struct sweep {
    const struct ks_run_context *context;
    struct ks_text_buffer out;
    uint64_t operations, faults, misbehaviours;
    unsigned skipped;
    int code;
};

// One item: what all its runs share.
struct swept {
    const struct ks_run_context *context;
    const struct ks_run_item *item;
    const struct ks_result *baseline;
    struct verdict *verdicts;
    size_t count;
};

static void try_fault(void *user, size_t index)
{
    struct swept *swept = user;
    struct verdict *verdict = &swept->verdicts[index];
    struct ks_run_context context = *swept->context;
    struct ks_run_hand hand;
    context.fail_operation = verdict->site->number;
    if (ks_run_hand_init(&hand)) {
        const struct ks_result *faulted = ks_run_item(&context, &hand, swept->item);
        verdict->misbehaves =
            ks_fault_sweep_judge(verdict->site, swept->baseline, faulted, &verdict->text);
    }
    verdict->out_of_memory = hand.runner == NULL || hand.worker == NULL || verdict->text.failed;
    ks_run_hand_fini(&hand);
}

// ---- text ----

// A word of a command line, for a POSIX shell.
static void write_word(struct ks_text_buffer *out, const char *before, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=+,@%";
    bool quotes = word[0] == '\0' || word[strspn(word, plain)] != '\0';
    ks_text_buffer_text(out, before);
    ks_text_buffer_text(out, quotes ? "'" : "");
    for (const char *at = word; *at != '\0'; at++) {
        if (*at == '\'') {
            ks_text_buffer_text(out, "'\\''");
        } else {
            ks_text_buffer_char(out, *at);
        }
    }
    ks_text_buffer_text(out, quotes ? "'" : "");
}

static void write_pair(struct ks_text_buffer *out, const char *option, const char *name,
                       char between, const char *value)
{
    struct ks_text_buffer pair;
    ks_text_buffer_init(&pair, NULL);
    ks_text_buffer_text(&pair, name);
    ks_text_buffer_char(&pair, between);
    ks_text_buffer_text(&pair, value);
    ks_text_buffer_bytes(&pair, "", 1);
    write_word(out, option, pair.failed ? "" : pair.bytes);
    ks_text_buffer_fini(&pair);
}

static void write_name(struct ks_text_buffer *out, const struct ks_run_item *item)
{
    ks_text_buffer_visible(out, item->source->path);
    ks_text_buffer_char(out, ':');
    ks_text_buffer_visible(out, item->scenario->name);
    ks_text_buffer_text(out, " [");
    ks_text_buffer_text(out, kldr_profile_name(item->profile));
    ks_text_buffer_char(out, ']');
}

// The command that repeats exactly this run.
static void write_command(struct ks_text_buffer *out, const struct ks_run_settings *settings,
                          const struct ks_run_item *item, const struct ks_fault_site *site)
{
    ks_text_buffer_text(out, "  again    kldr run --fault-sweep=");
    ks_text_buffer_unsigned(out, site->number);
    ks_text_buffer_char(out, '-');
    ks_text_buffer_unsigned(out, site->number);
    ks_text_buffer_text(out, " --seed ");
    ks_text_buffer_unsigned(out, settings->seed);
    write_word(out, " --profile ", kldr_profile_name(item->profile));
    for (size_t i = 0; i < settings->policy_count; i++) {
        write_pair(out, " --policy ", settings->policy[i].knob, '=', settings->policy[i].value);
    }
    for (size_t i = 0; i < settings->variable_count; i++) {
        write_pair(out, " --define ", settings->variables[i].name, '=',
                   settings->variables[i].value);
    }
    for (size_t i = 0; i < settings->directory_count; i++) {
        write_word(out, " --dir ", settings->directories[i]);
    }
    if (settings->checks_list != NULL) {
        write_word(out, " --checks ", settings->checks_list);
    }
    if (settings->timeout != 0) {
        ks_text_buffer_text(out, " --timeout ");
        ks_text_buffer_unsigned(out, settings->timeout);
    }
    write_pair(out, " ", item->source->path, ':', item->scenario->name);
    ks_text_buffer_char(out, '\n');
}

static void write_verdict(struct sweep *sweep, const struct ks_run_item *item,
                          const struct verdict *verdict)
{
    const struct ks_fault_site *site = verdict->site;
    struct ks_text_buffer *out = &sweep->out;
    ks_text_buffer_text(out, "misbehaves  ");
    write_name(out, item);
    ks_text_buffer_text(out, "\n  fault    operation ");
    ks_text_buffer_unsigned(out, site->number);
    ks_text_buffer_text(out, ": ");
    ks_text_buffer_text(out, ks_fallible_at(site->operation)->name);
    ks_text_buffer_text(out, ", step ");
    ks_text_buffer_unsigned(out, site->step);
    if (site->module[0] == '\0') {
        ks_text_buffer_text(out, ", the loader\n");
    } else {
        ks_text_buffer_text(out, ", ");
        ks_text_buffer_visible(out, site->module);
        ks_text_buffer_text(out, "+");
        ks_text_buffer_hex(out, site->offset, 1);
        ks_text_buffer_char(out, '\n');
    }
    ks_text_buffer_bytes(out, verdict->text.bytes, verdict->text.size);
    write_command(out, sweep->context->settings, item, site);
}

static void write_unfit(struct sweep *sweep, const struct ks_run_item *item,
                        const struct ks_result *baseline)
{
    ks_text_buffer_text(&sweep->out, ks_outcome_name(baseline->outcome));
    ks_text_buffer_text(&sweep->out, "  ");
    write_name(&sweep->out, item);
    ks_text_buffer_text(&sweep->out, "  ");
    ks_text_buffer_visible(&sweep->out, baseline->reason);
    ks_text_buffer_char(&sweep->out, '\n');
}

static void write_counts(struct ks_text_buffer *out, uint64_t operations, uint64_t faults,
                         uint64_t misbehaviours)
{
    ks_text_buffer_unsigned(out, operations);
    ks_text_buffer_text(out, operations == 1 ? " operation, " : " operations, ");
    ks_text_buffer_unsigned(out, faults);
    ks_text_buffer_text(out, faults == 1 ? " fault injected, " : " faults injected, ");
    ks_text_buffer_unsigned(out, misbehaviours);
    ks_text_buffer_text(out, misbehaviours == 1 ? " misbehaves" : " misbehave");
}

// ---- one item ----

static void tell_item(struct sweep *sweep, const struct swept *swept)
{
    uint64_t misbehaviours = 0;
    for (size_t i = 0; i < swept->count; i++) {
        const struct verdict *verdict = &swept->verdicts[i];
        if (verdict->out_of_memory) {
            sweep->code = ks_exit_code_worse(sweep->code, KS_EXIT_LIMIT);
        } else if (verdict->misbehaves) {
            misbehaviours++;
            write_verdict(sweep, swept->item, verdict);
        }
    }
    sweep->operations += swept->baseline->operations;
    sweep->faults += swept->count;
    sweep->misbehaviours += misbehaviours;
    if (sweep->context->settings->verbosity > 0) {
        ks_text_buffer_text(&sweep->out, "swept  ");
        write_name(&sweep->out, swept->item);
        ks_text_buffer_text(&sweep->out, "  ");
        write_counts(&sweep->out, swept->baseline->operations, swept->count, misbehaviours);
        ks_text_buffer_char(&sweep->out, '\n');
    }
}

static void inject_all(struct sweep *sweep, struct swept *swept)
{
    const struct ks_run_settings *settings = sweep->context->settings;
    const struct ks_result *baseline = swept->baseline;
    swept->verdicts = calloc(baseline->fault_site_count + 1, sizeof *swept->verdicts);
    if (swept->verdicts == NULL) {
        sweep->code = ks_exit_code_worse(sweep->code, KS_EXIT_LIMIT);
        return;
    }
    for (size_t i = 0; i < baseline->fault_site_count; i++) {
        const struct ks_fault_site *site = &baseline->fault_sites[i];
        if (site->number >= settings->sweep_first && site->number <= settings->sweep_last) {
            struct verdict *verdict = &swept->verdicts[swept->count++];
            verdict->site = site;
            ks_text_buffer_init(&verdict->text, NULL);
        }
    }
    ks_parallel(settings->jobs, swept->count, try_fault, swept);
    tell_item(sweep, swept);
    for (size_t i = 0; i < swept->count; i++) {
        ks_text_buffer_fini(&swept->verdicts[i].text);
    }
    free(swept->verdicts);
}

static void sweep_item(struct sweep *sweep, struct ks_run_hand *hand,
                       const struct ks_run_item *item)
{
    struct swept swept = {.context = sweep->context, .item = item};
    swept.baseline = ks_run_item(sweep->context, hand, item);
    const struct ks_result *baseline = swept.baseline;
    if (baseline->outcome == KS_PASSED || baseline->has_bugcheck) {
        inject_all(sweep, &swept);
        return;
    }
    write_unfit(sweep, item, baseline);
    sweep->skipped += baseline->outcome == KS_SKIPPED;
    sweep->code = ks_exit_code_worse(sweep->code, ks_outcome_exit_code(baseline->outcome));
}

// ---- all of them ----

static void write_summary(struct sweep *sweep)
{
    write_counts(&sweep->out, sweep->operations, sweep->faults, sweep->misbehaviours);
    if (sweep->skipped > 0) {
        ks_text_buffer_text(&sweep->out, ", ");
        ks_text_buffer_unsigned(&sweep->out, sweep->skipped);
        ks_text_buffer_text(&sweep->out, " skipped");
    }
    ks_text_buffer_text(&sweep->out, "; seed ");
    ks_text_buffer_unsigned(&sweep->out, sweep->context->settings->seed);
    ks_text_buffer_char(&sweep->out, '\n');
}

int ks_fault_sweep_run(const struct ks_run_context *context,
                       const struct ks_run_selection *selection)
{
    struct ks_run_context counting = *context;
    struct sweep sweep = {.context = &counting, .code = KS_EXIT_OK};
    counting.sweeps = true;
    ks_text_buffer_init(&sweep.out, &ks_stdout_sink);
    for (size_t i = 0; i < selection->item_count; i++) {
        const struct ks_run_item *item = &selection->items[i];
        struct ks_run_hand hand;
        if (item->scenario == NULL) {
            ks_run_tell_bad_source("run", item->source);
            sweep.code = ks_exit_code_worse(sweep.code, KS_EXIT_USAGE);
            continue;
        }
        if (ks_run_hand_init(&hand)) {
            sweep_item(&sweep, &hand, item);
        } else {
            sweep.code = ks_exit_code_worse(sweep.code, KS_EXIT_LIMIT);
        }
        ks_run_hand_fini(&hand);
    }
    write_summary(&sweep);
    if (sweep.misbehaviours > 0) {
        sweep.code = ks_exit_code_worse(sweep.code, KS_EXIT_FAILED);
    }
    bool written = ks_stdout_end(&sweep.out, "run");
    if (written && sweep.faults == 0 && sweep.skipped == 0 && sweep.code == KS_EXIT_OK) {
        fputs("kldr run: nothing was swept: no operation with these numbers begins a place where "
              "one can fail\n",
              stderr);
        return KS_EXIT_USAGE;
    }
    return written ? sweep.code : KS_EXIT_USAGE;
}
