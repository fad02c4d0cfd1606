// SPDX-License-Identifier: MIT
// kldr explain: what stands behind an id that kldr prints.
#include "cli/commands.h"
#include "cli/lint.h"
#include "cli/stdout_sink.h"
#include "explain/entry.h"
#include "output/json_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_FORMAT = 1 };

static const struct ks_option options[] = {
    {OPTION_FORMAT, "format", '\0', KS_ARGUMENT_REQUIRED, false, "FORMAT",
     "text (default) or json: one object with the list \"entries\"."},
};

static const struct ks_help_pair examples[] = {
    {"kldr explain", "Everything that can be explained, by group."},
    {"kldr explain U7", "A fact: the rule, on what it rests, which profiles follow it."},
    {"kldr explain dangling-import", "A finding: what it means and what to do."},
    {"kldr explain nt52 refused refused=one-final", "A profile, a knob, and one value of a knob."},
    {"kldr explain 0xC0000034 0xCE 1056", "A status, a stop code, and a Win32 error."},
    {"kldr explain U", "The facts of a family."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "Everything asked for was explained."},
    {"2", "An id is not known, or the command line is wrong."},
    {NULL, NULL},
};

static const struct ks_command command = {
    .name = "explain",
    .synopsis = "[options] [ID...]",
    .summary = "what stands behind an id that kldr prints",
    .description =
        "Explains facts (U7), findings (dangling-import), profiles (nt52), knobs (refused) and "
        "their values (refused=one-final), statuses and stop codes by name or number, Win32 error "
        "numbers (1056), events of the trace (ref.drop), lint rules (self-import) and words "
        "(LoadCount). Letter case does "
        "not matter. An id that several things have is explained for each.\n\n"
        "A fact comes with its grade. \"Reported, unverified\" means that nobody of this project "
        "has checked it on a live Windows.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .exit_codes = exit_codes,
};

// Where entries go while they are found.
struct output {
    struct ks_text_buffer buffer;
    struct ks_json json;
    bool as_json;
    size_t count;
};

static void show(void *user, const struct ks_entry *entry)
{
    struct output *output = user;
    if (output->as_json) {
        if (output->count > 0) {
            ks_text_buffer_char(&output->buffer, ',');
        }
        ks_json_newline(&output->json);
        ks_entry_show_json(&output->buffer, entry);
    } else {
        if (output->count > 0) {
            ks_text_buffer_char(&output->buffer, '\n');
        }
        ks_entry_show_text(&output->buffer, entry);
    }
    output->count++;
}

// ---- the rules of `kldr lint`, which the library does not know ----

#define LINT_GROUP "lint-rules"

static void lint_rule_entry(struct ks_entry *entry, const struct ks_lint_rule_info *rule)
{
    ks_entry_begin(entry, "lint-rule", rule->id, "", rule->meaning);
    ks_entry_field(entry, "advice", "What to do", KS_FIELD_TEXT, rule->advice, 0);
    entry->facts = rule->facts;
}

static void lint_group_entry(struct ks_entry *entry)
{
    ks_entry_begin(entry, "group", LINT_GROUP, "what kldr lint looks for", "");
    entry->rows_key = "members";
    for (unsigned r = 0; r < KS_LINT_RULE_COUNT; r++) {
        const struct ks_lint_rule_info *rule = ks_lint_rule_info((enum ks_lint_rule)r);
        ks_entry_row(entry, rule->id, rule->meaning, "");
    }
}

static size_t find_lint_rule(struct output *output, const char *id, struct ks_entry *entry)
{
    size_t before = output->count;
    if (ks_explain_same(id, LINT_GROUP)) {
        lint_group_entry(entry);
        show(output, entry);
    }
    for (unsigned r = 0; r < KS_LINT_RULE_COUNT; r++) {
        const struct ks_lint_rule_info *rule = ks_lint_rule_info((enum ks_lint_rule)r);
        if (ks_explain_same(id, rule->id)) {
            lint_rule_entry(entry, rule);
            show(output, entry);
        }
    }
    return output->count - before;
}

// ---- ids ----

static void show_everything(struct output *output, struct ks_entry *entry)
{
    if (!output->as_json) {
        ks_entry_overview_text(&output->buffer, entry);
        lint_group_entry(entry);
        ks_entry_overview_group(&output->buffer, entry);
        return;
    }
    for (unsigned g = 0; g < KS_GROUP_COUNT; g++) {
        ks_entry_group(entry, (enum ks_group)g);
        show(output, entry);
    }
    lint_group_entry(entry);
    show(output, entry);
}

static int not_found(const char *id)
{
    const char *lint_ids[KS_LINT_RULE_COUNT + 1] = {LINT_GROUP};
    char reason[400];
    for (unsigned r = 0; r < KS_LINT_RULE_COUNT; r++) {
        lint_ids[r + 1] = ks_lint_rule_info((enum ks_lint_rule)r)->id;
    }
    ks_entry_not_found(id, lint_ids, KS_LINT_RULE_COUNT + 1, reason, sizeof reason);
    return ks_options_usage_error(&command, "%s", reason);
}

static int explain(struct output *output, const char *const *ids, size_t id_count,
                   struct ks_entry *entry)
{
    int exit_code = KS_EXIT_OK;
    if (id_count == 0) {
        show_everything(output, entry);
    }
    for (size_t i = 0; i < id_count; i++) {
        size_t matches = ks_entry_find(ids[i], entry, show, output);
        if (matches + find_lint_rule(output, ids[i], entry) == 0) {
            exit_code = not_found(ids[i]);
        }
    }
    return exit_code;
}

static int out_of_memory(void)
{
    (void)fputs("kldr explain: out of memory\n", stderr);
    return KS_EXIT_LIMIT;
}

static int run(struct output *output, const char *const *ids, size_t id_count)
{
    struct ks_entry *entry = malloc(sizeof *entry);
    if (entry == NULL) {
        return out_of_memory();
    }
    ks_text_buffer_init(&output->buffer, &ks_stdout_sink);
    ks_json_init(&output->json, &output->buffer);
    if (output->as_json) {
        ks_text_buffer_text(&output->buffer, "{\"kldr_explain\":1,\"entries\":[");
    }
    int exit_code = explain(output, ids, id_count, entry);
    if (output->as_json) {
        ks_text_buffer_text(&output->buffer, "\n]}\n");
    }
    free(entry);
    return ks_stdout_end(&output->buffer, "explain") ? exit_code : KS_EXIT_USAGE;
}

// Reads the command line into output and ids. Returns an exit code, or -1 to go on.
static int read_options(int argc, char **argv, struct output *output, const char **ids,
                        size_t *out_count)
{
    struct ks_option_parser parser;
    const char *value;
    ks_options_begin(&parser, &command, argc, argv);
    for (int id; (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
        switch (id) {
        case KS_OPTIONS_HELP:
            return ks_options_print_help(&command);
        case KS_OPTIONS_ERROR:
            return ks_options_usage_error(&command, "%s", parser.error);
        case OPTION_FORMAT:
            output->as_json = strcmp(value, "json") == 0;
            if (!output->as_json && strcmp(value, "text") != 0) {
                return ks_options_usage_error(&command, "--format is text or json, not '%s'",
                                              value);
            }
            break;
        default:
            ids[(*out_count)++] = value;
            break;
        }
    }
    return -1;
}

int ks_cmd_explain(int argc, char **argv)
{
    struct output output = {.as_json = false};
    size_t id_count = 0;
    const char **ids = calloc((size_t)argc + 1, sizeof *ids);
    if (ids == NULL) {
        return out_of_memory();
    }
    int exit_code = read_options(argc, argv, &output, ids, &id_count);
    if (exit_code < 0) {
        exit_code = run(&output, ids, id_count);
    }
    free(ids);
    return exit_code;
}
