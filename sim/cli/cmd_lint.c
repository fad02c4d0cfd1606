// SPDX-License-Identifier: MIT
// kldr lint: images and .def files against the rules for export drivers.
#include "cli/commands.h"
#include "cli/lint.h"
#include "cli/stdout_sink.h"
#include "cli/suggest.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEF_SIZE_MOST ((size_t)16 << 20)

enum { OPTION_FORMAT = 1, OPTION_IGNORE, OPTION_RULES };

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_GITHUB };

static const struct ks_option options[] = {
    {OPTION_FORMAT, "format", '\0', KS_ARGUMENT_REQUIRED, false, "FORMAT",
     "text (default), json or github (annotations)."},
    {OPTION_IGNORE, "ignore", '\0', KS_ARGUMENT_REQUIRED, true, "RULE",
     "Leave a rule out. May be repeated."},
    {OPTION_RULES, "rules", '\0', KS_ARGUMENT_NONE, false, NULL,
     "List the rules with their facts, and check nothing."},
};

static const struct ks_help_pair examples[] = {
    {"kldr lint port.def", "Before linking: the LIBRARY line and the two routines."},
    {"kldr lint --ignore not-private port.def port.sys", "Source and result, but for one rule."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "No rule fired."},
    {"1", "A rule fired."},
    {"2", "A file cannot be opened or read as what it is, or the command line is wrong."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "lint",
    .synopsis = "[options] IMAGE|DEF...",
    .summary = "checks images and .def files against the rules for export drivers",
    .description =
        "Says what will make the loader treat an export driver in another way than its author "
        "thinks: a LIBRARY line without .sys, a DllInitialize that is not found, a DllUnload that "
        "is missing. A file whose name ends in .def is read as a module-definition file, any other "
        "as an image. Each finding names its rule and the facts it rests on; 'kldr explain P1' "
        "tells more.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};

struct job {
    struct ks_lint lint;
    enum format format;
    const char **paths;
    size_t count;
};

static int read_def(struct job *job, const char *path)
{
    uint8_t *bytes;
    size_t size;
    struct ks_def_file file;
    enum ks_io io = ks_platform_read_file(path, DEF_SIZE_MOST, &bytes, &size);
    if (io != KS_IO_OK) {
        fprintf(stderr, "kldr lint: %s: cannot be opened: %s\n", path, ks_platform_io_text(io));
        return KS_EXIT_USAGE;
    }
    ks_def_file_read((const char *)bytes, size, &file);
    free(bytes);
    for (size_t i = 0; i < file.error_count; i++) {
        fprintf(stderr, "%s:%u:%u: %s\n", path, file.errors[i].line, file.errors[i].column,
                file.errors[i].message);
    }
    int code = file.error_count > 0 ? KS_EXIT_USAGE : KS_EXIT_OK;
    job->lint.out_of_memory = job->lint.out_of_memory || file.out_of_memory;
    if (code == KS_EXIT_OK && !file.out_of_memory) {
        ks_lint_def(&job->lint, path, &file);
    }
    ks_def_file_fini(&file);
    return code;
}

static int read_image(struct job *job, const char *path)
{
    struct ks_image_file file;
    char message[KLDR_DETAIL_SIZE * 2];
    if (!ks_image_file_open(path, &file, message, sizeof(message))) {
        fprintf(stderr, "kldr lint: %s: %s\n", path, message);
        return KS_EXIT_USAGE;
    }
    ks_lint_image(&job->lint, &file);
    ks_image_file_close(&file);
    return KS_EXIT_OK;
}

static bool is_def(const char *path)
{
    size_t length = strlen(path);
    return length >= 4 && ks_image_same_name(path + length - 4, ".def");
}

static void write_findings(const struct job *job, struct ks_text_buffer *out)
{
    switch (job->format) {
    case FORMAT_TEXT:
        ks_lint_write_text(out, &job->lint);
        ks_text_buffer_unsigned(out, job->lint.count);
        ks_text_buffer_text(out, job->lint.count == 1 ? " finding in " : " findings in ");
        ks_text_buffer_unsigned(out, job->count);
        ks_text_buffer_text(out, job->count == 1 ? " file\n" : " files\n");
        break;
    case FORMAT_JSON:
        ks_lint_write_json(out, &job->lint, job->count);
        break;
    case FORMAT_GITHUB:
        ks_lint_write_github(out, &job->lint);
        break;
    }
}

static int lint(struct job *job)
{
    struct ks_text_buffer out;
    int code = KS_EXIT_OK;
    for (size_t i = 0; i < job->count; i++) {
        const char *path = job->paths[i];
        int found = is_def(path) ? read_def(job, path) : read_image(job, path);
        code = found != KS_EXIT_OK ? found : code;
    }
    if (job->lint.out_of_memory) {
        fputs("kldr lint: not enough memory\n", stderr);
        return KS_EXIT_LIMIT;
    }
    ks_text_buffer_init(&out, &ks_stdout_sink);
    write_findings(job, &out);
    if (!ks_stdout_end(&out, "lint")) {
        return KS_EXIT_USAGE;
    }
    return code == KS_EXIT_OK && job->lint.count > 0 ? KS_EXIT_FAILED : code;
}

static int list_rules(void)
{
    struct ks_text_buffer out;
    ks_text_buffer_init(&out, &ks_stdout_sink);
    for (size_t i = 0; i < KS_LINT_RULE_COUNT; i++) {
        const struct ks_lint_rule_info *rule = ks_lint_rule_info((enum ks_lint_rule)i);
        size_t length = strlen(rule->id), facts = strlen(rule->facts);
        ks_text_buffer_text(&out, rule->id);
        ks_text_buffer_repeat(&out, ' ', length < 22 ? 22 - length : 1);
        ks_text_buffer_text(&out, rule->facts);
        ks_text_buffer_repeat(&out, ' ', facts < 9 ? 9 - facts : 1);
        ks_text_buffer_text(&out, rule->meaning);
        ks_text_buffer_char(&out, '\n');
    }
    return ks_stdout_end(&out, "lint") ? KS_EXIT_OK : KS_EXIT_USAGE;
}

static bool set_format(struct job *job, const char *value)
{
    static const char *const names[] = {"text", "json", "github"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], value) == 0) {
            job->format = (enum format)i;
            return true;
        }
    }
    return false;
}

static int unknown_rule(const char *value)
{
    struct ks_suggestion suggestion;
    ks_suggest_begin(&suggestion, value);
    for (size_t i = 0; i < KS_LINT_RULE_COUNT; i++) {
        ks_suggest_consider(&suggestion, ks_lint_rule_info((enum ks_lint_rule)i)->id);
    }
    if (suggestion.best != NULL) {
        return ks_options_usage_error(&command, "there is no rule %s; did you mean %s?", value,
                                      suggestion.best);
    }
    return ks_options_usage_error(&command, "there is no rule %s; --rules lists them", value);
}

static int parse(int argc, char **argv, struct job *job)
{
    struct ks_option_parser parser;
    const char *value;
    enum ks_lint_rule rule;
    ks_options_begin(&parser, &command, argc, argv);
    for (int id; (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
        switch (id) {
        case KS_OPTIONS_HELP:
            return ks_options_print_help(&command);
        case KS_OPTIONS_ERROR:
            return ks_options_usage_error(&command, "%s", parser.error);
        case OPTION_RULES:
            return list_rules();
        case OPTION_FORMAT:
            if (!set_format(job, value)) {
                return ks_options_usage_error(&command, "--format %s: known are text, json, github",
                                              value);
            }
            break;
        case OPTION_IGNORE:
            if (!ks_lint_rule_find(value, &rule)) {
                return unknown_rule(value);
            }
            job->lint.ignored[rule] = true;
            break;
        default:
            job->paths[job->count++] = value;
            break;
        }
    }
    if (job->count == 0) {
        return ks_options_usage_error(&command, "an image or a .def file is wanted");
    }
    return lint(job);
}

int ks_cmd_lint(int argc, char **argv)
{
    struct job job = {.format = FORMAT_TEXT};
    ks_lint_init(&job.lint);
    job.paths = calloc((size_t)argc, sizeof(*job.paths));
    if (job.paths == NULL) {
        fputs("kldr lint: not enough memory\n", stderr);
        return KS_EXIT_LIMIT;
    }
    int code = parse(argc, argv, &job);
    free(job.paths);
    ks_lint_fini(&job.lint);
    return code;
}
