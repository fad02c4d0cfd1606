// SPDX-License-Identifier: MIT
// The JSON report (docs/kldr-report.schema.json): one object, one result in a line.
#include "output/event_keys.h"
#include "output/report_writer.h"

static void json_begin(struct ks_report *report)
{
    struct ks_json *json = &report->json;
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "kldr_report", 1);
    ks_json_key_text(json, "version", report->options.version);
    ks_json_key(json, "results");
    ks_json_begin_array(json);
    ks_json_newline(json);
}

// Elements stand on lines of their own; the first line end is json_begin's.
static void next_line(struct ks_report *report)
{
    if (report->number > 1) {
        ks_json_newline(&report->json);
    }
}

static void json_bad_file(struct ks_report *report, const char *path,
                          const struct ks_diagnostics *diagnostics, const char *message)
{
    struct ks_json *json = &report->json;
    next_line(report);
    ks_json_begin_object(json);
    ks_json_key_text(json, "file", path);
    ks_json_key_text(json, "outcome", ks_outcome_name(KS_INVALID));
    ks_json_key(json, "diagnostics");
    ks_report_write_diagnostics(json, diagnostics, message);
    ks_json_end_object(json);
}

static void write_policy(struct ks_json *json, const struct ks_result *result)
{
    struct kldr_policy row;
    bool begun = false;
    kldr_policy_init(&row, result->profile);
    for (size_t i = 0; i < KLDR_KNOB_COUNT; i++) {
        if (row.value[i] == result->policy.value[i]) {
            continue;
        }
        if (!begun) {
            ks_json_key(json, "policy");
            ks_json_begin_object(json);
            begun = true;
        }
        ks_json_key_text(json, kldr_knob_info((enum kldr_knob)i)->id,
                         kldr_policy_value_name(&result->policy, (enum kldr_knob)i));
    }
    if (begun) {
        ks_json_end_object(json);
    }
}

static void write_failure(struct ks_json *json, const struct ks_failure *failure)
{
    ks_json_begin_object(json);
    if (failure->step_number > 0) {
        ks_json_key_unsigned(json, "step", failure->step_number);
    }
    if (failure->step != NULL) {
        ks_json_key_text(json, "action", ks_action_name(failure->step->action));
        if (ks_report_target(failure->step) != NULL) {
            ks_json_key_text(json, "target", ks_report_target(failure->step));
        }
    }
    if (failure->place.line > 0) {
        ks_json_key_unsigned(json, "line", failure->place.line);
        ks_json_key_unsigned(json, "column", failure->place.column);
    }
    ks_json_key_text(json, "key", ks_report_text_of(failure->key));
    ks_json_key_text(json, "wanted", ks_report_text_of(failure->wanted));
    ks_json_key_text(json, "got", ks_report_text_of(failure->got));
    ks_json_key_text(json, "message", ks_report_text_of(failure->message));
    if (failure->note != NULL && failure->note[0] != '\0') {
        ks_json_key_text(json, "note", failure->note);
    }
    if (failure->why != NULL && failure->why[0] != '\0') {
        ks_json_key_text(json, "why", failure->why);
    }
    if (failure->step != NULL && failure->step->note != NULL) {
        ks_json_key_text(json, "step_note", failure->step->note);
    }
    ks_json_end_object(json);
}

// The events of a result that wanted says are to be shown, as an array under key.
static void write_events(struct ks_json *json, const struct ks_result *result, const char *key,
                         const struct ks_report_options *options)
{
    size_t count = result->events == NULL ? 0 : ks_event_log_count(result->events);
    ks_json_key(json, key);
    ks_json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (ks_report_traces(options, event->kind)) {
            ks_event_write_json(json, event);
        }
    }
    ks_json_end_array(json);
}

static void json_result(struct ks_report *report, const struct ks_result *result)
{
    static const struct ks_report_options findings = {
        .trace = UINT64_C(1) << KLDR_EVENT_FINDING,
    };
    struct ks_json *json = &report->json;
    next_line(report);
    ks_json_begin_object(json);
    ks_json_key_text(json, "file", result->scenario->file->path);
    ks_json_key_text(json, "scenario", result->scenario->name);
    if (ks_report_text_of(result->scenario->description)[0] != '\0') {
        ks_json_key_text(json, "description", result->scenario->description);
    }
    ks_json_key_text(json, "profile", kldr_profile_name(result->profile));
    write_policy(json, result);
    ks_json_key_unsigned(json, "seed", result->seed);
    ks_json_key_text(json, "outcome", ks_outcome_name(result->outcome));
    if (ks_result_verdict(result) == KS_VERDICT_SKIPPED) {
        ks_json_key_text(json, "reason", ks_result_skip_reason(result));
    } else if (result->reason != NULL && result->reason[0] != '\0') {
        ks_json_key_text(json, "reason", result->reason);
    }
    ks_json_key_bool(json, "ran_no_code", result->ran_no_code);
    ks_json_key_unsigned(json, "steps", result->steps_run);
    ks_json_key_unsigned(json, "expectations", result->expectations);
    ks_json_key(json, "failures");
    ks_json_begin_array(json);
    for (size_t i = 0; i < result->failure_count; i++) {
        write_failure(json, &result->failures[i]);
    }
    ks_json_end_array(json);
    write_events(json, result, "findings", &findings);
    if (result->has_bugcheck) {
        ks_json_key(json, "bugcheck");
        ks_report_write_bugcheck(json, &result->bugcheck);
    }
    if (report->options.trace != 0) {
        write_events(json, result, "events", &report->options);
    }
    ks_json_end_object(json);
}

static void json_end(struct ks_report *report, const struct ks_totals *totals)
{
    struct ks_json *json = &report->json;
    ks_text_buffer_char(&report->out, '\n');
    ks_json_end_array(json);
    ks_json_key(json, "summary");
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "passed", totals->passed);
    ks_json_key_unsigned(json, "failed", totals->failed);
    ks_json_key_unsigned(json, "skipped", totals->skipped);
    ks_json_key_unsigned(json, "not_run", totals->not_run);
    ks_json_key_unsigned(json, "exit_code", (unsigned)totals->exit_code);
    ks_json_end_object(json);
    ks_json_end_object(json);
    ks_text_buffer_char(&report->out, '\n');
}

const struct ks_report_writer ks_report_json = {json_begin, json_bad_file, json_result, json_end};
