// SPDX-License-Identifier: MIT
// `kldr load --gdb FILE`: from a run to a script for gdb.
#ifndef KS_CLI_LOAD_GDB_H
#define KS_CLI_LOAD_GDB_H

#include "cli/load_plan.h"
#include "deps/host_folders.h"

// The arguments of a command line that the script is to repeat: without --gdb and --timeout.
// They are copies, as options change their text. False when memory is out; freed with
// ks_load_gdb_arguments_fini in any case.
struct ks_load_gdb_arguments {
    char **items;
    size_t count;
};
bool ks_load_gdb_arguments_init(struct ks_load_gdb_arguments *arguments, int argc, char **argv);
void ks_load_gdb_arguments_fini(struct ks_load_gdb_arguments *arguments);

// Writes the script of a run. False after a message: the file cannot be written, or no image was
// put in memory.
bool ks_load_gdb(const char *file, const struct ks_result *result, struct ks_host_folders *folders,
                 const struct ks_load_gdb_arguments *arguments);

#endif
