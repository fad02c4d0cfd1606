// SPDX-License-Identifier: MIT
#include "cli/run_settings.h"
#include "cli/commands.h"
#include "cli/run_options.h"
#include "cli/run_settings_check.h"
#include "cli/run_settings_sweep.h"
#include "cli/suggest.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ks_run_settings_error(const char *text)
{
    return ks_options_usage_error(&ks_run_command, "%s", text);
}

// ---- values ----

static int unknown_value(const char *option, const char *value, const char *best, const char *known)
{
    return ks_options_usage_error(&ks_run_command, "--%s %s: known are %s%s%s%s", option, value,
                                  known, best == NULL ? "" : "; did you mean ",
                                  best == NULL ? "" : best, best == NULL ? "" : "?");
}

static int set_profile(struct ks_run_settings *settings, const char *value)
{
    enum kldr_profile profile;
    if (!kldr_profile_find(value, &profile)) {
        struct ks_suggestion suggestion;
        ks_suggest_begin(&suggestion, value);
        for (unsigned i = 0; i < KLDR_PROFILE_COUNT; i++) {
            ks_suggest_consider(&suggestion, kldr_profile_name((enum kldr_profile)i));
        }
        return unknown_value("profile", value, suggestion.best,
                             "documented, nt52, nt62, 24h2, reactos");
    }
    for (size_t i = 0; i < settings->profile_count; i++) {
        if (settings->profiles[i] == profile) {
            return ks_options_usage_error(&ks_run_command, "--profile %s is given twice", value);
        }
    }
    settings->profiles[settings->profile_count++] = profile;
    return KS_SETTINGS_OK;
}

static int set_policy(struct ks_run_settings *settings, char *value)
{
    struct kldr_policy scratch;
    struct kldr_error error;
    char *equals = strchr(value, '=');
    if (equals == NULL || equals == value) {
        return ks_options_usage_error(&ks_run_command, "--policy %s: ID=VALUE is wanted", value);
    }
    *equals = '\0';
    kldr_error_clear(&error);
    kldr_policy_init(&scratch, KLDR_PROFILE_DOCUMENTED);
    if (kldr_policy_set(&scratch, value, equals + 1, &error) != KLDR_STATUS_SUCCESS) {
        return ks_options_usage_error(&ks_run_command, "--policy %s=%s: %s%s%s", value, equals + 1,
                                      error.detail, error.advice[0] == '\0' ? "" : "; ",
                                      error.advice);
    }
    struct ks_policy_override *override = &settings->policy[settings->policy_count++];
    memset(override, 0, sizeof(*override));
    override->knob = value;
    override->value = equals + 1;
    return KS_SETTINGS_OK;
}

static int set_variable(struct ks_run_settings *settings, char *value)
{
    char *equals = strchr(value, '=');
    if (equals == NULL || equals == value) {
        return ks_options_usage_error(&ks_run_command, "--define %s: NAME=VALUE is wanted", value);
    }
    *equals = '\0';
    struct ks_variable *variable = &settings->variables[settings->variable_count++];
    variable->name = value;
    variable->value = equals + 1;
    return KS_SETTINGS_OK;
}

static int find_format(const char *option, const char *value, enum ks_format *out_format)
{
    if (ks_format_find(value, out_format)) {
        return KS_SETTINGS_OK;
    }
    struct ks_suggestion suggestion;
    ks_suggest_begin(&suggestion, value);
    for (unsigned i = 0; i < KS_FORMAT_COUNT; i++) {
        ks_suggest_consider(&suggestion, ks_format_name((enum ks_format)i));
    }
    return unknown_value(option, value, suggestion.best, "text, json, jsonl, tap, junit, github");
}

static int set_output(struct ks_run_settings *settings, char *value)
{
    char *equals = strchr(value, '=');
    if (equals == NULL || equals == value || equals[1] == '\0') {
        return ks_options_usage_error(
            &ks_run_command, "-o %s: FORMAT=FILE is wanted, for instance junit=report.xml", value);
    }
    *equals = '\0';
    for (size_t i = 0; i < settings->file_count; i++) {
        if (strcmp(settings->files[i].path, equals + 1) == 0) {
            return ks_options_usage_error(&ks_run_command, "-o: two reports go to %s", equals + 1);
        }
    }
    struct ks_run_file *file = &settings->files[settings->file_count++];
    file->path = equals + 1;
    return find_format("output", value, &file->format);
}

int ks_run_settings_checks(struct ks_run_settings *settings, const struct ks_command *command,
                           const char *list)
{
    struct kldr_error error;
    settings->checks_list = list;
    return kldr_checks_parse(list, &settings->checks, &error) == KLDR_STATUS_SUCCESS
               ? KS_SETTINGS_OK
               : ks_options_usage_error(command, "--checks %s: %s; %s", list, error.detail,
                                        error.advice);
}

// ---- --trace ----

static const struct {
    const char *name;   // as given
    const char *prefix; // of the events' names
} trace_kinds[] = {
    {"ref", "ref."}, {"bind", "import."}, {"image", "image."}, {"call", "call."}, {"all", ""},
};

static uint64_t kinds_with_prefix(const char *prefix)
{
    uint64_t kinds = 0;
    for (unsigned i = 0; i < KLDR_EVENT_KIND_COUNT; i++) {
        if (strncmp(kldr_event_name((enum kldr_event_kind)i), prefix, strlen(prefix)) == 0) {
            kinds |= UINT64_C(1) << i;
        }
    }
    return kinds;
}

static int set_trace(struct ks_run_settings *settings, const char *value)
{
    settings->trace = value == NULL ? kinds_with_prefix("") : 0;
    while (value != NULL) {
        size_t length = strcspn(value, ","), i = 0;
        size_t count = sizeof(trace_kinds) / sizeof(trace_kinds[0]);
        while (i < count && (strlen(trace_kinds[i].name) != length ||
                             strncmp(trace_kinds[i].name, value, length) != 0)) {
            i++;
        }
        if (i == count) {
            return unknown_value("trace", value, NULL, "ref, bind, image, call, all");
        }
        settings->trace |= kinds_with_prefix(trace_kinds[i].prefix);
        value = value[length] == '\0' ? NULL : value + length + 1;
    }
    return KS_SETTINGS_OK;
}

// ---- one option ----

static int set_choice(const char *option, const char *value, const char *const *choices,
                      const char *known, int *out_choice)
{
    for (int i = 0; choices[i] != NULL; i++) {
        if (strcmp(choices[i], value) == 0) {
            *out_choice = i;
            return KS_SETTINGS_OK;
        }
    }
    return unknown_value(option, value, NULL, known);
}

static int set_number(const char *option, const char *value, uint64_t least, uint64_t most,
                      uint64_t *out_number)
{
    unsigned long long number;
    if (!ks_options_number(value, most, &number) || number < least) {
        return ks_options_usage_error(&ks_run_command,
                                      "--%s %s: a number from %llu to %llu is wanted", option,
                                      value, (unsigned long long)least, (unsigned long long)most);
    }
    *out_number = number;
    return KS_SETTINGS_OK;
}

static int set_with_number(struct ks_run_settings *settings, int id, const char *value)
{
    uint64_t number = 0;
    int code = KS_SETTINGS_OK;
    switch (id) {
    case KS_RUN_JOBS:
        code = set_number("jobs", value, 1, 1024, &number);
        settings->jobs = (unsigned)number;
        break;
    case KS_RUN_TIMEOUT:
        code = set_number("timeout", value, 1, 86400, &number);
        settings->timeout = (uint32_t)number;
        break;
    case KS_RUN_SEED:
        settings->has_seed = true;
        code = set_number("seed", value, 0, UINT64_MAX, &settings->seed);
        break;
    default:
        settings->shuffle = true;
        settings->has_shuffle_seed = value != NULL;
        if (value != NULL) {
            code = set_number("shuffle", value, 0, UINT64_MAX, &settings->shuffle_seed);
        }
        break;
    }
    return code;
}

static int set_flag(struct ks_run_settings *settings, int id)
{
    switch (id) {
    case KS_RUN_ACCEPT:
        settings->accept = true;
        break;
    case KS_RUN_FAIL_FAST:
        settings->fail_fast = true;
        break;
    case KS_RUN_LIST:
        settings->list = true;
        break;
    case KS_RUN_STRICT:
        settings->strict = true;
        break;
    case KS_RUN_SWEEP_ALL:
        settings->sweep_all = true;
        break;
    case KS_RUN_QUIET:
    case KS_RUN_VERBOSE:
        if (settings->verbosity != 1 && (settings->verbosity == 0) != (id == KS_RUN_QUIET)) {
            return ks_options_usage_error(&ks_run_command, "-v and -q contradict each other");
        }
        settings->verbosity = id == KS_RUN_VERBOSE ? 2 : 0;
        break;
    default:
        break;
    }
    return KS_SETTINGS_OK;
}

static int set_option(struct ks_run_settings *settings, int id, const char *value)
{
    static const char *const colors[] = {"auto", "always", "never", NULL};
    static const char *const cpus[] = {"native", "none", NULL};
    char *changeable = (char *)(uintptr_t)value; // argv's texts may be changed
    int choice = 0, code;
    switch (id) {
    case KS_OPTIONS_OPERAND:
        settings->operands[settings->operand_count++] = value;
        return KS_SETTINGS_OK;
    case KS_RUN_PROFILE:
        return set_profile(settings, value);
    case KS_RUN_POLICY:
        return set_policy(settings, changeable);
    case KS_RUN_DEFINE:
        return set_variable(settings, changeable);
    case KS_RUN_OUTPUT:
        return set_output(settings, changeable);
    case KS_RUN_FORMAT:
        return find_format("format", value, &settings->format);
    case KS_RUN_FAULT_SWEEP:
        return ks_run_set_sweep(settings, value);
    case KS_RUN_SWEEP_STATE:
        settings->sweep_state = value;
        return KS_SETTINGS_OK;
    case KS_RUN_TRACE:
        return set_trace(settings, value);
    case KS_RUN_CHECKS:
        return ks_run_settings_checks(settings, &ks_run_command, value);
    case KS_RUN_DIR:
        settings->directories[settings->directory_count++] = value;
        return KS_SETTINGS_OK;
    case KS_RUN_FILTER:
        settings->filters[settings->filter_count++] = value;
        return KS_SETTINGS_OK;
    case KS_RUN_COLOR:
        code = set_choice("color", value, colors, "auto, always, never", &choice);
        settings->color = (enum ks_color)choice;
        return code;
    case KS_RUN_CPU:
        code = set_choice("cpu", value, cpus, "native, none", &choice);
        settings->cpu = (enum ks_cpu)choice;
        return code;
    case KS_RUN_JOBS:
    case KS_RUN_TIMEOUT:
    case KS_RUN_SEED:
    case KS_RUN_SHUFFLE:
        return set_with_number(settings, id, value);
    default:
        return set_flag(settings, id);
    }
}

// ---- all of them ----

// Each list has room for every argument there is.
static bool make_room(struct ks_run_settings *settings, size_t count)
{
    settings->operands = calloc(count, sizeof(*settings->operands));
    settings->policy = calloc(count, sizeof(*settings->policy));
    settings->variables = calloc(count, sizeof(*settings->variables));
    settings->directories = calloc(count, sizeof(*settings->directories));
    settings->filters = calloc(count, sizeof(*settings->filters));
    settings->files = calloc(count, sizeof(*settings->files));
    return settings->operands != NULL && settings->policy != NULL && settings->variables != NULL &&
           settings->directories != NULL && settings->filters != NULL && settings->files != NULL;
}

int ks_run_settings_parse(int argc, char **argv, struct ks_run_settings *out_settings)
{
    struct ks_option_parser parser;
    const char *value;
    int code = KS_SETTINGS_OK;
    memset(out_settings, 0, sizeof(*out_settings));
    out_settings->verbosity = 1;
    if (!make_room(out_settings, (size_t)argc + 1)) {
        fputs("kldr run: not enough memory\n", stderr);
        return KS_EXIT_LIMIT;
    }
    ks_options_begin(&parser, &ks_run_command, argc, argv);
    while (code == KS_SETTINGS_OK) {
        int id = ks_options_next(&parser, &value);
        if (id == KS_OPTIONS_HELP) {
            return ks_options_print_help(&ks_run_command);
        }
        if (id == KS_OPTIONS_ERROR) {
            return ks_options_usage_error(&ks_run_command, "%s", parser.error);
        }
        if (id == KS_OPTIONS_END) {
            return ks_run_settings_check(out_settings);
        }
        code = set_option(out_settings, id, value);
    }
    return code;
}

void ks_run_settings_fini(struct ks_run_settings *settings)
{
    free(settings->operands);
    free(settings->policy);
    free(settings->variables);
    free(settings->directories);
    free(settings->filters);
    free(settings->files);
    memset(settings, 0, sizeof(*settings));
}
