// SPDX-License-Identifier: MIT
// kldr build: a scenario's declared images as .sys files. All are made before the first is written.
#include "cli/build_plan.h"
#include "cli/commands.h"
#include "cli/image_file.h"
#include "cli/run_select.h"
#include "cli/stdout_sink.h"
#include "platform.h"
#include "scenario/run/declared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_OUTPUT = 1, OPTION_QUIET };

static const struct ks_option options[] = {
    {OPTION_OUTPUT, "output", 'o', KS_ARGUMENT_REQUIRED, false, "FOLDER",
     "Where the files go. Made when it does not exist. Needed."},
    {OPTION_QUIET, "quiet", 'q', KS_ARGUMENT_NONE, false, NULL, "Do not list the files."},
};

static const struct ks_help_pair examples[] = {
    {"kldr build -o out lesson.kldr.yaml", "Write the images of a file with one scenario."},
    {"kldr build -o out \"lesson.kldr.yaml:Last importer out\"",
     "Those of one scenario of several."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "All files were written."},
    {"2", "The scenario file is not valid, an image cannot be built, a file cannot be written, or "
          "the command line is wrong. Nothing is written when an image cannot be built."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "build",
    .synopsis = "-o FOLDER FILE[:NAME]",
    .summary = "writes a scenario's declared images as .sys files",
    .description =
        "Writes the images that the scenario declares under 'images', as the bytes that a run "
        "loads. Real images and those that steps create or replace are left out.\n\n"
        "Each image becomes FOLDER/<base name>. Where two share a base name, the one in the "
        "drivers folder keeps that place and the other goes to subfolders made from its path: "
        "\\??\\C:\\x\\port.sys becomes FOLDER/C/x/port.sys. When a file holds several scenarios "
        "and none is named, each gets a subfolder of its name. Existing files are replaced, but "
        "never through a link.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};

// One file to be written.
struct output {
    char *path; // below the folder
    const struct ks_image *image;
    struct kldr_built_image built;
};

struct job {
    const char *folder;
    bool quiet;
    struct output *outputs;
    size_t count;
};

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "kldr build: %s: %s\n", what, why);
    return KS_EXIT_USAGE;
}

static int out_of_memory(void)
{
    fputs("kldr build: not enough memory\n", stderr);
    return KS_EXIT_LIMIT;
}

// ---- making ----

static int add_image(struct job *job, const struct ks_scenario *scenario,
                     const struct ks_image *image, const char *subfolder)
{
    struct output *output = &job->outputs[job->count];
    struct kldr_error error = {0};
    char *path = ks_build_plan_path(scenario, image);
    output->path = path == NULL ? NULL : ks_platform_join(subfolder, path);
    free(path);
    if (output->path == NULL) {
        return out_of_memory();
    }
    output->image = image;
    job->count++;
    kldr_status status =
        ks_declared_build(scenario, image, scenario->machine, &output->built, &error);
    if (status != KLDR_STATUS_SUCCESS) {
        char text[KLDR_STATUS_TEXT_SIZE];
        fprintf(stderr, "%s:%u:%u: %s cannot be built: %s\n", scenario->file->path,
                (unsigned)image->place.line, (unsigned)image->place.column, image->key,
                error.detail[0] != '\0' ? error.detail : kldr_status_format(status, text));
        return KS_EXIT_USAGE;
    }
    for (size_t i = 0; i + 1 < job->count; i++) {
        if (ks_image_same_name(job->outputs[i].path, output->path)) {
            return fail(output->path, "two images would become this file");
        }
    }
    return KS_EXIT_OK;
}

static int add_scenario(struct job *job, const struct ks_scenario *scenario, bool own_folder)
{
    char subfolder[200] = "";
    int code = KS_EXIT_OK;
    if (own_folder) {
        ks_build_plan_part(scenario->name, strlen(scenario->name), subfolder, sizeof(subfolder));
    }
    for (size_t i = 0; i < scenario->image_count && code == KS_EXIT_OK; i++) {
        if (!scenario->images[i].real) {
            code = add_image(job, scenario, &scenario->images[i], subfolder);
        }
    }
    return code;
}

static int make_all(struct job *job, const struct ks_run_selection *selection)
{
    size_t room = 0, scenarios = 0;
    int code = KS_EXIT_OK;
    for (size_t i = 0; i < selection->item_count; i++) {
        room += selection->items[i].scenario->image_count;
        scenarios++;
    }
    job->outputs = calloc(room + 1, sizeof(*job->outputs));
    if (job->outputs == NULL) {
        return out_of_memory();
    }
    for (size_t i = 0; i < selection->item_count && code == KS_EXIT_OK; i++) {
        code = add_scenario(job, selection->items[i].scenario, scenarios > 1);
    }
    if (code == KS_EXIT_OK && job->count == 0) {
        code = fail(selection->sources[0].path, "the scenario declares no images");
    }
    return code;
}

// ---- writing ----

// Makes the folders of a path from position begin on. A link on the way could lead anywhere.
static int make_folders(char *path, size_t begin, bool links_allowed)
{
    bool backslash = ks_platform_folder_length("\\") == 1; // it separates folders here
    for (size_t i = begin; path[i] != '\0'; i++) {
        char separator = path[i];
        if (i == 0 || (separator != '/' && !(backslash && separator == '\\'))) {
            continue;
        }
        path[i] = '\0';
        bool link = !links_allowed && ks_platform_is_link(path);
        enum ks_io io = link ? KS_IO_DENIED : ks_platform_make_directory(path);
        if (io != KS_IO_OK) {
            int code = fail(path, link ? "this is a link, nothing is written through it"
                                       : ks_platform_io_text(io));
            path[i] = separator;
            return code;
        }
        path[i] = separator;
    }
    return KS_EXIT_OK;
}

static int write_file(const struct job *job, const struct output *output, char *path)
{
    // What the user named may be a link; what is made below it may not.
    int code = make_folders(path, strlen(job->folder) + 1, false);
    if (code != KS_EXIT_OK) {
        return code;
    }
    if (ks_platform_is_link(path)) {
        return fail(path, "this is a link, nothing is written through it");
    }
    enum ks_io io = ks_platform_write_file(path, output->built.bytes, output->built.size);
    return io == KS_IO_OK ? KS_EXIT_OK : fail(path, ks_platform_io_text(io));
}

static void list_file(struct ks_text_buffer *out, const struct output *output, const char *path)
{
    ks_text_buffer_visible(out, path);
    ks_text_buffer_text(out, "  ");
    ks_text_buffer_unsigned(out, output->built.size);
    ks_text_buffer_text(out, " bytes  ");
    ks_text_buffer_visible(out, output->image->key);
    ks_text_buffer_char(out, '\n');
}

static int make_output_folder(const struct job *job)
{
    char *path = ks_platform_join(job->folder, "x");
    if (path == NULL) {
        return out_of_memory();
    }
    int code = make_folders(path, 0, true);
    free(path);
    return code;
}

static int write_all(const struct job *job)
{
    struct ks_text_buffer out;
    int code = make_output_folder(job);
    ks_text_buffer_init(&out, &ks_stdout_sink);
    for (size_t i = 0; i < job->count && code == KS_EXIT_OK; i++) {
        char *path = ks_platform_join(job->folder, job->outputs[i].path);
        code = path == NULL ? out_of_memory() : write_file(job, &job->outputs[i], path);
        if (code == KS_EXIT_OK && !job->quiet) {
            list_file(&out, &job->outputs[i], path);
        }
        free(path);
    }
    return ks_stdout_end(&out, "build") ? code : KS_EXIT_USAGE;
}

// ---- the command ----

static int build(struct job *job, const char *operand)
{
    // One item for each scenario: the profile makes no difference here.
    struct ks_run_settings settings = {.operands = &operand, .operand_count = 1};
    struct ks_run_selection selection;
    settings.profiles[settings.profile_count++] = KLDR_PROFILE_DOCUMENTED;
    int code = KS_EXIT_OK;
    if (!ks_run_select(&settings, &selection)) {
        code = out_of_memory();
    } else if (selection.item_count == 0) {
        code = fail(operand, "there is no scenario");
    } else if (selection.items[0].scenario == NULL) {
        ks_run_tell_bad_source("build", selection.items[0].source);
        code = KS_EXIT_USAGE;
    } else {
        code = make_all(job, &selection);
        code = code == KS_EXIT_OK ? write_all(job) : code;
    }
    for (size_t i = 0; i < job->count; i++) {
        kldr_built_image_free(NULL, &job->outputs[i].built);
        free(job->outputs[i].path);
    }
    free(job->outputs);
    ks_run_selection_fini(&selection);
    return code;
}

int ks_cmd_build(int argc, char **argv)
{
    struct ks_option_parser parser;
    struct job job = {NULL, false, NULL, 0};
    const char *value, *operand = NULL;
    ks_options_begin(&parser, &command, argc, argv);
    for (int id; (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
        switch (id) {
        case KS_OPTIONS_HELP:
            return ks_options_print_help(&command);
        case KS_OPTIONS_ERROR:
            return ks_options_usage_error(&command, "%s", parser.error);
        case OPTION_OUTPUT:
            job.folder = value;
            break;
        case OPTION_QUIET:
            job.quiet = true;
            break;
        default:
            if (operand != NULL) {
                return ks_options_usage_error(&command, "one scenario file is wanted, not also %s",
                                              value);
            }
            operand = value;
            break;
        }
    }
    if (operand == NULL || job.folder == NULL || job.folder[0] == '\0') {
        return ks_options_usage_error(&command, operand == NULL ? "a scenario file is wanted"
                                                                : "-o FOLDER is wanted");
    }
    if (ks_platform_path_kind(operand) == KS_PATH_DIRECTORY) {
        return ks_options_usage_error(&command, "%s is a folder; one scenario file is wanted",
                                      operand);
    }
    return build(&job, operand);
}
