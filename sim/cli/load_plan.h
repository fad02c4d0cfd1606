// SPDX-License-Identifier: MIT
// Images as a scenario: each is loaded as a driver in the order given, then they are unloaded in
// reverse. What `kldr load` and `kldr survey` run.
#ifndef KS_CLI_LOAD_PLAN_H
#define KS_CLI_LOAD_PLAN_H

#include "cli/run_jobs.h"

struct ks_load_image {
    const char *path; // of the host
    const char *name; // base name
    bool stays;       // it is not unloaded again: its load is known to fail
    // Not NULL: it is not loaded as a driver; a declared driver is that imports this from it.
    const struct ks_load_import *import;
};

struct ks_load_import {
    const char *name; // NULL: by ordinal
    uint32_t ordinal;
};

struct ks_load_plan {
    const struct ks_load_image *images;
    size_t image_count;
    char (*variables)[16];
    char path[16];               // of a file that does not exist, for reports
    struct ks_run_source source; // the scenario
    struct ks_run_item item;
    struct ks_run_selection selection; // of that item
};

// Makes the scenario. File names go into variables, settings->variables, which has room for
// image_count of them. KS_EXIT_OK, or an exit code with *out_message set to why (of size bytes).
int ks_load_plan_init(struct ks_load_plan *plan, const struct ks_load_image *images,
                      size_t image_count, enum kldr_profile profile,
                      struct ks_run_settings *settings, char *out_message, size_t size);
void ks_load_plan_fini(struct ks_load_plan *plan);

// How the load of image number index ended. False: it was not reached.
bool ks_load_plan_status(const struct ks_result *result, size_t index, kldr_status *out_status);
// The same of its unload.
bool ks_load_plan_unload_status(const struct ks_load_plan *plan, const struct ks_result *result,
                                size_t index, kldr_status *out_status);

#endif
