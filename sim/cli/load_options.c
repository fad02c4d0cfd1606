// SPDX-License-Identifier: MIT
#include "cli/load_options.h"

static const struct ks_option options[] = {
    {KS_ONE_PROFILE, "profile", '\0', KS_ARGUMENT_REQUIRED, true, "NAME",
     "Load under this profile: documented (default), nt52, nt62, 24h2, reactos. May be repeated: "
     "once under each."},
    {KS_ONE_POLICY, "policy", '\0', KS_ARGUMENT_REQUIRED, true, "ID=VALUE",
     "Set one knob of the loader, after the profile; missing_imports=trap binds stubs to what is "
     "missing. 'kldr explain' lists the knobs. May be repeated."},
    {KS_ONE_DIR, "dir", '\0', KS_ARGUMENT_REQUIRED, true, "FOLDER",
     "A folder that stands for the drivers folder: imported images are looked for in it. Default: "
     "the images' own folders. May be repeated."},
    {KS_LOAD_CPU, "cpu", '\0', KS_ARGUMENT_REQUIRED, false, "ENGINE",
     "How their code is run: native (default; x64 images on x86-64 Linux, elsewhere the load is "
     "skipped) or none (bind only: no routine is called)."},
    {KS_ONE_CHECKS, "checks", '\0', KS_ARGUMENT_REQUIRED, false, "LIST",
     "Which checks of drivers are made: names separated by commas, -NAME to leave one out, all, "
     "none. 'kldr explain checks' lists them."},
    {KS_LOAD_FORMAT, "format", '\0', KS_ARGUMENT_REQUIRED, false, "FORMAT",
     "text (default), json or jsonl (the events), as of 'kldr run'."},
    {KS_LOAD_GDB, "gdb", '\0', KS_ARGUMENT_REQUIRED, false, "FILE",
     "Also write a script for gdb, which runs this load again with breakpoints at DriverEntry and "
     "DllInitialize and the source lines of drivers that have DWARF."},
    {KS_LOAD_TIMEOUT, "timeout", '\0', KS_ARGUMENT_REQUIRED, false, "SECONDS",
     "The most it may take (default 30)."},
    {KS_LOAD_COLOR, "color", '\0', KS_ARGUMENT_REQUIRED, false, "WHEN",
     "auto (default), always or never. auto honours NO_COLOR. Only text is ever coloured."},
};

static const struct ks_help_pair examples[] = {
    {"kldr load mini.sys", "Load it with what it imports, and unload it."},
    {"kldr load --dir build --profile nt52 mini1.sys mini2.sys",
     "Two drivers, as a kernel of 2003 does it."},
    {"kldr load --policy missing_imports=trap big.sys",
     "Go on as far as no missing function is called."},
    {"kldr load --gdb mini.gdb mini.sys", "Then 'gdb -x mini.gdb' and its command 'run'."},
    {NULL, NULL},
};

static const struct ks_help_pair exit_codes[] = {
    {"0", "All were loaded, or skipped with the reason."},
    {"1", "A load failed."},
    {"2", "A file cannot be opened, or the command line is wrong."},
    {"3", "kldr contradicted itself: please report it."},
    {"4", "The simulated system stopped (bugcheck)."},
    {"5", "A limit on time or resources was reached."},
    {" ", "When several apply, the first of 3, 2, 5, 4, 1 wins."},
    {NULL, NULL},
};

const struct ks_command ks_load_command = {
    .name = "load",
    .synopsis = "[options] IMAGE...",
    .summary = "loads real drivers and unloads them again",
    .description =
        "Puts the images into the drivers folder of a simulated system, loads them in order as "
        "drivers, with all that they import, and unloads them in reverse order. Tells the "
        "lifecycle as 'kldr run -v' does. A driver that has no DriverUnload stays.\n\n"
        "A load as a driver does not call DllInitialize of that image (N1): load what imports it.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .examples = examples,
    .exit_codes = exit_codes,
};
