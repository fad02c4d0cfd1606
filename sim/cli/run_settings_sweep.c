// SPDX-License-Identifier: MIT
#include "cli/run_settings_sweep.h"
#include "cli/run_options.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_SIZE 24

// A number of length characters; 0 when it is none.
static uint64_t number_of(const char *text, size_t length)
{
    char copy[NUMBER_SIZE];
    unsigned long long number = 0;
    if (length == 0 || length >= sizeof copy) {
        return 0;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return ks_options_number(copy, UINT64_MAX, &number) ? number : 0;
}

int ks_run_set_sweep(struct ks_run_settings *settings, const char *value)
{
    settings->sweeps = true;
    settings->sweep_first = 1;
    settings->sweep_last = UINT64_MAX;
    if (value == NULL) {
        return KS_SETTINGS_OK;
    }
    size_t length = strcspn(value, "-");
    settings->sweep_first = number_of(value, length);
    if (value[length] == '-') {
        settings->sweep_last = number_of(value + length + 1, strlen(value + length + 1));
    }
    if (settings->sweep_first == 0 || settings->sweep_last < settings->sweep_first) {
        return ks_options_usage_error(&ks_run_command,
                                      "--fault-sweep=%s: FROM or FROM-TO is wanted, numbers of "
                                      "operations from 1",
                                      value);
    }
    return KS_SETTINGS_OK;
}

static bool has_report(enum ks_format format)
{
    return format == KS_FORMAT_TEXT || format == KS_FORMAT_JSON || format == KS_FORMAT_JSONL;
}

int ks_run_check_sweep(const struct ks_run_settings *settings)
{
    if (!settings->sweeps) {
        return settings->sweep_all || settings->sweep_state != NULL
                   ? ks_options_usage_error(&ks_run_command,
                                            "--sweep-%s goes with --fault-sweep only",
                                            settings->sweep_all ? "all" : "state")
                   : KS_SETTINGS_OK;
    }
    if (!has_report(settings->format)) {
        return ks_options_usage_error(&ks_run_command,
                                      "--fault-sweep has the formats text, json and jsonl");
    }
    const char *name = settings->accept                   ? "--accept"
                       : settings->list                   ? "--list"
                       : settings->strict                 ? "--strict"
                       : settings->fail_fast              ? "--fail-fast"
                       : settings->shuffle                ? "--shuffle"
                       : settings->trace != 0             ? "--trace"
                       : settings->file_count > 0         ? "-o"
                       : settings->verbosity > 1          ? "-v"
                       : settings->cpu == KS_CPU_NONE     ? "--cpu none"
                       : settings->color != KS_COLOR_AUTO ? "--color"
                                                          : NULL;
    if (name != NULL) {
        return ks_options_usage_error(&ks_run_command,
                                      "--fault-sweep judges no expectation, runs all code and "
                                      "writes a report of its own: leave %s out",
                                      name);
    }
    return KS_SETTINGS_OK;
}
