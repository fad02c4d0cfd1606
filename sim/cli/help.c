// SPDX-License-Identifier: MIT
// The help of a command, made from its table.
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#define LINE_WIDTH  79
#define HELP_COLUMN 26

static void spaces(size_t count)
{
    printf("%*s", (int)count, "");
}

// Prints words from column to LINE_WIDTH, going on at indent; ends the line.
static void print_wrapped(const char *text, size_t indent, size_t column)
{
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");
        if (column > indent && column + 1 + length > LINE_WIDTH) {
            putchar('\n');
            spaces(indent);
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length;
        if (strncmp(text, "\n\n", 2) == 0) {
            printf("\n\n");
            spaces(indent);
            column = indent;
        }
        text += strspn(text, " \n");
    }
    putchar('\n');
}

static void print_pair(const char *left, const char *right)
{
    size_t column = 2 + strlen(left);
    printf("  %s", left);
    if (column + 2 > HELP_COLUMN) {
        putchar('\n');
        column = 0;
    }
    spaces(HELP_COLUMN - column);
    print_wrapped(right, HELP_COLUMN, HELP_COLUMN);
}

static void print_option(const struct ks_option *option)
{
    char left[80], letter[8] = "";
    if (option->letter != '\0') {
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    }
    const char *before = option->argument == KS_ARGUMENT_OPTIONAL ? "[=" : " ";
    const char *after = option->argument == KS_ARGUMENT_OPTIONAL ? "]" : "";
    bool has_value = option->argument != KS_ARGUMENT_NONE;
    snprintf(left, sizeof(left), "%s--%s%s%s%s", letter, option->name, has_value ? before : "",
             has_value ? option->value : "", has_value ? after : "");
    print_pair(left, option->help);
}

int ks_options_print_help(const struct ks_command *command)
{
    printf("kldr %s: %s\n\nUsage: kldr %s %s\n\n", command->name, command->summary, command->name,
           command->synopsis);
    print_wrapped(command->description, 0, 0);
    printf("\nOptions:\n");
    for (size_t i = 0; i < command->option_count; i++) {
        print_option(&command->options[i]);
    }
    print_pair("-h, --help", "Print this and exit.");
    printf("\nExamples:\n");
    for (const struct ks_help_pair *pair = command->examples; pair->left != NULL; pair++) {
        printf("  %s\n", pair->left);
        spaces(6);
        print_wrapped(pair->right, 6, 6);
    }
    printf("\nExit codes:\n");
    for (const struct ks_help_pair *pair = command->exit_codes; pair->left != NULL; pair++) {
        printf("  %s  ", pair->left);
        print_wrapped(pair->right, 5, 5);
    }
    return 0;
}
