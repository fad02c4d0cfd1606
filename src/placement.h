// SPDX-License-Identifier: MIT
// From a path to a placed image: open, check, map, relocate (L8 to L12). Nothing is listed yet.
#ifndef KL_PLACEMENT_H
#define KL_PLACEMENT_H

#include "context.h"

struct kl_placement {
    const char *path;
    size_t path_length;
    struct kldr_error *error; // filled unless it holds an earlier failure; may be NULL
    bool quiet_open;          // a missing file is explained by the caller
    bool by_os_loader;        // brought in before the kernel runs: nobody is told of the file
    // results
    bool opened; // the file was there (A11)
    bool relocated;
};

// Makes an unlisted module whose image is mapped and relocated. On failure nothing is left; opened
// says whether the file could be opened. Statuses: those of open_image, then L9, L10, L12 and
// injected faults; own ones are 0xE.
kldr_status kl_placement_run(struct kl_context *context, struct kl_placement *placement,
                             struct kl_module **out_module);

// Gives an unlisted module's memory back and destroys it.
void kl_placement_undo(struct kl_context *context, struct kl_module *module);

// Gives a mapping back to the host.
void kl_placement_unmap(struct kl_context *context, struct kl_module *module);

#endif
