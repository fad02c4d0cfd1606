// SPDX-License-Identifier: MIT
#include "cli/options.h"
#include "cli/suggest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(struct ks_option_parser *parser, const char *format, ...) KS_PRINTF(2, 3);

static int fail(struct ks_option_parser *parser, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(parser->error, sizeof(parser->error), format, arguments);
    va_end(arguments);
    return KS_OPTIONS_ERROR;
}

void ks_options_begin(struct ks_option_parser *parser, const struct ks_command *command, int argc,
                      char **argv)
{
    memset(parser, 0, sizeof(*parser));
    parser->command = command;
    parser->argc = argc;
    parser->argv = argv;
    parser->index = 1;
}

static const struct ks_option *find_name(const struct ks_command *command, const char *name,
                                         size_t length)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const char *known = command->options[i].name;
        if (strncmp(known, name, length) == 0 && known[length] == '\0') {
            return &command->options[i];
        }
    }
    return NULL;
}

static const struct ks_option *find_letter(const struct ks_command *command, char letter)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].letter == letter) {
            return &command->options[i];
        }
    }
    return NULL;
}

// Takes note of an option and refuses a second one where only one counts.
static int accept_option(struct ks_option_parser *parser, const struct ks_option *option)
{
    size_t index = (size_t)(option - parser->command->options);
    if (parser->seen[index] && !option->repeatable && option->argument != KS_ARGUMENT_NONE) {
        return fail(parser, "--%s is given twice", option->name);
    }
    parser->seen[index] = true;
    return option->id;
}

static int take_next_argument(struct ks_option_parser *parser, const struct ks_option *option,
                              const char **out_value)
{
    if (parser->index >= parser->argc) {
        return fail(parser, "--%s needs a value: --%s %s", option->name, option->name,
                    option->value);
    }
    *out_value = parser->argv[parser->index++];
    return accept_option(parser, option);
}

static int unknown_name(struct ks_option_parser *parser, const char *name, size_t length)
{
    char word[64];
    snprintf(word, sizeof(word), "%.*s", (int)(length < 63 ? length : 63), name);
    struct ks_suggestion suggestion;
    ks_suggest_begin(&suggestion, word);
    for (size_t i = 0; i < parser->command->option_count; i++) {
        ks_suggest_consider(&suggestion, parser->command->options[i].name);
    }
    ks_suggest_consider(&suggestion, "help");
    if (suggestion.best != NULL) {
        return fail(parser, "there is no option --%s; did you mean --%s?", word, suggestion.best);
    }
    return fail(parser, "there is no option --%s", word);
}

static int parse_long(struct ks_option_parser *parser, const char *text, const char **out_value)
{
    const char *equals = strchr(text, '=');
    size_t length = equals == NULL ? strlen(text) : (size_t)(equals - text);
    if (length == 4 && strncmp(text, "help", 4) == 0 && equals == NULL) {
        return KS_OPTIONS_HELP;
    }
    const struct ks_option *option = find_name(parser->command, text, length);
    if (option == NULL) {
        return unknown_name(parser, text, length);
    }
    if (equals != NULL && option->argument == KS_ARGUMENT_NONE) {
        return fail(parser, "--%s takes no value", option->name);
    }
    if (equals == NULL && option->argument == KS_ARGUMENT_REQUIRED) {
        return take_next_argument(parser, option, out_value);
    }
    *out_value = equals == NULL ? NULL : equals + 1;
    return accept_option(parser, option);
}

// One letter of "-vq" or "-oFILE"; parser->letters points to it.
static int parse_letter(struct ks_option_parser *parser, const char **out_value)
{
    char letter = *parser->letters++;
    const char *rest = *parser->letters == '\0' ? NULL : parser->letters;
    parser->letters = rest;
    const struct ks_option *option = find_letter(parser->command, letter);
    if (option == NULL) {
        return letter == 'h' ? KS_OPTIONS_HELP : fail(parser, "there is no option -%c", letter);
    }
    if (option->argument != KS_ARGUMENT_REQUIRED) {
        return accept_option(parser, option);
    }
    parser->letters = NULL;
    if (rest == NULL) {
        return take_next_argument(parser, option, out_value);
    }
    *out_value = rest;
    return accept_option(parser, option);
}

int ks_options_next(struct ks_option_parser *parser, const char **out_value)
{
    *out_value = NULL;
    if (parser->letters != NULL) {
        return parse_letter(parser, out_value);
    }
    if (parser->index >= parser->argc) {
        return KS_OPTIONS_END;
    }
    const char *argument = parser->argv[parser->index++];
    if (parser->operands_only || argument[0] != '-' || argument[1] == '\0') {
        *out_value = argument;
        return KS_OPTIONS_OPERAND;
    }
    if (strcmp(argument, "--") == 0) {
        parser->operands_only = true;
        return ks_options_next(parser, out_value);
    }
    if (argument[1] == '-') {
        return parse_long(parser, argument + 2, out_value);
    }
    parser->letters = argument + 1;
    return parse_letter(parser, out_value);
}

int ks_options_usage_error(const struct ks_command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "kldr %s: ", command->name);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nTry 'kldr help %s'.\n", command->name);
    va_end(arguments);
    return 2;
}

bool ks_options_number(const char *text, unsigned long long limit, unsigned long long *out_number)
{
    unsigned long long number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit > limit || number > (limit - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    if (at == text || *at != '\0') {
        return false;
    }
    *out_number = number;
    return true;
}
