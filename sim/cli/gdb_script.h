// SPDX-License-Identifier: MIT
// A script for gdb that runs `kldr load` again and knows the images by their addresses, which are
// the same in every run.
#ifndef KS_CLI_GDB_SCRIPT_H
#define KS_CLI_GDB_SCRIPT_H

#include "output/text_buffer.h"

struct ks_gdb_image {
    const char *path;        // of the host
    uint64_t shown;          // base as people see it
    uint64_t preferred_base; // that the file's symbols are for
    uint32_t section;        // RVA of the first one
};

struct ks_gdb_script {
    const char *program; // NULL: not known
    const char *const *arguments;
    size_t argument_count;
    const struct ks_gdb_image *images; // in the order they were mapped
    size_t image_count;
};

void ks_gdb_script_write(struct ks_text_buffer *out, const struct ks_gdb_script *script);

#endif
