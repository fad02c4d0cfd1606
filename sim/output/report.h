// SPDX-License-Identifier: MIT
// Report formats: each is a reader of results, called in a fixed order. What is written depends on
// the results only: no clock, no host address, no hash order.
#ifndef KS_OUTPUT_REPORT_H
#define KS_OUTPUT_REPORT_H

#include "scenario/parse.h"
#include "scenario/result.h"

enum ks_format {
    KS_FORMAT_TEXT,
    KS_FORMAT_JSON,
    KS_FORMAT_JSONL,
    KS_FORMAT_TAP,
    KS_FORMAT_JUNIT,
    KS_FORMAT_GITHUB,
    KS_FORMAT_COUNT
};

// "text", ...; false when unknown.
bool ks_format_find(const char *name, enum ks_format *out_format);
const char *ks_format_name(enum ks_format format);

// Where the bytes go. write returns false when the bytes could not be written.
struct ks_sink {
    bool (*write)(void *user, const char *bytes, size_t size);
    void *user;
};

// What a result counts as. Under --cpu none a scenario whose routines were left uncalled is not
// passed: it counts as skipped, however its expectations went, unless one of them failed.
enum ks_verdict { KS_VERDICT_PASSED, KS_VERDICT_FAILED, KS_VERDICT_SKIPPED };
enum ks_verdict ks_result_verdict(const struct ks_result *result);
// The reason to show with KS_VERDICT_SKIPPED.
const char *ks_result_skip_reason(const struct ks_result *result);

// Sums over a run.
struct ks_totals {
    unsigned passed, failed, skipped; // failed: everything that is neither passed nor skipped
    unsigned not_run;                 // left out because of --fail-fast
    int exit_code;                    // cli.md section 3
};

void ks_totals_add(struct ks_totals *totals, const struct ks_result *result);
// An invalid or unreadable file.
void ks_totals_add_bad_file(struct ks_totals *totals);
// The exit code that wins: 3, 2, 5, 4, 1, 0.
int ks_exit_code_worse(int left, int right);

struct ks_report_options {
    unsigned verbosity; // 0: quiet, failures and the summary only; 1: a line for each; 2: the
                        // lifecycle as well
    bool color;
    const char *version;     // of kldr
    const char *headline;    // NULL or what the text report begins with
    const char *path_prefix; // NULL or a folder that github annotations leave out of paths
    // Which events a trace shows: bit per kldr_event_kind; 0: none (jsonl: all).
    uint64_t trace;
};

struct ks_report;

// Begins a report. planned is the number of results and bad files that will follow (TAP plan). sink
// and the texts of options are borrowed until the end. NULL when memory is out.
struct ks_report *ks_report_begin(enum ks_format format, const struct ks_sink *sink,
                                  const struct ks_report_options *options, size_t planned);
// A file that could not be parsed (its diagnostics), or read (message). Counts as one failed item
// in all formats.
void ks_report_bad_file(struct ks_report *report, const char *path,
                        const struct ks_diagnostics *diagnostics, const char *message);
void ks_report_result(struct ks_report *report, const struct ks_result *result);
// Passes on what is written so far.
void ks_report_flush(struct ks_report *report);
// Ends and frees the report. Returns false when something could not be written.
bool ks_report_end(struct ks_report *report, const struct ks_totals *totals);

#endif
