// SPDX-License-Identifier: MIT
// The program kldr: finds the command and leaves the rest to it.
#include "cli/commands.h"
#include "cli/suggest.h"
#include "platform.h"
#include "worker/worker.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", ks_cmd_run, "run scenarios and say what failed"},
    {"load", ks_cmd_load, "load real drivers, and unload them again"},
    {"deps", ks_cmd_deps, "show what images need, what is missing, which exports are used"},
    {"survey", ks_cmd_survey, "try every image of a folder"},
    {"inspect", ks_cmd_inspect, "show headers, imports, exports and routines of an image"},
    {"lint", ks_cmd_lint, "check images and .def files against the rules for export drivers"},
    {"build", ks_cmd_build, "write a scenario's declared images as .sys files"},
    {"explain", ks_cmd_explain, "say what a fact, finding, knob, status or stop code is"},
    {"compare", ks_cmd_compare, "show one scenario under several profiles, side by side"},
    {"why", ks_cmd_why, "say why a module is loaded or not, and who holds it"},
    {"probe", ks_cmd_probe, "write a scenario out for a real Windows machine"},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int print_version(void)
{
    puts("kldr " KLDR_VERSION);
    return KS_EXIT_OK;
}

static int print_help(void)
{
    puts("kldr: simulates how Windows loads, counts and unloads kernel export drivers\n\n"
         "Usage: kldr COMMAND [options] ...\n\n"
         "Commands:");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    }
    puts("\nOptions:\n"
         "  -h, --help     Print this and exit.\n"
         "      --version  Print the version and exit.\n\n"
         "'kldr help COMMAND' tells more about a command, with examples and exit codes.\n\n"
         "A first look:\n"
         "  kldr run -v FILE.kldr.yaml   tells what happens in a scenario\n"
         "  kldr explain documented      tells what the default profile is");
    return KS_EXIT_OK;
}

static int unknown_command(const char *name)
{
    struct ks_suggestion suggestion;
    ks_suggest_begin(&suggestion, name);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        ks_suggest_consider(&suggestion, commands[i].name);
    }
    ks_suggest_consider(&suggestion, "help");
    fprintf(stderr, "kldr: there is no command '%s'", name);
    if (suggestion.best != NULL) {
        fprintf(stderr, "; did you mean '%s'?", suggestion.best);
    }
    fputs("\nTry 'kldr help'.\n", stderr);
    return KS_EXIT_USAGE;
}

static int run_command(int argc, char **argv)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, argv[0]) == 0) {
            return commands[i].main(argc, argv);
        }
    }
    return unknown_command(argv[0]);
}

// "kldr help run" is "kldr run --help".
static int help_command(int argc, char **argv)
{
    static char option[] = "--help";
    if (argc == 1) {
        return print_help();
    }
    if (argc > 2) {
        fputs("kldr help: one command is wanted\n", stderr);
        return KS_EXIT_USAGE;
    }
    char *arguments[] = {argv[1], option, NULL};
    return run_command(2, arguments);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        fputs("kldr: a command is wanted\nTry 'kldr help'.\n", stderr);
        return KS_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return print_help();
    }
    if (strcmp(argv[1], "--version") == 0) {
        return print_version();
    }
    if (strcmp(argv[1], KS_WORKER_ARGUMENT) == 0) {
        return ks_worker_main();
    }
    if (strcmp(argv[1], "help") == 0) {
        return help_command(argc - 1, argv + 1);
    }
    if (argv[1][0] == '-') {
        fprintf(stderr, "kldr: there is no option %s before a command\nTry 'kldr help'.\n",
                argv[1]);
        return KS_EXIT_USAGE;
    }
    return run_command(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    int count;
    char **arguments = ks_platform_arguments(argc, argv, &count);
    ks_platform_prepare_streams();
    int code = dispatch(count, arguments);
    if (fflush(stdout) != 0 && code == KS_EXIT_OK) {
        fputs("kldr: standard output could not be written\n", stderr);
        code = KS_EXIT_USAGE;
    }
    return code;
}
