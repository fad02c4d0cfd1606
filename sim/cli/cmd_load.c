// SPDX-License-Identifier: MIT
// kldr load: real images as drivers, loaded in order and unloaded in reverse.
#include "cli/commands.h"
#include "cli/load_gdb.h"
#include "cli/load_options.h"
#include "cli/load_tell.h"
#include "cli/run_output.h"
#include "cli/stdout_sink.h"
#include "output/text_lifecycle.h"
#include "platform.h"
#include "world/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct load {
    struct ks_one_scenario one; // the common options and its settings
    struct ks_load_image *images;
    size_t image_count;
    char **folders; // the images' own, when --dir is not given
    size_t folder_count;
    struct ks_run_hand hand;
    const char *gdb; // --gdb
    struct ks_load_gdb_arguments arguments;
    int gdb_code;
    struct ks_text_buffer out;
    struct ks_report *report; // json and jsonl; NULL: text
    struct ks_totals totals;
};

// ---- one profile ----

// True when a load failed whose unload is still in the plan.
static bool learn_failures(struct load *load, const struct ks_result *result)
{
    bool learnt = false;
    for (size_t i = 0; i < load->image_count; i++) {
        kldr_status status;
        bool failed = ks_load_plan_status(result, i, &status) && !KLDR_NT_SUCCESS(status);
        learnt = learnt || (failed && !load->images[i].stays);
        load->images[i].stays = load->images[i].stays || failed;
    }
    return learnt;
}

static void tell(struct load *load, const struct ks_load_plan *plan, const struct ks_result *result)
{
    const struct ks_run_settings *settings = &load->one.settings;
    if (load->report != NULL) {
        ks_report_result(load->report, result);
        return;
    }
    if (settings->profile_count > 1) {
        ks_text_buffer_text(
            &load->out,
            load->totals.passed + load->totals.failed + load->totals.skipped > 1 ? "\n" : "");
        ks_text_buffer_text(&load->out, kldr_profile_name(result->profile));
        ks_text_buffer_text(&load->out, "\n\n");
    }
    ks_text_lifecycle(&load->out, result, ks_run_output_wants_color(settings, true));
    ks_load_tell(&load->out, plan, result);
}

static const struct ks_result *run_plan(struct load *load, const struct ks_load_plan *plan,
                                        int *out_code)
{
    struct ks_run_context *context = &load->one.context;
    const struct ks_result *result = NULL;
    *out_code = ks_run_context_init(context, &load->one.settings, &plan->selection);
    if (*out_code == KS_EXIT_OK) {
        result = ks_run_item(context, &load->hand, &plan->item);
    }
    return result;
}

static void write_gdb(struct load *load, const struct ks_result *result)
{
    const struct ks_run_settings *settings = &load->one.settings;
    struct ks_host_folders folders;
    const char **paths = calloc(load->image_count, sizeof(*paths));
    for (size_t i = 0; paths != NULL && i < load->image_count; i++) {
        paths[i] = load->images[i].path;
    }
    ks_host_folders_init(&folders, settings->directories, settings->directory_count, paths,
                         paths == NULL ? 0 : load->image_count);
    bool written = ks_load_gdb(load->gdb, result, &folders, &load->arguments);
    load->gdb_code = written ? KS_EXIT_OK : KS_EXIT_USAGE;
    ks_host_folders_fini(&folders);
    free((void *)paths);
}

// Runs it once, and once more without the unloads of what did not load: what nobody could unload
// would only stand in the way. The same input gives the same run.
static int run_profile(struct load *load, enum kldr_profile profile)
{
    bool again = true;
    int code = KS_EXIT_OK;
    for (size_t i = 0; i < load->image_count; i++) {
        load->images[i].stays = false;
    }
    while (again && code == KS_EXIT_OK) {
        struct ks_load_plan plan;
        char message[KLDR_DETAIL_SIZE];
        code = ks_load_plan_init(&plan, load->images, load->image_count, profile,
                                 &load->one.settings, message, sizeof(message));
        if (code != KS_EXIT_OK) {
            code = ks_one_scenario_fail(&load->one, code, "%s", message);
        } else {
            const struct ks_result *result = run_plan(load, &plan, &code);
            again = result != NULL && result->outcome == KS_FAILED && learn_failures(load, result);
            if (result != NULL && !again) {
                ks_totals_add(&load->totals, result);
                tell(load, &plan, result);
            }
            if (result != NULL && !again && load->gdb != NULL) {
                write_gdb(load, result);
            }
        }
        ks_run_context_fini(&load->one.context);
        ks_load_plan_fini(&plan);
    }
    return code;
}

// ---- all of them ----

static bool begin(struct load *load)
{
    const struct ks_run_settings *settings = &load->one.settings;
    struct ks_report_options report = {.verbosity = 1, .version = KLDR_VERSION};
    size_t planned = settings->profile_count > 0 ? settings->profile_count : 1;
    ks_text_buffer_init(&load->out, &ks_stdout_sink);
    bool able = ks_run_hand_init(&load->hand);
    if (settings->format != KS_FORMAT_TEXT) {
        load->report = ks_report_begin(settings->format, &ks_stdout_sink, &report, planned);
    }
    return able && (load->report != NULL || settings->format == KS_FORMAT_TEXT);
}

static void tell_routines(struct load *load)
{
    const struct ks_run_settings *settings = &load->one.settings;
    struct ks_text_buffer notes;
    ks_text_buffer_init(&notes, NULL);
    for (size_t i = 0; i < load->image_count; i++) {
        ks_load_tell_routine(&notes, &load->images[i], settings->directories,
                             settings->directory_count);
    }
    if (load->report == NULL) {
        ks_text_buffer_bytes(&load->out, notes.bytes, notes.size);
    } else {
        fwrite(notes.bytes == NULL ? "" : notes.bytes, 1, notes.size, stderr);
    }
    ks_text_buffer_fini(&notes);
}

static int run_all(struct load *load)
{
    const struct ks_run_settings *settings = &load->one.settings;
    static const enum kldr_profile documented = KLDR_PROFILE_DOCUMENTED;
    const enum kldr_profile *profiles =
        settings->profile_count > 0 ? settings->profiles : &documented;
    size_t count = settings->profile_count > 0 ? settings->profile_count : 1;
    int code = KS_EXIT_OK;
    if (!begin(load)) {
        return ks_one_scenario_fail(&load->one, KS_EXIT_LIMIT, "not enough memory");
    }
    for (size_t i = 0; i < count && code == KS_EXIT_OK; i++) {
        code = run_profile(load, profiles[i]);
    }
    if (code == KS_EXIT_OK) {
        tell_routines(load);
    }
    bool written = load->report == NULL || ks_report_end(load->report, &load->totals);
    load->report = NULL;
    written = ks_stdout_end(&load->out, ks_load_command.name) && written;
    code = ks_exit_code_worse(code, load->totals.exit_code);
    code = ks_exit_code_worse(code, load->gdb_code);
    return written ? code : ks_exit_code_worse(code, KS_EXIT_USAGE);
}

// ---- images and folders ----

static int check_image(const struct load *load, const struct ks_load_image *image)
{
    enum ks_path_kind kind = ks_platform_path_kind(image->path);
    if (kind != KS_PATH_FILE) {
        return ks_one_scenario_fail(&load->one, KS_EXIT_USAGE, "%s: %s", image->path,
                                    kind == KS_PATH_DIRECTORY ? "an image is wanted, not a folder"
                                                              : "no such file");
    }
    for (const struct ks_load_image *other = load->images; other != image; other++) {
        if (ks_same_name(other->name, image->name)) {
            return ks_one_scenario_fail(&load->one, KS_EXIT_USAGE,
                                        "%s and %s: the drivers folder has one file of a name",
                                        other->path, image->path);
        }
    }
    return KS_EXIT_OK;
}

// Without --dir the images' own folders stand for the drivers folder.
static bool add_own_folder(struct load *load, const char *path)
{
    struct ks_run_settings *settings = &load->one.settings;
    size_t length = ks_platform_folder_length(path);
    char *folder = ks_platform_join("", length == 0 ? "./" : path);
    if (folder == NULL) {
        return false;
    }
    folder[length == 0 ? 2 : length] = '\0';
    for (size_t i = 0; i < load->folder_count; i++) {
        if (strcmp(load->folders[i], folder) == 0) {
            free(folder);
            return true;
        }
    }
    load->folders[load->folder_count++] = folder;
    settings->directories[settings->directory_count++] = folder;
    return true;
}

static int prepare(struct load *load)
{
    bool own = load->one.settings.directory_count == 0;
    int code = KS_EXIT_OK;
    for (size_t i = 0; i < load->image_count && code == KS_EXIT_OK; i++) {
        code = check_image(load, &load->images[i]);
        if (code == KS_EXIT_OK && own && !add_own_folder(load, load->images[i].path)) {
            code = ks_one_scenario_fail(&load->one, KS_EXIT_LIMIT, "not enough memory");
        }
    }
    return code;
}

// ---- the command line ----

static int set_format(struct ks_run_settings *settings, const char *value)
{
    if (ks_format_find(value, &settings->format) &&
        (settings->format == KS_FORMAT_TEXT || settings->format == KS_FORMAT_JSON ||
         settings->format == KS_FORMAT_JSONL)) {
        return KS_SETTINGS_OK;
    }
    return ks_options_usage_error(&ks_load_command, "--format %s: known are text, json, jsonl",
                                  value);
}

static int set_word(const char *option, const char *value, const char *const *words,
                    const char *known, int *out_index)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], value) == 0) {
            *out_index = i;
            return KS_SETTINGS_OK;
        }
    }
    return ks_options_usage_error(&ks_load_command, "--%s %s: known are %s", option, value, known);
}

static int set_own(struct load *load, int id, const char *value)
{
    static const char *const cpus[] = {"native", "none", NULL};
    static const char *const colors[] = {"auto", "always", "never", NULL};
    struct ks_run_settings *settings = &load->one.settings;
    unsigned long long seconds;
    int index = 0, code;
    switch (id) {
    case KS_LOAD_CPU:
        code = set_word("cpu", value, cpus, "native, none", &index);
        settings->cpu = (enum ks_cpu)index;
        return code;
    case KS_LOAD_COLOR:
        code = set_word("color", value, colors, "auto, always, never", &index);
        settings->color = (enum ks_color)index;
        return code;
    case KS_LOAD_GDB:
        load->gdb = value;
        return KS_SETTINGS_OK;
    case KS_LOAD_TIMEOUT:
        if (!ks_options_number(value, 86400, &seconds) || seconds == 0) {
            return ks_options_usage_error(
                &ks_load_command, "--timeout %s: a number from 1 to 86400 is wanted", value);
        }
        settings->timeout = (uint32_t)seconds;
        return KS_SETTINGS_OK;
    default:
        return set_format(settings, value);
    }
}

static int check(const struct load *load)
{
    if (load->image_count == 0) {
        return ks_options_usage_error(&ks_load_command, "an image is wanted");
    }
    if (load->gdb != NULL && load->one.settings.profile_count > 1) {
        return ks_options_usage_error(&ks_load_command, "--gdb is for one profile");
    }
    if (load->gdb != NULL && load->one.settings.cpu == KS_CPU_NONE) {
        return ks_options_usage_error(&ks_load_command,
                                      "--gdb and --cpu none: there is no code to debug");
    }
    return KS_SETTINGS_OK;
}

static int parse(struct load *load, int argc, char **argv)
{
    struct ks_option_parser parser;
    const char *value;
    int code = KS_SETTINGS_OK;
    ks_options_begin(&parser, &ks_load_command, argc, argv);
    for (int id;
         code == KS_SETTINGS_OK && (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
        if (id == KS_OPTIONS_HELP) {
            return ks_options_print_help(&ks_load_command);
        }
        if (id == KS_OPTIONS_ERROR) {
            return ks_options_usage_error(&ks_load_command, "%s", parser.error);
        }
        if (id == KS_OPTIONS_OPERAND) {
            load->images[load->image_count++] = (struct ks_load_image){
                .path = value, .name = value + ks_platform_folder_length(value)};
        } else if (id < KS_ONE_OWN) {
            code = ks_one_scenario_option(&load->one, id, value);
        } else {
            code = set_own(load, id, value);
        }
    }
    return code == KS_SETTINGS_OK ? check(load) : code;
}

int ks_cmd_load(int argc, char **argv)
{
    struct load load = {.image_count = 0};
    int code = KS_EXIT_LIMIT;
    load.images = calloc((size_t)argc + 1, sizeof(*load.images));
    load.folders = calloc((size_t)argc + 1, sizeof(*load.folders));
    if (ks_one_scenario_init(&load.one, &ks_load_command, argc) && load.images != NULL &&
        load.folders != NULL && ks_load_gdb_arguments_init(&load.arguments, argc, argv)) {
        code = parse(&load, argc, argv);
        if (code == KS_SETTINGS_OK) {
            code = prepare(&load);
            code = code == KS_EXIT_OK ? run_all(&load) : code;
        }
    } else {
        fputs("kldr load: not enough memory\n", stderr);
    }
    for (size_t i = 0; i < load.folder_count; i++) {
        free(load.folders[i]);
    }
    free(load.folders);
    free(load.images);
    ks_load_gdb_arguments_fini(&load.arguments);
    ks_run_hand_fini(&load.hand);
    ks_one_scenario_fini(&load.one);
    return code;
}
