// SPDX-License-Identifier: MIT
// kldr compare: one scenario under several profiles, and beside a recording.
#include "cli/commands.h"
#include "cli/one_scenario.h"
#include "cli/stdout_sink.h"
#include "compare/compare.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MOST ((size_t)16 << 20)

enum { OPTION_RECORDED = KS_ONE_OWN, OPTION_PRINTS };

static const struct ks_option options[] = {
    {KS_ONE_PROFILES, "profiles", '\0', KS_ARGUMENT_REQUIRED, true, "A,B,...",
     "The profiles; the others are compared with the first one. Default: the scenario's own, or "
     "all "
     "when it names one."},
    {OPTION_RECORDED, "recorded", '\0', KS_ARGUMENT_REQUIRED, false, "FILE",
     "Compare with what a real system did, recorded as docs/probe.md describes. Without "
     "--profiles, with the scenario's own profiles."},
    {OPTION_PRINTS, "prints", '\0', KS_ARGUMENT_REQUIRED, false, "FILE",
     "With --recorded: a log of debug prints of that run, in which the lines of a probe's drivers "
     "are looked for."},
    KS_ONE_ENTRY_POLICY,
    KS_ONE_ENTRY_CPU,
    KS_ONE_ENTRY_DEFINE,
    KS_ONE_ENTRY_DIR,
    KS_ONE_ENTRY_FORMAT,
};

static const struct ks_help_pair examples[] = {
    {"kldr compare lesson.kldr.yaml --profiles documented,nt52,24h2",
     "What differs between the contract, a kernel of 2003 and the newest one?"},
    {"kldr compare \"lesson.kldr.yaml:Last importer out\" --profiles nt52,nt62 --format json",
     "One scenario of several, as JSON."},
    {"kldr compare probe.kldr.yaml --recorded results.jsonl --prints debugview.log",
     "Does the simulation agree with a real machine?"},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "The comparison is shown, with or without differences between profiles."},
    {"1", "No profile agrees with the recording."},
    {"2", "A usage error, a file that cannot be used, or a scenario that cannot be run."},
    {"3", "kldr contradicted itself: please report it."},
    {"5", "A limit on time or resources was reached."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "compare",
    .synopsis = "[options] FILE[:NAME]",
    .summary = "shows one scenario under several profiles, side by side",
    .description =
        "Runs the scenario once under each profile, without judging its expectations, and shows "
        "step by step what each showed: status, calls, modules and counts, and where they differ "
        "also stop codes, unloaded images, log records, arguments, opened files and findings. "
        "Differences are marked with '*'.\n\n"
        "Each difference is followed by the knob that makes it, with its facts and their grade. "
        "It is found by trying: knobs of the first profile are set to the other one's values, one "
        "at a time, then two, until the difference is gone. For a recording, whose knobs nobody "
        "knows, every value of every knob is tried.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};

struct job {
    struct ks_one_scenario one;
    const char *recorded_path, *prints_path;
    struct ks_recording *recorded;
};

// ---- the recording ----

static int read_file(const struct job *job, const char *path, char **out_text, size_t *out_size)
{
    uint8_t *bytes;
    enum ks_io io = ks_platform_read_file(path, FILE_SIZE_MOST, &bytes, out_size);
    if (io != KS_IO_OK) {
        return ks_one_scenario_fail(&job->one, KS_EXIT_USAGE, "%s: %s", path,
                                    ks_platform_io_text(io));
    }
    *out_text = (char *)bytes;
    return KS_EXIT_OK;
}

static int read_recording(struct job *job)
{
    struct kldr_error error;
    char *text = NULL;
    size_t size = 0;
    int code = read_file(job, job->recorded_path, &text, &size);
    if (code != KS_EXIT_OK) {
        return code;
    }
    kldr_status status = ks_recording_read(job->recorded_path, text, size, &job->recorded, &error);
    free(text);
    if (status == KLDR_ERROR_SCENARIO) {
        fprintf(stderr, "%s:%u: %s\n", job->recorded_path, error.line, error.detail);
        return KS_EXIT_USAGE;
    }
    return status == KLDR_STATUS_SUCCESS
               ? KS_EXIT_OK
               : ks_one_scenario_fail(&job->one, KS_EXIT_LIMIT, "not enough memory");
}

static int read_prints(struct job *job)
{
    char *text = NULL;
    size_t size = 0;
    int code = read_file(job, job->prints_path, &text, &size);
    if (code == KS_EXIT_OK && !ks_recording_add_prints(job->recorded, text, size)) {
        code = ks_one_scenario_fail(&job->one, KS_EXIT_LIMIT, "not enough memory");
    }
    free(text);
    return code;
}

static int read_recorded(struct job *job)
{
    int code = job->recorded_path != NULL ? read_recording(job) : KS_EXIT_OK;
    return code == KS_EXIT_OK && job->prints_path != NULL ? read_prints(job) : code;
}

// ---- comparing ----

// The profiles to run: those asked for, else the scenario's own, else (nothing to compare) all.
static size_t choose_profiles(const struct job *job, enum kldr_profile profiles[KLDR_PROFILE_COUNT])
{
    const struct ks_run_settings *settings = &job->one.settings;
    const struct ks_scenario *scenario = job->one.scenario;
    bool own = settings->profile_count == 0;
    const enum kldr_profile *from = own ? scenario->profiles : settings->profiles;
    size_t count = own ? scenario->profile_count : settings->profile_count;
    if (own && count == 1 && job->recorded == NULL) {
        for (int i = 0; i < KLDR_PROFILE_COUNT; i++) {
            profiles[i] = (enum kldr_profile)i;
        }
        return KLDR_PROFILE_COUNT;
    }
    memcpy(profiles, from, count * sizeof(*from));
    return count;
}

static int judge(const struct job *job, const struct ks_compare *compare)
{
    int code = KS_EXIT_OK;
    for (size_t i = 0; i < compare->column_count; i++) {
        enum ks_outcome outcome = compare->columns[i].outcome;
        if (outcome != KS_PASSED && outcome != KS_SKIPPED && outcome != KS_STOPPED) {
            code = ks_exit_code_worse(code, ks_outcome_exit_code(outcome));
        }
    }
    bool disagrees = job->recorded != NULL && !compare->agrees;
    return ks_exit_code_worse(code, disagrees ? KS_EXIT_FAILED : KS_EXIT_OK);
}

static int compare_all(struct job *job)
{
    enum kldr_profile profiles[KLDR_PROFILE_COUNT];
    size_t count = choose_profiles(job, profiles);
    struct ks_run_options run = ks_one_scenario_options(&job->one, profiles[0]);
    struct ks_compare *compare = NULL;
    struct ks_text_buffer out;
    if (ks_compare_profiles(job->one.scenario, &run, profiles, count, job->recorded, &compare) !=
        KLDR_STATUS_SUCCESS) {
        return ks_one_scenario_fail(&job->one, KS_EXIT_LIMIT, "not enough memory");
    }
    ks_text_buffer_init(&out, &ks_stdout_sink);
    if (job->one.json) {
        ks_compare_write_json(&out, compare);
    } else {
        ks_compare_write_text(&out, compare);
    }
    int code = judge(job, compare);
    ks_compare_destroy(compare);
    return ks_stdout_end(&out, command.name) ? code : KS_EXIT_USAGE;
}

// ---- the command line ----

static int parse(struct job *job, int argc, char **argv)
{
    struct ks_option_parser parser;
    const char *value;
    int code = KS_SETTINGS_OK;
    ks_options_begin(&parser, &command, argc, argv);
    for (int id;
         code == KS_SETTINGS_OK && (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
        switch (id) {
        case KS_OPTIONS_HELP:
            return ks_options_print_help(&command);
        case KS_OPTIONS_ERROR:
            return ks_options_usage_error(&command, "%s", parser.error);
        case KS_OPTIONS_OPERAND:
            code = ks_one_scenario_operand(&job->one, value);
            break;
        case OPTION_RECORDED:
            job->recorded_path = value;
            break;
        case OPTION_PRINTS:
            job->prints_path = value;
            break;
        default:
            code = ks_one_scenario_option(&job->one, id, value);
            break;
        }
    }
    if (code == KS_SETTINGS_OK && job->one.operand == NULL) {
        code = ks_options_usage_error(&command, "a scenario file is wanted");
    }
    if (code == KS_SETTINGS_OK && job->prints_path != NULL && job->recorded_path == NULL) {
        code = ks_options_usage_error(&command, "--prints needs --recorded");
    }
    return code;
}

int ks_cmd_compare(int argc, char **argv)
{
    struct job job = {.recorded = NULL};
    int code = KS_EXIT_LIMIT;
    if (ks_one_scenario_init(&job.one, &command, argc)) {
        code = parse(&job, argc, argv);
        if (code == KS_SETTINGS_OK) {
            code = ks_one_scenario_open(&job.one);
            code = code == KS_EXIT_OK ? ks_one_scenario_prepare(&job.one) : code;
            code = code == KS_EXIT_OK ? read_recorded(&job) : code;
            code = code == KS_EXIT_OK ? compare_all(&job) : code;
        }
    }
    ks_recording_destroy(job.recorded);
    ks_one_scenario_fini(&job.one);
    return code;
}
