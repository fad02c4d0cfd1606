// SPDX-License-Identifier: MIT
// What compare, why and probe have in common: one scenario of one file, and the options that say
// how it is run.
#ifndef KS_CLI_ONE_SCENARIO_H
#define KS_CLI_ONE_SCENARIO_H

#include "cli/options.h"
#include "cli/run_jobs.h"

// Ids of the common options; a command's own begin at KS_ONE_OWN.
enum {
    KS_ONE_PROFILE = 1,
    KS_ONE_PROFILES,
    KS_ONE_POLICY,
    KS_ONE_DEFINE,
    KS_ONE_DIR,
    KS_ONE_CPU,
    KS_ONE_FORMAT,
    KS_ONE_CHECKS,
    KS_ONE_OWN
};

// Their entries for a command's table.
#define KS_ONE_ENTRY_POLICY                                                                        \
    {                                                                                              \
        KS_ONE_POLICY, "policy", '\0', KS_ARGUMENT_REQUIRED, true, "ID=VALUE",                     \
            "Set one knob of the loader, after the scenario's own policy. 'kldr explain' lists "   \
            "the "                                                                                 \
            "knobs. May be repeated."                                                              \
    }
#define KS_ONE_ENTRY_DEFINE                                                                        \
    {                                                                                              \
        KS_ONE_DEFINE, "define", '\0', KS_ARGUMENT_REQUIRED, true, "NAME=VALUE",                   \
            "Give a variable of 'file: ${NAME}' a value; it wins over the environment. May be "    \
            "repeated."                                                                            \
    }
#define KS_ONE_ENTRY_DIR                                                                           \
    {                                                                                              \
        KS_ONE_DIR, "dir", '\0', KS_ARGUMENT_REQUIRED, true, "FOLDER",                             \
            "Look for real images here as well. May be repeated."                                  \
    }
#define KS_ONE_ENTRY_CPU                                                                           \
    {                                                                                              \
        KS_ONE_CPU, "cpu", '\0', KS_ARGUMENT_REQUIRED, false, "ENGINE",                            \
            "none: bind real images without running their code. Wanted for scenarios that use "    \
            "any."                                                                                 \
    }
#define KS_ONE_ENTRY_CPU_EITHER                                                                    \
    {                                                                                              \
        KS_ONE_CPU, "cpu", '\0', KS_ARGUMENT_REQUIRED, false, "ENGINE",                            \
            "native (default): code of real images runs on this CPU, in a process of its own; "    \
            "none: they are bound, and nothing of them is called."                                 \
    }
#define KS_ONE_ENTRY_FORMAT                                                                        \
    {                                                                                              \
        KS_ONE_FORMAT, "format", '\0', KS_ARGUMENT_REQUIRED, false, "FORMAT",                      \
            "text (default) or json."                                                              \
    }

struct ks_one_scenario {
    const struct ks_command *command;
    struct ks_run_settings settings; // profiles, policy, variables, directories
    struct ks_run_selection selection;
    struct ks_run_context context;
    const struct ks_scenario *scenario; // after ks_one_scenario_open
    const char *operand;                // FILE[:NAME]
    bool runs_code;                     // the command can run code of real images
    bool json;
};

// Room for argc options. False when memory is out; ks_one_scenario_fini is called in any case.
bool ks_one_scenario_init(struct ks_one_scenario *one, const struct ks_command *command, int argc);
void ks_one_scenario_fini(struct ks_one_scenario *one);

// Takes a common option; its value is changed. KS_SETTINGS_OK or an exit code after a message.
int ks_one_scenario_option(struct ks_one_scenario *one, int id, const char *value);
// Takes FILE[:NAME]; a second one is a usage error.
int ks_one_scenario_operand(struct ks_one_scenario *one, const char *value);

// Reads the file and finds the scenario. KS_EXIT_OK, or an exit code after a message.
int ks_one_scenario_open(struct ks_one_scenario *one);
// Makes the kernel images as well: for those who run it.
int ks_one_scenario_prepare(struct ks_one_scenario *one);
// Whether the scenario's real images are run: the command can do that (runs_code) and is not told
// not to.
bool ks_one_scenario_runs_code(const struct ks_one_scenario *one);

// A profile's row with the knobs that --policy sets.
void ks_one_scenario_policy(const struct ks_one_scenario *one, enum kldr_profile profile,
                            struct kldr_policy *out_policy);

// The options for a run under a profile.
struct ks_run_options ks_one_scenario_options(const struct ks_one_scenario *one,
                                              enum kldr_profile profile);

// A message to standard error, "kldr why: what: why". Returns code.
int ks_one_scenario_fail(const struct ks_one_scenario *one, int code, const char *format, ...)
    KS_PRINTF(3, 4);

#endif
