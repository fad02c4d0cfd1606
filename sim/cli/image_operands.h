// SPDX-License-Identifier: MIT
// Operands IMAGE|FOLDER...: files in the order given; a folder stands for every *.sys file below
// it, sorted by path.
#ifndef KS_CLI_IMAGE_OPERANDS_H
#define KS_CLI_IMAGE_OPERANDS_H

#include "cli/options.h"
#include "deps/deps.h"

struct ks_image_operands {
    const struct ks_command *command;
    struct ks_deps_operand *items; // as ks_deps_create wants them
    const char **paths;            // the same paths
    size_t count, capacity;
    // What the user named: images, and folders with a separator at the end. As ks_host_folders_init
    // wants them.
    const char **named;
    size_t named_count, named_capacity;
};

void ks_image_operands_init(struct ks_image_operands *operands, const struct ks_command *command);
void ks_image_operands_fini(struct ks_image_operands *operands);

// KS_SETTINGS_OK, or an exit code after a message: a folder that cannot be read or has no image.
int ks_image_operands_add(struct ks_image_operands *operands, const char *value);
// The usage error when there is none.
int ks_image_operands_check(const struct ks_image_operands *operands, const char *wanted);

#endif
