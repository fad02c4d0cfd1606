// SPDX-License-Identifier: MIT
// Annotations of GitHub Actions: one ::error line for each failure, then the summary as plain text.
#include "output/github.h"
#include "output/report_writer.h"

#include <string.h>

void ks_github_escape(struct ks_text_buffer *out, const char *text, bool property)
{
    const char *special = property ? "%\r\n:," : "%\r\n";
    while (*text != '\0') {
        size_t plain = strcspn(text, special);
        ks_text_buffer_bytes(out, text, plain);
        text += plain;
        if (*text != '\0') {
            uint8_t byte = (uint8_t)*text++;
            char escape[3] = {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
            ks_text_buffer_bytes(out, escape, sizeof(escape));
        }
    }
}

// Annotations want paths from the top of the repository, with slashes.
static void write_file(struct ks_report *report, const char *path)
{
    const char *prefix = report->options.path_prefix;
    size_t length = prefix == NULL ? 0 : strlen(prefix);
    if (length > 0 && strncmp(path, prefix, length) == 0 &&
        (path[length] == '/' || path[length] == '\\')) {
        path += length + 1;
    }
    if (strncmp(path, "./", 2) == 0) {
        path += 2;
    }
    ks_github_escape(&report->out, path, true);
}

static void begin_annotation(struct ks_report *report, const char *kind, const char *path,
                             const struct ks_place *place)
{
    struct ks_text_buffer *out = &report->out;
    ks_text_buffer_text(out, kind);
    ks_text_buffer_text(out, " file=");
    write_file(report, path);
    if (place->line > 0) {
        ks_text_buffer_text(out, ",line=");
        ks_text_buffer_unsigned(out, place->line);
        ks_text_buffer_text(out, ",col=");
        ks_text_buffer_unsigned(out, place->column);
    }
}

static void write_title(struct ks_report *report, const char *title)
{
    ks_text_buffer_text(&report->out, ",title=");
    ks_github_escape(&report->out, title, true);
    ks_text_buffer_text(&report->out, "::");
}

static void write_result_title(struct ks_report *report, const struct ks_result *result)
{
    struct ks_text_buffer *body = &report->body;
    body->size = 0;
    ks_text_buffer_text(body, result->scenario->name);
    ks_text_buffer_text(body, " [");
    ks_text_buffer_text(body, kldr_profile_name(result->profile));
    ks_text_buffer_bytes(body, "]", 2); // with its NUL
    write_title(report, body->failed ? "" : body->bytes);
}

static void github_begin(struct ks_report *report)
{
    (void)report;
}

static void github_bad_file(struct ks_report *report, const char *path,
                            const struct ks_diagnostics *diagnostics, const char *message)
{
    static const struct ks_place nowhere = {0, 0, 0, 0};
    struct ks_text_buffer *out = &report->out;
    if (message != NULL) {
        begin_annotation(report, "::error", path, &nowhere);
        write_title(report, "scenario file");
        ks_github_escape(out, message, false);
        ks_text_buffer_char(out, '\n');
    }
    for (size_t i = 0; diagnostics != NULL && i < diagnostics->count; i++) {
        const struct ks_diagnostic *item = &diagnostics->items[i];
        begin_annotation(report, "::error", path, &item->place);
        write_title(report, "scenario file");
        if (item->key_path != NULL && item->key_path[0] != '\0') {
            ks_github_escape(out, item->key_path, false);
            ks_text_buffer_text(out, ": ");
        }
        ks_github_escape(out, item->message, false);
        if (item->advice != NULL && item->advice[0] != '\0') {
            ks_text_buffer_text(out, "%0A");
            ks_github_escape(out, item->advice, false);
        }
        ks_text_buffer_char(out, '\n');
    }
}

static void write_detail(struct ks_text_buffer *out, const char *label, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        ks_text_buffer_text(out, "%0A");
        ks_text_buffer_text(out, label);
        ks_github_escape(out, text, false);
    }
}

static void write_failure(struct ks_report *report, const struct ks_result *result,
                          const struct ks_failure *failure)
{
    struct ks_text_buffer *out = &report->out;
    begin_annotation(report, "::error", result->scenario->file->path, &failure->place);
    write_result_title(report, result);
    report->body.size = 0;
    ks_report_write_step(&report->body, failure);
    ks_text_buffer_bytes(&report->body, "", 1); // the NUL
    ks_github_escape(out, report->body.failed ? "" : report->body.bytes, false);
    const char *key = ks_report_text_of(failure->key);
    const char *message = ks_report_text_of(failure->message);
    ks_github_escape(out, key, false);
    ks_text_buffer_text(out, key[0] != '\0' && message[0] != '\0' ? ": " : "");
    ks_github_escape(out, message, false);
    write_detail(out, "wanted: ", failure->wanted);
    write_detail(out, "got: ", failure->got);
    write_detail(out, "", failure->note);
    write_detail(out, "", failure->why);
    write_detail(out, "", result->scenario->description);
    ks_text_buffer_char(out, '\n');
}

static void github_result(struct ks_report *report, const struct ks_result *result)
{
    struct ks_text_buffer *out = &report->out;
    enum ks_verdict verdict = ks_result_verdict(result);
    for (size_t i = 0; i < result->failure_count; i++) {
        write_failure(report, result, &result->failures[i]);
    }
    if (verdict == KS_VERDICT_FAILED && result->failure_count == 0) {
        begin_annotation(report, "::error", result->scenario->file->path, &result->scenario->place);
        write_result_title(report, result);
        ks_github_escape(out, ks_outcome_name(result->outcome), false);
        write_detail(out, "", result->reason);
        ks_text_buffer_char(out, '\n');
    } else if (verdict == KS_VERDICT_SKIPPED) {
        begin_annotation(report, "::notice", result->scenario->file->path,
                         &result->scenario->place);
        write_result_title(report, result);
        ks_text_buffer_text(out, "skipped: ");
        ks_github_escape(out, ks_result_skip_reason(result), false);
        ks_text_buffer_char(out, '\n');
    }
}

static void github_end(struct ks_report *report, const struct ks_totals *totals)
{
    struct ks_text_buffer *out = &report->out;
    ks_text_buffer_unsigned(out, totals->passed);
    ks_text_buffer_text(out, " passed, ");
    ks_text_buffer_unsigned(out, totals->failed);
    ks_text_buffer_text(out, " failed, ");
    ks_text_buffer_unsigned(out, totals->skipped);
    ks_text_buffer_text(out, " skipped\n");
}

const struct ks_report_writer ks_report_github = {github_begin, github_bad_file, github_result,
                                                  github_end};
