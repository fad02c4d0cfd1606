// SPDX-License-Identifier: MIT
// From the operands of `kldr run` to what is run: files are found, read and parsed, scenarios
// selected, one item made for each scenario and profile, and for each file that cannot be used.
#ifndef KS_CLI_RUN_SELECT_H
#define KS_CLI_RUN_SELECT_H

#include "cli/run_settings.h"

// A scenario file, or what is wrong with it.
struct ks_run_source {
    char *path;
    const char *only; // FILE:NAME: the name; NULL: all
    struct ks_parse_result parsed;
    char *message; // it cannot be used: why; NULL when it can or when parsed.diagnostics say so
    bool out_of_memory;
};

struct ks_run_item {
    const struct ks_run_source *source;
    const struct ks_scenario *scenario; // NULL: the source cannot be used
    enum kldr_profile profile;
};

struct ks_run_selection {
    struct ks_run_source *sources;
    size_t source_count;
    struct ks_run_item *items;
    size_t item_count;
};

// Returns false when memory is out. The selection is freed with ks_run_selection_fini in any case.
bool ks_run_select(const struct ks_run_settings *settings, struct ks_run_selection *out_selection);
void ks_run_selection_fini(struct ks_run_selection *selection);

// Says to standard error why a source cannot be used.
void ks_run_tell_bad_source(const char *command, const struct ks_run_source *source);

// Puts the items into an order that depends on seed only.
void ks_run_shuffle(struct ks_run_selection *selection, uint64_t seed);

#endif
