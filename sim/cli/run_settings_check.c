// SPDX-License-Identifier: MIT
// What options of `kldr run` do not go together.
#include "cli/run_settings_check.h"
#include "cli/commands.h"
#include "cli/run_options.h"
#include "cli/run_settings_sweep.h"
#include "platform.h"

#include <stdlib.h>

static bool writes(const struct ks_run_settings *settings, enum ks_format format)
{
    bool found = settings->format == format;
    for (size_t i = 0; i < settings->file_count; i++) {
        found = found || settings->files[i].format == format;
    }
    return found;
}

static bool is_set(const char *name)
{
    char *value = ks_platform_environment(name);
    bool set = value != NULL && value[0] != '\0';
    free(value);
    return set;
}

// --accept writes what holds without any change from outside, else the file would be wrong
// tomorrow.
static int check_accept(const struct ks_run_settings *settings)
{
    if (is_set("CI")) {
        return ks_options_usage_error(&ks_run_command, "--accept is refused: CI is set");
    }
    if (settings->profile_count > 0 || settings->policy_count > 0) {
        return ks_options_usage_error(&ks_run_command,
                                      "--accept goes by the file's own profiles and policy: "
                                      "leave --profile and --policy out");
    }
    if (settings->shuffle || settings->fail_fast || settings->list) {
        return ks_options_usage_error(
            &ks_run_command,
            "--accept runs all there is: leave --shuffle, --fail-fast and --list out");
    }
    return KS_SETTINGS_OK;
}

int ks_run_settings_check(const struct ks_run_settings *settings)
{
    if (settings->operand_count == 0) {
        return ks_options_usage_error(&ks_run_command, "a scenario file or a folder is wanted");
    }
    if (settings->verbosity != 1 && !writes(settings, KS_FORMAT_TEXT)) {
        return ks_options_usage_error(&ks_run_command,
                                      "-v and -q are about text, and no text is written");
    }
    if (settings->trace != 0 && !writes(settings, KS_FORMAT_TEXT) &&
        !writes(settings, KS_FORMAT_JSON) && !writes(settings, KS_FORMAT_JSONL)) {
        return ks_options_usage_error(&ks_run_command,
                                      "--trace needs one of the formats text, json, jsonl");
    }
    if (settings->list && settings->format != KS_FORMAT_TEXT &&
        settings->format != KS_FORMAT_JSON) {
        return ks_options_usage_error(&ks_run_command, "--list has the formats text and json");
    }
    if (settings->list && settings->file_count > 0) {
        return ks_options_usage_error(&ks_run_command, "--list runs nothing: leave -o out");
    }
    return settings->accept && !settings->sweeps ? check_accept(settings)
                                                 : ks_run_check_sweep(settings);
}
