// SPDX-License-Identifier: MIT
// kldr deps: who needs whom among real images, what is missing, which exports are used.
#include "cli/commands.h"
#include "cli/image_operands.h"
#include "cli/one_scenario.h"
#include "cli/stdout_sink.h"
#include "deps/deps_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ks_option options[] = {
    {KS_ONE_PROFILE, "profile", '\0', KS_ARGUMENT_REQUIRED, false, "NAME",
     "What a load would end with under this profile: documented (default), nt52, nt62, 24h2, "
     "reactos."},
    {KS_ONE_POLICY, "policy", '\0', KS_ARGUMENT_REQUIRED, true, "ID=VALUE",
     "Set one knob of the loader, after the profile. 'kldr explain' lists the knobs. May be "
     "repeated."},
    {KS_ONE_DIR, "dir", '\0', KS_ARGUMENT_REQUIRED, true, "FOLDER",
     "A folder that stands for the drivers folder: imported images are looked for in it. Default: "
     "the images' own folders. May be repeated."},
    KS_ONE_ENTRY_FORMAT,
};

static const struct ks_help_pair examples[] = {
    {"kldr deps mini.sys", "What mini.sys needs, and what of it is missing."},
    {"kldr deps --dir /mnt/Windows/System32/drivers mini.sys",
     "The same with a copy of Windows' own modules."},
    {"kldr deps --format json drivers", "All images below a folder, for a program."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "Nothing is missing."},
    {"1", "Something is missing, or a load would fail for another reason."},
    {"2", "A file cannot be opened or is no valid image, there is no image, or the command line is "
          "wrong."},
    {"5", "A limit was reached: 65,536 images, or memory."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "deps",
    .synopsis = "[options] IMAGE|FOLDER...",
    .summary = "shows what images need, and what of it is missing",
    .description =
        "Follows the imports of real images without loading or running them. Shows trees, all that "
        "is missing at once with the way to it and the name it may have meant, circles, which "
        "functions of the kernel kldr simulates, and which exports are used by whom. A folder "
        "stands for every *.sys file below it.\n\n"
        "A function that Windows has and kldr does not simulate is not missing: see 'kldr explain "
        "missing_imports'.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};

struct deps_run {
    struct ks_one_scenario one; // the common options
    struct ks_image_operands operands;
    struct kldr_policy policy;
    struct ks_deps *deps;
    struct ks_deps_verdict *verdicts;
    size_t verdict_count;
};

static enum kldr_profile profile_of(const struct deps_run *run)
{
    const struct ks_run_settings *settings = &run->one.settings;
    return settings->profile_count > 0 ? settings->profiles[0] : KLDR_PROFILE_DOCUMENTED;
}

// What the loader says of each tree. An exit code.
static int ask_loader(struct deps_run *run)
{
    struct kldr_error error;
    int code = KS_EXIT_OK;
    run->verdicts = calloc(run->deps->image_count + 1, sizeof(*run->verdicts));
    if (run->verdicts == NULL) {
        return ks_one_scenario_fail(&run->one, KS_EXIT_LIMIT, "not enough memory");
    }
    for (struct ks_deps_image *image = run->deps->images; image != NULL; image = image->next) {
        if (!image->root || image->state != KS_DEPS_READ) {
            continue;
        }
        kldr_status status = ks_deps_link(run->deps, image, &run->policy, &error);
        run->verdicts[run->verdict_count++] = (struct ks_deps_verdict){image, status};
        if (status == KLDR_ERROR_OUT_OF_MEMORY || status == KLDR_ERROR_LIMIT) {
            code = ks_exit_code_worse(code, KS_EXIT_LIMIT);
        } else if (!KLDR_NT_SUCCESS(status)) {
            code = ks_exit_code_worse(code, KS_EXIT_FAILED);
        }
    }
    return code;
}

static int tell_unusable(const struct deps_run *run)
{
    int code = KS_EXIT_OK;
    for (const struct ks_deps_image *image = run->deps->images; image != NULL;
         image = image->next) {
        if (image->asked && image->state != KS_DEPS_READ) {
            fprintf(stderr, "kldr deps: %s: %s\n", image->path, image->problem);
            code = KS_EXIT_USAGE;
        }
    }
    return code;
}

static void write_json(const struct deps_run *run, struct ks_text_buffer *out)
{
    struct ks_json json;
    ks_json_init(&json, out);
    ks_json_begin_object(&json);
    ks_json_key_unsigned(&json, "kldr_deps", 1);
    ks_json_key_text(&json, "profile", kldr_profile_name(profile_of(run)));
    ks_deps_write_json(&json, run->deps, run->verdicts, run->verdict_count);
    ks_json_end_object(&json);
    ks_text_buffer_char(out, '\n');
}

static int write(const struct deps_run *run)
{
    struct ks_text_buffer out;
    ks_text_buffer_init(&out, &ks_stdout_sink);
    if (run->one.json) {
        write_json(run, &out);
    } else {
        ks_deps_write_text(&out, run->deps, run->verdicts, run->verdict_count,
                           kldr_profile_name(profile_of(run)));
    }
    return ks_stdout_end(&out, command.name) ? KS_EXIT_OK : KS_EXIT_USAGE;
}

static int look(struct deps_run *run)
{
    const struct ks_run_settings *settings = &run->one.settings;
    struct ks_host_folders folders;
    struct ks_deps_request request = {.operands = run->operands.items,
                                      .operand_count = run->operands.count,
                                      .folders = &folders,
                                      .policy = &run->policy};
    ks_one_scenario_policy(&run->one, profile_of(run), &run->policy);
    ks_host_folders_init(&folders, settings->directories, settings->directory_count,
                         run->operands.named, run->operands.named_count);
    kldr_status status = ks_deps_create(&request, &run->deps);
    int code;
    if (status != KLDR_STATUS_SUCCESS) {
        code = ks_one_scenario_fail(&run->one, KS_EXIT_LIMIT, "%s",
                                    status == KLDR_ERROR_LIMIT
                                        ? "more than 65,536 images or 4,194,304 functions"
                                        : "not enough memory");
    } else {
        bool missing = run->deps->missing != NULL;
        code = missing ? KS_EXIT_FAILED : KS_EXIT_OK;
        code = ks_exit_code_worse(code, ask_loader(run));
        code = ks_exit_code_worse(code, write(run));
        code = ks_exit_code_worse(code, tell_unusable(run));
    }
    ks_deps_destroy(run->deps);
    ks_host_folders_fini(&folders);
    free(run->verdicts);
    return code;
}

static int parse(struct deps_run *run, int argc, char **argv)
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
            code = ks_image_operands_add(&run->operands, value);
            break;
        default:
            code = ks_one_scenario_option(&run->one, id, value);
            break;
        }
    }
    if (code == KS_SETTINGS_OK) {
        code = ks_image_operands_check(&run->operands, "an image or a folder is wanted");
    }
    return code;
}

int ks_cmd_deps(int argc, char **argv)
{
    struct deps_run run = {.deps = NULL};
    int code = KS_EXIT_LIMIT;
    ks_image_operands_init(&run.operands, &command);
    if (ks_one_scenario_init(&run.one, &command, argc)) {
        code = parse(&run, argc, argv);
        code = code == KS_SETTINGS_OK ? look(&run) : code;
    } else {
        fputs("kldr deps: not enough memory\n", stderr);
    }
    ks_image_operands_fini(&run.operands);
    ks_one_scenario_fini(&run.one);
    return code;
}
