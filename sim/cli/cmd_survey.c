// SPDX-License-Identifier: MIT
// kldr survey: every image of a folder is linked and tried.
#include "cli/commands.h"
#include "cli/image_file.h"
#include "cli/image_operands.h"
#include "cli/one_scenario.h"
#include "cli/parallel.h"
#include "cli/stdout_sink.h"
#include "cli/survey.h"
#include "engine/guest.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_FORMAT = KS_ONE_OWN, OPTION_CPU, OPTION_TIMEOUT, OPTION_JOBS };

#define SECONDS_DEFAULT 10

static const struct ks_option options[] = {
    {KS_ONE_PROFILE, "profile", '\0', KS_ARGUMENT_REQUIRED, false, "NAME",
     "Try the images under this profile: documented (default), nt52, nt62, 24h2, reactos."},
    {KS_ONE_POLICY, "policy", '\0', KS_ARGUMENT_REQUIRED, true, "ID=VALUE",
     "Set one knob of the loader, after the profile. Unless told otherwise missing_imports is trap "
     "where code is run, so that an image gets as far as it can. May be repeated."},
    {KS_ONE_DIR, "dir", '\0', KS_ARGUMENT_REQUIRED, true, "FOLDER",
     "A folder that stands for the drivers folder: imported images are looked for in it. Default: "
     "the images' own folders. May be repeated."},
    {OPTION_CPU, "cpu", '\0', KS_ARGUMENT_REQUIRED, false, "ENGINE",
     "native (default): the code of x64 images is run on x86-64 Linux, others are linked only. "
     "none: all are linked only."},
    {KS_ONE_CHECKS, "checks", '\0', KS_ARGUMENT_REQUIRED, false, "LIST",
     "Which checks of drivers are made: names separated by commas, -NAME to leave one out, all, "
     "none. 'kldr explain checks' lists them."},
    {OPTION_JOBS, "jobs", 'j', KS_ARGUMENT_REQUIRED, false, "N",
     "Try N images at a time. The output does not depend on it. Default: one for each processor."},
    {OPTION_TIMEOUT, "timeout", '\0', KS_ARGUMENT_REQUIRED, false, "SECONDS",
     "The most a run of an image may take (default 10)."},
    {OPTION_FORMAT, "format", '\0', KS_ARGUMENT_REQUIRED, false, "FORMAT",
     "text (default), json, or jsonl: a line for each image."},
};

static const struct ks_help_pair examples[] = {
    {"kldr survey drivers", "Every *.sys file below a folder."},
    {"kldr survey --cpu none --dir /mnt/Windows/System32/drivers drivers",
     "Only: do they link, beside a copy of Windows' own modules?"},
    {"kldr survey --format jsonl drivers", "The same for a program."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "All images link."},
    {"1", "An image does not link: something is missing, or a file is no valid image."},
    {"2", "A file cannot be read, there is no image, or the command line is wrong."},
    {"5", "A limit was reached: 65,536 images, or memory."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "survey",
    .synopsis = "[options] FOLDER|IMAGE...",
    .summary = "tries every image of a folder",
    .description =
        "For each image, one line: does it link, what did DllInitialize return to its first "
        "importer, what DriverEntry, was it unloaded, where and why did it stop. Then the names "
        "that are missing and the kernel functions that kldr does not simulate, by the number of "
        "images that want them. A folder stands for every *.sys file below it.\n\n"
        "Each image is tried alone, in a process of its own with limits. An image that exports "
        "DllInitialize is also imported by a driver made for it.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};

struct survey_run {
    struct ks_one_scenario one; // the common options
    struct ks_image_operands operands;
    struct ks_run_settings settings; // of the runs: one's, with missing_imports
    struct kldr_policy policy;       // of the links
    const char **folders;            // that the user named, or of images that he did, each once
    char **folder_texts;
    size_t folder_count;
    struct ks_survey survey;
};

static int fail(const struct survey_run *run, const char *text)
{
    return ks_one_scenario_fail(&run->one, KS_EXIT_LIMIT, "%s", text);
}

// ---- preparing ----

static bool add_folder(struct survey_run *run, const char *path)
{
    size_t length = ks_platform_folder_length(path);
    for (size_t i = 0; i < run->folder_count; i++) {
        if (strlen(run->folders[i]) == length && strncmp(run->folders[i], path, length) == 0) {
            return true;
        }
    }
    char *folder = ks_platform_join("", length == 0 ? "./" : path);
    if (folder == NULL) {
        return false;
    }
    folder[length == 0 ? 2 : length] = '\0';
    run->folder_texts[run->folder_count] = folder;
    run->folders[run->folder_count++] = folder;
    return true;
}

static bool add_folders(struct survey_run *run)
{
    run->folders = calloc(run->operands.named_count, sizeof(*run->folders));
    run->folder_texts = calloc(run->operands.named_count, sizeof(*run->folder_texts));
    bool added = run->folders != NULL && run->folder_texts != NULL;
    for (size_t i = 0; i < run->operands.named_count && added; i++) {
        added = add_folder(run, run->operands.named[i]);
    }
    return added;
}

// missing_imports=trap first, so that what the user says wins.
static bool make_settings(struct survey_run *run)
{
    const struct ks_run_settings *given = &run->one.settings;
    struct ks_policy_override *policy = calloc(given->policy_count + 1, sizeof(*policy));
    run->settings = *given;
    run->settings.policy = policy;
    if (policy == NULL) {
        return false;
    }
    policy[0] = (struct ks_policy_override){.knob = "missing_imports", .value = "trap"};
    if (given->policy_count > 0) {
        memcpy(policy + 1, given->policy, given->policy_count * sizeof(*policy));
    }
    run->settings.policy_count = given->policy_count + 1;
    run->settings.timeout = given->timeout != 0 ? given->timeout : SECONDS_DEFAULT;
    return true;
}

static bool add_items(struct survey_run *run)
{
    struct ks_survey *survey = &run->survey;
    survey->items = calloc(run->operands.count, sizeof(*survey->items));
    for (const struct ks_deps_image *image = survey->deps->images;
         survey->items != NULL && image != NULL; image = image->next) {
        if (!image->asked) {
            continue;
        }
        struct ks_survey_item *item = &survey->items[survey->count++];
        item->image = image;
        item->runs_here =
            KS_NATIVE && image->machine == KLDR_MACHINE_X64 && run->settings.cpu == KS_CPU_NATIVE;
        if (image->image != NULL) {
            struct ks_image_routine routine;
            ks_image_routine_find(image->image, "DllInitialize", &routine);
            item->exports_dllinitialize = routine.form == KS_ROUTINE_PRESENT;
        }
    }
    return survey->items != NULL;
}

// ---- trying ----

static int link_items(struct survey_run *run)
{
    struct ks_survey *survey = &run->survey;
    struct kldr_error error;
    int code = KS_EXIT_OK;
    for (size_t i = 0; i < survey->count; i++) {
        struct ks_survey_item *item = &survey->items[i];
        if (item->image->state == KS_DEPS_UNREADABLE) {
            item->link = KLDR_ERROR_HOST_FILE;
            code = KS_EXIT_USAGE;
            continue;
        }
        item->link = ks_deps_link(survey->deps, item->image, &run->policy, &error);
        code = ks_exit_code_worse(code, KLDR_NT_SUCCESS(item->link) ? KS_EXIT_OK : KS_EXIT_FAILED);
    }
    return code;
}

static void run_item(void *user, size_t index)
{
    struct survey_run *run = user;
    struct ks_survey_item *item = &run->survey.items[index];
    if (item->image->state == KS_DEPS_READ && item->runs_here) {
        ks_survey_run(&run->settings, run->folders, run->folder_count, item);
    }
}

static int write(const struct survey_run *run)
{
    struct ks_text_buffer out;
    ks_text_buffer_init(&out, &ks_stdout_sink);
    switch (run->settings.format) {
    case KS_FORMAT_JSON:
        ks_survey_write_json(&out, &run->survey);
        break;
    case KS_FORMAT_JSONL:
        ks_survey_write_jsonl(&out, &run->survey);
        break;
    default:
        ks_survey_write_text(&out, &run->survey);
        break;
    }
    return ks_stdout_end(&out, command.name) ? KS_EXIT_OK : KS_EXIT_USAGE;
}

static int try_items(struct survey_run *run)
{
    const struct ks_run_settings *settings = &run->settings;
    if (!add_folders(run) || !add_items(run) || !ks_survey_rank(&run->survey)) {
        return fail(run, "not enough memory");
    }
    int code = link_items(run);
    ks_parallel(settings->jobs != 0 ? settings->jobs : ks_platform_cpu_count(), run->survey.count,
                run_item, run);
    return ks_exit_code_worse(code, write(run));
}

static int survey(struct survey_run *run)
{
    const struct ks_run_settings *settings = &run->one.settings;
    struct ks_host_folders folders;
    struct ks_deps_request request = {.operands = run->operands.items,
                                      .operand_count = run->operands.count,
                                      .folders = &folders,
                                      .policy = &run->policy};
    enum kldr_profile profile =
        settings->profile_count > 0 ? settings->profiles[0] : KLDR_PROFILE_DOCUMENTED;
    if (!make_settings(run)) {
        return fail(run, "not enough memory");
    }
    run->survey.profile = kldr_profile_name(profile);
    ks_one_scenario_policy(&run->one, profile, &run->policy);
    ks_host_folders_init(&folders, settings->directories, settings->directory_count,
                         run->operands.named, run->operands.named_count);
    kldr_status status = ks_deps_create(&request, &run->survey.deps);
    int code = status == KLDR_STATUS_SUCCESS ? try_items(run)
               : status == KLDR_ERROR_LIMIT
                   ? fail(run, "more than 65,536 images or 4,194,304 functions")
                   : fail(run, "not enough memory");
    ks_host_folders_fini(&folders);
    return code;
}

// ---- the command line ----

static int set_number(const char *option, const char *value, unsigned long long most,
                      unsigned long long *out_number)
{
    if (!ks_options_number(value, most, out_number) || *out_number == 0) {
        return ks_options_usage_error(&command, "--%s %s: a number from 1 to %llu is wanted",
                                      option, value, most);
    }
    return KS_SETTINGS_OK;
}

static int set_own(struct ks_run_settings *settings, int id, const char *value)
{
    unsigned long long number = 0;
    int code = KS_SETTINGS_OK;
    switch (id) {
    case OPTION_CPU:
        settings->cpu = strcmp(value, "none") == 0 ? KS_CPU_NONE : KS_CPU_NATIVE;
        return settings->cpu == KS_CPU_NONE || strcmp(value, "native") == 0
                   ? KS_SETTINGS_OK
                   : ks_options_usage_error(&command, "--cpu %s: known are native, none", value);
    case OPTION_JOBS:
        code = set_number("jobs", value, 1024, &number);
        settings->jobs = (unsigned)number;
        return code;
    case OPTION_TIMEOUT:
        code = set_number("timeout", value, 86400, &number);
        settings->timeout = (uint32_t)number;
        return code;
    default:
        if (ks_format_find(value, &settings->format) &&
            (settings->format == KS_FORMAT_TEXT || settings->format == KS_FORMAT_JSON ||
             settings->format == KS_FORMAT_JSONL)) {
            return KS_SETTINGS_OK;
        }
        return ks_options_usage_error(&command, "--format %s: known are text, json, jsonl", value);
    }
}

static int parse(struct survey_run *run, int argc, char **argv)
{
    struct ks_option_parser parser;
    const char *value;
    int code = KS_SETTINGS_OK;
    ks_options_begin(&parser, &command, argc, argv);
    for (int id;
         code == KS_SETTINGS_OK && (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
        if (id == KS_OPTIONS_HELP) {
            return ks_options_print_help(&command);
        }
        if (id == KS_OPTIONS_ERROR) {
            return ks_options_usage_error(&command, "%s", parser.error);
        }
        if (id == KS_OPTIONS_OPERAND) {
            code = ks_image_operands_add(&run->operands, value);
        } else {
            code = id < KS_ONE_OWN ? ks_one_scenario_option(&run->one, id, value)
                                   : set_own(&run->one.settings, id, value);
        }
    }
    return code == KS_SETTINGS_OK
               ? ks_image_operands_check(&run->operands, "a folder or an image is wanted")
               : code;
}

static void fini(struct survey_run *run)
{
    for (size_t i = 0; i < run->folder_count; i++) {
        free(run->folder_texts[i]);
    }
    free(run->folder_texts);
    free((void *)run->folders);
    free(run->settings.policy);
    free(run->survey.items);
    free(run->survey.missing);
    free(run->survey.lacking);
    ks_deps_destroy(run->survey.deps);
    ks_image_operands_fini(&run->operands);
    ks_one_scenario_fini(&run->one);
}

int ks_cmd_survey(int argc, char **argv)
{
    struct survey_run run = {.folder_count = 0};
    int code = KS_EXIT_LIMIT;
    ks_image_operands_init(&run.operands, &command);
    if (ks_one_scenario_init(&run.one, &command, argc)) {
        code = parse(&run, argc, argv);
        code = code == KS_SETTINGS_OK ? survey(&run) : code;
    } else {
        fputs("kldr survey: not enough memory\n", stderr);
    }
    fini(&run);
    return code;
}
