// SPDX-License-Identifier: MIT
// The trace (docs/kldr-trace.schema.json): for each result a line that says what it is, then a line
// for each event.
#include "output/event_keys.h"
#include "output/report_writer.h"

// Lines are values of their own, not elements of an array.
static void begin_line(struct ks_report *report)
{
    ks_json_init(&report->json, &report->out);
}

static void end_line(struct ks_report *report)
{
    ks_text_buffer_char(&report->out, '\n');
}

static void jsonl_begin(struct ks_report *report)
{
    (void)report;
}

static void jsonl_bad_file(struct ks_report *report, const char *path,
                           const struct ks_diagnostics *diagnostics, const char *message)
{
    struct ks_json *json = &report->json;
    begin_line(report);
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "kldr_trace", 1);
    ks_json_key_text(json, "file", path);
    ks_json_key_text(json, "outcome", ks_outcome_name(KS_INVALID));
    ks_json_key(json, "diagnostics");
    ks_report_write_diagnostics(json, diagnostics, message);
    ks_json_end_object(json);
    end_line(report);
}

static void jsonl_result(struct ks_report *report, const struct ks_result *result)
{
    struct ks_json *json = &report->json;
    begin_line(report);
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "kldr_trace", 1);
    ks_json_key_text(json, "scenario", result->scenario->name);
    ks_json_key_text(json, "profile", kldr_profile_name(result->profile));
    ks_json_key_unsigned(json, "seed", result->seed);
    ks_json_key_text(json, "file", result->scenario->file->path);
    ks_json_key_text(json, "outcome", ks_outcome_name(result->outcome));
    if (ks_report_text_of(result->scenario->description)[0] != '\0') {
        ks_json_key_text(json, "description", result->scenario->description);
    }
    if (ks_result_verdict(result) == KS_VERDICT_SKIPPED) {
        ks_json_key_text(json, "reason", ks_result_skip_reason(result));
    } else if (result->reason != NULL && result->reason[0] != '\0') {
        ks_json_key_text(json, "reason", result->reason);
    }
    ks_json_end_object(json);
    end_line(report);

    size_t count = result->events == NULL ? 0 : ks_event_log_count(result->events);
    for (size_t i = 0; i < count; i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (report->options.trace == 0 || ks_report_traces(&report->options, event->kind)) {
            begin_line(report);
            ks_event_write_json(json, event);
            end_line(report);
        }
    }
}

static void jsonl_end(struct ks_report *report, const struct ks_totals *totals)
{
    (void)report;
    (void)totals;
}

const struct ks_report_writer ks_report_jsonl = {jsonl_begin, jsonl_bad_file, jsonl_result,
                                                 jsonl_end};
