// SPDX-License-Identifier: MIT
// kldr inspect: what stands in an image, without loading it.
#include "cli/commands.h"
#include "cli/inspect.h"
#include "cli/stdout_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_FORMAT = 1 };

static const struct ks_option options[] = {
    {OPTION_FORMAT, "format", '\0', KS_ARGUMENT_REQUIRED, false, "FORMAT",
     "text (default) or json: one object with the list \"images\"."},
};

static const struct ks_help_pair examples[] = {
    {"kldr inspect port.sys", "Everything about one image."},
    {"kldr inspect --format json drivers/*.sys", "The same of several, for a program."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "All images were read."},
    {"2", "A file cannot be opened or is no valid image, or the command line is wrong."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "inspect",
    .synopsis = "[options] IMAGE...",
    .summary = "shows what stands in an image",
    .description =
        "Shows headers, checksum, relocations, load configuration, which PDB belongs to it "
        "(CodeView), sections, imports, exports and the routines that the loader looks for, of PE "
        "images for x64, arm64 and x86. Nothing is "
        "loaded or run. What the loader makes of a thing stands beside it with its fact: 'kldr "
        "explain N14' tells more.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};

static int inspect(const char *const *paths, size_t count, bool as_json)
{
    struct ks_text_buffer out;
    struct ks_json json;
    int code = KS_EXIT_OK;
    ks_text_buffer_init(&out, &ks_stdout_sink);
    ks_json_init(&json, &out);
    if (as_json) {
        ks_json_begin_object(&json);
        ks_json_key_unsigned(&json, "kldr_inspect", 1);
        ks_json_key(&json, "images");
        ks_json_begin_array(&json);
    }
    for (size_t i = 0; i < count; i++) {
        struct ks_image_file file;
        char message[KLDR_DETAIL_SIZE * 2];
        if (!ks_image_file_open(paths[i], &file, message, sizeof(message))) {
            fprintf(stderr, "kldr inspect: %s: %s\n", paths[i], message);
            code = KS_EXIT_USAGE;
            continue;
        }
        if (as_json) {
            ks_inspect_json(&json, &file);
        } else {
            ks_inspect_text(&out, &file);
        }
        ks_image_file_close(&file);
    }
    if (as_json) {
        ks_json_end_array(&json);
        ks_json_end_object(&json);
        ks_text_buffer_char(&out, '\n');
    }
    return ks_stdout_end(&out, "inspect") ? code : KS_EXIT_USAGE;
}

static int parse(int argc, char **argv, const char **paths)
{
    struct ks_option_parser parser;
    const char *value;
    size_t count = 0;
    bool as_json = false;
    ks_options_begin(&parser, &command, argc, argv);
    for (int id; (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
        switch (id) {
        case KS_OPTIONS_HELP:
            return ks_options_print_help(&command);
        case KS_OPTIONS_ERROR:
            return ks_options_usage_error(&command, "%s", parser.error);
        case OPTION_FORMAT:
            as_json = strcmp(value, "json") == 0;
            if (!as_json && strcmp(value, "text") != 0) {
                return ks_options_usage_error(&command, "--format %s: known are text, json", value);
            }
            break;
        default:
            paths[count++] = value;
            break;
        }
    }
    if (count == 0) {
        return ks_options_usage_error(&command, "an image is wanted");
    }
    return inspect(paths, count, as_json);
}

int ks_cmd_inspect(int argc, char **argv)
{
    const char **paths = calloc((size_t)argc, sizeof(*paths));
    if (paths == NULL) {
        fputs("kldr inspect: not enough memory\n", stderr);
        return KS_EXIT_LIMIT;
    }
    int code = parse(argc, argv, paths);
    free(paths);
    return code;
}
