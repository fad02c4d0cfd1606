// SPDX-License-Identifier: MIT
// What the command line of `kldr run` asks for, checked.
#ifndef KS_CLI_RUN_SETTINGS_H
#define KS_CLI_RUN_SETTINGS_H

#include "cli/options.h"
#include "output/report.h"
#include "scenario/run.h"

enum ks_color { KS_COLOR_AUTO, KS_COLOR_ALWAYS, KS_COLOR_NEVER };

// How code of real images is to be run.
enum ks_cpu { KS_CPU_NATIVE, KS_CPU_NONE };

// -o FORMAT=FILE
struct ks_run_file {
    enum ks_format format;
    const char *path;
};

struct ks_run_settings {
    const char **operands;
    size_t operand_count;
    enum kldr_profile profiles[KLDR_PROFILE_COUNT];
    size_t profile_count; // 0: those of the scenarios
    struct ks_policy_override *policy;
    size_t policy_count;
    struct ks_variable *variables;
    size_t variable_count;
    const char **directories;
    size_t directory_count;
    const char **filters;
    size_t filter_count;
    struct ks_run_file *files;
    size_t file_count;
    enum ks_format format;
    uint64_t trace; // bit per event kind
    enum ks_cpu cpu;
    bool list, fail_fast, shuffle, strict, accept;
    bool has_shuffle_seed;
    struct kldr_checks checks;
    const char *checks_list; // as given; NULL: not
    uint64_t shuffle_seed, seed;
    bool has_seed;
    unsigned jobs; // 0: as many as make sense
    bool sweeps;   // --fault-sweep, of the operations with these numbers
    uint64_t sweep_first, sweep_last;
    bool sweep_all;          // where the call stack had a fault before, too
    const char *sweep_state; // the file that keeps what is done; NULL: none
    enum ks_color color;
    uint32_t timeout; // 0: the scenarios' own
    unsigned verbosity;
};

enum { KS_SETTINGS_OK = -1 };

// Reads the command line. KS_SETTINGS_OK, or the exit code of the program: help was printed, or a
// usage error was. The settings point into argv, which is changed; free them with
// ks_run_settings_fini in any case.
// --checks LIST of a command. KS_SETTINGS_OK, or the exit code of a usage error.
int ks_run_settings_checks(struct ks_run_settings *settings, const struct ks_command *command,
                           const char *list);

int ks_run_settings_parse(int argc, char **argv, struct ks_run_settings *out_settings);
void ks_run_settings_fini(struct ks_run_settings *settings);

// An error of usage that is found later. Returns the exit code.
int ks_run_settings_error(const char *text);

#endif
