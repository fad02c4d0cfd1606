// SPDX-License-Identifier: MIT
// The report for people: a line for each result, below it what failed and why.
#include "explain/explain.h"
#include "output/event_keys.h"
#include "output/report_writer.h"
#include "output/text_diff.h"
#include "output/text_lifecycle.h"
#include "output/text_style.h"

#include <string.h>

#define LAST_EVENTS 6

static void text_begin(struct ks_report *report)
{
    if (report->options.headline != NULL && report->options.verbosity > 0) {
        ks_text_buffer_text(&report->out, report->options.headline);
        ks_text_buffer_char(&report->out, '\n');
    }
}

// "passed", "failed", ... in a column of its own.
static void write_word(struct ks_report *report, const char *word, enum ks_style style)
{
    struct ks_text_buffer *out = &report->out;
    size_t length = strlen(word);
    ks_text_style(out, report->options.color, style);
    ks_text_buffer_text(out, word);
    ks_text_style(out, report->options.color, KS_STYLE_PLAIN);
    ks_text_buffer_repeat(out, ' ', length < 8 ? 8 - length : 1);
}

static void text_bad_file(struct ks_report *report, const char *path,
                          const struct ks_diagnostics *diagnostics, const char *message)
{
    struct ks_text_buffer *out = &report->out;
    write_word(report, ks_outcome_name(KS_INVALID), KS_STYLE_BAD);
    ks_text_buffer_visible(out, path);
    if (message != NULL) {
        ks_text_buffer_text(out, ": ");
        ks_text_buffer_visible(out, message);
    }
    ks_text_buffer_char(out, '\n');
    for (size_t i = 0; diagnostics != NULL && i < diagnostics->count; i++) {
        const struct ks_diagnostic *item = &diagnostics->items[i];
        ks_text_buffer_text(out, "  ");
        ks_report_write_place(out, path, &item->place);
        ks_text_buffer_text(out, ": ");
        if (item->key_path != NULL && item->key_path[0] != '\0') {
            ks_text_buffer_visible(out, item->key_path);
            ks_text_buffer_text(out, ": ");
        }
        ks_text_buffer_visible(out, item->message);
        if (item->advice != NULL && item->advice[0] != '\0') {
            ks_text_buffer_text(out, "; ");
            ks_text_buffer_visible(out, item->advice);
        }
        ks_text_buffer_char(out, '\n');
    }
    if (diagnostics != NULL && diagnostics->truncated) {
        ks_text_buffer_text(out, "  more was found wrong than is shown\n");
    }
}

static void write_trace_line(struct ks_text_buffer *out, const struct kldr_event *event,
                             const char *indent)
{
    ks_text_buffer_text(out, indent);
    ks_text_buffer_unsigned(out, event->seq);
    ks_text_buffer_text(out, "  ");
    ks_text_buffer_repeat(out, ' ', event->depth * (size_t)2);
    ks_event_write_line(out, event);
    ks_text_buffer_char(out, '\n');
    ks_event_write_stack(out, event, "           ");
}

static void write_trace(struct ks_report *report, const struct ks_result *result)
{
    size_t count = result->events == NULL ? 0 : ks_event_log_count(result->events);
    for (size_t i = 0; i < count; i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (ks_report_traces(&report->options, event->kind)) {
            write_trace_line(&report->out, event, "  ");
        }
    }
}

static void write_last_events(struct ks_report *report, const struct ks_result *result,
                              size_t event_count)
{
    struct ks_text_buffer *out = &report->out;
    size_t count = result->events == NULL ? 0 : ks_event_log_count(result->events);
    count = event_count < count ? event_count : count;
    if (count == 0) {
        return;
    }
    ks_text_style(out, report->options.color, KS_STYLE_FAINT);
    ks_text_buffer_text(out, "    last events\n");
    for (size_t i = count > LAST_EVENTS ? count - LAST_EVENTS : 0; i < count; i++) {
        write_trace_line(out, ks_event_log_at(result->events, i), "      ");
    }
    ks_text_style(out, report->options.color, KS_STYLE_PLAIN);
}

static void write_labelled(struct ks_text_buffer *out, const char *label, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        ks_text_buffer_text(out, label);
        ks_text_buffer_visible(out, text);
        ks_text_buffer_char(out, '\n');
    }
}

static void write_failure(struct ks_report *report, const struct ks_result *result,
                          const struct ks_failure *failure)
{
    struct ks_text_buffer *out = &report->out;
    ks_text_buffer_text(out, "  ");
    ks_report_write_place(out, result->scenario->file->path, &failure->place);
    ks_text_buffer_text(out, ": ");
    ks_report_write_step(out, failure);
    const char *key = ks_report_text_of(failure->key);
    const char *message = ks_report_text_of(failure->message);
    ks_text_buffer_visible(out, key[0] == '\0' ? message : key);
    ks_text_buffer_char(out, '\n');
    write_labelled(out, "    ", key[0] == '\0' ? NULL : message);
    ks_text_diff(out, ks_report_text_of(failure->wanted), ks_report_text_of(failure->got), "    ",
                 report->options.color);
    write_labelled(out, "    rule    ", failure->note);
    write_labelled(out, "    why     ", failure->why);
    write_labelled(out, "    note    ", failure->step == NULL ? NULL : failure->step->note);
}

static void write_failures(struct ks_report *report, const struct ks_result *result)
{
    if (report->options.verbosity < 2 && ks_result_verdict(result) == KS_VERDICT_FAILED) {
        write_labelled(&report->out, "  ", result->scenario->description);
    }
    for (size_t i = 0; i < result->failure_count; i++) {
        const struct ks_failure *failure = &result->failures[i];
        bool last = i + 1 == result->failure_count ||
                    result->failures[i + 1].event_count != failure->event_count;
        write_failure(report, result, failure);
        if (last) {
            write_last_events(report, result, failure->event_count);
        }
    }
    if (result->failure_count == 0 && ks_result_verdict(result) == KS_VERDICT_FAILED) {
        write_last_events(report, result, SIZE_MAX);
    }
}

// What the lifecycle begins with: which scenario, and which knobs are not the profile's.
static void write_heading(struct ks_report *report, const struct ks_result *result)
{
    struct ks_text_buffer *out = &report->out;
    struct kldr_policy row;
    kldr_policy_init(&row, result->profile);
    if (report->number > 1) {
        ks_text_buffer_char(out, '\n');
    }
    ks_text_style(out, report->options.color, KS_STYLE_STRONG);
    ks_text_buffer_visible(out, result->scenario->name);
    ks_text_buffer_text(out, " [");
    ks_text_buffer_text(out, kldr_profile_name(result->profile));
    ks_text_buffer_char(out, ']');
    ks_text_style(out, report->options.color, KS_STYLE_PLAIN);
    ks_text_buffer_char(out, '\n');
    write_labelled(out, "", result->scenario->description);
    for (size_t i = 0; i < KLDR_KNOB_COUNT; i++) {
        if (row.value[i] != result->policy.value[i]) {
            ks_text_buffer_text(out, "policy ");
            ks_text_buffer_text(out, kldr_knob_info((enum kldr_knob)i)->id);
            ks_text_buffer_text(out, ": ");
            ks_text_buffer_text(out, kldr_policy_value_name(&result->policy, (enum kldr_knob)i));
            ks_text_buffer_char(out, '\n');
        }
    }
    ks_text_buffer_char(out, '\n');
}

static void write_lifecycle(struct ks_report *report, const struct ks_result *result)
{
    write_heading(report, result);
    ks_text_lifecycle(&report->out, result, report->options.color);
    if (result->events != NULL && ks_event_log_count(result->events) > 0) {
        ks_text_buffer_char(&report->out, '\n');
    }
}

static void write_outcome(struct ks_report *report, const struct ks_result *result)
{
    static const enum ks_style styles[] = {
        [KS_VERDICT_PASSED] = KS_STYLE_GOOD,
        [KS_VERDICT_FAILED] = KS_STYLE_BAD,
        [KS_VERDICT_SKIPPED] = KS_STYLE_CAUTION,
    };
    struct ks_text_buffer *out = &report->out;
    enum ks_verdict verdict = ks_result_verdict(result);
    bool skipped = verdict == KS_VERDICT_SKIPPED;
    const char *reason = skipped ? ks_result_skip_reason(result) : result->reason;
    bool bound_only = skipped && result->outcome == KS_PASSED;
    write_word(report, bound_only ? "bound" : ks_outcome_name(result->outcome), styles[verdict]);
    ks_report_write_label(out, result);
    if (reason != NULL && reason[0] != '\0' && result->failure_count == 0) {
        ks_text_buffer_text(out, ": ");
        ks_text_buffer_visible(out, reason);
    }
    ks_text_buffer_char(out, '\n');
}

static void text_result(struct ks_report *report, const struct ks_result *result)
{
    bool quiet = report->options.verbosity == 0 && ks_result_verdict(result) != KS_VERDICT_FAILED;
    if (report->options.verbosity > 1) {
        write_lifecycle(report, result);
    }
    if (!quiet || report->options.trace != 0) {
        write_trace(report, result);
    }
    if (!quiet) {
        write_outcome(report, result);
        write_failures(report, result);
    }
}

static void text_end(struct ks_report *report, const struct ks_totals *totals)
{
    struct ks_text_buffer *out = &report->out;
    if (totals->not_run > 0) {
        ks_text_buffer_text(out, "stopped after the first failure, ");
        ks_text_buffer_unsigned(out, totals->not_run);
        ks_text_buffer_text(out, " not run\n");
    }
    if (report->options.verbosity > 1) {
        ks_text_buffer_char(out, '\n');
    }
    ks_text_buffer_unsigned(out, totals->passed);
    ks_text_buffer_text(out, " passed, ");
    ks_text_buffer_unsigned(out, totals->failed);
    ks_text_buffer_text(out, " failed, ");
    ks_text_buffer_unsigned(out, totals->skipped);
    ks_text_buffer_text(out, " skipped\n");
}

const struct ks_report_writer ks_report_text = {text_begin, text_bad_file, text_result, text_end};
