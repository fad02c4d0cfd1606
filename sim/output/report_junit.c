// SPDX-License-Identifier: MIT
// JUnit's XML: a test suite for each scenario file, a test case for each scenario and profile. No
// times, so that the same run always makes the same bytes. XML has no way to write most control
// characters: they are shown as \x1b.
#include "output/report_writer.h"
#include "output/utf8.h"

#include <stdlib.h>
#include <string.h>

static const char *entity(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    case '\t':
        return "&#9;";
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

static bool is_xml(uint32_t code)
{
    return code >= 0x20 && code != 0x7F && !(code >= 0x80 && code < 0xA0) && code != 0xFFFE &&
           code != 0xFFFF;
}

static void write_xml(struct ks_text_buffer *out, const char *text)
{
    const char *end = text + strlen(text);
    while (text < end) {
        uint32_t code;
        size_t length = ks_utf8_next(text, end, &code);
        const char *replacement = entity(code);
        if (replacement != NULL) {
            ks_text_buffer_text(out, replacement);
        } else if (is_xml(code)) {
            ks_text_buffer_bytes(out, text, length);
        } else if (length > 1) {
            ks_text_buffer_text(out, "\xEF\xBF\xBD"); // U+FFFD
        } else {
            uint8_t byte = (uint8_t)*text;
            char escape[4] = {'\\', 'x', "0123456789abcdef"[byte >> 4],
                              "0123456789abcdef"[byte & 15]};
            ks_text_buffer_bytes(out, escape, sizeof(escape));
        }
        text += length;
    }
}

static void write_attribute(struct ks_text_buffer *out, const char *name, const char *text)
{
    ks_text_buffer_char(out, ' ');
    ks_text_buffer_text(out, name);
    ks_text_buffer_text(out, "=\"");
    write_xml(out, text);
    ks_text_buffer_char(out, '"');
}

static void write_number(struct ks_text_buffer *out, const char *name, uint64_t number)
{
    ks_text_buffer_char(out, ' ');
    ks_text_buffer_text(out, name);
    ks_text_buffer_text(out, "=\"");
    ks_text_buffer_unsigned(out, number);
    ks_text_buffer_char(out, '"');
}

static void junit_begin(struct ks_report *report)
{
    ks_text_buffer_text(&report->out,
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kldr\">\n");
}

static void end_suite(struct ks_report *report)
{
    struct ks_text_buffer *out = &report->out;
    if (report->suite == NULL) {
        return;
    }
    ks_text_buffer_text(out, "  <testsuite");
    write_attribute(out, "name", report->suite);
    write_number(out, "tests", report->suite_tests);
    write_number(out, "failures", report->suite_failures);
    write_number(out, "errors", report->suite_errors);
    write_number(out, "skipped", report->suite_skipped);
    ks_text_buffer_text(out, ">\n");
    ks_text_buffer_bytes(out, report->body.bytes, report->body.size);
    ks_text_buffer_text(out, "  </testsuite>\n");
    free(report->suite);
    report->suite = NULL;
}

static void begin_suite(struct ks_report *report, const char *path)
{
    if (report->suite != NULL && strcmp(report->suite, path) == 0) {
        return;
    }
    end_suite(report);
    report->body.size = 0;
    report->suite_tests = report->suite_failures = report->suite_errors = report->suite_skipped = 0;
    size_t size = strlen(path) + 1;
    report->suite = malloc(size);
    if (report->suite == NULL) {
        report->body.failed = true;
    } else {
        memcpy(report->suite, path, size);
    }
}

static void begin_case(struct ks_report *report, const char *path, const char *name,
                       const char *profile)
{
    struct ks_text_buffer *body = &report->body;
    begin_suite(report, path);
    report->suite_tests++;
    ks_text_buffer_text(body, "    <testcase");
    write_attribute(body, "classname", path);
    ks_text_buffer_text(body, " name=\"");
    write_xml(body, name);
    if (profile != NULL) {
        ks_text_buffer_text(body, " [");
        ks_text_buffer_text(body, profile);
        ks_text_buffer_char(body, ']');
    }
    ks_text_buffer_char(body, '"');
}

static void junit_bad_file(struct ks_report *report, const char *path,
                           const struct ks_diagnostics *diagnostics, const char *message)
{
    struct ks_text_buffer *body = &report->body;
    begin_case(report, path, "the file", NULL);
    report->suite_errors++;
    ks_text_buffer_text(body, ">\n      <error");
    write_attribute(body, "message",
                    message != NULL ? message : "this is not a valid scenario file");
    write_attribute(body, "type", ks_outcome_name(KS_INVALID));
    ks_text_buffer_char(body, '>');
    for (size_t i = 0; diagnostics != NULL && i < diagnostics->count; i++) {
        const struct ks_diagnostic *item = &diagnostics->items[i];
        write_xml(body, path);
        ks_text_buffer_char(body, ':');
        ks_text_buffer_unsigned(body, item->place.line);
        ks_text_buffer_char(body, ':');
        ks_text_buffer_unsigned(body, item->place.column);
        ks_text_buffer_text(body, ": ");
        write_xml(body, item->message);
        ks_text_buffer_char(body, ' ');
        write_xml(body, item->advice == NULL ? "" : item->advice);
        ks_text_buffer_char(body, '\n');
    }
    ks_text_buffer_text(body, "</error>\n    </testcase>\n");
}

static void write_line(struct ks_text_buffer *body, const char *label, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        ks_text_buffer_text(body, label);
        write_xml(body, text);
        ks_text_buffer_char(body, '\n');
    }
}

static void write_failures(struct ks_report *report, const struct ks_result *result)
{
    struct ks_text_buffer *body = &report->body;
    const char *element = result->outcome == KS_FAILED ? "failure" : "error";
    const char *message = result->reason;
    if (result->failure_count > 0) {
        const struct ks_failure *first = &result->failures[0];
        message = ks_report_text_of(first->message);
        message = message[0] != '\0' ? message : first->key;
    }
    if (result->outcome == KS_FAILED) {
        report->suite_failures++;
    } else {
        report->suite_errors++;
    }
    ks_text_buffer_text(body, ">\n      <");
    ks_text_buffer_text(body, element);
    write_attribute(body, "message", ks_report_text_of(message));
    write_attribute(body, "type", ks_outcome_name(result->outcome));
    ks_text_buffer_char(body, '>');
    write_line(body, "", result->scenario->description);
    write_line(body, "", result->reason);
    for (size_t i = 0; i < result->failure_count; i++) {
        const struct ks_failure *failure = &result->failures[i];
        write_xml(body, result->scenario->file->path);
        ks_text_buffer_char(body, ':');
        ks_text_buffer_unsigned(body, failure->place.line);
        ks_text_buffer_char(body, ':');
        ks_text_buffer_unsigned(body, failure->place.column);
        ks_text_buffer_text(body, ": step ");
        ks_text_buffer_unsigned(body, failure->step_number);
        ks_text_buffer_char(body, '\n');
        write_line(body, "  key: ", failure->key);
        write_line(body, "  message: ", failure->message);
        write_line(body, "  wanted: ", failure->wanted);
        write_line(body, "  got: ", failure->got);
        write_line(body, "  ", failure->note);
        write_line(body, "  ", failure->why);
    }
    ks_text_buffer_text(body, "</");
    ks_text_buffer_text(body, element);
    ks_text_buffer_text(body, ">\n    </testcase>\n");
}

static void junit_result(struct ks_report *report, const struct ks_result *result)
{
    struct ks_text_buffer *body = &report->body;
    begin_case(report, result->scenario->file->path, result->scenario->name,
               kldr_profile_name(result->profile));
    switch (ks_result_verdict(result)) {
    case KS_VERDICT_PASSED:
        ks_text_buffer_text(body, "/>\n");
        break;
    case KS_VERDICT_SKIPPED:
        report->suite_skipped++;
        ks_text_buffer_text(body, ">\n      <skipped");
        write_attribute(body, "message", ks_result_skip_reason(result));
        ks_text_buffer_text(body, "/>\n    </testcase>\n");
        break;
    case KS_VERDICT_FAILED:
        write_failures(report, result);
        break;
    }
}

static void junit_end(struct ks_report *report, const struct ks_totals *totals)
{
    (void)totals;
    end_suite(report);
    ks_text_buffer_text(&report->out, "</testsuites>\n");
}

const struct ks_report_writer ks_report_junit = {junit_begin, junit_bad_file, junit_result,
                                                 junit_end};
