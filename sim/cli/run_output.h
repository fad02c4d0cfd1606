// SPDX-License-Identifier: MIT
// Where the reports of `kldr run` go: standard output, files, and the progress line of a terminal.
#ifndef KS_CLI_RUN_OUTPUT_H
#define KS_CLI_RUN_OUTPUT_H

#include "cli/run_select.h"

struct ks_run_output;

// Whether text is to be coloured (--color, NO_COLOR, the terminal).
bool ks_run_output_wants_color(const struct ks_run_settings *settings, bool to_stdout);

// Opens all reports before anything is run. planned is the number of items. NULL after a message.
struct ks_run_output *ks_run_output_begin(const struct ks_run_settings *settings, size_t planned,
                                          const char *headline);

// Adds an item to every report and to the totals. result is NULL for items that cannot be used.
void ks_run_output_item(struct ks_run_output *output, const struct ks_run_item *item,
                        const struct ks_result *result);
// True when progress is shown, which makes calls of ks_run_output_progress worthwhile.
bool ks_run_output_wants_progress(const struct ks_run_output *output);
// Item number index is awaited.
void ks_run_output_progress(struct ks_run_output *output, size_t index,
                            const struct ks_run_item *item);
const struct ks_totals *ks_run_output_totals(const struct ks_run_output *output);

// Ends the reports, puts the files in place, frees the output. Returns the exit code of the run.
int ks_run_output_end(struct ks_run_output *output);

#endif
