// SPDX-License-Identifier: MIT
#include "cli/one_scenario.h"
#include "cli/commands.h"
#include "cli/suggest.h"
#include "platform.h"
#include "scenario/walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ks_one_scenario_fail(const struct ks_one_scenario *one, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "kldr %s: ", one->command->name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return code;
}

bool ks_one_scenario_init(struct ks_one_scenario *one, const struct ks_command *command, int argc)
{
    size_t room = (size_t)argc + 1;
    memset(one, 0, sizeof(*one));
    one->command = command;
    one->settings.policy = calloc(room, sizeof(*one->settings.policy));
    one->settings.variables = calloc(room, sizeof(*one->settings.variables));
    one->settings.directories = calloc(room, sizeof(*one->settings.directories));
    return one->settings.policy != NULL && one->settings.variables != NULL &&
           one->settings.directories != NULL;
}

void ks_one_scenario_fini(struct ks_one_scenario *one)
{
    ks_run_context_fini(&one->context);
    ks_run_selection_fini(&one->selection);
    free(one->settings.policy);
    free(one->settings.variables);
    free((void *)one->settings.directories);
}

// ---- options ----

static int add_profile(struct ks_one_scenario *one, const char *name)
{
    enum kldr_profile profile;
    struct ks_run_settings *settings = &one->settings;
    if (!kldr_profile_find(name, &profile)) {
        return ks_options_usage_error(
            one->command,
            "there is no profile \"%s\": known are documented, nt52, nt62, 24h2, "
            "reactos",
            name);
    }
    for (size_t i = 0; i < settings->profile_count; i++) {
        if (settings->profiles[i] == profile) {
            return ks_options_usage_error(one->command, "the profile %s is given twice", name);
        }
    }
    settings->profiles[settings->profile_count++] = profile;
    return KS_SETTINGS_OK;
}

// "a,b,c"; the text is changed.
static int add_profiles(struct ks_one_scenario *one, char *names)
{
    int code = KS_SETTINGS_OK;
    while (names != NULL && code == KS_SETTINGS_OK) {
        char *comma = strchr(names, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        code = add_profile(one, names);
        names = comma != NULL ? comma + 1 : NULL;
    }
    return code;
}

static int add_policy(struct ks_one_scenario *one, char *value)
{
    struct kldr_policy scratch;
    struct kldr_error error;
    char *equals = strchr(value, '=');
    if (equals == NULL || equals == value) {
        return ks_options_usage_error(one->command, "--policy %s: ID=VALUE is wanted", value);
    }
    *equals = '\0';
    kldr_error_clear(&error);
    kldr_policy_init(&scratch, KLDR_PROFILE_DOCUMENTED);
    if (kldr_policy_set(&scratch, value, equals + 1, &error) != KLDR_STATUS_SUCCESS) {
        return ks_options_usage_error(one->command, "--policy %s=%s: %s%s%s", value, equals + 1,
                                      error.detail, error.advice[0] == '\0' ? "" : "; ",
                                      error.advice);
    }
    one->settings.policy[one->settings.policy_count++] =
        (struct ks_policy_override){.knob = value, .value = equals + 1};
    return KS_SETTINGS_OK;
}

static int add_variable(struct ks_one_scenario *one, char *value)
{
    char *equals = strchr(value, '=');
    if (equals == NULL || equals == value) {
        return ks_options_usage_error(one->command, "--define %s: NAME=VALUE is wanted", value);
    }
    *equals = '\0';
    one->settings.variables[one->settings.variable_count++] =
        (struct ks_variable){value, equals + 1};
    return KS_SETTINGS_OK;
}

static int set_format(struct ks_one_scenario *one, const char *value)
{
    one->json = strcmp(value, "json") == 0;
    if (!one->json && strcmp(value, "text") != 0) {
        return ks_options_usage_error(one->command, "--format %s: known are text, json", value);
    }
    return KS_SETTINGS_OK;
}

static int set_cpu(struct ks_one_scenario *one, const char *value)
{
    bool none = strcmp(value, "none") == 0;
    if (!none && !(one->runs_code && strcmp(value, "native") == 0)) {
        return ks_options_usage_error(one->command, "--cpu %s: %s", value,
                                      one->runs_code ? "known are native, none"
                                                     : "only none is known here");
    }
    one->settings.cpu = none ? KS_CPU_NONE : KS_CPU_NATIVE;
    return KS_SETTINGS_OK;
}

int ks_one_scenario_operand(struct ks_one_scenario *one, const char *value)
{
    if (one->operand != NULL) {
        return ks_options_usage_error(one->command, "one scenario file is wanted, not also %s",
                                      value);
    }
    one->operand = value;
    return KS_SETTINGS_OK;
}

int ks_one_scenario_option(struct ks_one_scenario *one, int id, const char *value)
{
    char *text = (char *)(uintptr_t)value; // a command line may be written to
    switch (id) {
    case KS_ONE_PROFILE:
        return add_profile(one, value);
    case KS_ONE_PROFILES:
        return add_profiles(one, text);
    case KS_ONE_POLICY:
        return add_policy(one, text);
    case KS_ONE_DEFINE:
        return add_variable(one, text);
    case KS_ONE_DIR:
        one->settings.directories[one->settings.directory_count++] = value;
        return KS_SETTINGS_OK;
    case KS_ONE_CPU:
        return set_cpu(one, value);
    case KS_ONE_CHECKS:
        return ks_run_settings_checks(&one->settings, one->command, value);
    case KS_ONE_FORMAT:
        return set_format(one, value);
    default:
        return ks_one_scenario_fail(one, KS_EXIT_INTERNAL, "an option is not known");
    }
}

// ---- the scenario ----

static int tell_bad_file(const struct ks_one_scenario *one)
{
    const struct ks_run_source *source = &one->selection.sources[0];
    const struct ks_diagnostics *diagnostics = &source->parsed.diagnostics;
    if (source->message != NULL) {
        ks_one_scenario_fail(one, KS_EXIT_USAGE, "%s: %s", source->path, source->message);
    }
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct ks_diagnostic *item = &diagnostics->items[i];
        bool advised = item->advice != NULL && item->advice[0] != '\0';
        fprintf(stderr, "%s:%u:%u: %s%s%s\n", source->path, (unsigned)item->place.line,
                (unsigned)item->place.column, item->message, advised ? "; " : "",
                advised ? item->advice : "");
    }
    return KS_EXIT_USAGE;
}

static int find_scenario(struct ks_one_scenario *one)
{
    const struct ks_run_selection *selection = &one->selection;
    if (selection->item_count == 0) {
        return ks_one_scenario_fail(one, KS_EXIT_USAGE, "%s: there is no scenario", one->operand);
    }
    if (selection->items[0].scenario == NULL) {
        return tell_bad_file(one);
    }
    if (selection->item_count > 1) {
        return ks_one_scenario_fail(one, KS_EXIT_USAGE,
                                    "%s holds %u scenarios: name one, for instance \"%s:%s\"",
                                    one->operand, (unsigned)selection->item_count, one->operand,
                                    selection->items[0].scenario->name);
    }
    one->scenario = selection->items[0].scenario;
    return KS_EXIT_OK;
}

int ks_one_scenario_open(struct ks_one_scenario *one)
{
    // One item for each scenario, whatever its profiles.
    struct ks_run_settings settings = {.operands = &one->operand, .operand_count = 1};
    settings.profiles[settings.profile_count++] = KLDR_PROFILE_DOCUMENTED;
    if (ks_platform_path_kind(one->operand) == KS_PATH_DIRECTORY) {
        return ks_one_scenario_fail(one, KS_EXIT_USAGE,
                                    "%s is a folder; one scenario file is wanted", one->operand);
    }
    if (!ks_run_select(&settings, &one->selection)) {
        return ks_one_scenario_fail(one, KS_EXIT_LIMIT, "not enough memory");
    }
    return find_scenario(one);
}

bool ks_one_scenario_runs_code(const struct ks_one_scenario *one)
{
    return one->runs_code && one->settings.cpu == KS_CPU_NATIVE &&
           ks_scenario_uses_real_images(one->scenario);
}

int ks_one_scenario_prepare(struct ks_one_scenario *one)
{
    const struct ks_scenario *scenario = one->scenario;
    if (one->settings.cpu == KS_CPU_NATIVE && !one->runs_code &&
        ks_scenario_uses_real_images(scenario)) {
        return ks_one_scenario_fail(one, KS_EXIT_USAGE,
                                    "\"%s\" uses real images; --cpu none binds them without "
                                    "running their code",
                                    scenario->name);
    }
    return ks_run_context_init(&one->context, &one->settings, &one->selection);
}

void ks_one_scenario_policy(const struct ks_one_scenario *one, enum kldr_profile profile,
                            struct kldr_policy *out_policy)
{
    struct kldr_error error;
    kldr_policy_init(out_policy, profile);
    for (size_t i = 0; i < one->settings.policy_count; i++) {
        // Each was tried when it was read.
        kldr_policy_set(out_policy, one->settings.policy[i].knob, one->settings.policy[i].value,
                        &error);
    }
}

struct ks_run_options ks_one_scenario_options(const struct ks_one_scenario *one,
                                              enum kldr_profile profile)
{
    const struct ks_run_settings *settings = &one->settings;
    return (struct ks_run_options){
        .profile = profile,
        .policy = settings->policy,
        .policy_count = settings->policy_count,
        .kernels = one->context.kernels,
        .kernel_count = one->context.kernel_count,
        .variables = settings->variables,
        .variable_count = settings->variable_count,
        .directories = settings->directories,
        .directory_count = settings->directory_count,
        .cpu = ks_one_scenario_runs_code(one) ? KLDR_CPU_NATIVE : KLDR_CPU_NONE,
        .record = true,
    };
}
