// SPDX-License-Identifier: MIT
// docs/kldr-sweep.schema.json says what this is.
#include "cli/fault_sweep_report.h"

static bool is_lines(const struct ks_sweep_report *report)
{
    return report->settings->format == KS_FORMAT_JSONL;
}

// Between the values of --format jsonl.
static void end_line(struct ks_sweep_report *report)
{
    ks_json_end_object(&report->json);
    if (is_lines(report)) {
        ks_text_buffer_char(&report->out, '\n');
        report->json.comma = false;
    }
}

static void begin_value(struct ks_sweep_report *report)
{
    if (!is_lines(report)) {
        ks_json_newline(&report->json);
    }
    ks_json_begin_object(&report->json);
}

void ks_sweep_json_begin(struct ks_sweep_report *report)
{
    struct ks_json *json = &report->json;
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "kldr_sweep", 1);
    ks_json_key_unsigned(json, "seed", report->settings->seed);
    if (is_lines(report)) {
        end_line(report);
    } else {
        ks_json_key(json, "scenarios");
        ks_json_begin_array(json);
    }
}

// ---- a place ----

static void write_text(struct ks_json *json, const char *key, const struct ks_text_buffer *text)
{
    struct ks_text_buffer ended;
    ks_text_buffer_init(&ended, NULL);
    ks_text_buffer_bytes(&ended, text->bytes, text->size);
    ks_text_buffer_bytes(&ended, "", 1);
    ks_json_key_text(json, key, ended.failed ? "" : ended.bytes);
    json->buffer->failed = json->buffer->failed || ended.failed;
    ks_text_buffer_fini(&ended);
}

static void write_fail(struct ks_json *json, const struct ks_fault_site *site)
{
    ks_json_key_unsigned(json, "step", site->step);
    ks_json_key(json, "fail");
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, ks_fallible_at(site->operation)->name, site->in_step);
    ks_json_end_object(json);
}

static void write_fault(struct ks_sweep_report *report, const struct ks_swept *swept,
                        const struct ks_sweep_verdict *verdict)
{
    const struct ks_fault_site *site = verdict->site;
    const struct ks_fallible *fallible = ks_fallible_at(site->operation);
    struct ks_json *json = &report->json;
    struct ks_text_buffer command;
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "number", site->number);
    if (ks_fallible_takes_status(fallible)) {
        ks_json_key_status(json, fallible->status);
    }
    if (site->step != 0) {
        write_fail(json, site);
    }
    ks_json_key(json, "wrong");
    ks_json_begin_array(json);
    ks_text_buffer_bytes(&report->out, verdict->json.bytes, verdict->json.size);
    ks_json_end_array(json);
    ks_text_buffer_init(&command, NULL);
    ks_sweep_write_command(&command, report->settings, swept->item, site);
    write_text(json, "again", &command);
    ks_text_buffer_fini(&command);
    ks_json_end_object(json);
}

static void write_place(struct ks_json *json, const struct ks_fault_site *site)
{
    ks_json_key_text(json, "operation", ks_fallible_at(site->operation)->name);
    if (site->module[0] != '\0') {
        ks_json_key_text(json, "module", site->module);
        ks_json_key_unsigned(json, "offset", site->offset);
    }
    if (site->source.function[0] != '\0') {
        ks_json_key_text(json, "function", site->source.function);
    }
    if (site->source.file[0] != '\0') {
        ks_json_key_text(json, "source", site->source.file);
        ks_json_key_unsigned(json, "line", site->source.line);
    }
}

static void write_place_of(struct ks_sweep_report *report, const struct ks_swept *swept,
                           size_t first)
{
    struct ks_json *json = &report->json;
    ks_json_begin_object(json);
    write_place(json, swept->verdicts[first].site);
    ks_json_key(json, "faults");
    ks_json_begin_array(json);
    for (size_t i = first; i < swept->count; i++) {
        const struct ks_sweep_verdict *verdict = &swept->verdicts[i];
        if (verdict->code != 0 && ks_sweep_same_place(verdict->site, swept->verdicts[first].site)) {
            write_fault(report, swept, verdict);
        }
    }
    ks_json_end_array(json);
    ks_json_end_object(json);
}

// ---- items ----

static void begin_item(struct ks_sweep_report *report, const struct ks_run_item *item)
{
    begin_value(report);
    ks_json_key_text(&report->json, "file", item->source->path);
    ks_json_key_text(&report->json, "scenario", item->scenario->name);
    ks_json_key_text(&report->json, "profile", kldr_profile_name(item->profile));
}

void ks_sweep_json_item(struct ks_sweep_report *report, const struct ks_swept *swept)
{
    struct ks_json *json = &report->json;
    begin_item(report, swept->item);
    ks_json_key_text(json, "outcome", "swept");
    ks_json_key_unsigned(json, "operations", swept->baseline->operations);
    ks_json_key_unsigned(json, "faults", swept->count);
    ks_json_key_unsigned(json, "misbehave", swept->misbehaviours);
    ks_json_key(json, "places");
    ks_json_begin_array(json);
    for (size_t i = 0; i < swept->count; i++) {
        if (ks_sweep_begins_place(swept, i)) {
            write_place_of(report, swept, i);
        }
    }
    ks_json_end_array(json);
    end_line(report);
}

void ks_sweep_json_unfit(struct ks_sweep_report *report, const struct ks_run_item *item,
                         const struct ks_result *baseline)
{
    begin_item(report, item);
    ks_json_key_text(&report->json, "outcome", ks_outcome_name(baseline->outcome));
    ks_json_key_text(&report->json, "reason", baseline->reason);
    end_line(report);
}

void ks_sweep_json_end(struct ks_sweep_report *report, const struct ks_sweep_totals *totals)
{
    struct ks_json *json = &report->json;
    if (is_lines(report)) {
        ks_json_begin_object(json);
    } else {
        ks_json_end_array(json);
    }
    ks_json_key(json, "summary");
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "operations", totals->operations);
    ks_json_key_unsigned(json, "faults", totals->faults);
    ks_json_key_unsigned(json, "misbehave", totals->misbehaviours);
    ks_json_key_unsigned(json, "skipped", totals->skipped);
    ks_json_end_object(json);
    ks_json_end_object(json);
    ks_text_buffer_char(&report->out, '\n');
}
