// SPDX-License-Identifier: MIT
// What `kldr survey` finds out about each image of a folder.
#ifndef KS_CLI_SURVEY_H
#define KS_CLI_SURVEY_H

#include "cli/load_plan.h"
#include "deps/deps.h"
#include "output/json_writer.h"

#define KS_SURVEY_FINDINGS_MOST 8

// Findings of one kind.
struct ks_survey_finding {
    char kind[48];
    size_t count;
};

// One scenario that was run with the image.
struct ks_survey_run {
    bool done;                     // it was run, whatever came of it
    enum ks_outcome outcome;       // KS_PASSED, KS_FAILED: it went to its end
    char reason[KLDR_DETAIL_SIZE]; // of other outcomes
    bool has_bugcheck;
    struct kldr_bugcheck bugcheck;
    char stop_text[KLDR_DETAIL_SIZE]; // what the stop says of itself
    char place[KLDR_DETAIL_SIZE];     // the innermost frame of real code: "mini.sys+0x1042 (...)"
    struct ks_survey_finding findings[KS_SURVEY_FINDINGS_MOST]; // in order of appearance
    size_t finding_count;
    bool called;               // DllInitialize or DriverEntry came back
    kldr_status status;        // with this
    bool has_load, has_unload; // statuses of NtLoadDriver and NtUnloadDriver
    kldr_status load, unload;
    bool has_dllunload; // DllUnload was asked
    kldr_status dllunload;
};

struct ks_survey_item {
    const struct ks_deps_image *image;
    kldr_status link; // what the loader says with every kernel function there
    size_t missing;   // of its own imports: modules and functions
    size_t lacking;   // kernel functions that it imports and kldr does not simulate
    bool runs_here;   // code for its machine can be run
    bool exports_dllinitialize;
    struct ks_survey_run as_driver, as_dll;
};

// A name and in how many images of the survey it is wanted.
struct ks_survey_name {
    const char *module;
    const struct ks_deps_function *function; // NULL: the whole module
    size_t count;
};

struct ks_survey {
    const struct ks_run_settings *settings;
    struct ks_deps *deps;
    struct ks_survey_item *items;
    size_t count;
    struct ks_survey_name *missing, *lacking; // most wanted first
    size_t missing_count, lacking_count;
    const char *profile;
};

// Runs an item. folder_count folders stand for the drivers folder when --dir is not given, after
// the image's own.
void ks_survey_run(const struct ks_run_settings *settings, const char *const *folders,
                   size_t folder_count, struct ks_survey_item *item);

// Counts what is missing and lacking, in the items and over all. False when memory is out.
bool ks_survey_rank(struct ks_survey *survey);

void ks_survey_write_text(struct ks_text_buffer *out, const struct ks_survey *survey);
void ks_survey_write_json(struct ks_text_buffer *out, const struct ks_survey *survey);
void ks_survey_write_jsonl(struct ks_text_buffer *out, const struct ks_survey *survey);

// Sums.
struct ks_survey_totals {
    size_t images, link, run;
    size_t entry_ok, entry_failed, stopped, limit, load_failed;
    size_t unloaded;
    size_t dll, dll_ok; // export drivers, and those whose DllInitialize succeeded
};
void ks_survey_sum(const struct ks_survey *survey, struct ks_survey_totals *out_totals);

#endif
