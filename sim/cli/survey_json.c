// SPDX-License-Identifier: MIT
// docs/kldr-survey.schema.json says what this is.
#include "cli/survey.h"

static void write_status(struct ks_json *json, const char *key, kldr_status status)
{
    ks_json_key(json, key);
    ks_json_begin_object(json);
    ks_json_key_status(json, status);
    ks_json_end_object(json);
}

static void write_bugcheck(struct ks_json *json, const struct ks_survey_run *run)
{
    ks_json_key(json, "bugcheck");
    ks_json_begin_object(json);
    ks_json_key_hex(json, "code", run->bugcheck.code, 8);
    if (run->bugcheck.module[0] != '\0') {
        ks_json_key_text(json, "module", run->bugcheck.module);
        ks_json_key_unsigned(json, "offset", run->bugcheck.offset);
    }
    if (run->place[0] != '\0') {
        ks_json_key_text(json, "place", run->place);
    }
    if (run->stop_text[0] != '\0') {
        ks_json_key_text(json, "text", run->stop_text);
    }
    ks_json_end_object(json);
}

static void write_findings(struct ks_json *json, const struct ks_survey_run *run)
{
    ks_json_key(json, "findings");
    ks_json_begin_object(json);
    for (size_t i = 0; i < run->finding_count; i++) {
        ks_json_key_quoted(json, run->findings[i].kind);
        ks_json_unsigned(json, run->findings[i].count);
    }
    ks_json_end_object(json);
}

static void write_run(struct ks_json *json, const char *key, const struct ks_survey_run *run)
{
    if (!run->done) {
        return;
    }
    ks_json_key(json, key);
    ks_json_begin_object(json);
    ks_json_key_text(json, "outcome", ks_outcome_name(run->outcome));
    if (run->reason[0] != '\0') {
        ks_json_key_text(json, "reason", run->reason);
    }
    if (run->called) {
        write_status(json, "returned", run->status);
    }
    if (run->has_load) {
        write_status(json, "load", run->load);
    }
    if (run->has_unload) {
        write_status(json, "unload", run->unload);
    }
    if (run->has_dllunload) {
        write_status(json, "dllunload", run->dllunload);
    }
    if (run->has_bugcheck) {
        write_bugcheck(json, run);
    }
    write_findings(json, run);
    ks_json_end_object(json);
}

static void write_item(struct ks_json *json, const struct ks_survey_item *item)
{
    ks_json_begin_object(json);
    ks_json_key_text(json, "image", item->image->path);
    ks_json_key_bool(json, "links", KLDR_NT_SUCCESS(item->link));
    ks_json_key_status(json, item->link);
    if (item->image->problem != NULL) {
        ks_json_key_text(json, "problem", item->image->problem);
    } else {
        ks_json_key_text(json, "machine", kldr_machine_name(item->image->machine));
        ks_json_key_bool(json, "linked_only", !item->runs_here);
        ks_json_key_unsigned(json, "missing", item->missing);
        ks_json_key_unsigned(json, "not_simulated", item->lacking);
        write_run(json, "as_dll", &item->as_dll);
        write_run(json, "as_driver", &item->as_driver);
    }
    ks_json_end_object(json);
}

static void write_names(struct ks_json *json, const char *key, const struct ks_survey_name *names,
                        size_t count)
{
    ks_json_key(json, key);
    ks_json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        ks_json_begin_object(json);
        ks_json_key_text(json, "module", names[i].module);
        if (names[i].function != NULL && names[i].function->name != NULL) {
            ks_json_key_text(json, "export", names[i].function->name);
        } else if (names[i].function != NULL) {
            ks_json_key_unsigned(json, "ordinal", names[i].function->ordinal);
        }
        ks_json_key_unsigned(json, "images", names[i].count);
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

static void write_summary(struct ks_json *json, const struct ks_survey *survey)
{
    struct ks_survey_totals totals;
    ks_survey_sum(survey, &totals);
    ks_json_key(json, "summary");
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "images", totals.images);
    ks_json_key_unsigned(json, "link", totals.link);
    ks_json_key_unsigned(json, "run", totals.run);
    ks_json_key_unsigned(json, "driverentry_succeeded", totals.entry_ok);
    ks_json_key_unsigned(json, "driverentry_failed", totals.entry_failed);
    ks_json_key_unsigned(json, "stopped", totals.stopped);
    ks_json_key_unsigned(json, "limit", totals.limit);
    ks_json_key_unsigned(json, "unloaded", totals.unloaded);
    ks_json_key_unsigned(json, "as_dll", totals.dll);
    ks_json_key_unsigned(json, "dllinitialize_succeeded", totals.dll_ok);
    ks_json_end_object(json);
}

static void write_sums(struct ks_json *json, const struct ks_survey *survey)
{
    write_names(json, "missing", survey->missing, survey->missing_count);
    write_names(json, "not_simulated", survey->lacking, survey->lacking_count);
    write_summary(json, survey);
}

void ks_survey_write_json(struct ks_text_buffer *out, const struct ks_survey *survey)
{
    struct ks_json json;
    ks_json_init(&json, out);
    ks_json_begin_object(&json);
    ks_json_key_unsigned(&json, "kldr_survey", 1);
    ks_json_key_text(&json, "profile", survey->profile);
    ks_json_key(&json, "images");
    ks_json_begin_array(&json);
    for (size_t i = 0; i < survey->count; i++) {
        ks_json_newline(&json);
        write_item(&json, &survey->items[i]);
    }
    ks_json_end_array(&json);
    write_sums(&json, survey);
    ks_json_end_object(&json);
    ks_text_buffer_char(out, '\n');
}

// The same as lines: one that says what follows, one for each image, one with the sums.
void ks_survey_write_jsonl(struct ks_text_buffer *out, const struct ks_survey *survey)
{
    struct ks_json json;
    ks_json_init(&json, out);
    ks_json_begin_object(&json);
    ks_json_key_unsigned(&json, "kldr_survey", 1);
    ks_json_key_text(&json, "profile", survey->profile);
    ks_json_end_object(&json);
    ks_text_buffer_char(out, '\n');
    for (size_t i = 0; i < survey->count; i++) {
        ks_json_init(&json, out);
        write_item(&json, &survey->items[i]);
        ks_text_buffer_char(out, '\n');
    }
    ks_json_init(&json, out);
    ks_json_begin_object(&json);
    write_sums(&json, survey);
    ks_json_end_object(&json);
    ks_text_buffer_char(out, '\n');
}
