// SPDX-License-Identifier: MIT
#include "cli/run_options.h"

#define NONE     KS_ARGUMENT_NONE
#define REQUIRED KS_ARGUMENT_REQUIRED
#define OPTIONAL KS_ARGUMENT_OPTIONAL

static const struct ks_option options[] = {
    {KS_RUN_PROFILE, "profile", '\0', REQUIRED, true, "NAME",
     "Run under this profile instead of the scenarios' own: documented, nt52, nt62, 24h2, reactos. "
     "May be repeated."},
    {KS_RUN_POLICY, "policy", '\0', REQUIRED, true, "ID=VALUE",
     "Set one knob of the loader, after the scenario's own policy. 'kldr explain' lists the knobs. "
     "May be repeated."},
    {KS_RUN_VERBOSE, "verbose", 'v', NONE, false, NULL, "Tell the lifecycle of each scenario."},
    {KS_RUN_QUIET, "quiet", 'q', NONE, false, NULL, "Show only what failed, and the summary."},
    {KS_RUN_FORMAT, "format", '\0', REQUIRED, false, "FORMAT",
     "What goes to standard output: text (default), json, jsonl (the events), tap, junit, github."},
    {KS_RUN_OUTPUT, "output", 'o', REQUIRED, true, "FORMAT=FILE",
     "Write a report to a file as well. The file appears when it is complete. May be repeated."},
    {KS_RUN_TRACE, "trace", '\0', OPTIONAL, false, "KINDS",
     "Show events: ref, bind, image, call, separated by commas, or all (also when left out). One "
     "line each in text, a list \"events\" in json; jsonl shows all unless told otherwise."},
    {KS_RUN_FILTER, "filter", '\0', REQUIRED, true, "GLOB",
     "Run only scenarios whose name, file or file:name matches. May be repeated: one match is "
     "enough."},
    {KS_RUN_LIST, "list", '\0', NONE, false, NULL,
     "List what would run, and run nothing. Formats: text, json."},
    {KS_RUN_FAIL_FAST, "fail-fast", '\0', NONE, false, NULL, "Stop after the first failure."},
    {KS_RUN_FAULT_SWEEP, "fault-sweep", '\0', OPTIONAL, false, "FROM[-TO]",
     "Repeat each scenario with one operation failing, for each place where one can fail, and tell "
     "what then goes wrong. Only the operations with these numbers, else all. Formats: text, json, "
     "jsonl."},
    {KS_RUN_SWEEP_ALL, "sweep-all", '\0', NONE, false, NULL,
     "With --fault-sweep: fail each call of a driver, also where the same call stack had its "
     "turn."},
    {KS_RUN_SWEEP_STATE, "sweep-state", '\0', REQUIRED, false, "FILE",
     "With --fault-sweep: keep in FILE what is done. A sweep that was interrupted goes on there."},
    {KS_RUN_SHUFFLE, "shuffle", '\0', OPTIONAL, false, "SEED",
     "Run in another order. Without SEED, that of --seed or a new one, which is printed."},
    {KS_RUN_SEED, "seed", '\0', REQUIRED, false, "N",
     "The seed of everything that is random, also shown in traces. Default 0."},
    {KS_RUN_JOBS, "jobs", 'j', REQUIRED, false, "N",
     "Run N scenarios at a time. The output does not depend on it. Default: by processors and "
     "work."},
    {KS_RUN_STRICT, "strict", '\0', NONE, false, NULL,
     "Findings fail a scenario that does not expect them."},
    {KS_RUN_ACCEPT, "accept", '\0', NONE, false, NULL,
     "Write what was found into the scenario files where they expect something else. A file is "
     "changed only if it passes afterwards. Refused when CI is set."},
    {KS_RUN_CPU, "cpu", '\0', REQUIRED, false, "ENGINE",
     "How code of real images is run: native (default; x64 images on x86-64 Linux, elsewhere such "
     "scenarios are skipped) or none (bind only; no code is run and none counts as passed)."},
    {KS_RUN_CHECKS, "checks", '\0', REQUIRED, false, "LIST",
     "Which checks of drivers are made: names separated by commas, -NAME to leave one out, all, "
     "none. Begins with the default and the scenario's own. 'kldr explain checks' lists them."},
    {KS_RUN_DEFINE, "define", '\0', REQUIRED, true, "NAME=VALUE",
     "Give a variable of 'file: ${NAME}' a value; it wins over the environment. May be repeated."},
    {KS_RUN_DIR, "dir", '\0', REQUIRED, true, "FOLDER",
     "A folder that stands for the drivers folder: images that are imported and that the scenario "
     "does not have are looked for in it. May be repeated."},
    {KS_RUN_TIMEOUT, "timeout", '\0', REQUIRED, false, "SECONDS",
     "The most a scenario may take (default 30, or its own limit)."},
    {KS_RUN_COLOR, "color", '\0', REQUIRED, false, "WHEN",
     "auto (default), always or never. auto honours NO_COLOR. Only text is ever coloured."},
};

static const struct ks_help_pair examples[] = {
    {"kldr run lesson.kldr.yaml", "Run all scenarios of a file under the profiles it names."},
    {"kldr run -v --profile nt52 lesson.kldr.yaml", "Tell what happens on a kernel of 2003."},
    {"kldr run \"tests/unload.kldr.yaml:Last importer out\"", "Run one scenario of a file."},
    {"kldr run -q --strict -o junit=report.xml tests", "What a build server may do."},
    {"kldr run --policy refused=one-final --trace=ref,call tests/refused.kldr.yaml",
     "See what one knob changes."},
    {"kldr run --fault-sweep lesson.kldr.yaml", "Let memory run out at each place in turn."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "All passed, or some were skipped with a reason."},
    {"1", "An expectation failed, or a fault of --fault-sweep left something behind."},
    {"2", "A usage error, a file that cannot be opened, an invalid scenario file (the others are "
          "run), a step that this version does not support, or nothing selected."},
    {"3", "kldr contradicted itself: please report it."},
    {"4", "The simulated system stopped (bugcheck) where the scenario did not expect it."},
    {"5", "A limit on time or resources was reached."},
    {" ", "When several apply, the first of 3, 2, 5, 4, 1 wins."},
    {NULL, NULL},
};

const struct ks_command ks_run_command = {
    .name = "run",
    .synopsis = "[options] FILE|FOLDER|FILE:NAME...",
    .summary = "runs scenarios and says what failed",
    .description =
        "Runs each scenario in a world of its own, once for each of its profiles, and compares "
        "what happened with what it expects. A folder stands for every *.kldr.yaml file below it, "
        "FILE:NAME for one scenario of a file.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};
