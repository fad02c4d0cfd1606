// SPDX-License-Identifier: MIT
// Real images: from the `file` of a scenario, or the host folders of --dir, to bytes.
#ifndef KS_SCENARIO_HOST_FILE_H
#define KS_SCENARIO_HOST_FILE_H

#include "scenario/run.h"

struct ks_host_file {
    uint8_t *bytes; // freed with free()
    size_t size;
};

// Replaces ${NAME} and $(NAME) in a text by --define or the environment. Freed with free(). NULL:
// error says which variable is not defined, or memory is out.
char *ks_host_file_expand(const char *text, const struct ks_run_options *options,
                          struct kldr_error *error);

// The path of a file that the scenario names, relative to it. Freed with free(). NULL as above.
char *ks_host_file_path(const struct ks_scenario *scenario, const struct ks_text *file,
                        const struct ks_run_options *options, struct kldr_error *error);

// Reads a file that the scenario names, relative to it. Not when code of drivers runs: the process
// may have given up its rights by then. Errors as below.
kldr_status ks_host_file_read_text(const struct ks_scenario *scenario, const struct ks_text *file,
                                   const struct ks_run_options *options,
                                   struct ks_host_file *out_file, struct kldr_error *error);

// Reads an image's `file`, relative to the scenario file. KLDR_ERROR_HOST_FILE with file, line and
// column in error when a variable is not defined or the file cannot be read.
kldr_status ks_host_file_read(const struct ks_scenario *scenario, const struct ks_image *image,
                              const struct ks_run_options *options, struct ks_host_file *out_file,
                              struct kldr_error *error);

// Reads the file that a path in the simulated drivers folder stands for from the first folder of
// --dir that has it (case ignored). False when none has.
bool ks_host_file_in_folders(const char *path, const struct ks_run_options *options,
                             struct ks_host_file *out_file);

#endif
