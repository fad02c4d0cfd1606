// SPDX-License-Identifier: MIT
// kldr probe: a scenario as images and scripts for a real Windows machine.
#include "cli/commands.h"
#include "cli/one_scenario.h"
#include "cli/stdout_sink.h"
#include "platform.h"
#include "probe/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_OUTPUT = KS_ONE_OWN, OPTION_QUIET };

static const struct ks_option options[] = {
    {OPTION_OUTPUT, "output", 'o', KS_ARGUMENT_REQUIRED, false, "FOLDER",
     "Where the files go. Made when it is not there."},
    {KS_ONE_PROFILE, "profile", '\0', KS_ARGUMENT_REQUIRED, false, "NAME",
     "The profile whose steps are meant, for scenarios with 'only'."},
    {OPTION_QUIET, "quiet", 'q', KS_ARGUMENT_NONE, false, NULL, "Do not list the files."},
};

static const struct ks_help_pair examples[] = {
    {"kldr probe -o out lesson.kldr.yaml", "Write the probe; out/README.txt says how to run it."},
    {"kldr compare lesson.kldr.yaml --recorded results.jsonl",
     "Compare what the machine did with the simulation."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "All files were written."},
    {"2", "A usage error, a file that cannot be used or written, or a scenario that cannot be "
          "taken to a real machine. Nothing is written then."},
    {"5", "A limit on resources was reached."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "probe",
    .synopsis = "-o FOLDER FILE[:NAME]",
    .summary = "writes a scenario out for a real Windows machine",
    .description =
        "Writes the scenario's declared images with code that a real x64 kernel can run: each "
        "routine prints its name and returns what the scenario says. Beside them: run.cmd, which "
        "makes the services, performs the steps and writes a recording; cleanup.cmd, which takes "
        "it all away; sign.ps1 for test signing; README.txt.\n\n"
        "What a service script or such code cannot do is refused with its place: real images, "
        "routines that do, raise, queue or keep anything, steps other than load, unload, create, "
        "replace, delete, check and shutdown, names that are not plain.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};

struct job {
    struct ks_one_scenario one;
    const char *folder;
    bool quiet;
};

// ---- writing ----

static int fail_io(const struct job *job, const char *path, enum ks_io io)
{
    return ks_one_scenario_fail(&job->one, KS_EXIT_USAGE, "%s: %s", path, ks_platform_io_text(io));
}

static int make_folder(const struct job *job, const char *name)
{
    char *path = ks_platform_join(job->folder, name);
    if (path == NULL) {
        return ks_one_scenario_fail(&job->one, KS_EXIT_LIMIT, "not enough memory");
    }
    bool link = name[0] != '\0' && ks_platform_is_link(path);
    enum ks_io io = link ? KS_IO_DENIED : ks_platform_make_directory(path);
    int code = io == KS_IO_OK ? KS_EXIT_OK : fail_io(job, path, io);
    free(path);
    return code;
}

static int write_file(const struct job *job, const struct ks_probe_file *file,
                      struct ks_text_buffer *out)
{
    char *path = ks_platform_join(job->folder, file->path);
    if (path == NULL) {
        return ks_one_scenario_fail(&job->one, KS_EXIT_LIMIT, "not enough memory");
    }
    enum ks_io io = ks_platform_is_link(path)
                        ? KS_IO_DENIED
                        : ks_platform_write_file(path, file->bytes, file->size);
    int code = io == KS_IO_OK ? KS_EXIT_OK : fail_io(job, path, io);
    if (code == KS_EXIT_OK && !job->quiet) {
        ks_text_buffer_visible(out, path);
        ks_text_buffer_text(out, "  ");
        ks_text_buffer_unsigned(out, file->size);
        ks_text_buffer_text(out, " bytes\n");
    }
    free(path);
    return code;
}

static int write_probe(const struct job *job, const struct ks_probe *probe)
{
    struct ks_text_buffer out;
    int code = make_folder(job, "");
    code = code == KS_EXIT_OK ? make_folder(job, "images") : code;
    ks_text_buffer_init(&out, &ks_stdout_sink);
    for (size_t i = 0; i < probe->count && code == KS_EXIT_OK; i++) {
        code = write_file(job, &probe->files[i], &out);
    }
    return ks_stdout_end(&out, command.name) ? code : KS_EXIT_USAGE;
}

static int make_probe(const struct job *job)
{
    const struct ks_run_settings *settings = &job->one.settings;
    const char *profile =
        settings->profile_count > 0 ? kldr_profile_name(settings->profiles[0]) : NULL;
    struct ks_probe *probe = NULL;
    struct kldr_error error;
    kldr_status status = ks_probe_make(job->one.scenario, profile, &probe, &error);
    if (status == KLDR_ERROR_UNSUPPORTED) {
        fprintf(stderr, "%s:%u:%u: %s\n", error.file, error.line, error.column, error.detail);
        return KS_EXIT_USAGE;
    }
    if (status != KLDR_STATUS_SUCCESS) {
        return ks_one_scenario_fail(&job->one, KS_EXIT_LIMIT, "not enough memory");
    }
    int code = write_probe(job, probe);
    ks_probe_destroy(probe);
    return code;
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
        case OPTION_OUTPUT:
            job->folder = value;
            break;
        case OPTION_QUIET:
            job->quiet = true;
            break;
        default:
            code = ks_one_scenario_option(&job->one, id, value);
            break;
        }
    }
    if (code == KS_SETTINGS_OK && job->one.operand == NULL) {
        code = ks_options_usage_error(&command, "a scenario file is wanted");
    }
    if (code == KS_SETTINGS_OK && (job->folder == NULL || job->folder[0] == '\0')) {
        code = ks_options_usage_error(&command, "-o FOLDER is wanted");
    }
    return code;
}

int ks_cmd_probe(int argc, char **argv)
{
    struct job job = {.folder = NULL};
    int code = KS_EXIT_LIMIT;
    if (ks_one_scenario_init(&job.one, &command, argc)) {
        code = parse(&job, argc, argv);
        if (code == KS_SETTINGS_OK) {
            code = ks_one_scenario_open(&job.one);
            code = code == KS_EXIT_OK ? make_probe(&job) : code;
        }
    }
    ks_one_scenario_fini(&job.one);
    return code;
}
