// SPDX-License-Identifier: MIT
// TAP 14: the plan first, YAML diagnostics below what failed. Texts in them are JSON strings, which
// YAML reads.
#include "output/report_writer.h"

static void tap_begin(struct ks_report *report)
{
    ks_text_buffer_text(&report->out, "TAP version 14\n1..");
    ks_text_buffer_unsigned(&report->out, report->planned);
    ks_text_buffer_text(&report->out, report->planned == 0 ? " # SKIP nothing selected\n" : "\n");
}

// A description: '#' and '\' have a meaning there.
static void write_description(struct ks_text_buffer *out, const struct ks_text_buffer *text)
{
    for (size_t i = 0; i < text->size; i++) {
        if (text->bytes[i] == '#' || text->bytes[i] == '\\') {
            ks_text_buffer_char(out, '\\');
        }
        ks_text_buffer_char(out, text->bytes[i]);
    }
}

static void begin_point(struct ks_report *report, bool ok)
{
    ks_text_buffer_text(&report->out, ok ? "ok " : "not ok ");
    ks_text_buffer_unsigned(&report->out, report->number);
    ks_text_buffer_text(&report->out, " - ");
    report->body.size = 0;
}

static void write_pair(struct ks_text_buffer *out, const char *indent, const char *key,
                       const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return;
    }
    ks_text_buffer_text(out, indent);
    ks_text_buffer_text(out, key);
    ks_text_buffer_text(out, ": ");
    ks_json_quote(out, text);
    ks_text_buffer_char(out, '\n');
}

static void write_at(struct ks_text_buffer *out, const char *first, const char *indent,
                     const char *path, const struct ks_place *place)
{
    ks_text_buffer_text(out, first);
    ks_text_buffer_text(out, "file: ");
    ks_json_quote(out, path);
    ks_text_buffer_char(out, '\n');
    if (place->line > 0) {
        ks_text_buffer_text(out, indent);
        ks_text_buffer_text(out, "line: ");
        ks_text_buffer_unsigned(out, place->line);
        ks_text_buffer_char(out, '\n');
        ks_text_buffer_text(out, indent);
        ks_text_buffer_text(out, "column: ");
        ks_text_buffer_unsigned(out, place->column);
        ks_text_buffer_char(out, '\n');
    }
}

static void tap_bad_file(struct ks_report *report, const char *path,
                         const struct ks_diagnostics *diagnostics, const char *message)
{
    struct ks_text_buffer *out = &report->out;
    begin_point(report, false);
    ks_text_buffer_visible(&report->body, path);
    write_description(out, &report->body);
    ks_text_buffer_text(out, "\n  ---\n");
    write_pair(out, "  ", "outcome", ks_outcome_name(KS_INVALID));
    write_pair(out, "  ", "message", message);
    size_t count = diagnostics == NULL ? 0 : diagnostics->count;
    ks_text_buffer_text(out, count == 0 ? "" : "  diagnostics:\n");
    for (size_t i = 0; i < count; i++) {
        const struct ks_diagnostic *item = &diagnostics->items[i];
        write_at(out, "    - ", "      ", path, &item->place);
        write_pair(out, "      ", "key", item->key_path);
        write_pair(out, "      ", "message", item->message);
        write_pair(out, "      ", "advice", item->advice);
    }
    ks_text_buffer_text(out, "  ...\n");
}

static void write_failures(struct ks_report *report, const struct ks_result *result)
{
    struct ks_text_buffer *out = &report->out;
    ks_text_buffer_text(out, "  ---\n");
    write_pair(out, "  ", "outcome", ks_outcome_name(result->outcome));
    write_pair(out, "  ", "description", result->scenario->description);
    write_pair(out, "  ", "reason", result->reason);
    ks_text_buffer_text(out, result->failure_count == 0 ? "" : "  failures:\n");
    for (size_t i = 0; i < result->failure_count; i++) {
        const struct ks_failure *failure = &result->failures[i];
        write_at(out, "    - ", "      ", result->scenario->file->path, &failure->place);
        if (failure->step_number > 0) {
            ks_text_buffer_text(out, "      step: ");
            ks_text_buffer_unsigned(out, failure->step_number);
            ks_text_buffer_char(out, '\n');
        }
        write_pair(out, "      ", "key", failure->key);
        write_pair(out, "      ", "wanted", failure->wanted);
        write_pair(out, "      ", "got", failure->got);
        write_pair(out, "      ", "message", failure->message);
        write_pair(out, "      ", "note", failure->note);
        write_pair(out, "      ", "why", failure->why);
    }
    ks_text_buffer_text(out, "  ...\n");
}

static void tap_result(struct ks_report *report, const struct ks_result *result)
{
    struct ks_text_buffer *out = &report->out;
    enum ks_verdict verdict = ks_result_verdict(result);
    begin_point(report, verdict != KS_VERDICT_FAILED);
    ks_report_write_label(&report->body, result);
    write_description(out, &report->body);
    if (verdict == KS_VERDICT_SKIPPED) {
        ks_text_buffer_text(out, " # SKIP ");
        ks_text_buffer_visible(out, ks_result_skip_reason(result));
    }
    ks_text_buffer_char(out, '\n');
    if (verdict == KS_VERDICT_FAILED) {
        write_failures(report, result);
    }
}

static void tap_end(struct ks_report *report, const struct ks_totals *totals)
{
    if (totals->not_run > 0) {
        ks_text_buffer_text(&report->out, "Bail out! stopped after the first failure, ");
        ks_text_buffer_unsigned(&report->out, totals->not_run);
        ks_text_buffer_text(&report->out, " not run\n");
    }
}

const struct ks_report_writer ks_report_tap = {tap_begin, tap_bad_file, tap_result, tap_end};
