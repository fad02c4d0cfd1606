// SPDX-License-Identifier: MIT
// Command lines. Each command has one table of options; the parser and `--help` both read it.
//
//     struct ks_option_parser parser;
//     const char *value;
//     ks_options_begin(&parser, &command, argc, argv);
//     for (int id; (id = ks_options_next(&parser, &value)) != KS_OPTIONS_END;) {
//         switch (id) {
//         case KS_OPTIONS_HELP:  return ks_options_print_help(&command);
//         case KS_OPTIONS_ERROR: return ks_options_usage_error(&command, "%s", parser.error);
//         case KS_OPTIONS_OPERAND: ...
//
// Options and operands may be mixed; `--` ends the options. `--name value` and `--name=value` are
// the same, except where the value is optional: then only the second form gives one.
#ifndef KS_CLI_OPTIONS_H
#define KS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum ks_option_argument { KS_ARGUMENT_NONE, KS_ARGUMENT_REQUIRED, KS_ARGUMENT_OPTIONAL };

struct ks_option {
    int id;           // > 0
    const char *name; // without dashes
    char letter;      // '\0': none
    enum ks_option_argument argument;
    bool repeatable;
    const char *value; // placeholder in the help, "NAME"; NULL without argument
    const char *help;
};

// Two columns of the help: an example and what it does, an exit code and what it means.
struct ks_help_pair {
    const char *left, *right;
};

// A command as its user sees it. Lists end with an entry whose first pointer is NULL.
struct ks_command {
    const char *name;
    const char *synopsis;    // what follows "kldr run ", "[options] FILE..."
    const char *summary;     // one line
    const char *description; // paragraphs, separated by an empty line
    const struct ks_option *options;
    size_t option_count;
    const struct ks_help_pair *examples;
    const struct ks_help_pair *exit_codes;
};

enum { KS_OPTIONS_OPERAND = 0, KS_OPTIONS_END = -1, KS_OPTIONS_HELP = -2, KS_OPTIONS_ERROR = -3 };

#define KS_OPTIONS_MAX 64

struct ks_option_parser {
    const struct ks_command *command;
    int argc, index;
    char **argv;
    const char *letters; // the rest of a group of letters, NULL outside one
    bool operands_only;
    bool seen[KS_OPTIONS_MAX];
    char error[512]; // after KS_OPTIONS_ERROR
};

// argv[0] is the name of the command.
void ks_options_begin(struct ks_option_parser *parser, const struct ks_command *command, int argc,
                      char **argv);
// The id of the next option, or one of KS_OPTIONS_*. *out_value is the option's value or the
// operand, NULL when there is none.
int ks_options_next(struct ks_option_parser *parser, const char **out_value);

// Prints the help of a command to standard output. Returns 0, an exit code.
int ks_options_print_help(const struct ks_command *command);

#if defined(__GNUC__)
#define KS_PRINTF(format_at, values_at) __attribute__((format(printf, format_at, values_at)))
#else
#define KS_PRINTF(format_at, values_at)
#endif

// Says what is wrong with a command line, and how to get help, to standard error. Returns 2.
int ks_options_usage_error(const struct ks_command *command, const char *format, ...)
    KS_PRINTF(2, 3);

// True when text is a decimal number from 0 to limit.
bool ks_options_number(const char *text, unsigned long long limit, unsigned long long *out_number);

#endif
