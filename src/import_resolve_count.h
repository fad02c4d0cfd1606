// SPDX-License-Identifier: MIT
// Does an import hold a count (R5, R8, R9, C1)? And taking it.
#ifndef KL_IMPORT_RESOLVE_COUNT_H
#define KL_IMPORT_RESOLVE_COUNT_H

#include "context.h"

// The reference that one descriptor stands for.
struct kl_count_request {
    struct kl_module *importer;
    const struct kldr_import_descriptor *descriptor;
    struct kl_module *module; // what it was resolved to
    bool fresh;               // it came with LoadCount 1, which is this reference (R14)
    bool list_lost;           // the importer has no import list (R19)
};

// Takes the reference, or tells why it holds none. STATUS_SUCCESS or KLDR_ERROR_OUT_OF_MEMORY; the
// latter never for a fresh module when a place in the import list was reserved.
kldr_status kl_count_reference(struct kl_context *context, const struct kl_count_request *request);

// True when the descriptor's module name begins with one of the prefixes, case ignored. NULL ends
// them.
bool kl_count_begins_with(const struct kldr_import_descriptor *descriptor,
                          const char *const *prefixes);

#endif
