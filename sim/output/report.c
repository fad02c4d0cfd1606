// SPDX-License-Identifier: MIT
#include "output/report_writer.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    const struct ks_report_writer *writer;
} formats[KS_FORMAT_COUNT] = {
    [KS_FORMAT_TEXT] = {"text", &ks_report_text},
    [KS_FORMAT_JSON] = {"json", &ks_report_json},
    [KS_FORMAT_JSONL] = {"jsonl", &ks_report_jsonl},
    [KS_FORMAT_TAP] = {"tap", &ks_report_tap},
    [KS_FORMAT_JUNIT] = {"junit", &ks_report_junit},
    [KS_FORMAT_GITHUB] = {"github", &ks_report_github},
};

bool ks_format_find(const char *name, enum ks_format *out_format)
{
    for (size_t i = 0; i < KS_FORMAT_COUNT; i++) {
        if (strcmp(name, formats[i].name) == 0) {
            *out_format = (enum ks_format)i;
            return true;
        }
    }
    return false;
}

const char *ks_format_name(enum ks_format format)
{
    return formats[format].name;
}

// ---- sums ----

enum ks_verdict ks_result_verdict(const struct ks_result *result)
{
    if (result->outcome == KS_SKIPPED || (result->outcome == KS_PASSED && result->ran_no_code)) {
        return KS_VERDICT_SKIPPED;
    }
    return result->outcome == KS_PASSED ? KS_VERDICT_PASSED : KS_VERDICT_FAILED;
}

const char *ks_result_skip_reason(const struct ks_result *result)
{
    return result->outcome == KS_SKIPPED ? result->reason
                                         : "bound only, no code of real images was run";
}

int ks_exit_code_worse(int left, int right)
{
    static const int order[] = {3, 2, 5, 4, 1};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (left == order[i] || right == order[i]) {
            return order[i];
        }
    }
    return 0;
}

void ks_totals_add(struct ks_totals *totals, const struct ks_result *result)
{
    switch (ks_result_verdict(result)) {
    case KS_VERDICT_PASSED:
        totals->passed++;
        break;
    case KS_VERDICT_FAILED:
        totals->failed++;
        break;
    case KS_VERDICT_SKIPPED:
        totals->skipped++;
        break;
    }
    totals->exit_code =
        ks_exit_code_worse(totals->exit_code, ks_outcome_exit_code(result->outcome));
}

void ks_totals_add_bad_file(struct ks_totals *totals)
{
    totals->failed++;
    totals->exit_code = ks_exit_code_worse(totals->exit_code, ks_outcome_exit_code(KS_INVALID));
}

// ---- reports ----

struct ks_report *ks_report_begin(enum ks_format format, const struct ks_sink *sink,
                                  const struct ks_report_options *options, size_t planned)
{
    struct ks_report *report = calloc(1, sizeof(*report));
    if (report == NULL) {
        return NULL;
    }
    report->writer = formats[format].writer;
    report->options = *options;
    report->planned = planned;
    ks_text_buffer_init(&report->out, sink);
    ks_text_buffer_init(&report->body, NULL);
    ks_json_init(&report->json, &report->out);
    report->writer->begin(report);
    return report;
}

void ks_report_bad_file(struct ks_report *report, const char *path,
                        const struct ks_diagnostics *diagnostics, const char *message)
{
    report->number++;
    report->writer->bad_file(report, path, diagnostics, message);
}

void ks_report_result(struct ks_report *report, const struct ks_result *result)
{
    report->number++;
    report->writer->result(report, result);
}

void ks_report_flush(struct ks_report *report)
{
    ks_text_buffer_flush(&report->out);
}

bool ks_report_end(struct ks_report *report, const struct ks_totals *totals)
{
    report->writer->end(report, totals);
    bool written = ks_text_buffer_flush(&report->out) && !report->body.failed;
    ks_text_buffer_fini(&report->out);
    ks_text_buffer_fini(&report->body);
    free(report->suite);
    free(report);
    return written;
}

// ---- what the formats share ----

const char *ks_report_target(const struct ks_step *step)
{
    return step->target != NULL ? step->target : step->service;
}

void ks_report_write_label(struct ks_text_buffer *buffer, const struct ks_result *result)
{
    ks_text_buffer_visible(buffer, result->scenario->file->path);
    ks_text_buffer_char(buffer, ':');
    ks_text_buffer_visible(buffer, result->scenario->name);
    ks_text_buffer_text(buffer, " [");
    ks_text_buffer_text(buffer, kldr_profile_name(result->profile));
    ks_text_buffer_char(buffer, ']');
}

void ks_report_write_step(struct ks_text_buffer *buffer, const struct ks_failure *failure)
{
    if (failure->step_number == 0) {
        return;
    }
    ks_text_buffer_text(buffer, "step ");
    ks_text_buffer_unsigned(buffer, failure->step_number);
    if (failure->step != NULL) {
        ks_text_buffer_text(buffer, ", ");
        ks_text_buffer_text(buffer, ks_action_name(failure->step->action));
        const char *target = ks_report_target(failure->step);
        ks_text_buffer_text(buffer, target != NULL ? " " : "");
        ks_text_buffer_visible(buffer, ks_report_text_of(target));
    }
    ks_text_buffer_text(buffer, ": ");
}

void ks_report_write_place(struct ks_text_buffer *buffer, const char *path,
                           const struct ks_place *place)
{
    ks_text_buffer_visible(buffer, path);
    if (place->line > 0) {
        ks_text_buffer_char(buffer, ':');
        ks_text_buffer_unsigned(buffer, place->line);
        ks_text_buffer_char(buffer, ':');
        ks_text_buffer_unsigned(buffer, place->column);
    }
}

void ks_report_write_bugcheck(struct ks_json *json, const struct kldr_bugcheck *bugcheck)
{
    struct kldr_stop_code_info info;
    ks_json_begin_object(json);
    ks_json_key_hex(json, "code", bugcheck->code, 8);
    if (kldr_stop_code_find(bugcheck->code, &info)) {
        ks_json_key_text(json, "code_name", info.name);
    }
    ks_json_key(json, "parameters");
    ks_json_begin_array(json);
    for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
        ks_json_address(json, bugcheck->parameters[i]);
    }
    ks_json_end_array(json);
    if (bugcheck->module[0] != '\0') {
        ks_json_key_text(json, "module", bugcheck->module);
        ks_json_key_unsigned(json, "offset", bugcheck->offset);
    }
    ks_json_end_object(json);
}

void ks_report_write_diagnostics(struct ks_json *json, const struct ks_diagnostics *diagnostics,
                                 const char *message)
{
    ks_json_begin_array(json);
    for (size_t i = 0; diagnostics != NULL && i < diagnostics->count; i++) {
        const struct ks_diagnostic *item = &diagnostics->items[i];
        ks_json_begin_object(json);
        ks_json_key_unsigned(json, "line", item->place.line);
        ks_json_key_unsigned(json, "column", item->place.column);
        ks_json_key_text(json, "key", item->key_path);
        ks_json_key_text(json, "message", item->message);
        if (item->advice != NULL && item->advice[0] != '\0') {
            ks_json_key_text(json, "advice", item->advice);
        }
        ks_json_end_object(json);
    }
    if (message != NULL) {
        ks_json_begin_object(json);
        ks_json_key_text(json, "message", message);
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

bool ks_report_traces(const struct ks_report_options *options, enum kldr_event_kind kind)
{
    return (options->trace >> kind & 1) != 0;
}
