// SPDX-License-Identifier: MIT
// What the report formats share. Only report.c and the report_*.c files include it.
#ifndef KS_OUTPUT_REPORT_WRITER_H
#define KS_OUTPUT_REPORT_WRITER_H

#include "output/json_writer.h"
#include "output/text_buffer.h"

struct ks_report {
    const struct ks_report_writer *writer;
    struct ks_report_options options;
    struct ks_text_buffer out;
    size_t planned;
    size_t number; // items reported so far

    struct ks_json json;        // json
    struct ks_text_buffer body; // junit: the test cases of the suite under way
    char *suite;                // junit: its file; NULL between suites
    unsigned suite_tests, suite_failures, suite_errors, suite_skipped;
};

struct ks_report_writer {
    void (*begin)(struct ks_report *report);
    void (*bad_file)(struct ks_report *report, const char *path,
                     const struct ks_diagnostics *diagnostics, const char *message);
    void (*result)(struct ks_report *report, const struct ks_result *result);
    void (*end)(struct ks_report *report, const struct ks_totals *totals);
};

extern const struct ks_report_writer ks_report_text, ks_report_json, ks_report_jsonl, ks_report_tap,
    ks_report_junit, ks_report_github;

// Texts of a failure that do not apply may be NULL.
static inline const char *ks_report_text_of(const char *text)
{
    return text == NULL ? "" : text;
}

// What a step is about: a service, a path, a routine; NULL when it is about nothing.
const char *ks_report_target(const struct ks_step *step);
// "file:name [profile]", made visible.
void ks_report_write_label(struct ks_text_buffer *buffer, const struct ks_result *result);
// "step 2, load mini2: "; nothing when the failure is of no step.
void ks_report_write_step(struct ks_text_buffer *buffer, const struct ks_failure *failure);
// "file:line:column", without numbers when there is no place.
void ks_report_write_place(struct ks_text_buffer *buffer, const char *path,
                           const struct ks_place *place);
// The keys of a bugcheck, for json and jsonl.
void ks_report_write_bugcheck(struct ks_json *json, const struct kldr_bugcheck *bugcheck);
// The diagnostics of a bad file, or its message, as a JSON array.
void ks_report_write_diagnostics(struct ks_json *json, const struct ks_diagnostics *diagnostics,
                                 const char *message);
// True when a trace with these options shows this kind.
bool ks_report_traces(const struct ks_report_options *options, enum kldr_event_kind kind);

#endif
