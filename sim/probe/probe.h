// SPDX-License-Identifier: MIT
// A scenario as files for a real Windows machine: images with code that prints its name and returns
// what the scenario says, and scripts that perform the steps and write a recording
// (docs/probe.md). x64 only.
#ifndef KS_PROBE_H
#define KS_PROBE_H

#include "scenario/model.h"

struct ks_probe_file {
    const char *path; // below the output folder, parts separated by '/'
    const uint8_t *bytes;
    size_t size;
};

struct ks_probe {
    struct ks_probe_file *files;
    size_t count;
};

// Makes all files. profile decides which steps with `only` belong to it; NULL: none may have it.
// KLDR_ERROR_UNSUPPORTED when something cannot be done on a real machine, with file, line and
// reason in error; KLDR_ERROR_OUT_OF_MEMORY.
kldr_status ks_probe_make(const struct ks_scenario *scenario, const char *profile,
                          struct ks_probe **out_probe, struct kldr_error *error);
void ks_probe_destroy(struct ks_probe *probe);

#endif
