// SPDX-License-Identifier: MIT
// The report of a sweep: as text, as JSON (docs/kldr-sweep.schema.json), or as lines of JSON.
// Faults that misbehave stand together by the place where the failed operation was asked for.
#ifndef KS_CLI_FAULT_SWEEP_REPORT_H
#define KS_CLI_FAULT_SWEEP_REPORT_H

#include "cli/fault_sweep.h"
#include "output/json_writer.h"

struct ks_sweep_report {
    const struct ks_run_settings *settings;
    struct ks_text_buffer out;
    struct ks_json json;
};

void ks_sweep_report_begin(struct ks_sweep_report *report, const struct ks_run_settings *settings);
void ks_sweep_report_item(struct ks_sweep_report *report, const struct ks_swept *swept);
// An item whose run without fault is no good for a comparison.
void ks_sweep_report_unfit(struct ks_sweep_report *report, const struct ks_run_item *item,
                           const struct ks_result *baseline);
// False after a message when something could not be written.
bool ks_sweep_report_end(struct ks_sweep_report *report, const struct ks_sweep_totals *totals);

// ---- its parts ----

// Whether the verdict is the first one that misbehaves in its place.
bool ks_sweep_begins_place(const struct ks_swept *swept, size_t index);
bool ks_sweep_same_place(const struct ks_fault_site *left, const struct ks_fault_site *right);
// How the operation failed: "returns STATUS_...", "a null pointer", ...
void ks_sweep_write_failure(struct ks_text_buffer *out, const struct ks_fault_site *site);
// The command that repeats exactly the run with that fault, for a POSIX shell.
void ks_sweep_write_command(struct ks_text_buffer *out, const struct ks_run_settings *settings,
                            const struct ks_run_item *item, const struct ks_fault_site *site);

void ks_sweep_text_item(struct ks_sweep_report *report, const struct ks_swept *swept);
void ks_sweep_text_unfit(struct ks_sweep_report *report, const struct ks_run_item *item,
                         const struct ks_result *baseline);
void ks_sweep_text_end(struct ks_sweep_report *report, const struct ks_sweep_totals *totals);

void ks_sweep_json_begin(struct ks_sweep_report *report);
void ks_sweep_json_item(struct ks_sweep_report *report, const struct ks_swept *swept);
void ks_sweep_json_unfit(struct ks_sweep_report *report, const struct ks_run_item *item,
                         const struct ks_result *baseline);
void ks_sweep_json_end(struct ks_sweep_report *report, const struct ks_sweep_totals *totals);

#endif
