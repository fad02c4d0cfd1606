// SPDX-License-Identifier: MIT
// Report formats: each is a reader of results, called in a fixed order.
#ifndef KS_OUTPUT_REPORT_H
#define KS_OUTPUT_REPORT_H

#include "scenario/parse.h"
#include "scenario/result.h"

enum ks_format { KS_FORMAT_TEXT, KS_FORMAT_JSON, KS_FORMAT_JSONL, KS_FORMAT_TAP, KS_FORMAT_JUNIT, KS_FORMAT_GITHUB };

// "text", ...; false when unknown.
bool ks_format_find(const char *name, enum ks_format *out_format);
const char *ks_format_name(enum ks_format format);

// Where the bytes go. write returns false when the bytes could not be written.
struct ks_sink {
    bool (*write)(void *user, const char *bytes, size_t size);
    void *user;
};

// Sums over a run.
struct ks_totals {
    unsigned passed, failed, skipped; // failed: everything that is neither passed nor skipped
    int exit_code;                    // cli.md section 3
};

struct ks_report_options {
    unsigned verbosity;   // 1: -v, tells the lifecycle
    bool color;
    const char *version;  // of kldr
    const char *profile_note; // NULL or a line about --profile overrides
    // Which events a trace shows: bit per kldr_event_kind; 0: none.
    uint64_t trace;
};

struct ks_report;

// Begins a report. planned is the number of results that will follow (TAP plan). NULL when memory is out.
struct ks_report *ks_report_begin(enum ks_format format, const struct ks_sink *sink,
                                  const struct ks_report_options *options, size_t planned);
// A file that could not be parsed (its diagnostics), or read (message). Counts as one failed item in all formats.
void ks_report_bad_file(struct ks_report *report, const char *path, const struct ks_diagnostics *diagnostics,
                        const char *message);
void ks_report_result(struct ks_report *report, const struct ks_result *result);
// Ends and frees the report. Returns false when something could not be written.
bool ks_report_end(struct ks_report *report, const struct ks_totals *totals);

#endif
