// SPDX-License-Identifier: MIT
// The commands of the program. Each gets its arguments with its own name as argv[0], answers
// `--help` itself (options.h) and returns the exit code of the program (ks_exit_code).
#ifndef KS_CLI_COMMANDS_H
#define KS_CLI_COMMANDS_H

#include "cli/options.h"

enum ks_exit_code {
    KS_EXIT_OK = 0,
    KS_EXIT_FAILED = 1, // an expectation failed, a lint rule fired, something is missing
    KS_EXIT_USAGE = 2,  // usage, host files, invalid scenarios, what this version does not support
    KS_EXIT_INTERNAL = 3, // kldr contradicted itself
    KS_EXIT_STOPPED = 4,  // a bugcheck that was not expected
    KS_EXIT_LIMIT = 5,    // time or resources
};

int ks_cmd_build(int argc, char **argv);
int ks_cmd_compare(int argc, char **argv);
int ks_cmd_deps(int argc, char **argv);
int ks_cmd_explain(int argc, char **argv);
int ks_cmd_inspect(int argc, char **argv);
int ks_cmd_lint(int argc, char **argv);
int ks_cmd_load(int argc, char **argv);
int ks_cmd_probe(int argc, char **argv);
int ks_cmd_run(int argc, char **argv);
int ks_cmd_survey(int argc, char **argv);
int ks_cmd_why(int argc, char **argv);

#endif
